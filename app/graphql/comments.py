"""What people and agents said about an error.

Comes in: rows of `app.reading`. Goes out: comments as the graph shows them, in pages; those of all groups of a page are
read at once.
"""

from collections.abc import Awaitable
from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Caller, Permission, allowed
from app.graphql import ids
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.enumerations import ActorKind
from app.graphql.loading import load
from app.graphql.node import Node
from app.reading import comments as reading
from app.reading.pages import Page
from app.triage import markdown


@strawberry.type(description="What a person, an agent or somebody on GitHub said about an error.")
class Comment(Node):
    """What somebody said about an error."""

    error_id: strawberry.ID = strawberry.field(
        description="The id of the error group that lists it, for `error(id:)`."
    )
    author_kind: str = strawberry.field(description="Who or what wrote it.", graphql_type=ActorKind)
    author_name: str = strawberry.field(
        description="The author's name when it was written: a person's, or that of an agent's token."
    )
    body: str = strawberry.field(
        description="What it says, in Markdown as it was written: not to be shown as HTML."
    )
    created_at: datetime = strawberry.field(description="When it was written.")
    edited_at: datetime | None = strawberry.field(description="When it was last edited; null: never.")
    row: strawberry.Private[reading.Comment]

    @strawberry.field(
        description="What it says, as HTML that a page can show as it is: sanitised, without pictures; links lead to"
        " http, https and mailto and have `rel`."
    )
    async def body_html(self) -> str:
        if self.row.body_html is not None and self.row.rendering == markdown.EDITION:
            return self.row.body_html
        return await markdown.render(self.row.body)

    @strawberry.field(description="Whether the viewer may edit it: it is theirs.")
    def can_edit(self, info: Info) -> bool:
        return _may_edit(info.context.signed_in, self.row)

    @strawberry.field(description="Whether the viewer may delete it: it is theirs, or they keep order here.")
    def can_delete(self, info: Info) -> bool:
        caller = info.context.signed_in
        return _may_edit(caller, self.row) or moderates(caller)

    @classmethod
    def of(cls, row: reading.Comment) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("Comment", row.id),
            error_id=ids.encode("ErrorGroup", row.group_id),
            author_kind=row.author_kind,
            author_name=row.author_name,
            body=row.body,
            created_at=row.created_at,
            edited_at=row.edited_at,
            row=row,
        )


def moderates(caller: Caller) -> bool:
    """Whether they may delete what others wrote: who manages members does, with a token that nobody has narrowed."""
    return allowed(caller, Permission.MANAGE_MEMBERS)


async def comment(info: Info, key: UUID) -> Comment | None:
    """A comment that is not deleted."""
    row = await reading.comment(info.context.organization_id, key)
    return Comment.of(row) if row else None


async def comment_page(
    info: Info, group_id: UUID, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[Comment]:
    """A page of a group's comments, oldest first."""
    organization_id = info.context.organization_id
    wanted = window(first, after, last, before)
    read = partial(reading.comments_of, organization_id, wanted)
    page = await load(info, ("comments", wanted), read, group_id) or Page[reading.Comment](
        [], str, has_next=False, has_previous=False
    )

    async def count() -> int:
        found: Awaitable[int | None] = load(
            info, "comment counts", partial(reading.count_comments, organization_id), group_id
        )
        return await found or 0

    return Connection[Comment].of(page, Comment.of, count)


def _may_edit(caller: Caller, row: reading.Comment) -> bool:
    who = actor(caller)
    return allowed(caller, Permission.MANAGE_ERRORS) and (row.author_kind, row.author_id) == (
        who.kind,
        who.id,
    )
