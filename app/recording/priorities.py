"""The scores of groups, brought up to date for many at once.

Comes in: groups, and the time. Goes out: what is known of each, and what that comes to; and, where it differs from
what is stored, one statement that writes it. `app.domain.priority` alone says what counts for how much.

Whoever changes what the score is made of calls `rescore` in the same transaction, with the groups locked: recording,
merges. What only time changes, or a person's hand, `settle_priorities` finds.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from app.domain import priority
from app.domain.priority import Facts, Score, Weights
from app.recording.counting import hour
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Scored:
    """A group's score as it should be, and whether it is stored so already."""

    facts: Facts
    score: Score
    is_stored: bool


async def rescore(group_ids: Collection[UUID], *, now: datetime) -> int:
    """Write the scores of those of the groups whose score is another one than is stored; how many there were.

    In the caller's transaction, which holds the groups' locks. Two statements at most.
    """
    stale = {
        group_id: scored
        for group_id, scored in (await scores(group_ids, now=now)).items()
        if not scored.is_stored
    }
    if stale:
        await fetch(
            """
            update error_group as g
            set score = n.score, priority = n.priority, is_score_fleeting = n.is_fleeting
            from unnest($1::uuid[], $2::integer[], $3::smallint[], $4::boolean[])
                as n(id, score, priority, is_fleeting)
            where g.id = n.id
            """,
            list(stale),
            [scored.score.points for scored in stale.values()],
            [scored.score.priority for scored in stale.values()],
            [scored.facts.is_fleeting for scored in stale.values()],
        )
    return len(stale)


async def scores(
    group_ids: Collection[UUID], *, now: datetime, organization_id: UUID | None = None
) -> dict[UUID, Scored]:
    """The scores of those of the groups that are there, and, where it is given, the organization's. One statement."""
    first_hour = hour(now) - priority.WINDOW + timedelta(hours=1)
    rows = await fetch(_FACTS, list(group_ids), first_hour, now - priority.WINDOW, organization_id)
    found = {}
    for row in rows:
        facts = Facts(
            row["occurrences"], row["users"], row["is_production"], row["is_regressed"], row["is_new"]
        )
        score = priority.score(facts, _weights(row["priority_weights"]))
        stored = (row["score"], row["priority"], row["is_score_fleeting"])
        found[row["id"]] = Scored(facts, score, stored == (score.points, score.priority, facts.is_fleeting))
    return found


# Of users no more are counted than it takes to pass the highest step: an error that all have must not cost a look at all.
# Subqueries of one fingerprint each: whatever the planner believes of the tables, it reads these by their keys.
_FACTS: Final = """
select g.id, g.score, g.priority, g.is_score_fleeting, p.priority_weights, t.occurrences,
    case g.source when 'EVENT' then (
        select count(distinct u.user_id) from fingerprint as f cross join lateral (
            select u.user_id from fingerprint_user as u
            where u.fingerprint_id + 0 = f.id and u.last_seen_at > $3
            limit greatest(101, 1 + case when jsonb_typeof(p.priority_weights -> 'users') = 'array' then (
                select max((step ->> 0)::bigint) from jsonb_array_elements(p.priority_weights -> 'users') as step
            ) end)
        ) as u
        where f.group_id = g.id
    ) else 0 end as users,
    t.is_production, g.status = 'REGRESSED' as is_regressed, g.first_seen_at > $3 as is_new
from error_group as g
join project as p on p.id = g.project_id
cross join lateral (
    select coalesce(sum((
            select sum(h.total_count) from hourly_count as h where h.fingerprint_id = f.id and h.hour >= $2
        )), 0)::bigint as occurrences,
        coalesce(bool_or(case g.source when 'LOG' then (
            select bool_or(i.environment = 'PRODUCTION')
            from affected_instance as a join instance as i on i.id = a.instance_id
            where a.fingerprint_id = f.id
        ) else (
            select bool_or(lower(e.value) = 'production') from fingerprint_tag as e
            where e.fingerprint_id = f.id and e.key = 'environment' and e.last_seen_at > $3
        ) end), false) as is_production
    from fingerprint as f where f.group_id = g.id
) as t
where g.id = any($1::uuid[]) and ($4::uuid is null or g.organization_id = $4)
"""


@lru_cache(maxsize=1000)
def _weights(stored: str) -> Weights:
    """The weights of a project; there are few, and many groups have the same."""
    plain = json.loads(stored)
    return priority.restored(plain) if isinstance(plain, dict) else priority.DEFAULT
