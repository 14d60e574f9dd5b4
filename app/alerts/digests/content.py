"""What a digest tells: the production errors of a project that are new or came back.

Comes in: a project, a time, and the changes that were noted for it. Goes out: the most important errors of both sorts, with their numbers, and their trends.
Three statements, whatever there is.

The time is ours, of the changes in the errors' history, and not that of the logs: a log that is read late is told late,
and once. Which changes are told is not read off their times, as a change is committed after the time that it bears:
see `noting`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from app import links
from app.domain import global_ids
from app.domain.alerts.digest_content import DigestContent, DigestError, Section, Trend
from app.domain.alerts.slots import Frequency
from app.reading import series
from app.tables.database import fetch

TOP: Final = 10
"""Errors of each sort that are shown; of the others only their number."""
PLACES: Final = 2
"""Instances of an error that are named."""
_DAY: Final = timedelta(days=1)
_HOURLY: Final = timedelta(days=2)
"""Up to how long a time is shown by the hour."""


@dataclass(frozen=True, slots=True)
class DigestProject:
    """A project as its digest needs it; `organization`: the name."""

    id: UUID
    organization_id: UUID
    organization: str
    name: str
    frequency: Frequency
    zone: tzinfo


async def content(
    project: DigestProject, change_ids: Sequence[int], since: datetime, until: datetime, *, now: datetime
) -> DigestContent:
    """What is to be told of the changes; `since`, `until`: the time that the trends and counts are of."""
    rows = await fetch(_TOLD, project.organization_id, project.id, change_ids, now, TOP)
    ids = [row["id"] for row in rows]
    places = {row["group_id"]: row for row in await fetch(_PLACES, project.organization_id, ids, PLACES)}
    days = _days(since, until)
    just_before = until - timedelta(microseconds=1)  # the hour that begins then is not of it
    counts = await series.sparklines(project.organization_id, ids, days, now=just_before)
    hours = _hours(since, until)
    errors = [_error(row, places.get(row["id"]), counts[row["id"]], hours) for row in rows]
    return DigestContent(
        project.organization,
        project.name,
        project.frequency,
        project.zone,
        since,
        until,
        _section(project.id, rows, errors, is_new=True),
        _section(project.id, rows, errors, is_new=False),
    )


# A group of a log is production where an instance is; one of an app where it says so, or once did not say. Groups and
# fingerprints are looked up one by one, by their ids alone (`offset 0`): where a storm has just filled the tables, what
# the planner knows of them is old, and it would go through all of them for each.
_TOLD: Final = """
with happened as materialized (
    select c.group_id, bool_or(c.kind = 'OPENED') as is_new
    from group_change as c
    where c.organization_id = $1 and c.kind in ('OPENED', 'REGRESSED') and c.id = any($3::bigint[])
    group by c.group_id
), told as materialized (
    select h.is_new, g.id, g.title, g.module, g.severity, g.priority, g.status, g.total_count, g.app_id
    from happened as h cross join lateral (select * from error_group as its where its.id = h.group_id offset 0) as g
    where g.organization_id = $1 and g.project_id = $2 and g.merged_into_id is null and g.deleted_at is null
        and not g.is_dev and g.status <> 'SILENCED' and (g.muted_at is null or g.mute_until <= $4)
        and case g.source when 'LOG' then exists (
            select from group_instance as i join instance as n on n.id = i.instance_id
            where i.group_id = g.id and n.environment = 'PRODUCTION'
        ) else (
            select coalesce(bool_or(e.is_production), false) or coalesce(sum(e.total), 0) < sum(f.total_count)
            from (select * from fingerprint as its where its.group_id = g.id offset 0) as f left join lateral (
                select bool_or(lower(t.value) = 'production') as is_production, sum(t.total_count) as total
                from fingerprint_tag as t where t.fingerprint_id = f.id and t.key = 'environment'
            ) as e on true
            where f.group_id = g.id and f.retired_at is null
        ) end
), ranked as (
    select t.*, count(*) over its as number, count(*) filter (where severity = 3) over its as critical,
        row_number() over (partition by is_new order by priority, severity desc, total_count desc, id) as place
    from told as t window its as (partition by is_new)
)
select r.is_new, r.id, r.title, r.module, ('{MEDIUM,HIGH,CRITICAL}'::text[])[r.severity] as severity,
    ('{P0,P1,P2,P3}'::text[])[r.priority + 1] as priority, r.status, r.total_count, a.name as app, r.number, r.critical
from ranked as r left join app as a on a.id = r.app_id
where r.place <= $5
order by r.is_new desc, r.place
"""

_PLACES: Final = """
with summed as (
    select f.group_id, n.name, sum(a.total_count) as total,
        row_number() over (partition by f.group_id order by sum(a.total_count) desc, n.name, n.id) as place
    from fingerprint as f join affected_instance as a on a.fingerprint_id = f.id
    join instance as n on n.id = a.instance_id and n.environment = 'PRODUCTION'
    where f.organization_id = $1 and f.group_id = any($2::uuid[]) and f.retired_at is null
    group by f.group_id, n.id
)
select group_id, count(*) as number, array_agg(name order by place) filter (where place <= $3) as names
from summed group by group_id
"""


def _section(
    project_id: UUID, rows: Sequence[Mapping[str, Any]], errors: Sequence[DigestError], *, is_new: bool
) -> Section:
    theirs = [(row, error) for row, error in zip(rows, errors, strict=True) if row["is_new"] == is_new]
    number, critical = (theirs[0][0]["number"], theirs[0][0]["critical"]) if theirs else (0, 0)
    asked = {"project": global_ids.encode("Project", project_id)}
    asked |= {"status": "all", "sort": "first-seen"} if is_new else {"status": "regressed"}
    link = f"{links.base_url()}/errors?{urlencode(asked)}"
    return Section(tuple(error for _, error in theirs), number, critical, link)


def _error(
    row: Mapping[str, Any], places: Mapping[str, Any] | None, counts: Sequence[int], hours: int
) -> DigestError:
    app = row["app"]
    total = row["total_count"]
    return DigestError(
        link=links.error_page(row["id"]),
        title=row["title"],
        severity=row["severity"],
        priority=row["priority"],
        status=row["status"],
        module=row["module"],
        places=(app,) if app else tuple(places["names"]) if places else (),
        place_count=1 if app else places["number"] if places else 0,
        # All of a new error came since; one of a log that was read late happened before, and was heard of once at least.
        count=total if row["is_new"] else min(max(sum(counts[-hours:]), 1), total),
        total=total,
        trend=_trend(counts),
    )


def _days(since: datetime, until: datetime) -> int:
    """How many days the trends show: by the day a week at least."""
    days = max(-(-(until - since) // _DAY), 1)
    return days if days * _DAY <= _HOURLY else min(max(days, 7), series.LONGEST)


def _hours(since: datetime, until: datetime) -> int:
    """How many hours of UTC the time touches."""
    first = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return max(-(-(until - first) // timedelta(hours=1)), 1)


def _trend(counts: Sequence[int]) -> Trend:
    """The hours, or of more than `_HOURLY` the days, the last of which ends where the counts do."""
    if timedelta(hours=len(counts)) <= _HOURLY:
        return Trend(tuple(counts), "hour")
    days = [sum(counts[start : start + 24]) for start in range(0, len(counts), 24)]
    return Trend(tuple(days), "day")
