"""Totals of groups at times, so that it is known how often an error happened within minutes.

Comes in: the windows that rules look at, in projects, and the time. Goes out: rows in `alert_sample`: of each group that was seen
within the longest window of its project its total, whenever it is another one than was noted last. Hourly counts alone
would say of a burst at 10:55 only that it was between 10 and 11.

What has fewer than was noted was parted from others that had been merged into it: samples that have more are of all these
together, and are deleted. What has no sample was not counted while its project was looked at, but for what has come since: so its total was lower
by what the hours since then have, and that is noted as of the look before. When a project is looked at for the first
time nothing of that is known, and each group begins at its present total.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.tables.database import fetch

EVERY: Final = timedelta(seconds=15)
"""How often is looked."""
SAMPLED: Final = timedelta(hours=6)
"""The longest window for which there are samples; longer ones are counted by the hour."""
_FINE: Final = timedelta(hours=1)
"""For how long every sample is kept; older ones are thinned to one in `_COARSE`."""
_COARSE: Final = timedelta(minutes=5)
_KEPT: Final = timedelta(days=1)
"""For how long the newest of the samples that are older than every window is kept."""

Watched = Mapping[tuple[UUID, UUID], timedelta]
"""Organizations and projects, each with the longest window that a rule of it looks at."""


async def begin(watched: Watched, *, now: datetime) -> None:
    """Note the totals of the groups that have none, of projects whose rules are looked at for the first time.

    One statement.
    """
    await fetch(_BEGIN, *_columns(watched), now)


async def take(watched: Watched, *, now: datetime) -> None:
    """Note the totals that have changed, and forget those that are too high now. One statement."""
    await fetch(_TAKE, *_columns(watched), now, now - EVERY)


async def thin(*, now: datetime) -> int:
    """Delete the samples that nobody needs; how many there were. Two statements.

    To be called more often than once in `_FINE`.
    """
    end = now - _FINE
    thinned = await fetch(_THIN, end - _FINE, end, _COARSE)
    old = await fetch(_DELETE_OLD, now - SAMPLED, now - SAMPLED - _KEPT)
    return sum(row[0] for row in [*thinned, *old])


def _columns(watched: Watched) -> tuple[list[UUID], list[UUID], list[timedelta]]:
    return (
        [organization_id for organization_id, _ in watched],
        [project_id for _, project_id in watched],
        list(watched.values()),
    )


# By `error_group_last_seen`, status by status: what was not seen for long is not looked at.
_SEEN: Final = """
from unnest($1::uuid[], $2::uuid[], $3::interval[]) as w(organization_id, project_id, length)
join error_group as g on g.organization_id = w.organization_id and g.project_id = w.project_id
    and g.merged_into_id is null and g.deleted_at is null
    and g.status = any('{NEW,ACTIVE,IN_PROGRESS,REGRESSED,RESOLVED}'::text[])"""
_BEGIN: Final = f"""
insert into alert_sample (group_id, at, total_count)
select g.id, $4, g.total_count {_SEEN}
    and g.last_seen_at >= date_trunc('hour', $4::timestamptz - w.length, 'UTC')
where not exists (select from alert_sample as s where s.group_id = g.id)
on conflict do nothing
"""  # noqa: S608  a constant
_TAKE: Final = f"""
with seen as materialized (
    select g.id, g.total_count, date_trunc('hour', $4::timestamptz - w.length, 'UTC') as first_hour, (
        select s.total_count from alert_sample as s where s.group_id = g.id order by s.at desc limit 1
    ) as noted {_SEEN} and g.last_seen_at >= $4::timestamptz - w.length
), parted as (
    delete from alert_sample as s using seen as g
    where g.noted > g.total_count and s.group_id = g.id and s.total_count > g.total_count
)
insert into alert_sample (group_id, at, total_count)
select id, $4, total_count from seen where noted is distinct from total_count
union all
select s.id, $5, greatest(s.total_count - coalesce(h.total, 0), 0)
from seen as s cross join lateral (
    select sum((
        select sum(h.total_count) from hourly_count as h where h.fingerprint_id = f.id and h.hour >= s.first_hour
    )) as total from fingerprint as f where f.group_id = s.id and f.retired_at is null
) as h
where s.noted is null
on conflict do nothing
"""  # noqa: S608  a constant
_THIN: Final = """
with gone as (
    delete from alert_sample as s where s.at >= $1 and s.at < $2 and exists (
        select from alert_sample as o
        where o.group_id = s.group_id and o.at < s.at and o.at >= date_bin($3::interval, s.at, 'epoch'))
    returning 1
)
select count(*) from gone
"""
# The newest sample of before a window tells what the total was when it began.
_DELETE_OLD: Final = """
with gone as (
    delete from alert_sample as s where s.at < $2 or s.at < $1 and exists (
        select from alert_sample as n where n.group_id = s.group_id and n.at > s.at and n.at <= $1)
    returning 1
)
select count(*) from gone
"""
