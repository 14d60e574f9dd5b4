"""Errors of which this hour has far more than their past leads to expect.

Comes in: the SPIKE rules, in the caller's transaction. Goes out: what is over their lines. What is a spike `domain.alerts.spikes`
says; here groups are found that may be one, before their four weeks are read: those that have enough in this hour, and
`factor` times as much as the least that the same hour of the past weeks had, which is no more than is expected.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from app.alerts.evaluating.rules_in_force import Rule
from app.alerts.evaluating.subjects import TOLD
from app.domain.alerts.conditions import Condition
from app.domain.alerts.spikes import PAST, Spike, is_spike
from app.tables.database import fetch

AT_ONCE: Final = 500
"""Groups whose weeks are read together."""
MOST: Final = 5000
"""Groups that are looked at: those with the most in this hour. That so many errors spike is told by these."""
_HOUR: Final = timedelta(hours=1)
_BREATH: Final = 20
"""Groups after which others have their turn."""

Spikes = Mapping[tuple[UUID, Condition], Mapping[UUID, Spike]]
"""By project and condition: the groups that spike."""


async def spikes(rules: Sequence[Rule], *, now: datetime) -> Spikes:
    """What spikes in this hour. One statement, and one more for each `AT_ONCE` groups that may."""
    asked: dict[tuple[UUID, UUID], set[Condition]] = {}
    for rule in rules:
        asked.setdefault((rule.organization_id, rule.project_id), set()).add(rule.condition)
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    may_be = await fetch(
        _MAY_BE,
        now,
        [organization_id for organization_id, _ in asked],
        [project_id for _, project_id in asked],
        [min(one.count or 1 for one in its) for its in asked.values()],
        [min(one.factor or 1.0 for one in its) for its in asked.values()],
        this_hour,
        MOST,
    )
    conditions = {project_id: its for (_, project_id), its in asked.items()}
    found: dict[tuple[UUID, Condition], dict[UUID, Spike]] = {}
    for place in range(0, len(may_be), AT_ONCE):
        its = may_be[place : place + AT_ONCE]
        weeks = await _weeks([row["id"] for row in its], this_hour)
        for number, row in enumerate(its):
            if number % _BREATH == 0:
                await asyncio.sleep(0)
            past = weeks.get(row["id"], [0] * PAST)[-row["hours"] :]
            for condition in conditions[row["project_id"]]:
                if spike := is_spike(row["total"], past, condition):
                    found.setdefault((row["project_id"], condition), {})[row["id"]] = spike
    return found


async def _weeks(group_ids: Sequence[UUID], this_hour: datetime) -> dict[UUID, list[int]]:
    """What each of the hours of four weeks had, oldest first, as `spikes.past_hours` has it."""
    weeks: dict[UUID, list[int]] = {}
    for group_id, backs, totals in await fetch(_WEEKS, group_ids, this_hour, this_hour - PAST * _HOUR):
        its = weeks[group_id] = [0] * PAST
        for back, total in zip(backs, totals, strict=True):
            its[-back] += total
    return weeks


# A week old at least; of the weeks that it has known the least counts. Each a look at one hour, by its key.
_IN_HOUR: Final = """coalesce((
        select sum((select sum(h.total_count) from hourly_count as h where h.fingerprint_id = f.id and h.hour = {hour}))
        from fingerprint as f where f.group_id = g.id and f.retired_at is null), 0)::bigint"""
_MAY_BE: Final = f"""
with active as materialized (
    select g.id, g.project_id, g.first_seen_at, w.factor, w.least, {_IN_HOUR.format(hour="$6")} as total
    from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::double precision[])
        as w(organization_id, project_id, least, factor)
    join error_group as g on g.organization_id = w.organization_id and g.project_id = w.project_id
        and g.status = any('{{NEW,ACTIVE,IN_PROGRESS,REGRESSED,RESOLVED}}'::text[])
        and g.last_seen_at >= $6 and g.first_seen_at <= $6 - interval '167 hours' and g.total_count >= w.least and {TOLD}
)
select g.id, g.project_id, g.total,
    least({PAST}, ceil(extract(epoch from $6 - g.first_seen_at) / 3600))::integer as hours
from active as g
where g.total >= g.least and g.total >= g.factor * (
    select min({_IN_HOUR.format(hour="$6 - weeks * interval '168 hours'")})
    from generate_series(1, least(4, floor((extract(epoch from $6 - g.first_seen_at) / 3600 + 1) / 168)::integer)) as weeks
)
order by g.total desc, g.id limit $7
"""  # noqa: S608  a constant
_WEEKS: Final = """
select group_id, array_agg(back), array_agg(total) from (
    select f.group_id, (extract(epoch from $2 - h.hour) / 3600)::integer as back, h.total_count as total
    from fingerprint as f cross join lateral (
        select h.hour, h.total_count from hourly_count as h
        where h.fingerprint_id = f.id and h.hour >= $3 and h.hour < $2 offset 0
    ) as h
    where f.group_id = any($1::uuid[]) and f.retired_at is null
) as h group by group_id
"""
