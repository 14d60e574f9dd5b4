"""What is kept of an instance's scans: how far its log was read, who reads it now, and how the last one went.

Comes in: a scan's turn. Goes out: a moved position, or the news that somebody else was there.

A turn is a lease: it keeps others from reading the same text for nothing, needs no connection while a host is waited
for, and ends soon after its scanner died. Nothing is right or wrong because of it: a position moves only where it is
still the one that was read from.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import asyncpg

from app.errors import AlreadyScanning, NotFound
from app.scanning.batch import Batch
from app.tables.database import fetch, fetch_one

INTERVAL: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(minutes=30)
"""How long an instance is left alone at most after failures."""
LEASE: Final = timedelta(seconds=10)
"""How long after its scanner's last sign of life a turn ends, by the clock of the database."""
ERROR_LIMIT: Final = 1000

_SETTINGS: Final = """hashtextextended(row(i.source_kind, i.source, i.source_secrets, i.environment,
    i.error_detection_enabled, i.error_ignore_patterns, i.addon_folders, i.deleted_at)::text, 0)"""
_IS_OVER: Final = """(s.scanning_until is null or s.scanning_until <= clock_timestamp()
    or s.scanning_until > clock_timestamp() + $3::interval)"""
"""Whether nobody has a turn; one that lasts for too long is from before a clock was set back."""


class Overtaken(AlreadyScanning):
    """Somebody else moved the position, or the log is not the same one any more: the batch counts for nothing."""

    def __init__(self) -> None:
        super().__init__("the instance was scanned by somebody else, or changed, at the same time")


@dataclass(frozen=True, slots=True)
class Turn:
    """A scanner's turn at an instance, whose row is as it was when the turn began."""

    instance: asyncpg.Record
    scanner: UUID
    position: str

    @property
    def instance_id(self) -> UUID:
        """The instance."""
        return UUID(str(self.instance["id"]))


async def begin(instance_id: UUID, *, now: datetime) -> Turn:
    """Take a turn. NotFound: there is no such instance. AlreadyScanning: somebody else has it."""
    instance = await fetch_one(
        f"select i.*, {_SETTINGS} as settings from instance as i where i.id = $1 and i.deleted_at is null",  # noqa: S608  our own words
        instance_id,
    )
    if instance is None:
        raise NotFound("there is no such instance")
    scanner = uuid4()
    row = await fetch_one(
        f"""
        insert into scan_state as s (instance_id, scanner, scanning_until, due_at)
        select id, $2, clock_timestamp() + $3::interval, $4 from instance where id = $1
        on conflict (instance_id) do update
        set scanner = excluded.scanner, scanning_until = clock_timestamp() + $3::interval where {_IS_OVER}
        returning position
        """,  # noqa: S608
        instance_id,
        scanner,
        LEASE,
        now,
    )
    if row is None:
        raise AlreadyScanning("the instance is already being scanned")
    return Turn(instance, scanner, row["position"])


async def is_kept(turn: Turn) -> bool:
    """Give a sign of life. False: somebody else has the turn, or the instance is not what it was."""
    rows = await fetch(
        f"""
        update scan_state as s set scanning_until = clock_timestamp() + $3::interval from instance as i
        where s.instance_id = $1 and s.scanner = $2 and i.id = $1 and {_SETTINGS} = $4
        returning s.instance_id
        """,  # noqa: S608
        turn.instance_id,
        turn.scanner,
        LEASE,
        turn.instance["settings"],
    )
    return bool(rows)


async def move(turn: Turn, position: str, batch: Batch, *, is_last: bool, now: datetime) -> bool:
    """Move the position from where the batch was read, in the transaction that records it; `is_last` ends the turn.

    Whether the instance is what it was, so that the scan may go on. Overtaken: the transaction is to be rolled back.
    """
    instance_id, instance = turn.instance_id, turn.instance
    found = await fetch_one(
        f"""
        select i.source_kind = $2 and i.source = $3::jsonb as is_same_log, {_SETTINGS} = $4 as is_same
        from instance as i where i.id = $1 for no key update
        """,  # noqa: S608
        instance_id,
        instance["source_kind"],
        instance["source"],
        instance["settings"],
    )
    if not found or not found["is_same_log"]:
        raise Overtaken
    if not await fetch(
        _MOVE,
        instance_id,
        position,
        batch.position,
        now,
        batch.is_behind,
        now if batch.is_behind or not found["is_same"] else now + INTERVAL,
        turn.scanner,
        None if is_last else LEASE,
        _shown(batch.missed) or None,
    ):
        raise Overtaken
    if batch.odoo_version:
        await fetch(
            "update instance set odoo_version = $2 where id = $1 and odoo_version is distinct from $2",
            instance_id,
            batch.odoo_version,
        )
    return bool(found["is_same"])


_MOVE: Final = """
update scan_state set position = $3, last_scan_at = $4, last_scan_error = null, failures = 0,
    last_scan_status = case when $5 then 'BEHIND' else 'OK' end,
    last_complete_at = case when $5 then last_complete_at else $4 end,
    lag_seconds = case when $5 then extract(epoch from $4 - last_complete_at) else 0 end,
    due_at = $6,
    last_missed_at = case when $9::text is null then last_missed_at else $4 end,
    last_missed = coalesce($9, last_missed),
    scanning_until = case when scanner = $7 then clock_timestamp() + $8::interval else scanning_until end
where instance_id = $1 and position = $2::jsonb
returning instance_id
"""


async def end(turn: Turn) -> None:
    """Give the turn back, if it has not ended."""
    await fetch(
        "update scan_state set scanning_until = null where instance_id = $1 and scanner = $2 and scanning_until is not null",
        turn.instance_id,
        turn.scanner,
    )


async def failed(turn: Turn, told: str, *, now: datetime) -> None:
    """Say on the instance why its scan failed, and leave it alone for a while that doubles with each failure.

    This ends the turn. Nothing is said where the turn was somebody else's meanwhile, or the log is another one now.
    """
    await fetch(
        """
        update scan_state as s set last_scan_at = $2, last_scan_status = 'FAILED', last_scan_error = $3,
            failures = failures + 1, lag_seconds = extract(epoch from $2 - last_complete_at),
            due_at = $2 + least($4::interval * power(2, least(failures, 20)), $5::interval), scanning_until = null
        from instance as i
        where s.instance_id = $1 and s.scanner = $6 and i.id = $1 and i.source_kind = $7 and i.source = $8::jsonb
        """,
        turn.instance_id,
        now,
        _shown(told),
        INTERVAL,
        LONGEST_WAIT,
        turn.scanner,
        turn.instance["source_kind"],
        turn.instance["source"],
    )


def _shown(told: str) -> str:
    return told.replace("\0", "\ufffd")[:ERROR_LIMIT]


async def due(now: datetime, limit: int) -> list[UUID]:
    """The instances to scan now, those that have waited longest first; only where detection is enabled.

    Those that are being scanned are left out.
    """
    rows = await fetch(
        f"""
        select i.id from instance as i
        join project as p on p.id = i.project_id and p.deleted_at is null
        left join scan_state as s on s.instance_id = i.id
        where i.deleted_at is null and (s.due_at is null or s.due_at <= $1) and {_IS_OVER}
            and coalesce(i.error_detection_enabled, i.environment = 'PRODUCTION')
        order by s.due_at nulls first, i.id
        limit $2
        """,  # noqa: S608
        now,
        limit,
        LEASE,
    )
    return [row["id"] for row in rows]
