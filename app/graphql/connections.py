"""Connections: pages of a list, forwards and backwards, after the Relay specification, with `nodes` as a shortcut.

Comes in: a page as `app.reading` gives it. Goes out: the connection type; the total is counted only where it is asked for.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, Self, TypeVar

import strawberry

from app.reading.pages import Page, Window

Node_ = TypeVar("Node_")
Row = TypeVar("Row")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool = strawberry.field(description="More follows: ask again with `after: endCursor`.")
    has_previous_page: bool = strawberry.field(
        description="More lies before: ask with `before: startCursor`."
    )
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first node, null on an empty page."
    )
    end_cursor: str | None = strawberry.field(description="Cursor of the last node, null on an empty page.")

    @classmethod
    def of(cls, page: Page[Row]) -> Self:
        """Where this page lies."""
        nodes, cursor = page.nodes, page.cursor
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=cursor(nodes[0]) if nodes else None,
            end_cursor=cursor(nodes[-1]) if nodes else None,
        )


@strawberry.type(description="A node and its place in the list.")
class Edge(Generic[Node_]):
    """A node and its place in the list."""

    node: Node_ = strawberry.field(description="The thing itself.")
    cursor: str = strawberry.field(description="Its place: give it to `after` or `before`.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[Node_]):
    """One page of a list."""

    nodes: list[Node_] = strawberry.field(description="The things on this page, in the order of the list.")
    page: strawberry.Private[Page[Any]]
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="Where this page lies in the list.")
    def page_info(self) -> PageInfo:
        return PageInfo.of(self.page)

    @strawberry.field(description="The things on this page, each with its cursor.")
    def edges(self) -> list[Edge[Node_]]:
        return [
            Edge(node=node, cursor=cursor) for node, cursor in zip(self.nodes, self.page.cursors, strict=True)
        ]

    @strawberry.field(description="How many there are on all pages. Counted only when asked for.")
    async def total_count(self) -> int:
        return await self.count()

    @classmethod
    def of(cls, page: Page[Row], shown: Callable[[Row], Node_], count: Callable[[], Awaitable[int]]) -> Self:
        """The connection that shows a page."""
        return cls(nodes=[shown(row) for row in page.nodes], page=page, count=count)


First = Annotated[
    int | None, strawberry.argument(description="How many from the start, 1 to 100; 50 if nothing is said.")
]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[
    int | None, strawberry.argument(description="How many from the end, 1 to 100; not together with `first`.")
]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]


def window(
    first: int | None, after: str | None, last: int | None = None, before: str | None = None
) -> Window:
    """The window that the arguments ask for; `app.reading` says BadInput where they make no sense."""
    return Window(first=first, after=after, last=last, before=before)
