"""When errors, or what was refused of apps, came over a rule's line in the last 7 days, hour by hour.

Comes in: errors or apps, and what the rule asks. Goes out: the hours in which it came over the line; it is over it once,
until it was below. Counts are kept by the hour, and so nothing here is finer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.alerts.rules.past_groups import Found, Match, PastGroup, Span
from app.domain.alerts import spikes
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import AlertFilter
from app.domain.alerts.matching import Subject, match
from app.domain.events.event import Outcome
from app.tables.database import fetch

SPIKES: Final = 3_000
"""Hours of all errors that are compared with the weeks before, those with the most first."""
_HOUR: Final = timedelta(hours=1)

Hours = Mapping[UUID, Mapping[datetime, int]]
"""Of each error or app how often it happened, by the beginnings of hours; what is missing is nothing."""


async def of_groups(
    organization_id: UUID, condition: Condition, groups: Sequence[PastGroup], span: Span
) -> Hours:
    """How often each happened, or how many users met it, as far back as the condition looks. One statement."""
    ids = [group.id for group in groups]
    before = timedelta(hours=spikes.PAST) if condition.kind is ConditionKind.SPIKE else _window(condition)
    start, end = span.start - before, span.hour + _HOUR
    if condition.kind is ConditionKind.USERS:
        return _by_id(await fetch(_USERS, organization_id, ids, start, end, _window(condition)))
    return _by_id(await fetch(_COUNTS, organization_id, ids, start, end))


def matches(
    condition: Condition, groups: Sequence[PastGroup], hours: Hours, span: Span
) -> tuple[list[Match], bool]:
    """The hours in which each came over the line, and whether there was too much to look at all."""
    if condition.kind is ConditionKind.SPIKE:
        return _spikes(condition, groups, hours, span)
    found = [
        Match(at, group.id) for group in groups for at in crossings(hours.get(group.id, {}), condition, span)
    ]
    return found, False


async def over_quota(
    organization_id: UUID, project_id: UUID, condition: Condition, wanted: AlertFilter, span: Span
) -> Found:
    """The hours in which so many events of an app were refused. One statement."""
    start, end = span.start - _window(condition), span.hour + _HOUR
    refused = _by_id(await fetch(_REFUSED, organization_id, project_id, start, end, Outcome.OVER_QUOTA))
    apps = list(refused)
    asked = match([(None, wanted)], [Subject(app_id=app_id) for app_id in apps]).get(None, [])
    times = (at for place in asked for at in crossings(refused[apps[place]], condition, span))
    return Found([Match(at, None) for at in times], False)


def crossings(hours: Mapping[datetime, int], condition: Condition, span: Span) -> list[datetime]:
    """The hours of the span in which the count within the condition's window came to its line, from below it."""
    if sum(hours.values()) < (condition.count or 1):
        return []
    window, found, is_over = _window(condition), [], False
    first = span.start - window
    total = 0
    for place in range((span.hour - first) // _HOUR + 1):
        at = first + _HOUR * place
        total += hours.get(at, 0) - hours.get(at - window, 0)
        was_over, is_over = is_over, total >= (condition.count or 1)
        if is_over and not was_over and at >= span.start:
            found.append(at)
    return found


def _spikes(
    condition: Condition, groups: Sequence[PastGroup], hours: Hours, span: Span
) -> tuple[list[Match], bool]:
    least = condition.count or 1
    high = [
        (count, at, group)
        for group in groups
        for at, count in hours.get(group.id, {}).items()
        if at >= span.start and count >= least
    ]
    high.sort(key=lambda one: one[0], reverse=True)
    found = {
        (group.id, at)
        for count, at, group in high[:SPIKES]
        if spikes.is_spike(count, spikes.past_hours(hours[group.id], group.first_seen_at, at), condition)
    }
    begins = [Match(at, group_id) for group_id, at in found if (group_id, at - _HOUR) not in found]
    return begins, len(high) > SPIKES


def _window(condition: Condition) -> timedelta:
    """The condition's window in whole hours."""
    return _HOUR * max(1, -(-(condition.window_seconds or 0) // 3600))


def _by_id(rows: Sequence[tuple[UUID, list[datetime], list[int]]]) -> Hours:
    """An hour can come twice, of two fingerprints or origins."""
    found: dict[UUID, dict[datetime, int]] = {}
    for its_id, starts, counts in rows:
        hours = found.setdefault(its_id, {})
        for at, count in zip(starts, counts, strict=True):
            hours[at] = hours.get(at, 0) + count
    return found


_COUNTS: Final = """
select f.group_id, array_agg(h.hour), array_agg(h.total_count)
from fingerprint as f join hourly_count as h on h.fingerprint_id = f.id
where f.organization_id = $1 and f.group_id = any($2::uuid[]) and f.retired_at is null and h.hour >= $3 and h.hour < $4
group by f.group_id
"""
# A user is met when last seen, and when first seen where that is not within the same window.
_USERS: Final = """
with met as (
    select f.group_id, u.user_id, min(u.first_seen_at) as first_at, max(u.last_seen_at) as last_at
    from fingerprint as f join fingerprint_user as u on u.fingerprint_id = f.id
    where f.organization_id = $1 and f.group_id = any($2::uuid[]) and f.retired_at is null and u.last_seen_at >= $3
    group by f.group_id, u.user_id
), counted as (
    select m.group_id, date_trunc('hour', seen.at, 'UTC') as hour, count(*) as users
    from met as m cross join lateral (
        select m.last_at as at union all select m.first_at where m.first_at < m.last_at - $5::interval
    ) as seen
    where seen.at >= $3 and seen.at < $4
    group by m.group_id, 2
)
select group_id, array_agg(hour), array_agg(users) from counted group by group_id
"""
_REFUSED: Final = """
select t.app_id, array_agg(t.hour), array_agg(t.total_count)
from app_tally as t join app as a on a.id = t.app_id
where a.organization_id = $1 and a.project_id = $2 and a.deleted_at is null
    and t.hour >= $3 and t.hour < $4 and t.outcome = $5
group by t.app_id
"""
