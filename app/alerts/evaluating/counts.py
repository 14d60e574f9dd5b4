"""How often errors happened, and to how many people, within the windows of rules.

Comes in: what rules look at, in the caller's transaction. Goes out: the groups that come to the least of what is asked. One
statement for each kind of window, whatever the number of rules and groups. Only what was seen within a window is looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.alerts.evaluating.samples import SAMPLED
from app.alerts.evaluating.subjects import TOLD
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Window:
    """What rules of a project look at: how long, the least that any of them asks for, and the most."""

    organization_id: UUID
    project_id: UUID
    length: timedelta
    least: int
    most: int


Counted = Mapping[tuple[UUID, timedelta], Mapping[UUID, int]]
"""By project and length of the window: groups, and how often it happened."""


async def happened(windows: Sequence[Window], *, now: datetime) -> Counted:
    """How often errors happened. Two statements at most.

    Within `SAMPLED` by samples, and never more than the hours that touch the window have: what was imported or merged raises
    a total, and has not happened now. Longer windows by the hour, of the first one as much as lies within the window.
    """
    found: dict[tuple[UUID, timedelta], dict[UUID, int]] = {}
    for statement, its in (
        (_SAMPLED, [window for window in windows if window.length <= SAMPLED]),
        (_BY_HOUR, [window for window in windows if window.length > SAMPLED]),
    ):
        if its:
            await _add(found, statement, its, now)
    return found


async def users(windows: Sequence[Window], *, now: datetime) -> Counted:
    """How many different people had the errors, counted up to `most` of each fingerprint. One statement."""
    found: dict[tuple[UUID, timedelta], dict[UUID, int]] = {}
    await _add(found, _USERS, windows, now)
    return found


async def _add(
    found: dict[tuple[UUID, timedelta], dict[UUID, int]],
    statement: str,
    windows: Sequence[Window],
    now: datetime,
) -> None:
    rows = await fetch(
        statement,
        now,
        [window.organization_id for window in windows],
        [window.project_id for window in windows],
        [window.length for window in windows],
        [window.least for window in windows],
        [window.most for window in windows],
    )
    for group_id, project_id, length, number in rows:
        found.setdefault((project_id, length), {})[group_id] = number


# By `error_group_last_seen`, status by status.
_SEEN: Final = f"""
unnest($2::uuid[], $3::uuid[], $4::interval[], $5::bigint[], $6::bigint[])
    as w(organization_id, project_id, length, least, most)
join error_group as g on g.organization_id = w.organization_id and g.project_id = w.project_id
    and g.status = any('{{NEW,ACTIVE,IN_PROGRESS,REGRESSED,RESOLVED}}'::text[])
    and g.last_seen_at >= $1::timestamptz - w.length and g.total_count >= w.least and {TOLD}"""
_IN_HOURS: Final = """
    select coalesce(sum((
        select sum(h.total_count) from hourly_count as h
        where h.fingerprint_id = f.id and h.hour >= date_trunc('hour', $1::timestamptz - w.length, 'UTC')
    )), 0)::bigint as total
    from fingerprint as f where f.group_id = w.id and f.retired_at is null"""
_SAMPLED: Final = f"""
with w as materialized (
    select w.*, g.id, g.total_count - coalesce(
        (select s.total_count from alert_sample as s
        where s.group_id = g.id and s.at <= $1::timestamptz - w.length order by s.at desc limit 1),
        (select s.total_count from alert_sample as s where s.group_id = g.id order by s.at limit 1),
        0) as added
    from {_SEEN}
)
select w.id, w.project_id, w.length, least(w.added, h.total)
from w cross join lateral ({_IN_HOURS}) as h
where w.added >= w.least and h.total >= w.least
"""  # noqa: S608  a constant
_BY_HOUR: Final = f"""
with w as materialized (select w.*, g.id from {_SEEN})
select w.id, w.project_id, w.length, h.total
from w cross join lateral (
    select coalesce(sum((
        select sum(case when h.hour >= $1::timestamptz - w.length then h.total_count
            else h.total_count * extract(epoch from h.hour + interval '1 hour' - $1::timestamptz + w.length) / 3600 end)
        from hourly_count as h
        where h.fingerprint_id = f.id and h.hour >= date_trunc('hour', $1::timestamptz - w.length, 'UTC')
    )), 0)::bigint as total
    from fingerprint as f where f.group_id = w.id and f.retired_at is null
) as h
where h.total >= w.least
"""  # noqa: S608  a constant
# By the index `fingerprint_user_seen`: users of before the window, who may be very many, are not read.
_USERS: Final = f"""
with w as materialized (select w.*, g.id from {_SEEN} and g.app_id is not null and g.user_count >= w.least)
select w.id, w.project_id, w.length, u.number
from w cross join lateral (
    select count(distinct u.user_id) as number
    from fingerprint as f cross join lateral (
        select u.user_id from fingerprint_user as u
        where u.fingerprint_id + 0 = f.id and u.last_seen_at >= $1::timestamptz - w.length limit w.most
    ) as u
    where f.group_id = w.id and f.retired_at is null
) as u
where u.number >= w.least
"""  # noqa: S608  a constant
