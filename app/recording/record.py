"""Sightings become history: groups, occurrences, counts, changes.

Comes in: sightings in the order of their log, in the caller's transaction, so that a read position or an inbox
commits together with what was found. Goes out: the changes. A fixed number of statements, whatever the length.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app import timeline
from app.domain import lifecycle
from app.domain.lifecycle import Move, MoveKind
from app.errors import NotFound
from app.live.announce import Counted
from app.recording import counting, grouping, issue_wishes, likeness, priorities, reports, storing, texts
from app.recording.counting import Limits
from app.recording.grouping import Found
from app.recording.sightings import Description, Sighting
from app.tables import partitions
from app.tables.database import DB, fetch
from app.timeline import Change, Entry


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a batch: its changes, and how many were counted, stored, and opened a group.

    `places`: which of the sightings were stored. `groups`: those whose counts rose, with what was stored of each.
    """

    changes: tuple[Change, ...] = ()
    counted: int = 0
    stored: int = 0
    opened: int = 0
    places: frozenset[int] = frozenset()
    groups: tuple[Counted, ...] = ()


async def record(sightings: Sequence[Sighting], *, now: datetime) -> Recorded:
    """Record the sightings, in log order, in the caller's transaction; once in each, as its locks are kept until the end.

    RuntimeError: there is no transaction. NotFound: a project is gone. Whatever is raised, the transaction is to end.
    """
    if not sightings:
        return Recorded()
    if not DB.transaction_exists():
        raise RuntimeError("record() is called inside of a transaction, whose end is its caller's")
    now = now.astimezone(UTC)
    limits = await _limits({sighting.origin.project_id for sighting in sightings})
    times = counting.log_times(sightings, now)
    await _make_room(sightings, times, limits, now)
    keys = [grouping.key(sighting) for sighting in sightings]
    firsts = dict(zip(reversed(keys), reversed(sightings), strict=True))
    found = await grouping.find(firsts, now=now)
    leads = [found.places[key] for key in keys]
    batch = reports.Batch.of(sightings, leads, times)
    sessions = await reports.new_sessions(batch)
    users = await reports.add_users(batch)
    tags = await reports.add_tags(batch)
    sums = counting.add_up(sightings, leads, times, found.groups, limits, now, sessions.fresh)
    stored = frozenset(sums.stored)
    await reports.add_sessions(batch, sessions, stored)
    descriptions, messages = _described(sightings, sums)
    await storing.add_to_fingerprints(sums.fingerprints, tags)
    fresh = {group_id: len(theirs) for group_id, theirs in sessions.fresh.items()}
    await storing.add_to_groups(sums, sightings, descriptions, sessions=fresh, users=users, now=now)
    await storing.add_to_texts(sums.groups, sightings, descriptions)
    await likeness.add_likenesses(sums.stored, sightings, leads, _opened(found), messages)
    await storing.add_to_instances(sums.instances)
    await storing.add_to_hours(sums.hours)
    occurrences = storing.Occurrences(sums.stored, messages, descriptions)
    ids = await storing.add_occurrences(occurrences, sightings, leads, times, now)
    changes = await _follow(sightings, sums, found, limits, now)
    groups = _counted(sightings, sums, ids)
    return Recorded(changes, len(sightings), len(stored), len(found.opened), stored, groups)


async def _follow(
    sightings: Sequence[Sighting],
    sums: counting.Sums,
    found: Found,
    limits: Mapping[UUID, Limits],
    now: datetime,
) -> tuple[Change, ...]:
    """Write what the sightings change, and what hangs on that: scores, and the wishes for issues."""
    changes = await timeline.write(_entries(sightings, sums, found, limits), now=now)
    moved = {change.entry.move.group_id for change in changes}
    await priorities.rescore(sorted(sums.refreshed | moved), now=now)
    await issue_wishes.wish(_ripe(sightings, sums, found, limits), now=now)
    return tuple(changes)


def _opened(found: Found) -> dict[int, grouping.Key]:
    """The fingerprints that are new."""
    return {found.places[key].fingerprint_id: key for key in found.opened}


def _described(
    sightings: Sequence[Sighting], sums: counting.Sums
) -> tuple[dict[int, Description], dict[int, str]]:
    """What people read of what is stored, and the messages alone: of most events an occurrence keeps no more."""
    shown = {found.newest for found in sums.groups.values()}
    descriptions: dict[int, Description] = {}
    messages: dict[int, str] = {}
    for place in sums.stored:
        brief = sightings[place].brief
        if brief is None or place in shown:
            descriptions[place] = sightings[place].describe()
            messages[place] = descriptions[place].message
        else:
            messages[place] = brief()
    return descriptions, messages


def _counted(sightings: Sequence[Sighting], sums: counting.Sums, ids: Sequence[UUID]) -> tuple[Counted, ...]:
    """The groups whose counts rose; `ids`: of what was stored, in its order."""
    stored: dict[UUID, list[UUID]] = {}
    for place, occurrence_id in zip(sums.stored, ids, strict=True):
        stored.setdefault(sums.group_ids[place], []).append(occurrence_id)
    heard = zip(sums.group_ids, sightings, strict=True)
    organizations = {group_id: sighting.origin.organization_id for group_id, sighting in heard}
    return tuple(
        Counted(organizations[group_id], group_id, tuple(stored.get(group_id, ())))
        for group_id in sums.groups
    )


def _ripe(
    sightings: Sequence[Sighting], sums: counting.Sums, found: Found, limits: Mapping[UUID, Limits]
) -> set[UUID]:
    """The groups that have come to the count at which theirs become issues, in projects that have a repository."""
    if all(limit.issue_threshold is None for limit in limits.values()):
        return set()
    projects = {
        group_id: sighting.origin.project_id
        for group_id, sighting in zip(sums.group_ids, sightings, strict=True)
    }
    return {
        group_id
        for group_id, its_sum in sums.groups.items()
        if (threshold := limits[projects[group_id]].issue_threshold) is not None
        and found.groups[group_id].state.total_count + its_sum.total >= threshold
    }


async def _limits(project_ids: set[UUID]) -> dict[UUID, Limits]:
    rows = await fetch(
        """
        select p.id, p.cooldown_seconds, p.retention_days, p.regress_without_version,
            case when c.project_id is not null then p.github_threshold end as issue_threshold
        from project as p left join github_connection as c on c.project_id = p.id
        where p.id = any($1::uuid[]) and p.deleted_at is null
        """,
        list(project_ids),
    )
    if len(rows) < len(project_ids):
        raise NotFound("the project is not there any more")
    return {
        row["id"]: Limits(
            timedelta(seconds=row["cooldown_seconds"]),
            timedelta(days=row["retention_days"]),
            row["regress_without_version"],
            row["issue_threshold"],
        )
        for row in rows
    }


async def _make_room(
    sightings: Sequence[Sighting],
    times: Sequence[datetime],
    limits: dict[UUID, Limits],
    now: datetime,
) -> None:
    """Have partitions for all that will be kept; a log may be weeks old when it is read for the first time."""
    oldest = {project_id: counting.hour(now - limit.retention) for project_id, limit in limits.items()}
    months = {
        (at.year, at.month)
        for sighting, at in zip(sightings, times, strict=True)
        if at >= oldest[sighting.origin.project_id]
    }
    hours = [partitions.month(datetime(year, month, 1, tzinfo=UTC)) for year, month in months]
    await partitions.ensure([partitions.day("occurrence", now), *hours])


def _entries(
    sightings: Sequence[Sighting], sums: counting.Sums, found: Found, limits: Mapping[UUID, Limits]
) -> list[Entry]:
    """The moves that the sightings make, each with the time and origin of the one that made it."""
    states = {group_id: group.state for group_id, group in found.groups.items()}
    lenient = {id_ for id_, limit in limits.items() if limit.regress_without_version}
    without_version = {
        group_id
        for sighting, group_id in zip(sightings, sums.group_ids, strict=True)
        if lenient and sighting.origin.project_id in lenient
    }
    heard = zip(sums.group_ids, sums.times, map(_version, sightings), strict=True)
    _, moves = lifecycle.follow(states, heard, without_version=without_version)
    return [_entry(move, sightings[move.heard], sums.times[move.heard]) for move in moves]


def _version(sighting: Sighting) -> str | None:
    return None if sighting.reported is None else sighting.reported.version


def _entry(move: Move, sighting: Sighting, seen_at: datetime) -> Entry:
    origin = sighting.origin
    detail = {"seen_at": seen_at.isoformat(), "origin_id": str(origin.id)}
    if move.kind is MoveKind.REGRESSED and (version := _version(sighting)):
        detail["seen_version"] = texts.name(version)
    if move.kind is MoveKind.UNMUTED:
        reason = "it happened as often as was waited for"
        return Entry(origin.organization_id, move, reason, detail | {"because": "COUNT"})
    return Entry(origin.organization_id, move, detail=detail)
