"""One scan of one instance: from where the last one stopped, batch by batch, each in one transaction.

Comes in: an instance's id. Goes out: what the scan came to. A batch is read from a position without any transaction, as
the host may take its time. The position moves in the transaction that records what was found up to it, if it is still
the one that was read from, so that whatever is killed, and however many scan at once, nothing is lost and nothing is
counted twice.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

import asyncpg

from app.domain.detections import Detector, Rules
from app.domain.lifecycle import Source as Origins
from app.errors import AlreadyScanning, SnaglistError, Unavailable
from app.live.announce import Counted, announce
from app.recording.record import record
from app.recording.sightings import Origin
from app.scanning import scan_state
from app.scanning.aside import aside
from app.scanning.batch import Batch, read_batch
from app.scanning.instance_source import source_of
from app.scanning.scan_state import Overtaken, Turn, due
from app.scanning.share import Share
from app.scanning.source import Bounds
from app.tables.absence import why_away
from app.tables.database import transaction
from app.timeline import Change

__all__ = ["DEFAULT", "Scanned", "due", "scan"]

DEFAULT: Final = Bounds()
LONGEST_READ: Final = 180.0
"""Seconds after which a batch that still is not there is given up; sources have shorter patience where they can."""
SIGN_OF_LIFE: Final = 3.0
"""Seconds between two signs of life while a host is waited for."""
RECORDED_AT_ONCE: Final = 4
"""Batches that a process records at the same moment: fewer than it has connections, of which others need some."""
_log = logging.getLogger(__name__)

_AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan came to. `is_behind`: there is more to read, and the instance is due again at once.

    `groups`: those that one batch has counted; of more than one together they are not kept.
    """

    detections: int = 0
    new_groups: int = 0
    bytes_read: int = 0
    is_behind: bool = False
    changes: tuple[Change, ...] = ()
    groups: tuple[Counted, ...] = ()

    def and_then(self, more: "Scanned") -> "Scanned":
        """With what came next."""
        return Scanned(
            self.detections + more.detections,
            self.new_groups + more.new_groups,
            self.bytes_read + more.bytes_read,
            more.is_behind,
            self.changes + more.changes,
        )


async def scan(instance_id: UUID, *, now: datetime, bounds: Bounds = DEFAULT) -> Scanned:
    """Scan an instance, whether it is due or not, and say on it how that went.

    AlreadyScanning: somebody else does, or the instance was changed meanwhile; where that is found out behind the first
    batch, the scan just ends. NotFound: there is no such instance. SourceUnreadable: its log cannot be read. Batches
    that were recorded before stay recorded.
    """
    turn = await scan_state.begin(instance_id, now=now)
    try:
        return await _scan(turn, bounds, now)
    except AlreadyScanning:
        raise
    except Exception as error:
        with contextlib.suppress(*_AWAY):
            await scan_state.failed(turn, _told(error), now=now)
        raise
    finally:
        with contextlib.suppress(*_AWAY):
            await scan_state.end(turn)


async def _scan(turn: Turn, bounds: Bounds, now: datetime) -> Scanned:
    scanning = _Scanning(turn, bounds)
    scanned = Scanned()
    goes_on = True
    while goes_on:
        try:
            more, goes_on = await scanning.step(scanned.bytes_read, now)
        except Overtaken:
            if scanned == Scanned():
                raise
            return scanned
        await announce(more.changes, more.groups)
        scanned = scanned.and_then(more)
    return scanned


class _Scanning:
    """A scan on its way: batches are read and recorded in turn, from the position where the last one ended."""

    def __init__(self, turn: Turn, bounds: Bounds) -> None:
        row = turn.instance
        self._turn = turn
        self._bounds = bounds
        self._source = source_of(row, bounds)
        self._rules = Rules(tuple(row["error_ignore_patterns"]), tuple(row["addon_folders"]))
        self._position = turn.position
        self._origin = Origin(
            row["organization_id"],
            row["project_id"],
            row["project_id"],
            turn.instance_id,
            Origins.LOG,
            environment=row["environment"],
            odoo_version=row["odoo_version"],
            commit_sha=row["commit_sha"],
        )

    async def step(self, bytes_read: int, now: datetime) -> tuple[Scanned, bool]:
        """Read and record the next batch; whether there is to be another one. Overtaken: this one counts for nothing.

        The batch itself, which is large, is gone when this returns.
        """
        with Share() as share:
            batch = await self._read(share, now)
            goes_on = batch.is_behind and bytes_read + batch.bytes_read < self._bounds.scan
            async with _recording(), transaction():
                is_same = await scan_state.move(
                    self._turn, self._position, batch, is_last=not goes_on, now=now
                )
                recorded = await record(batch.sightings, now=now)
        if batch.missed:
            told = {"instance_id": str(self._turn.instance_id), "reason": batch.missed}
            _log.warning("part of a log was gone before it could be read", extra=told)
        self._position = batch.position
        if batch.odoo_version:
            self._origin = replace(self._origin, odoo_version=batch.odoo_version)
        scanned = Scanned(
            recorded.counted,
            recorded.opened,
            batch.bytes_read,
            batch.is_behind,
            recorded.changes,
            recorded.groups,
        )
        return scanned, goes_on and is_same

    async def _read(self, share: Share, now: datetime) -> Batch:
        work = partial(
            read_batch,
            self._source,
            self._position,
            self._origin,
            _detector(self._rules),
            self._bounds,
            now=now,
            share=share,
        )
        batch = await aside(
            work,
            (self._turn.instance_id, self._turn.instance["source"]),
            limit=LONGEST_READ,
            every=SIGN_OF_LIFE,
            goes_on=self._is_alive,
        )
        if batch is None:
            raise Overtaken
        return batch

    async def _is_alive(self) -> bool:
        """Give a sign of life. A database that is away for a moment is no reason to stop: recording will tell."""
        try:
            return await scan_state.is_kept(self._turn)
        except _AWAY:
            return True


@lru_cache(maxsize=1)
def _detector(rules: Rules) -> Detector:
    """One for all batches with these rules, as what it remembers is large; it is asked by one thread at a time."""
    return Detector(rules)


_places: Final["WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]"] = WeakKeyDictionary()


def _recording() -> asyncio.Semaphore:
    """A place among those who record."""
    return _places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(RECORDED_AT_ONCE))


def _told(error: Exception) -> str:
    told = error.message if isinstance(error, SnaglistError) else why_away(error)
    return told or f"unexpected: {type(error).__name__}"
