"""Say it otherwise."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.alerts.deliveries.waking import wake_deliveries
from app.errors import NotFound, SnaglistError
from app.graphql import comments, ids
from app.graphql.access import guarded_mutation
from app.graphql.comments import Comment
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.triage import comment_body
from app.triage.edit_comment import edit_comment


@strawberry.input(description="A comment, and what it is to say.")
class CommentEditInput:
    """A comment, and what it is to say."""

    id: strawberry.ID = strawberry.field(description="The comment.")
    body: str = strawberry.field(
        description="What it is to say, in Markdown: up to 64 KiB, not only blanks. What it said is not kept."
    )


@strawberry.type(description="What came of it.")
class CommentEditPayload:
    """What came of it."""

    comment: Comment | None = strawberry.field(
        description="The comment as it is now; null where there is none, or nothing was changed."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Exchange the text of a comment of one's own; with somebody else's this is FORBIDDEN. Members whom it names are told as by"
    " `commentAdd`, but for those who were told of this comment before.",
)
async def comment_edit(
    info: Info,
    given: Annotated[
        CommentEditInput, strawberry.argument(name="input", description="The comment, and its new text.")
    ],
) -> CommentEditPayload:
    context = info.context
    context.loaded.clear()
    try:
        comment_id = ids.decode("Comment", given.id)
        if comment_id is None:
            raise NotFound("there is no such comment", field="id")
        await edit_comment(
            context.organization_id, actor(context.signed_in), comment_id, given.body, now=context.now
        )
    except SnaglistError as failure:
        return CommentEditPayload(comment=None, user_errors=[user_error(failure)])
    if comment_body.may_name(given.body):
        await wake_deliveries()
    return CommentEditPayload(comment=await comments.comment(info, comment_id), user_errors=[])
