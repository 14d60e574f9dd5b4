"""Delete a comment."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.comments import moderates
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.triage.delete_comment import delete_comment


@strawberry.input(description="The comment to delete.")
class CommentDeleteInput:
    """The comment to delete."""

    id: strawberry.ID = strawberry.field(description="The comment.")


@strawberry.type(description="What came of it.")
class CommentDeletePayload:
    """What came of it."""

    deleted_comment_id: strawberry.ID | None = strawberry.field(
        description="The id that names nothing any more, to be dropped from caches; null where nothing was deleted."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Delete a comment of one's own, or, for owners and admins, anybody's; otherwise this is FORBIDDEN. It is gone at"
    " once, and removed for good after 7 days.",
)
async def comment_delete(
    info: Info,
    given: Annotated[
        CommentDeleteInput, strawberry.argument(name="input", description="The comment to delete.")
    ],
) -> CommentDeletePayload:
    context = info.context
    context.loaded.clear()
    caller = context.signed_in
    try:
        comment_id = ids.decode("Comment", given.id)
        if comment_id is None:
            raise NotFound("there is no such comment", field="id")
        await delete_comment(
            context.organization_id, actor(caller), comment_id, moderates=moderates(caller), now=context.now
        )
    except SnaglistError as failure:
        return CommentDeletePayload(deleted_comment_id=None, user_errors=[user_error(failure)])
    return CommentDeletePayload(deleted_comment_id=ids.encode("Comment", comment_id), user_errors=[])
