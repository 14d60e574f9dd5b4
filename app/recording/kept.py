"""The occurrences that outlive retention: of each fingerprint the first one and the newest, by the time they happened.

Comes in: a partition of occurrences, some or all of whose rows are about to go. Goes out: those rows that stay, in
`kept_occurrence`. Kept by fingerprint, so that it makes no difference what is merged or taken apart later. A row lies
in one of the two tables at any moment, and readers ask both (`STORED`).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from app.tables.database import fetch
from app.tables.partitions import Partition

AT_ONCE: Final = 2000
"""Fingerprints that are looked at in one transaction."""

_COLUMNS: Final = """id, received_at, organization_id, project_id, fingerprint_id, instance_id, app_id, event_id,
    occurred_at, session_id, user_id, app_version, environment, message, detail, is_repeat"""
STORED: Final = f"(select {_COLUMNS} from kept_occurrence union all select {_COLUMNS} from occurrence)"  # noqa: S608  our own words
"""All occurrences, wherever they lie: for the `from` of a statement."""

# The first that is found is enough: most errors have one near by.
_OLDER: Final = f"""exists (
    select from {STORED} as o where o.fingerprint_id = {{0}}.fingerprint_id
        and (o.occurred_at, o.id) < ({{0}}.occurred_at, {{0}}.id) offset 0)"""
_NEWER: Final = _OLDER.replace("<", ">")


class Moved(NamedTuple):
    """How far a partition was gone through, None at its end, and how many of its rows were kept."""

    through: int | None
    kept: int


async def keep(part: Partition, after: int, project_ids: Sequence[UUID] | None) -> Moved:
    """Move what is kept of the next fingerprints, in the caller's transaction; None: of all projects.

    What was kept before and is neither the first nor the newest any more goes.
    """
    [row] = await fetch(_KEEP.format(part=part.name), after, project_ids, AT_ONCE)
    return Moved(row["through"] if row["looked_at"] == AT_ONCE else None, row["kept"])


async def forget() -> int:
    """Remove some of the kept occurrences whose groups were deleted, in the caller's transaction; how many."""
    [row] = await fetch(_FORGET, AT_ONCE)
    return int(row[0])


_KEEP: Final = f"""
with its as materialized (
    select distinct fingerprint_id from {{part}}
    where fingerprint_id > $1 and ($2::uuid[] is null or project_id = any($2::uuid[]))
    order by fingerprint_id limit $3
), alive as materialized (
    select f.id from its join fingerprint as f on f.id = its.fingerprint_id where f.retired_at is null
), ends as materialized (
    select first.id from alive cross join lateral (
        select o.* from {{part}} as o where o.fingerprint_id = alive.id order by o.occurred_at, o.id limit 1
    ) as first
    where not {_OLDER.format("first")}
    union
    select newest.id from alive cross join lateral (
        select o.* from {{part}} as o where o.fingerprint_id = alive.id order by o.occurred_at desc, o.id desc limit 1
    ) as newest
    where not {_NEWER.format("newest")}
), moved as (
    delete from {{part}} as o using alive
    where o.fingerprint_id = alive.id and o.id in (select id from ends)
    returning o.*
), superseded as (
    delete from kept_occurrence as k using alive
    where k.fingerprint_id = alive.id and {_OLDER.format("k")} and {_NEWER.format("k")}
), kept as (
    insert into kept_occurrence ({_COLUMNS}) select {_COLUMNS} from moved returning 1
)
select (select max(fingerprint_id) from its) as through, (select count(*) from its) as looked_at,
    (select count(*) from kept) as kept
"""  # noqa: S608  our own words; the name of a partition is ours

_FORGET: Final = """
with gone as (
    delete from kept_occurrence where id in (
        select k.id from kept_occurrence as k left join fingerprint as f on f.id = k.fingerprint_id
        where f.id is null or f.retired_at is not null
        limit $1
    )
    returning 1
)
select count(*) from gone
"""
