"""A batch out of the inbox: the events that nobody else is scanning, oldest first.

Comes in: how many, at most. Goes out: their payloads, and what their apps ask for. Taken in the caller's transaction: the
rows leave the inbox when what came of them is committed, and are there again if it is not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.events.event import Format
from app.tables import references
from app.tables.database import fetch
from app.tables.references import Reference

BATCH_BYTES: Final = 3 * 1024 * 1024
"""Packed payloads of a batch, or one event."""


@dataclass(slots=True)  # not frozen, which is slow to make
class Taken:
    """An event out of the inbox."""

    id: UUID
    received_at: datetime
    organization_id: UUID
    app_id: UUID
    format: Format
    packed: bytes
    reference: Reference | None = None
    attempts: int = 0
    """How often it was set aside before."""


@dataclass(frozen=True, slots=True)
class AppRow:
    """What decides how the events of an app are read, as it is stored."""

    organization_id: UUID
    project_id: UUID
    ignore_rules: str
    sample_rate: float
    in_app: tuple[tuple[str, ...], tuple[str, ...]]
    grouping_rules: str
    scrubbing: str
    referred_at: datetime | None = None
    """Since when its payloads have had the reference that they have now."""


async def take(limit: int) -> tuple[int, list[Taken]]:
    """How many rows left the inbox, and the events, in the order of receipt; those that are no longer there are missing."""
    oldest = await fetch(_OLDEST)
    if not oldest:
        return 0, []
    rows = await fetch(_TAKE, limit, BATCH_BYTES, oldest[0]["received_at"] - _AROUND)
    known = await references.find({row["reference_id"] for row in rows})
    return len(rows), [
        Taken(
            *(id_, received_at, organization_id, app_id, _FORMATS[format_], packed),
            *(known.get(reference_id), attempts),
        )
        for id_, received_at, organization_id, app_id, format_, packed, reference_id, attempts in rows
        if packed is not None
    ]


async def apps(app_ids: Collection[UUID]) -> dict[UUID, AppRow]:
    """Those of the apps that are there, and whose projects are."""
    rows = await fetch(
        """
        select a.id, a.organization_id, a.project_id, a.ignore_rules, a.sample_rate, a.in_app_include, a.in_app_exclude,
            p.grouping_rules, p.scrubbing, (
                select r.made_at from payload_reference as r where r.app_id = a.id order by r.id desc limit 1
            ) as referred_at
        from app as a join project as p on p.id = a.project_id
        where a.id = any($1::uuid[]) and a.deleted_at is null and p.deleted_at is null
        """,
        list(app_ids),
    )
    return {
        row["id"]: AppRow(
            row["organization_id"],
            row["project_id"],
            row["ignore_rules"],
            row["sample_rate"],
            (tuple(row["in_app_include"]), tuple(row["in_app_exclude"])),
            row["grouping_rules"],
            row["scrubbing"],
            row["referred_at"],
        )
        for row in rows
    }


async def put_back(taken: Sequence[Taken]) -> None:
    """Put events back into the inbox as they were: they are the next ones again."""
    await _put_back([(one, None) for one in taken])


async def set_aside(problems: Sequence[tuple[Taken, str]]) -> None:
    """Put events back into the inbox with why they cannot be recorded: they wait there until somebody has them tried again."""
    await _put_back(problems)


async def _put_back(problems: Sequence[tuple[Taken, str | None]]) -> None:
    if not problems:
        return
    taken = [one for one, _ in problems]
    await fetch(
        """
        insert into inbox (event_id, received_at, app_id, organization_id, size, attempts, problem)
        select event_id, received_at, app_id, organization_id, size, attempts + (problem is not null)::integer, problem
        from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::integer[], $6::integer[], $7::text[])
            as n(event_id, received_at, app_id, organization_id, size, attempts, problem)
        """,
        [one.id for one in taken],
        [one.received_at for one in taken],
        [one.app_id for one in taken],
        [one.organization_id for one in taken],
        [len(one.packed) for one in taken],
        [one.attempts for one in taken],
        [problem for _, problem in problems],
    )


async def refuse(event_id: UUID, problem: str) -> bool:
    """Have an event of the inbox wait aside; whether it was still there."""
    rows = await fetch(
        "update inbox set problem = $2, attempts = attempts + 1 where event_id = $1 and problem is null returning event_id",
        event_id,
        problem,
    )
    return bool(rows)


_FORMATS: Final = {int(each): each for each in Format}  # `Format(1)` takes five times as long
_AROUND: Final = timedelta(hours=1)
"""How far the clocks of servers may lie apart; what was received before waits until it is the oldest itself."""

# Ids are in the order of receipt. The planner is told, so that it leaves out the partitions that nothing waits in.
_OLDEST: Final = "select received_at from inbox where problem is null order by event_id limit 1"

# Chosen by their sizes, which lie beside their ids: what is not chosen stays there, and is free again after the commit.
# Removed by where they lie, at which they are locked, and read by their keys: whatever the planner believes of the tables.
# Of `case` it believes that half of all rows match; of `is null` that next to none do, until the table has been analyzed: then
# it would sort all that waits, for each batch.
_TAKE: Final = """
with waiting as (
    select ctid as place, event_id, size from inbox where case when problem is null then received_at >= $3 end
    order by event_id limit $1 for update skip locked
), chosen as (
    select place, sum(size) over (order by event_id) - size as before from waiting
), taken as (
    delete from inbox where ctid = any(array(select place from chosen where before < $2))
    returning event_id, received_at, attempts
)
select e.*, n.attempts from taken as n left join lateral (
    select e.id, e.received_at, e.organization_id, e.app_id, e.format, e.payload, e.reference_id from event as e
    where e.received_at = n.received_at and e.id = n.event_id and e.received_at >= $3
    limit 1
) as e on true
order by n.received_at, n.event_id
"""
