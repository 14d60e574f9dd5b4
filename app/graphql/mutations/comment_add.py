"""Say something about an error."""

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
from app.triage.add_comment import add_comment


@strawberry.input(description="A comment to be.")
class CommentAddInput:
    """A comment to be."""

    error_id: strawberry.ID = strawberry.field(description="The error group that it is about.")
    body: str = strawberry.field(description="What it says, in Markdown: up to 64 KiB, not only blanks.")


@strawberry.type(description="What came of it.")
class CommentAddPayload:
    """What came of it."""

    comment: Comment | None = strawberry.field(description="The new comment; null where it was not made.")
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Say something about an error, as a person or as an agent. Members whom it names are told by e-mail, within seconds:"
    " `@ann@acme.test` by the whole address, `@ann` by what stands before the @ of it, `@AnnSmith` by the name without"
    " spaces, in any case of letters. Where more than one member is meant, nobody is told; neither is the author, nor"
    " anybody for what stands in code.",
)
async def comment_add(
    info: Info,
    given: Annotated[CommentAddInput, strawberry.argument(name="input", description="The comment to be.")],
) -> CommentAddPayload:
    context = info.context
    context.loaded.clear()
    try:
        group_id = ids.decode("ErrorGroup", given.error_id)
        if group_id is None:
            raise NotFound("there is no such error", field="errorId")
        comment_id = await add_comment(
            context.organization_id, actor(context.signed_in), group_id, given.body, now=context.now
        )
    except SnaglistError as failure:
        return CommentAddPayload(comment=None, user_errors=[user_error(failure)])
    if comment_body.may_name(given.body):
        await wake_deliveries()
    return CommentAddPayload(comment=await comments.comment(info, comment_id), user_errors=[])
