"""Silence errors."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError
from app.triage.silence import silence


@strawberry.input(description="The errors to silence.")
class ErrorGroupSilenceInput:
    """The errors to silence."""

    ids: list[strawberry.ID] = several_errors.given_ids()
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupSilencePayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = several_errors.shown_groups()
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Silence errors: they leave the lists, send no notifications, and their status changes only by hand. Counting"
    " goes on. What is silenced already stays as it is.",
)
async def error_group_silence(
    info: Info,
    given: Annotated[
        ErrorGroupSilenceInput,
        strawberry.argument(name="input", description="The errors to silence."),
    ],
) -> ErrorGroupSilencePayload:
    error_groups, user_errors = await several_errors.change_errors(
        info, silence, given.ids, reason=given.reason
    )
    return ErrorGroupSilencePayload(error_groups=error_groups, user_errors=user_errors)
