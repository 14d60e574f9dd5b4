"""One scan of one instance: from where the last one stopped, batch by batch, each in one transaction.

Comes in: an instance's id. Goes out: what the scan came to. The position moves in the transaction that records what
was found up to it, under a lock on the instance's row, so that whatever is killed, and however many scan at once,
nothing is lost and nothing is counted twice.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from app.domain.detections import Detector, Rules
from app.domain.lifecycle import Source as Origins
from app.errors import AlreadyScanning, NotFound, SnaglistError, SourceUnreadable
from app.live.announce import announce
from app.recording.record import Recorded, record
from app.recording.sightings import Origin
from app.scanning.batch import Batch, read_batch
from app.scanning.log_file import LogFile
from app.scanning.source import Bounds, Source
from app.tables.absence import why_away
from app.tables.database import fetch, fetch_one, transaction
from app.timeline import Change

INTERVAL: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(minutes=30)
"""How long an instance is left alone at most after failures."""
ERROR_LIMIT: Final = 1000
DEFAULT: Final = Bounds()


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan came to. `is_behind`: there is more to read, and the instance is due again at once."""

    detections: int = 0
    new_groups: int = 0
    bytes_read: int = 0
    is_behind: bool = False
    changes: tuple[Change, ...] = ()

    def and_then(self, batch: Batch, recorded: Recorded) -> "Scanned":
        """With another batch."""
        return Scanned(
            self.detections + recorded.counted,
            self.new_groups + recorded.opened,
            self.bytes_read + batch.bytes_read,
            batch.is_behind,
            self.changes + recorded.changes,
        )


@dataclass(frozen=True, slots=True)
class _Instance:
    id: UUID
    source: Source
    rules: Rules
    origin: Origin


def _local_file(place: dict[str, Any], bounds: Bounds) -> Source:
    path = place.get("path")
    if not isinstance(path, str) or not path:
        raise SourceUnreadable("the instance does not say where its log is")
    return LogFile(path, bounds)


SOURCES: Final[dict[str, Callable[[dict[str, Any], Bounds], Source]]] = {"local_file": _local_file}
"""For each `source_kind` of an instance, what makes its source of its `source`. Each raises SourceUnreadable."""


async def scan(instance_id: UUID, *, now: datetime, bounds: Bounds = DEFAULT) -> Scanned:
    """Scan an instance, whether it is due or not, and say on it how that went.

    AlreadyScanning: somebody else does; where that begins between two batches, the scan just ends. NotFound: there
    is no such instance. SourceUnreadable: its log cannot be read. Batches that were recorded before stay recorded.
    """
    await fetch(
        """
        insert into scan_state (instance_id, due_at) select id, $2 from instance where id = $1
        on conflict do nothing
        """,
        instance_id,
        now,
    )
    try:
        return await _scan(instance_id, bounds, now)
    except AlreadyScanning:
        raise
    except Exception as error:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await _failed(instance_id, error, now)
        raise


async def due(now: datetime, limit: int) -> list[UUID]:
    """The instances to scan now, those that have waited longest first; only where detection is enabled."""
    rows = await fetch(
        """
        select i.id from instance as i
        join project as p on p.id = i.project_id and p.deleted_at is null
        left join scan_state as s on s.instance_id = i.id
        where i.deleted_at is null and (s.due_at is null or s.due_at <= $1)
            and coalesce(i.error_detection_enabled, i.environment = 'PRODUCTION')
        order by s.due_at nulls first, i.id
        limit $2
        """,
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def _scan(instance_id: UUID, bounds: Bounds, now: datetime) -> Scanned:
    instance = await _instance(instance_id, bounds)
    detector = Detector(instance.rules)
    scanned: Scanned | None = None
    while scanned is None or (scanned.is_behind and scanned.bytes_read < bounds.scan):
        async with transaction():
            position = await _lock(instance_id)
            if position is None and scanned:
                return scanned
            if position is None:
                raise AlreadyScanning("the instance is already being scanned")
            batch = await asyncio.to_thread(
                read_batch, instance.source, position, instance.origin, detector, bounds, now=now
            )
            recorded = await record(batch.sightings, now=now)
            await _move(instance_id, batch, now)
        await announce(recorded.changes)
        scanned = (scanned or Scanned()).and_then(batch, recorded)
        if batch.odoo_version:
            instance = replace(instance, origin=replace(instance.origin, odoo_version=batch.odoo_version))
    return scanned


async def _instance(instance_id: UUID, bounds: Bounds) -> _Instance:
    row = await fetch_one("select * from instance where id = $1 and deleted_at is null", instance_id)
    if row is None:
        raise NotFound("there is no such instance")
    opened = SOURCES.get(row["source_kind"])
    if opened is None:
        raise SourceUnreadable(f"logs of the kind {row['source_kind']} cannot be read yet")
    return _Instance(
        instance_id,
        opened(msgspec.json.decode(row["source"], type=dict[str, Any]), bounds),
        Rules(tuple(row["error_ignore_patterns"]), tuple(row["addon_folders"])),
        Origin(
            row["organization_id"],
            row["project_id"],
            row["project_id"],
            instance_id,
            Origins.LOG,
            environment=row["environment"],
            odoo_version=row["odoo_version"],
            commit_sha=row["commit_sha"],
        ),
    )


async def _lock(instance_id: UUID) -> str | None:
    """The position, for this transaction alone; None where another one has it."""
    row = await fetch_one(
        "select position from scan_state where instance_id = $1 for update skip locked", instance_id
    )
    return row["position"] if row else None


async def _move(instance_id: UUID, batch: Batch, now: datetime) -> None:
    await fetch(
        """
        update scan_state set position = $2, last_scan_at = $3, last_scan_error = null, failures = 0,
            last_scan_status = case when $4 then 'BEHIND' else 'OK' end,
            last_complete_at = case when $4 then last_complete_at else $3 end,
            lag_seconds = case when $4 then extract(epoch from $3 - last_complete_at) else 0 end,
            due_at = $5
        where instance_id = $1
        """,
        instance_id,
        batch.position,
        now,
        batch.is_behind,
        now if batch.is_behind else now + INTERVAL,
    )
    if batch.odoo_version:
        await fetch(
            "update instance set odoo_version = $2 where id = $1 and odoo_version is distinct from $2",
            instance_id,
            batch.odoo_version,
        )


async def _failed(instance_id: UUID, error: Exception, now: datetime) -> None:
    """Say on the instance why its scan failed, and leave it alone for a while that doubles with each failure."""
    told = error.message if isinstance(error, SnaglistError) else why_away(error)
    await fetch(
        """
        update scan_state set last_scan_at = $2, last_scan_status = 'FAILED', last_scan_error = $3,
            failures = failures + 1, lag_seconds = extract(epoch from $2 - last_complete_at),
            due_at = $2 + least($4::interval * power(2, least(failures, 20)), $5::interval)
        where instance_id = $1
        """,
        instance_id,
        now,
        (told or f"unexpected: {type(error).__name__}").replace("\0", "\ufffd")[:ERROR_LIMIT],
        INTERVAL,
        LONGEST_WAIT,
    )
