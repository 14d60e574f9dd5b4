"""What happened in a group's life.

Comes in: steps of `app.reading`. Goes out: entries as the graph shows them, in pages.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from app.domain.lifecycle import MoveKind
from app.graphql import ids
from app.graphql.connections import PageInfo, window
from app.graphql.context import Info
from app.graphql.enumerations import ActorKind, ErrorChangeKind, ErrorStatus
from app.graphql.members import Member, member
from app.graphql.node import Node
from app.graphql.scalars import BigInt
from app.reading import history as reading


@strawberry.type(description="One change of an error group: what, when, by whom and why.")
class ErrorHistoryEntry(Node):
    """One change of an error group."""

    error_id: strawberry.ID = strawberry.field(description="The id of the error group, for `error(id:)`.")
    kind: str = strawberry.field(description="What happened.", graphql_type=ErrorChangeKind)
    at: datetime = strawberry.field(description="When Snaglist did it or was told.")
    actor_kind: str = strawberry.field(description="Who or what did it.", graphql_type=ActorKind)
    actor_name: str | None = strawberry.field(
        description="What the person or the agent's token was called then, kept after either is gone; null where Snaglist"
        " did it by itself, or nobody knows."
    )
    status_before: str | None = strawberry.field(
        description="Where the group stood before; null for the first entry.", graphql_type=ErrorStatus | None
    )
    status_after: str | None = strawberry.field(
        description="Where it stood then; null where it is about something else.",
        graphql_type=ErrorStatus | None,
    )
    reason: str | None = strawberry.field(description="Why, in words for people; null where nobody said.")
    seen_at: datetime | None = strawberry.field(
        description="When the error happened that brought the change about; null where something else did."
    )
    resolved_in_version: str | None = strawberry.field(
        description="Of RESOLVED: the app's version that has the repair, or, with `resolvedInNextVersion`, the newest that"
        " was known then; null where nobody said."
    )
    resolved_in_next_version: bool = strawberry.field(
        description="Of RESOLVED: whether the repair is in the version that comes after `resolvedInVersion`."
    )
    mute_until: datetime | None = strawberry.field(
        description="Of MUTED: when the mute was to end; null: not by time."
    )
    mute_after_occurrences: int | None = strawberry.field(
        description="Of MUTED: after how many more occurrences the mute was to end; null: not by number.",
        graphql_type=BigInt | None,
    )
    assignee_name: str | None = strawberry.field(
        description="Of ASSIGNED: what the member was called then, kept after the member is gone; null: nobody's."
    )
    other_error_ids: list[strawberry.ID] = strawberry.field(
        description="Of MERGED and UNMERGED: the ids of the error groups on the other side, those that came in or went out,"
        " or the one that it went into or came from; empty for everything else."
    )
    assignee_id: strawberry.Private[UUID | None]

    @strawberry.field(
        description="Of ASSIGNED: the member it was given to; null: nobody, or not a member any more."
    )
    async def assignee(self, info: Info) -> Member | None:
        return None if self.assignee_id is None else await member(info, self.assignee_id)

    @classmethod
    def of(cls, row: reading.Step) -> Self:
        """What is shown of a step."""
        told = row.detail
        return cls(
            id=ids.encode("ErrorHistoryEntry", row.id),
            error_id=ids.encode("ErrorGroup", row.group_id),
            kind=row.kind,
            at=row.at,
            actor_kind=row.actor_kind,
            actor_name=row.actor_name,
            status_before=row.status_before,
            status_after=row.status_after,
            reason=row.reason,
            seen_at=_time(told.get("seen_at")),
            resolved_in_version=told.get("version"),
            resolved_in_next_version=bool(told.get("in_next")),
            mute_until=_time(told.get("until")),
            mute_after_occurrences=told.get("after_occurrences"),
            assignee_name=told.get("assignee_name"),
            other_error_ids=[ids.encode("ErrorGroup", other) for other in _others(row)],
            assignee_id=UUID(told["assignee_id"]) if told.get("assignee_id") else None,
        )


def _others(row: reading.Step) -> list[UUID]:
    """The groups that a merge was with, as `triage.merge` and `triage.unmerge` note them."""
    if row.kind not in (MoveKind.MERGED, MoveKind.UNMERGED):
        return []
    found: str | list[str] = next(
        (row.detail[name] for name in ("from", "into", "to") if name in row.detail), []
    )
    return [UUID(each) for each in ([found] if isinstance(found, str) else found)]


def _time(text: str | None) -> datetime | None:
    """A time as a step's detail has it."""
    return None if text is None else datetime.fromisoformat(text)


@strawberry.type(description="An entry and its place in the history.")
class ErrorHistoryEdge:
    """An entry and its place in the history."""

    node: ErrorHistoryEntry = strawberry.field(description="The entry itself.")
    cursor: str = strawberry.field(description="Its place: give it to `after` or `before`.")


@strawberry.type(description="One page of a group's history, the newest entry first.")
class ErrorHistoryConnection:
    """One page of a group's history."""

    nodes: list[ErrorHistoryEntry] = strawberry.field(description="The entries on this page.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the history.")
    cursors: strawberry.Private[list[str]]
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="The entries on this page, each with its cursor.")
    def edges(self) -> list[ErrorHistoryEdge]:
        pairs = zip(self.nodes, self.cursors, strict=True)
        return [ErrorHistoryEdge(node=node, cursor=cursor) for node, cursor in pairs]

    @strawberry.field(description="How many there are on all pages. Counted only when asked for.")
    async def total_count(self) -> int:
        return await self.count()


async def history_page(
    info: Info, group_id: UUID, first: int | None, after: str | None, last: int | None, before: str | None
) -> ErrorHistoryConnection:
    """A page of a group's history, newest first."""
    organization_id = info.context.organization_id
    page = await reading.history(organization_id, group_id, window(first, after, last, before))
    return ErrorHistoryConnection(
        nodes=[ErrorHistoryEntry.of(row) for row in page.nodes],
        page_info=PageInfo.of(page),
        cursors=page.cursors,
        count=partial(reading.count_steps, organization_id, group_id),
    )
