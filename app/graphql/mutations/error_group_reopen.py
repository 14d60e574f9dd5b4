"""Open errors again."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError
from app.triage.reopen import reopen


@strawberry.input(description="The errors to open again.")
class ErrorGroupReopenInput:
    """The errors to open again."""

    ids: list[strawberry.ID] = several_errors.given_ids()
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupReopenPayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = several_errors.shown_groups()
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Open errors again, as if they had never been resolved: they are new. From in progress, resolved and"
    " silenced; what is new already stays as it is.",
)
async def error_group_reopen(
    info: Info,
    given: Annotated[
        ErrorGroupReopenInput,
        strawberry.argument(name="input", description="The errors to open again."),
    ],
) -> ErrorGroupReopenPayload:
    error_groups, user_errors = await several_errors.change_errors(
        info, reopen, given.ids, reason=given.reason
    )
    return ErrorGroupReopenPayload(error_groups=error_groups, user_errors=user_errors)
