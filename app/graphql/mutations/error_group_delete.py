"""Delete errors."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError
from app.triage.delete import delete


@strawberry.input(description="The errors to delete.")
class ErrorGroupDeleteInput:
    """The errors to delete."""

    ids: list[strawberry.ID] = strawberry.field(
        description="The error groups: 1 to 100, all of them or none. One that is named twice counts once; one that was"
        " merged away is part of another one, and is not deleted by itself."
    )
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupDeletePayload:
    """What came of it."""

    deleted_error_group_ids: list[strawberry.ID] = strawberry.field(
        description="The ids that name nothing any more, to be dropped from caches: those that were given, in their order,"
        " then those of what had been merged into them; empty where nothing was deleted."
    )
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Delete errors, with what was merged into them: they are gone from every list and cannot be asked for any more."
    " The same error seen later opens a new one.",
)
async def error_group_delete(
    info: Info,
    given: Annotated[
        ErrorGroupDeleteInput, strawberry.argument(name="input", description="The errors to delete.")
    ],
) -> ErrorGroupDeletePayload:
    changes, user_errors = await several_errors.apply(info, delete, given.ids, reason=given.reason)
    gone = [ids.encode("ErrorGroup", change.entry.move.group_id) for change in changes]
    return ErrorGroupDeletePayload(deleted_error_group_ids=gone, user_errors=user_errors)
