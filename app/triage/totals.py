"""What groups count, found again from their fingerprints.

Comes in: groups under lock whose fingerprints were pointed elsewhere. Goes out: their totals, exact: fingerprints count
for themselves, wherever they point.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Totals:
    """What decides where a group stands: how often its fingerprints were seen, and when last (log time)."""

    total: int
    last_seen_at: datetime


async def read(organization_id: UUID, group_ids: Collection[UUID]) -> dict[UUID, Totals]:
    """What the groups' fingerprints add up to; each of the groups has one at least."""
    rows = await fetch(
        """
        select group_id, sum(total_count)::bigint, max(last_seen_at) from fingerprint
        where organization_id = $1 and group_id = any($2::uuid[]) and retired_at is null
        group by group_id
        """,
        organization_id,
        sorted(group_ids),
    )
    return {row[0]: Totals(row[1], row[2]) for row in rows}


async def write(organization_id: UUID, counts_at_resolve: Mapping[UUID, int | None]) -> None:
    """Give the groups the totals of their fingerprints, and these counts at their last resolution.

    Users and sessions are different ones, and a session counts as one occurrence of a group, whichever of its fingerprints
    it was stored for. They are counted for groups of apps only: logs know none.
    """
    await fetch(_WRITE, organization_id, list(counts_at_resolve), list(counts_at_resolve.values()))


_WRITE: Final = """
with given as (
    select * from unnest($2::uuid[], $3::bigint[]) as n(group_id, count_at_resolve)
), sums as (
    select f.group_id, sum(f.total_count)::bigint as total, sum(f.occurrence_count)::bigint as occurrences,
        max(f.severity) as severity, min(f.first_seen_at) as first_seen_at, max(f.last_seen_at) as last_seen_at,
        max(f.last_stored_at) as last_stored_at
    from given join fingerprint as f using (group_id)
    where f.organization_id = $1 and f.retired_at is null
    group by f.group_id
), users as (
    select f.group_id, count(distinct u.user_id) as number
    from given
    join error_group as g on g.id = given.group_id and g.source = 'EVENT'
    join fingerprint as f on f.group_id = g.id and f.retired_at is null
    join fingerprint_user as u on u.fingerprint_id = f.id
    where f.organization_id = $1
    group by f.group_id
), sessions as (
    select e.group_id, count(*) as number, sum(greatest(e.stored - 1, 0))::bigint as twice
    from (
        select f.group_id, s.session_id, count(*) filter (where s.is_stored) as stored
        from given
        join error_group as g on g.id = given.group_id and g.source = 'EVENT'
        join fingerprint as f on f.group_id = g.id and f.retired_at is null
        join fingerprint_session as s on s.fingerprint_id = f.id
        where f.organization_id = $1
        group by f.group_id, s.session_id
    ) as e
    group by e.group_id
)
update error_group as g
set total_count = s.total,
    occurrence_count = s.occurrences - coalesce(e.twice, 0),
    user_count = coalesce(u.number, 0),
    session_count = coalesce(e.number, 0),
    severity = s.severity,
    first_seen_at = s.first_seen_at,
    last_seen_at = s.last_seen_at,
    last_stored_at = s.last_stored_at,
    count_at_resolve = given.count_at_resolve
from given join sums as s using (group_id) left join users as u using (group_id) left join sessions as e using (group_id)
where g.organization_id = $1 and g.id = given.group_id
"""
