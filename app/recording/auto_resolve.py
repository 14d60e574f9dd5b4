"""Errors of logs that were not seen for days are resolved by themselves.

Comes in: the time. Goes out: changes, in transactions of up to `AT_ONCE` groups, each announced after its commit. A
project says after how many days (`auto_resolve_days`, of 24 hours each); a deleted project's groups stay as they are.

Silence means something only where somebody listened. Every affected instance whose detection is on, by its own setting
or as its environment asks for, and which is not deleted, must have had a complete scan within the
last `lifecycle.RECENT`, and that scan must lie the whole quiet time after the last detection; else the group waits for
a later run. Instances that are deleted, or whose detection is off, do not hold it up. Muted groups are resolved as
well; IN_PROGRESS and SILENCED are left only by hand.

A group is resolved as of the time that came in. A line from before, even one that was written since the last scan, is
late: it counts and changes no status. Whether a group is quiet is judged by `lifecycle.resolve_quiet` before it is
locked, so that only what will move is locked, and once more under the lock, as somebody may have recorded meanwhile.
Locks are taken by the groups' ids, as by all who record. May be cut off at any moment and run many times at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from app import timeline
from app.domain.lifecycle import Move, Quiet, resolve_quiet
from app.live.announce import announce
from app.tables.database import fetch, transaction
from app.timeline import Change, Entry

AT_ONCE: Final = 500
"""Groups in one transaction."""

_Place = tuple[datetime, UUID]
_BEGINNING: Final[_Place] = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A group that may be quiet; `days` is what its project asks for."""

    organization_id: UUID
    days: int
    quiet: Quiet


async def auto_resolve(*, now: datetime) -> int:
    """Resolve every group that has been quiet for long enough at `now`; how many there were.

    TransactionError: it was called inside of a transaction. What was committed before an error stays resolved.
    """
    resolved = 0
    for row in await fetch(_PROJECTS, now):
        after: _Place | None = _BEGINNING
        while after:
            group_ids, after = await _next(row["id"], row["auto_resolve_days"], now, after)
            changes = await _resolve(group_ids, now)
            await announce(changes)
            resolved += len(changes)
    return resolved


_IS_OPEN: Final = """g.source = 'LOG' and g.status in ('NEW', 'ACTIVE', 'REGRESSED')
    and g.merged_into_id is null and g.deleted_at is null"""
"""As the index `error_group_auto_resolve` has it."""

# An interval of hours, because one of days has 23 to 25 hours each where the session's zone changes its clocks.
_PROJECTS: Final = f"""
select p.id, p.auto_resolve_days from project as p
where p.deleted_at is null and exists (
    select from error_group as g
    where g.project_id = p.id and {_IS_OPEN}
        and g.last_seen_at <= $1::timestamptz - make_interval(hours => 24 * p.auto_resolve_days)
)
order by p.id
"""  # noqa: S608  a constant
_NEXT: Final = f"""
select g.id, g.last_seen_at from error_group as g
where g.project_id = $1 and {_IS_OPEN}
    and g.last_seen_at <= $2::timestamptz - make_interval(hours => 24 * $3::int)
    and (g.last_seen_at, g.id) > ($4, $5)
order by g.last_seen_at, g.id limit $6
"""  # noqa: S608  a constant


async def _next(
    project_id: UUID, days: int, now: datetime, after: _Place
) -> tuple[list[UUID], _Place | None]:
    """The next groups of a project that were not seen for so many days, and the place to go on from, if there is more."""
    rows = await fetch(_NEXT, project_id, now, days, *after, AT_ONCE)
    end = (rows[-1]["last_seen_at"], rows[-1]["id"]) if len(rows) == AT_ONCE else None
    return [row["id"] for row in rows], end


async def _resolve(group_ids: Sequence[UUID], now: datetime) -> list[Change]:
    """Resolve those of the groups that are quiet; nothing is locked, and no transaction begun, where none is."""
    if not group_ids:
        return []
    ripe = [entry.move.group_id for entry in _entries(await _look(group_ids, now), now)]
    if not ripe:
        return []
    async with transaction():
        await fetch("select from error_group where id = any($1::uuid[]) order by id for no key update", ripe)
        return await timeline.write(_entries(await _look(ripe, now), now), now=now)


async def _look(group_ids: Sequence[UUID], now: datetime) -> dict[UUID, _Candidate]:
    """What is known now of those of the groups that are alive, as are their projects."""
    rows = await fetch(_LOOK, group_ids, now)
    return {
        row["id"]: _Candidate(
            row["organization_id"],
            row["auto_resolve_days"],
            Quiet(
                timeline.state(row),
                row["last_seen_at"],
                row["read_through"],
                timedelta(days=row["auto_resolve_days"]),
            ),
        )
        for row in rows
    }


# Materialized, as the planner would else begin with the instances wherever it thinks these few, and read all of theirs.
_LOOK: Final = f"""
with affected as materialized (
    select distinct f.group_id, a.instance_id
    from fingerprint as f join affected_instance as a on a.fingerprint_id = f.id
    where f.group_id = any($1::uuid[])
), listening as materialized (
    select a.group_id, count(*) as instances, count(s.last_complete_at) as complete, min(s.last_complete_at) as oldest
    from affected as a
    join instance as i on i.id = a.instance_id and i.deleted_at is null
        and coalesce(i.error_detection_enabled, i.environment = 'PRODUCTION')
    left join scan_state as s on s.instance_id = i.id
    group by a.group_id
)
select g.id, g.organization_id, {timeline.STATE}, g.last_seen_at, p.auto_resolve_days,
    case when l.group_id is null then $2::timestamptz when l.instances = l.complete then l.oldest end as read_through
from error_group as g
join (select id, auto_resolve_days from project where deleted_at is null) as p on p.id = g.project_id
left join listening as l on l.group_id = g.id
where g.id = any($1::uuid[]) and g.merged_into_id is null and g.deleted_at is null
order by g.id
"""  # noqa: S608  constants


def _entries(candidates: Mapping[UUID, _Candidate], now: datetime) -> list[Entry]:
    """What is to be written of those that are quiet."""
    moves = resolve_quiet({group_id: each.quiet for group_id, each in candidates.items()}, now)
    return [_entry(move, candidates[move.group_id]) for move in moves]


def _entry(move: Move, candidate: _Candidate) -> Entry:
    days = candidate.days
    return Entry(
        candidate.organization_id,
        move,
        reason=f"no occurrences for {days} {'day' if days == 1 else 'days'}",
        detail={"days": days, "last_seen_at": candidate.quiet.last_seen_at.isoformat()},
    )
