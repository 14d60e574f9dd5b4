"""Sessions that several fingerprints of a group have stored: a group shows one occurrence of each.

Comes in: groups under lock whose fingerprints were pointed elsewhere. Goes out: their occurrences, marked anew: of each
session the newest counts for the group, as it is kept longest, and the others are repeats. Rows do not move, so taking
errors apart brings each its own again.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from app.recording.kept import STORED
from app.tables.database import fetch


async def mark(organization_id: UUID, group_ids: Collection[UUID]) -> None:
    """Mark the occurrences of the groups anew; nothing is written where a mark is right. Logs know no sessions."""
    rows = await fetch(_WRONG, organization_id, sorted(group_ids))
    if rows:
        given = ([row["id"] for row in rows], [row["received_at"] for row in rows])
        times = given[1]
        for table in ("occurrence", "kept_occurrence"):
            await fetch(_MARK.format(table), *given, min(times), max(times))


_WRONG: Final = f"""
select id, received_at from (
    select o.id, o.received_at, o.is_repeat, row_number() over (
        partition by f.group_id, o.session_id order by o.occurred_at desc, o.id desc
    ) > 1 as is_one
    from fingerprint as f
    join error_group as g on g.id = f.group_id and g.source = 'EVENT'
    join {STORED} as o on o.fingerprint_id = f.id
    where f.organization_id = $1 and f.group_id = any($2::uuid[]) and f.retired_at is null and o.session_id is not null
) as o
where is_repeat <> is_one
"""  # noqa: S608  our own words
_MARK: Final = """
update {} as o set is_repeat = not o.is_repeat
from unnest($1::uuid[], $2::timestamptz[]) as n(id, received_at)
where o.received_at = n.received_at and o.id = n.id and o.received_at between $3 and $4
"""
