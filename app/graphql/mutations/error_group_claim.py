"""Take errors up."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError
from app.triage.claim import claim


@strawberry.input(description="The errors to take up.")
class ErrorGroupClaimInput:
    """The errors to take up."""

    ids: list[strawberry.ID] = several_errors.given_ids()
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupClaimPayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = several_errors.shown_groups()
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Take errors up: they are in progress, and left so only by hand. From new, active, regressed and silenced;"
    " what is in progress already stays as it is.",
)
async def error_group_claim(
    info: Info,
    given: Annotated[
        ErrorGroupClaimInput,
        strawberry.argument(name="input", description="The errors to take up."),
    ],
) -> ErrorGroupClaimPayload:
    error_groups, user_errors = await several_errors.change_errors(
        info, claim, given.ids, reason=given.reason
    )
    return ErrorGroupClaimPayload(error_groups=error_groups, user_errors=user_errors)
