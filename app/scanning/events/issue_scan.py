"""The scan of events: what waits in the inbox becomes history, batch by batch, each in one transaction.

Comes in: the time. Goes out: how many events were scanned. A batch leaves the inbox in the transaction that records it, so
that any number of scans may run at once, and be killed. An event that cannot be read, or on which the database
refuses a whole batch, is set aside with its reason and blocks nobody.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Final
from uuid import UUID

from app.domain.events.event import Outcome
from app.errors import NotFound, SnaglistError
from app.live.announce import announce
from app.recording.record import Recorded, record
from app.scanning.events import keeping, taking
from app.scanning.events.reading import Read, read_all
from app.scanning.events.taking import AppRow, Taken
from app.scanning.share import PARSING
from app.tables import references
from app.tables.absence import why_away
from app.tables.database import fetch, transaction

_log = logging.getLogger(__name__)

BATCH: Final = 6000
"""Events of a batch."""
FEW: Final = 500
"""Events of a batch that is hardly worth its statements: those that come then gather for a moment, and go by one lane."""
GATHERING: Final = 0.4
"""Seconds for that."""
LONGEST_READING: Final = 10.0
"""Seconds after which what is left of a batch goes back: it has to be recorded long before its job's time is over."""
MOST_HELD: Final = 128 * 1024 * 1024
"""Bytes of what was read after which it does too: all of a batch is held at once, and packed it may be a hundredth."""
_SMALLER: Final = 8
"""How much smaller the next batch is where one was refused, until the event is found that is to blame."""


async def issue_scan(*, now: Callable[[], datetime], goes_on: Callable[[], bool]) -> int:
    """Scan until nothing waits, or `goes_on` says no; how many events that were.

    Where many wait, batches go by two lanes: one is read while the other one is recorded. Raises what says that the
    database is away; batches that were recorded before stay recorded.
    """
    total = 0
    while True:
        count = await _in_lanes(now, goes_on)
        total += count
        # What came while one lane had its last batch, and the other had ended, is not left to the next scan.
        if not count or not goes_on() or not await waits():
            return total


async def _in_lanes(now: Callable[[], datetime], goes_on: Callable[[], bool]) -> int:
    second = _Lane(now, goes_on)
    first = _Lane(now, goes_on, beside=second)
    second.begin()
    try:
        await first.scan()
    except BaseException as failure:
        await second.drop(at_once=not isinstance(failure, Exception))
        raise
    await second.end()
    return first.total + second.total


class _Lane:
    """Batches, one after the other."""

    def __init__(
        self, now: Callable[[], datetime], goes_on: Callable[[], bool], beside: "_Lane | None" = None
    ) -> None:
        self.total = 0
        self._now = now
        self._goes_on = goes_on
        self._beside = beside
        self._size = BATCH
        self._is_over = False
        self._scanning: asyncio.Task[None] | None = None

    async def scan(self) -> None:
        """Until nothing waits, or little does and another lane has it."""
        while self._goes_on() and not self._is_over:
            count, is_full = await self._next(self._size)
            if is_full or count >= FEW:
                if self._beside is not None:
                    self._beside.begin()
            elif not count or self._beside is None or not await waits():
                break
            else:
                await asyncio.sleep(GATHERING)

    def begin(self) -> None:
        """Scan beside another one, unless it does so, or has failed."""
        if self._scanning is None or (self._scanning.done() and not self._scanning.exception()):
            self._scanning = asyncio.create_task(self.scan())

    async def end(self) -> None:
        """Wait until it has ended. Raises why it failed."""
        if self._scanning is not None:
            await self._scanning

    async def drop(self, *, at_once: bool) -> None:
        """End it after its batch, or at once: then that stays in the inbox."""
        self._is_over = True
        if self._scanning is not None:
            if at_once:
                self._scanning.cancel()
            await asyncio.gather(self._scanning, return_exceptions=True)

    async def _next(self, size: int) -> tuple[int, bool]:
        """Scan a batch; how many there were, and whether there are likely to be more."""
        try:
            count, is_full = await _batch(size, self._now())
        except (
            NotFound
        ):  # a project that was deleted while its events were read: the next look leaves them out
            return size, True
        except Exception as error:
            if size == 1 or not is_refusal(error):  # of a single one it is said where it is to blame
                raise
            _log.warning("a batch of events was refused", exc_info=error, extra={"size": size})
            self._size = max(1, size // _SMALLER)
            return size, True
        self.total += count
        self._size = min(BATCH, size * 2)
        return count, is_full


async def _batch(size: int, now: datetime) -> tuple[int, bool]:
    """Scan the next events, `size` at most; how many there were, and whether a limit was met.

    A single one that is refused is set aside; raises what a batch of more is refused with.
    """
    taken: list[Taken] = []
    try:
        async with transaction():
            count, taken = await taking.take(size)
            found, rest = await _found(taken)
            await taking.put_back(rest)
            recorded = await _record(found, now)
    except Exception as error:
        if len(taken) != 1 or not is_refusal(error):
            raise
        await _refuse(taken[0], error, now)
        return 1, True
    await announce(recorded.changes, recorded.groups)
    is_full = bool(rest) or count >= size or sum(len(one.packed) for one in taken) >= taking.BATCH_BYTES
    return count - len(rest), is_full


async def _found(taken: Sequence[Taken]) -> tuple[list[Read], list[Taken]]:
    """What was read, and what there was no time or room to read: not the first, so that each batch comes to its end."""
    if not taken:
        return [], []
    apps = await taking.apps({one.app_id for one in taken})
    # What an app sent that was deleted meanwhile leaves the inbox, and nothing comes of it.
    known = [(one, apps[one.app_id]) for one in taken if one.app_id in apps]
    found = await asyncio.to_thread(_read, known)
    return found, [one for one, _ in known[len(found) :]]


async def _record(found: Sequence[Read], now: datetime) -> Recorded:
    sighted = [one for one in found if one.sighting is not None]
    recorded = await record([one.sighting for one in sighted if one.sighting is not None], now=now)
    await keeping.keep(found, now)
    await taking.set_aside([(one.taken, one.problem) for one in found if one.problem is not None])
    outcomes = Counter((one.taken.app_id, one.outcome) for one in found if one.outcome is not None)
    outcomes.update(
        (one.taken.app_id, Outcome.THINNED)
        for place, one in enumerate(sighted)
        if place not in recorded.places
    )
    await keeping.tally(outcomes, now)
    return recorded


def _read(events: Sequence[tuple[Taken, AppRow]]) -> list[Read]:
    found: list[Read] = []
    size = 0
    with PARSING:
        end = monotonic() + LONGEST_READING
        sampled = Counter[UUID]()
        for one in read_all(events):
            if one.sample is not None:
                app_id = one.taken.app_id
                if sampled[app_id] >= references.SIZE:
                    one = replace(one, sample=None)  # noqa: PLW2901
                sampled[app_id] += len(one.sample or b"")
            found.append(one)
            size += one.size
            if size >= MOST_HELD or monotonic() >= end:
                break
    return found


async def _refuse(taken: Taken, error: Exception, now: datetime) -> None:
    """Set the event aside, as the database refuses it; nothing happens where another scan has it by now."""
    _log.warning("an event was refused", exc_info=error, extra={"event_id": str(taken.id)})
    async with transaction():
        if await taking.refuse(taken.id, f"it cannot be recorded: {type(error).__name__}"):
            await keeping.tally({(taken.app_id, Outcome.SET_ASIDE): 1}, now)


def is_refusal(error: Exception) -> bool:
    """Whether the database would refuse the same again.

    Not where it is away, others were in the way, or its schema is that of another version.
    """
    in_the_way = getattr(error, "sqlstate", None) or ""
    return not (
        isinstance(error, SnaglistError)
        or why_away(error)
        or in_the_way[:2] in ("08", "40", "42", "53", "55", "57")
        or type(error) is RuntimeError  # its group moved on and on
    )


async def waits() -> bool:
    """Whether there are events that nobody has scanned yet."""
    return bool(await fetch("select from inbox where problem is null limit 1"))
