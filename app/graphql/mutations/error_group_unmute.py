"""Unmute errors."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError
from app.triage.unmute import unmute


@strawberry.input(description="The errors to unmute.")
class ErrorGroupUnmuteInput:
    """The errors to unmute."""

    ids: list[strawberry.ID] = several_errors.given_ids()
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupUnmutePayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = several_errors.shown_groups()
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Unmute errors: people are told of them again. What is not muted stays as it is.",
)
async def error_group_unmute(
    info: Info,
    given: Annotated[
        ErrorGroupUnmuteInput,
        strawberry.argument(name="input", description="The errors to unmute."),
    ],
) -> ErrorGroupUnmutePayload:
    error_groups, user_errors = await several_errors.change_errors(
        info, unmute, given.ids, reason=given.reason
    )
    return ErrorGroupUnmutePayload(error_groups=error_groups, user_errors=user_errors)
