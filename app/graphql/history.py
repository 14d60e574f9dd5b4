"""What happened in a group's life.

Comes in: steps of `app.reading`. Goes out: entries as the graph shows them, in pages.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from app.graphql import ids
from app.graphql.connections import PageInfo, window
from app.graphql.context import Info
from app.graphql.enumerations import ActorKind, ErrorChangeKind, ErrorStatus
from app.graphql.node import Node
from app.reading import history as reading


@strawberry.type(description="One change of an error group: what, when, by whom and why.")
class ErrorHistoryEntry(Node):
    """One change of an error group."""

    error_id: strawberry.ID = strawberry.field(description="The id of the error group, for `error(id:)`.")
    kind: str = strawberry.field(description="What happened.", graphql_type=ErrorChangeKind)
    at: datetime = strawberry.field(description="When Snaglist did it or was told.")
    actor_kind: str = strawberry.field(description="Who or what did it.", graphql_type=ActorKind)
    status_before: str | None = strawberry.field(
        description="Where the group stood before; null for the first entry.", graphql_type=ErrorStatus | None
    )
    status_after: str | None = strawberry.field(
        description="Where it stood then; null where it is about something else.",
        graphql_type=ErrorStatus | None,
    )
    reason: str | None = strawberry.field(description="Why, in words for people; null where nobody said.")

    @classmethod
    def of(cls, row: reading.Step) -> Self:
        """What is shown of a step."""
        return cls(
            id=ids.encode("ErrorHistoryEntry", row.id),
            error_id=ids.encode("ErrorGroup", row.group_id),
            kind=row.kind,
            at=row.at,
            actor_kind=row.actor_kind,
            status_before=row.status_before,
            status_after=row.status_after,
            reason=row.reason,
        )


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
