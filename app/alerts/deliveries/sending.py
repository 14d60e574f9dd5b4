"""Sending what the outbox holds.

Comes in: rows that are due. Goes out: messages, by their channels, and what came of each. Each attempt is committed
before it is made, and its outcome after it: a crash between the two sends a message again, with the same id, by which
receivers tell. A target gets one message at a time from an organization, and where it is away, the rest of its messages
wait with the first.
"""

import asyncio
import logging
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from app.alerts.channels.channel import Channel, EmailChannel, unsealed
from app.alerts.channels.failures import Undelivered
from app.alerts.channels.outgoing import Outgoing
from app.alerts.channels.send import send
from app.alerts.deliveries import taking
from app.alerts.deliveries.outbox import unpacked
from app.alerts.deliveries.taking import ATTEMPTS, LEASE, Taken, take
from app.errors import ConfigurationError

logger = logging.getLogger(__name__)

TOGETHER: Final = 10
"""Messages that a process sends at the same time."""
MAILS_TOGETHER: Final = 3
"""Of these, mails: they all go by one server."""
LONGEST: Final = timedelta(seconds=48)
"""How long a message may take: longer than each channel gives its receiver, so that none is cut off half-way."""
FIRST_PAUSE: Final = timedelta(seconds=30)
"""After the first failure; twice as long after each."""
LONGEST_PAUSE: Final = timedelta(hours=1)
LONGEST_WISH: Final = timedelta(days=1)
"""A receiver that asks for more is tried again after it."""

_BEGIN_WITHIN: Final = (LEASE - LONGEST).total_seconds() / 2
"""Seconds after they were taken in which messages are begun; the rest is for sending, storing, and slow machines."""

_END_OF_HOST: Final = re.compile(r"[/?#]")


async def send_due(*, now: Callable[[], datetime], goes_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due, until nothing is, or `goes_on` says no; how many attempts were made. May run many times at once.

    What was begun when this is cancelled stays taken until its lease ends; the rest is given back at once.
    """
    count = 0
    while goes_on():
        taken = await take(now())
        if not taken:
            break
        count += await _all_tried(taken, now, goes_on)
    return count


def pause(attempts: int, wish: timedelta | None = None) -> timedelta:
    """How long to wait after so many attempts, 1 at least; longer, where the receiver wishes it."""
    usual = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts - 1, 20)))
    return max(usual, min(wish or usual, LONGEST_WISH))


@dataclass(frozen=True, slots=True)
class _Letter:
    """A delivery whose channel and message could be read."""

    row: Taken
    channel: Channel
    message: Outgoing


@dataclass(slots=True)
class _Round:
    """Deliveries that were taken together, by the lanes in which they are sent one after the other."""

    lanes: list[deque[_Letter]]
    now: Callable[[], datetime]
    goes_on: Callable[[], bool]
    tried: int = 0
    began: float = field(default_factory=monotonic)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(TOGETHER))

    async def has_place(self) -> bool:
        """Wait for a place to send at; it is taken then. False: the time is up in which messages are begun."""
        try:
            async with asyncio.timeout(max(0.0, self.began + _BEGIN_WITHIN - monotonic())):
                await self.places.acquire()
        except TimeoutError:
            return False
        if self.goes_on() and monotonic() - self.began < _BEGIN_WITHIN:
            return True
        self.places.release()
        return False


async def _all_tried(taken: Sequence[Taken], now: Callable[[], datetime], goes_on: Callable[[], bool]) -> int:
    """Try each of them once, as far as there is time; how many were."""
    letters = [letter for row in taken if (letter := await _letter(row, now())) is not None]
    its_round = _Round(_in_lanes(letters), now, goes_on)
    try:
        async with asyncio.TaskGroup() as group:
            for lane in its_round.lanes:
                group.create_task(_go_through(lane, its_round))
    finally:
        # Only where this is cut off is there any.
        rest = [letter.row for lane in its_round.lanes for letter in lane]
        await asyncio.shield(_given_back(rest))
    return len(taken) - len(letters) + its_round.tried


async def _go_through(lane: deque[_Letter], its_round: _Round) -> None:
    while lane:
        if not await its_round.has_place():
            # At once, and not when the slowest of the others has ended.
            await _given_back([letter.row for letter in lane])
            lane.clear()
            return
        letter = lane.popleft()
        its_round.tried += 1
        try:
            is_there = await _tried(letter, its_round.now)
        finally:
            its_round.places.release()
        if not is_there and not isinstance(letter.channel, EmailChannel):
            await _given_back([other.row for other in lane], its_round.now() + FIRST_PAUSE)
            lane.clear()


async def _letter(row: Taken, now: datetime) -> _Letter | None:
    """What is to be sent; None: it cannot be, which is stored."""
    try:
        if row.why_not is not None:
            raise Undelivered(row.why_not, is_final=True)
        return _Letter(row, *_opened(row))
    except Undelivered as failure:
        await _stored(row, failure, now)
        return None


def _opened(row: Taken) -> tuple[Channel, Outgoing]:
    """Where it goes, and what it says. Undelivered: one of them cannot be read."""
    try:
        [channel] = unsealed(row.organization_id, row.channel or b"")
        return channel, unpacked(row.body)
    except ConfigurationError as error:  # the key may come back
        raise Undelivered(f"its channel cannot be read: {error.message}") from None
    except ValueError:
        raise Undelivered("this message, or where it goes, cannot be read any more", is_final=True) from None


async def _tried(letter: _Letter, now: Callable[[], datetime]) -> bool:
    """Send it and store what came of it; whether its target is there and takes messages."""
    failure: Undelivered | None = None
    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            await send(letter.channel, letter.message, delivery_id=letter.row.id, now=now())
    except Undelivered as known:
        failure = known
    except ConfigurationError as error:
        failure = Undelivered(error.message)
    except TimeoutError:
        failure = Undelivered(f"the receiver took longer than {LONGEST.total_seconds():.0f} seconds")
    except Exception as error:  # noqa: BLE001  whatever it is, it must not end the others
        # Its text may have the address in it, which may be secret.
        failure = Undelivered(f"it could not be sent: {type(error).__name__}")
    # What was sent is stored also where the job is cut off at this moment.
    await asyncio.shield(_stored(letter.row, failure, now()))
    return failure is None or failure.is_final


async def _stored(row: Taken, failure: Undelivered | None, now: datetime) -> None:
    """Store the outcome; what cannot be stored is sent again when the lease ends. Raises nothing."""
    told = {"delivery_id": str(row.id), "kind": row.kind, "attempts": row.attempts}
    try:
        if failure is None:
            was_ours = await taking.sent(row, now)
        elif failure.is_final or row.attempts >= ATTEMPTS:
            logger.warning("a message was given up", extra={**told, "reason": failure.message})
            was_ours = await taking.failed(row, failure.message)
        else:
            logger.info("a message was not sent yet", extra={**told, "reason": failure.message})
            was_ours = await taking.put_off(
                row, failure.message, now + pause(row.attempts, failure.retry_after)
            )
    except Exception as error:  # noqa: BLE001  the database is away: the row is as it was
        reason = f"{type(error).__name__}: {error}"
        logger.warning("the outcome of a message was not stored", extra={**told, "reason": reason})
        return
    if not was_ours:
        logger.warning("a message took so long that somebody else has taken it up", extra=told)


async def _given_back(rest: Sequence[Taken], until: datetime | None = None) -> None:
    try:
        await taking.give_back(rest, until)
    except Exception as error:  # noqa: BLE001  their leases end by themselves
        reason = f"{type(error).__name__}: {error}"
        logger.warning("messages could not be given back", extra={"count": len(rest), "reason": reason})


def _in_lanes(letters: Sequence[_Letter]) -> list[deque[_Letter]]:
    """One lane for each target of an organization, and a few for mails. That one organization's address at a host that many
    use, such as a chat's, is broken, holds up nobody else."""
    lanes: dict[object, deque[_Letter]] = {}
    for place, letter in enumerate(letters):
        lanes.setdefault(_lane(letter, place), deque()).append(letter)
    return list(lanes.values())


def _lane(letter: _Letter, place: int) -> object:
    channel = letter.channel
    if isinstance(channel, EmailChannel):
        return place % MAILS_TOGETHER
    scheme, _, rest = channel.url.partition("://")
    return (
        letter.row.organization_id,
        scheme.lower(),
        _END_OF_HOST.split(rest, 1)[0].rpartition("@")[2].lower(),
    )
