"""Rows that a project does not keep any longer, in partitions that other projects still need.

Comes in: a partition, and the projects. Goes out: their rows, gone, a batch in each of the caller's transactions.
A partition is gone through once, in the order of its key. And what waits aside in the inbox, which ends with its event,
and what users wrote.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.domain.events.event import Outcome
from app.recording.counting import hour
from app.tables.database import fetch
from app.tables.partitions import Partition
from app.tables.references import LONGEST_USE

_LATE: Final = timedelta(days=3)  # events of a day go together, and clocks differ
AT_ONCE: Final = 20_000
"""Rows that are looked at in one transaction."""

Place = tuple[Any, ...]
"""The key of a row."""


class Deleted(NamedTuple):
    """How far a partition was gone through, None at its end, and how many rows went."""

    through: Place | None
    deleted: int


async def delete(part: Partition, after: Place | None, project_ids: Sequence[UUID]) -> Deleted:
    """Delete the projects' rows among the next ones of a partition, in the caller's transaction.

    Events stay for which the inbox still has use.
    """
    table = _TABLES[part.table]
    places = ", ".join(f"${place}" for place in range(3, 3 + len(table.key)))
    rows = await fetch(
        _DELETE.format(
            part=part.name,
            key=", ".join(table.key),
            backwards=", ".join(f"{column} desc" for column in table.key),
            rest="true" if after is None else f"({', '.join(table.key)}) > ({places})",
            theirs=table.theirs,
        ),
        project_ids,
        AT_ONCE,
        *(after or ()),
    )
    if not rows:
        return Deleted(None, 0)
    *through, looked_at, count = rows[0]
    return Deleted(tuple(through) if looked_at == AT_ONCE else None, count)


async def end_problems(now: datetime) -> int:
    """Give up the events that could not be recorded and are no longer kept; they are counted, as `EXPIRED`. How many."""
    [row] = await fetch(_END_PROBLEMS, now, hour(now), Outcome.EXPIRED)
    return int(row[0])


async def end_references() -> int:
    """Delete what no payload that is there was compressed against: all that was since is known to be gone. How many."""
    rows = await fetch(
        """
        delete from payload_reference as r using app as a, project as p
        where a.id = r.app_id and p.id = a.project_id and r.made_at < p.retained_from - $1::interval
        returning r.id
        """,
        LONGEST_USE + _LATE,
    )
    return len(rows)


async def end_feedback(now: datetime) -> int:
    """Delete what users wrote to apps, with their names and addresses, when it is no longer kept. How many."""
    rows = await fetch(
        """
        delete from user_feedback as f using app as a, project as p
        where a.id = f.app_id and p.id = a.project_id
            and f.created_at < $1::timestamptz - p.retention_days * interval '24 hours'
        returning f.id
        """,
        now,
    )
    return len(rows)


async def is_waited_for(part: Partition, project_ids: Sequence[UUID] | None = None) -> bool:
    """Whether the inbox still needs events of a partition, of these projects or of any."""
    [row] = await fetch(_IS_WAITED_FOR, part.start, part.end, project_ids)
    return bool(row[0])


class _Table(NamedTuple):
    key: tuple[str, ...]
    theirs: str
    """Which rows `t` are those of the projects in $1."""


_TABLES: Final = {
    "occurrence": _Table(("received_at", "id"), "t.project_id = any($1::uuid[])"),
    "event": _Table(
        ("received_at", "id"),
        "t.project_id = any($1::uuid[]) and not exists (select from inbox as i where i.event_id = t.id)",
    ),
    "hourly_count": _Table(
        ("fingerprint_id", "hour", "origin_id"),
        """t.origin_id in (
            select id from instance where project_id = any($1::uuid[])
            union all
            select id from app where project_id = any($1::uuid[])
        )""",
    ),
}

_DELETE: Final = """
with these as materialized (
    select {key} from {part} where {rest} order by {key} limit $2
), last as materialized (
    select {key} from these order by {backwards} limit 1
), gone as (
    delete from {part} as t where {rest} and ({key}) <= (select {key} from last) and {theirs} returning 1
)
select {key}, (select count(*) from these), (select count(*) from gone) from last
"""

_END_PROBLEMS: Final = """
with ended as (
    delete from inbox as i using app as a, project as p
    where i.problem is not null and a.id = i.app_id and p.id = a.project_id
        and i.received_at < $1::timestamptz - p.retention_days * interval '24 hours'
    returning i.app_id
), counted as (
    insert into app_tally as t (app_id, hour, outcome, total_count)
    select app_id, $2, $3, count(*) from ended group by app_id order by app_id
    on conflict (app_id, hour, outcome) do update set total_count = t.total_count + excluded.total_count
)
select count(*) from ended
"""

_IS_WAITED_FOR: Final = """
select exists (
    select from inbox as i left join app as a on a.id = i.app_id
    where i.received_at >= $1 and i.received_at < $2
        and ($3::uuid[] is null or a.project_id is null or a.project_id = any($3::uuid[]))
)
"""
