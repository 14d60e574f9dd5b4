"""What happened, for those who watch: a Redis stream for each organization, at least once, and never silently cut.

Comes in: messages, after the commit of what they tell; and cursors of readers. Goes out: the messages after a cursor.
A cursor names the epoch of Redis' data and a position in the stream. Where it names another epoch, or a position that
was trimmed or lost, messages may be missing: the reader is told to fetch everything anew. An epoch ends as Redis is
started again, as the last second may be lost then. A message may come twice; `change_id` lets the reader drop the
second. What could not be published is remembered, and its readers are told to refetch as soon as Redis answers again.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import groupby
from secrets import token_hex
from time import monotonic
from typing import Any, Final
from uuid import UUID

import msgspec

from app.live import keys
from app.live.connection import client, unavailable
from app.live.untold import Untold

logger = logging.getLogger(__name__)

COUNTED: Final = "COUNTED"
"""The kind of a message that says that a group's counts rose."""
COMMENTED: Final = "COMMENTED"
"""The kind of a message that says that what people say about a group is another."""
MANY: Final = "MANY"
"""The kind of a message that says that too much happened to tell it; no reader ever gets it, but for `refetch`."""
LENGTH: Final = 10_000
"""As many entries a stream keeps, at least; the older ones are trimmed."""
MOST: Final = 1_000
"""Messages of an organization that are told one by one; where there are more at once, fetching all anew is cheaper."""
MOST_OCCURRENCES: Final = 100
"""Occurrences that a message names, and an entry of the stream; the newest ones."""
TOGETHER: Final = 20
"""Messages in one entry of the stream."""
LONGEST_WAIT: Final = 1.0
"""Seconds for which one command waits in Redis, well below the time after which the connection is given up."""
_BEGINNING: Final = "0-0"
_CURSOR: Final = re.compile(r"([0-9a-f]{16})\.([0-9]{1,20})-([0-9]{1,20})")


class Message(msgspec.Struct, frozen=True, array_like=True):
    """Something happened to a group.

    `kind`: of a move, or COUNTED or COMMENTED, which have no `change_id`. `status_before`: None for a new group, and
    where it is no move. `occurrence_ids`: those newly stored, the newest last, `MOST_OCCURRENCES` at most; `more`: there
    are others, which are not named.
    """

    organization_id: UUID
    kind: str
    group_id: UUID
    change_id: int = 0
    status_before: str | None = None
    occurrence_ids: tuple[UUID, ...] = ()
    more: bool = False


class Heard(msgspec.Struct, frozen=True):
    """Messages and the cursor to go on from.

    `refetch`: messages were missed, the cursor is that of the present. `goes_on`: there may be more behind the cursor.
    """

    cursor: str
    messages: tuple[Message, ...] = ()
    refetch: bool = False
    goes_on: bool = False


_ENCODER: Final = msgspec.msgpack.Encoder(uuid_format="bytes")
_DECODER: Final = msgspec.msgpack.Decoder(list[Message])


async def publish(messages: Sequence[Message]) -> None:
    """Tell those who watch; one round trip. Of an organization with more than `MOST` only that it was many.

    Raises Unavailable. However it fails, those who watch are told later, by this process, that they missed something.
    """
    if not messages:
        return
    is_told = False
    try:
        await _send(messages)
        is_told = True
    finally:
        if not is_told:
            _untold.remember({message.organization_id for message in messages})


async def _send(messages: Sequence[Message]) -> None:
    with unavailable():
        async with client().pipeline(transaction=False) as sent:
            sent.set(keys.EPOCH, token_hex(8), nx=True)
            for entry in _entries(messages):
                written: dict[Any, Any] = {"messages": _ENCODER.encode(entry)}
                sent.xadd(keys.changes(entry[0].organization_id), written, maxlen=LENGTH, approximate=True)
            await sent.execute()


async def _tell_of_many(organization_ids: Sequence[UUID]) -> None:
    await _send([Message(organization_id, MANY, UUID(int=0)) for organization_id in organization_ids])


_untold: Final = Untold(_tell_of_many)


def _entries(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """The messages as the streams keep them: few in each entry, as it may name few occurrences in all."""
    ordered = sorted(
        messages, key=lambda message: message.organization_id
    )  # those of one stay in their order
    for organization_id, of_one in groupby(ordered, key=lambda message: message.organization_id):
        its_own = list(of_one)
        if len(its_own) > MOST:
            its_own = [Message(organization_id, MANY, UUID(int=0))]
        entry: list[Message] = []
        named = 0
        for message in its_own:
            named += len(message.occurrence_ids)
            if entry and (len(entry) == TOGETHER or named > MOST_OCCURRENCES):
                yield entry
                entry, named = [], len(message.occurrence_ids)
            entry.append(message)
        yield entry


async def read(organization_id: UUID, after: str | None, *, block_ms: int = 0, limit: int = 100) -> Heard:
    """The messages of at most `limit` entries after a cursor; where there are none, wait up to `block_ms` for some.

    `after` is a cursor of an earlier answer, from whoever; None: from now on, and the answer comes at once. Raises
    Unavailable.
    """
    deadline = monotonic() + block_ms / 1000
    with unavailable():
        while True:
            heard = await _look(organization_id, after, limit)
            left = deadline - monotonic()
            if after is None or heard.cursor != after or heard.refetch or left <= 0:
                return heard
            # Only to be woken: while it waited the stream may have been lost, which a look from the cursor shows.
            position = heard.cursor.partition(".")[2]
            block = max(1, round(min(left, LONGEST_WAIT) * 1000))
            await client().xread({keys.changes(organization_id): position}, count=1, block=block)


async def _look(organization_id: UUID, after: str | None, limit: int) -> Heard:
    epoch, position = _understood(after)
    key = keys.changes(organization_id)
    async with client().pipeline(transaction=True) as asked:
        asked.set(keys.EPOCH, token_hex(8), nx=True)
        asked.get(keys.EPOCH)
        asked.info("server")
        asked.xlen(key)
        asked.xrevrange(key, count=1)
        asked.xrange(key, position, position)
        asked.xrange(key, f"({position}", count=limit)
        _, word, server, length, newest, at_position, entries = await asked.execute()
    now_epoch = blake2b(word + str(server.get("run_id")).encode(), digest_size=8).hexdigest()
    present = f"{now_epoch}.{newest[0][0].decode() if newest else _BEGINNING}"
    if after is None:
        return Heard(present)
    # Nothing was ever trimmed from a stream that is shorter than what is kept.
    is_whole = length < LENGTH if position == _BEGINNING else bool(at_position)
    messages = _messages(organization_id, entries) if epoch == now_epoch and is_whole else None
    if messages is None:
        return Heard(present, refetch=True)
    if not entries:
        return Heard(after)
    return Heard(f"{epoch}.{entries[-1][0].decode()}", messages, goes_on=len(entries) == limit)


def _understood(cursor: str | None) -> tuple[str, str]:
    """Epoch and position of a cursor; an epoch that never was, if it is none."""
    found = _CURSOR.fullmatch(cursor) if cursor else None
    if found is None or max(int(found[2]), int(found[3])) >= 2**64:
        return "", _BEGINNING
    return found[1], f"{int(found[2])}-{int(found[3])}"


def _messages(
    organization_id: UUID, entries: list[tuple[bytes, dict[bytes, bytes]]]
) -> tuple[Message, ...] | None:
    """What the entries say; None where one says that it was too much, or what only a newer Snaglist understands."""
    messages: list[Message] = []
    for entry_id, fields in entries:
        try:
            told = _DECODER.decode(fields.get(b"messages", b""))
        except msgspec.DecodeError:
            logger.warning("a message cannot be understood", extra={"entry_id": entry_id.decode()})
            return None
        messages.extend(message for message in told if message.organization_id == organization_id)
    return None if any(message.kind == MANY for message in messages) else tuple(messages)
