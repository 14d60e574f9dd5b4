"""The only writer of a group's state: each change leaves a row, and a row for what must follow it.

Comes in: moves of many groups, in the caller's transaction, which holds the groups' locks. Goes out: the changes as
they were written. Nothing is told to anybody here; `outbox` is what the teller reads after the commit.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.accounts.actors import SYSTEM, Actor
from app.domain.lifecycle import Move, MoveKind, Mute, Source, State, Status
from app.tables.database import fetch

STATE: Final = """source, status, total_count, resolved_at, resolved_in_version, resolved_in_next,
    muted_at, mute_until, mute_until_count, assignee_id, merged_into_id, deleted_at"""
"""The columns of `error_group` that are its state, for `state`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A move to be written. `detail` is JSON without secrets; `reason` is for people."""

    organization_id: UUID
    move: Move
    reason: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A move that was written: the ids of its row in the group's history and of the row that says what must follow."""

    id: int
    outbox_id: int
    entry: Entry
    at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """A change whose reactions are to be carried out; `attempts`: how often that went wrong."""

    id: int
    organization_id: UUID
    change_kind: MoveKind
    group_id: UUID
    change_id: int
    detail: Mapping[str, Any]
    created_at: datetime
    attempts: int


def state(row: Mapping[str, Any]) -> State:
    """The state that a row with the columns `STATE` tells."""
    muted_at = row["muted_at"]
    return State(
        Source(row["source"]),
        Status(row["status"]),
        row["total_count"],
        row["resolved_at"],
        row["resolved_in_version"],
        row["resolved_in_next"],
        Mute(muted_at, row["mute_until"], row["mute_until_count"]) if muted_at else None,
        row["assignee_id"],
        row["merged_into_id"],
        row["deleted_at"],
    )


async def lock(organization_id: UUID, group_ids: Iterable[UUID]) -> dict[UUID, State]:
    """Lock those of the groups that the organization has, by their ids as all do, and read where they stand then.

    Tombstones and deleted ones are among them. In the caller's transaction, at whose end the locks end.
    """
    rows = await fetch(
        f"""
        select id, {STATE} from error_group where organization_id = $1 and id = any($2::uuid[])
        order by id for no key update
        """,  # noqa: S608  a constant
        organization_id,
        sorted(set(group_ids)),
    )
    return {row["id"]: state(row) for row in rows}


async def write(entries: Sequence[Entry], *, now: datetime, actor: Actor = SYSTEM) -> list[Change]:
    """Write the moves, in the order in which they happened; two statements at most, whatever their number."""
    if not entries:
        return []
    await _move_groups(entries)
    rows = await _write_changes(entries, now, actor)
    return [Change(row["change_id"], row["id"], entry, now) for row, entry in zip(rows, entries, strict=True)]


async def _move_groups(entries: Sequence[Entry]) -> None:
    """Bring groups to where their last move leads; a new one already stands where it opened."""
    last = {
        entry.move.group_id: entry.move.after
        for entry in entries
        if not (entry.move.before is None and entry.move.after.status is Status.NEW)
    }
    if not last:
        return
    await fetch(
        _MOVE,
        list(last),
        [state.status for state in last.values()],
        [state.resolved_at for state in last.values()],
        [state.resolved_in_version for state in last.values()],
        [state.resolved_in_next for state in last.values()],
        [state.mute and state.mute.since for state in last.values()],
        [state.mute and state.mute.until for state in last.values()],
        [state.mute and state.mute.until_count for state in last.values()],
        [state.assignee_id for state in last.values()],
        [state.merged_into_id for state in last.values()],
        [state.deleted_at for state in last.values()],
    )


_MOVE: Final = """
update error_group as g
set status = n.status,
    resolved_at = n.resolved_at,
    resolved_in_version = n.resolved_in_version,
    resolved_in_next = n.resolved_in_next,
    muted_at = n.muted_at,
    mute_until = n.mute_until,
    mute_until_count = n.mute_until_count,
    assignee_id = n.assignee_id,
    merged_into_id = n.merged_into_id,
    deleted_at = n.deleted_at,
    count_at_resolve = case
        when n.status = 'NEW' then null
        when n.status = 'RESOLVED' and g.status <> 'RESOLVED' then g.total_count
        else g.count_at_resolve
    end
from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::boolean[], $6::timestamptz[],
    $7::timestamptz[], $8::bigint[], $9::uuid[], $10::uuid[], $11::timestamptz[])
    as n(id, status, resolved_at, resolved_in_version, resolved_in_next, muted_at, mute_until,
        mute_until_count, assignee_id, merged_into_id, deleted_at)
where g.id = n.id
"""


async def _write_changes(entries: Sequence[Entry], now: datetime, actor: Actor) -> list[Any]:
    """The rows of the outbox, in the order of the entries: ids are given in the order of the rows.

    Of whoever did it the history keeps the name as it is now.
    """
    rows = await fetch(
        _WRITE,
        [entry.organization_id for entry in entries],
        [entry.move.group_id for entry in entries],
        [entry.move.kind for entry in entries],
        [entry.move.before for entry in entries],
        [entry.move.after.status for entry in entries],
        [entry.reason for entry in entries],
        [json.dumps(dict(entry.detail)) for entry in entries],
        now,
        actor.kind,
        actor.id,
    )
    return sorted(rows, key=lambda row: row["change_id"])


_WRITE: Final = """
with written as (
    insert into group_change
        (organization_id, group_id, kind, at, actor_kind, actor_id, status_before, status_after, reason, detail,
            actor_name)
    select organization_id, group_id, kind, $8, $9, $10, before, after, reason, detail::jsonb,
        case $9
            when 'person' then (
                select p.name from membership as m join person as p on p.id = m.person_id
                where m.id = $10 and m.organization_id = n.organization_id
            )
            when 'agent' then (
                select t.name from access_token as t
                where t.id = $10 and t.organization_id = n.organization_id
            )
        end
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
        with ordinality as n(organization_id, group_id, kind, before, after, reason, detail, place)
    order by place
    returning id, organization_id, group_id, kind, detail
)
insert into outbox (organization_id, change_kind, group_id, change_id, detail, created_at)
select organization_id, kind, group_id, id, detail, $8 from written order by id
returning id, change_id
"""
