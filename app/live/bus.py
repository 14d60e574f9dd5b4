"""What changed, for those who watch: a Redis stream for each organization, at least once, and never silently cut.

Comes in: messages, after the commit of what they tell; and cursors of readers. Goes out: the messages after a cursor.
A cursor names the epoch of Redis' data and a position in the stream. Where it names another epoch, or a position that
was trimmed or lost, messages may be missing: the reader is told to fetch everything anew. A message may come twice;
`change_id` lets the reader drop the second.
"""

import logging
import re
from collections.abc import Sequence
from secrets import token_hex
from time import monotonic
from typing import Any, Final
from uuid import UUID

import msgspec

from app.live import keys
from app.live.connection import client, unavailable

logger = logging.getLogger(__name__)

LENGTH: Final = 10_000
"""As many messages a stream keeps, at least; the older ones are trimmed."""
LONGEST_WAIT: Final = 1.0
"""Seconds for which one command waits in Redis, well below the time after which the connection is given up."""
_BEGINNING: Final = "0-0"
_CURSOR: Final = re.compile(r"([0-9a-f]{16})\.([0-9]{1,20})-([0-9]{1,20})")


class Message(msgspec.Struct, frozen=True):
    """Something happened to a group."""

    organization_id: UUID
    kind: str
    group_id: UUID
    change_id: int


class Heard(msgspec.Struct, frozen=True):
    """Messages and the cursor to go on from. `refetch`: messages were missed, the cursor is that of the present."""

    cursor: str
    messages: tuple[Message, ...] = ()
    refetch: bool = False


async def publish(messages: Sequence[Message]) -> None:
    """Tell those who watch; one round trip. Raises Unavailable."""
    if not messages:
        return
    with unavailable():
        async with client().pipeline(transaction=False) as sent:
            sent.set(keys.EPOCH, token_hex(8), nx=True)
            for message in messages:
                written: dict[Any, Any] = {"message": msgspec.msgpack.encode(message)}
                sent.xadd(keys.changes(message.organization_id), written, maxlen=LENGTH, approximate=True)
            await sent.execute()


async def read(organization_id: UUID, after: str | None, *, block_ms: int = 0, limit: int = 100) -> Heard:
    """The messages after a cursor, at most `limit`; where there are none, wait up to `block_ms` for some.

    `after` is a cursor of an earlier answer, from whoever; None: from now on, and the answer comes at once. Raises
    Unavailable.
    """
    deadline = monotonic() + block_ms / 1000
    with unavailable():
        while True:
            heard = await _look(organization_id, after, limit)
            left = deadline - monotonic()
            if after is None or heard.messages or heard.refetch or left <= 0:
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
        asked.xlen(key)
        asked.xrevrange(key, count=1)
        asked.xrange(key, position, position)
        asked.xrange(key, f"({position}", count=limit)
        _, now_epoch, length, newest, at_position, entries = await asked.execute()
    present = f"{now_epoch.decode()}.{newest[0][0].decode() if newest else _BEGINNING}"
    if after is None:
        return Heard(present)
    # Nothing was ever trimmed from a stream that is shorter than what is kept.
    is_whole = length < LENGTH if position == _BEGINNING else bool(at_position)
    if epoch != now_epoch.decode() or not is_whole:
        return Heard(present, refetch=True)
    if not entries:
        return Heard(after)
    return Heard(f"{epoch}.{entries[-1][0].decode()}", tuple(_messages(organization_id, entries)))


def _understood(cursor: str | None) -> tuple[str, str]:
    """Epoch and position of a cursor; an epoch that never was, if it is none."""
    found = _CURSOR.fullmatch(cursor) if cursor else None
    if found is None or max(int(found[2]), int(found[3])) >= 2**64:
        return "", _BEGINNING
    return found[1], f"{int(found[2])}-{int(found[3])}"


def _messages(organization_id: UUID, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> list[Message]:
    messages = []
    for entry_id, fields in entries:
        try:
            message = msgspec.msgpack.decode(fields.get(b"message", b""), type=Message)
        except msgspec.DecodeError:
            logger.warning("a message cannot be understood", extra={"entry_id": entry_id.decode()})
            continue
        if message.organization_id == organization_id:
            messages.append(message)
    return messages
