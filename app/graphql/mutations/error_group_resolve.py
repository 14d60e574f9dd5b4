"""Resolve errors."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError
from app.triage.resolve import resolve


@strawberry.input(description="The errors to resolve.")
class ErrorGroupResolveInput:
    """The errors to resolve."""

    ids: list[strawberry.ID] = several_errors.given_ids()
    in_version: str | None = strawberry.field(
        default=None,
        description="The version of the app that has the repair, for example `1.10.2` or a commit: up to 200 characters.",
    )
    in_next_version: bool = strawberry.field(
        default=False,
        description="The repair is in the version after the newest one that is known of the app now. Not together with"
        " `inVersion`, and only where a version is known; errors of logs have none.",
    )
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupResolvePayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = several_errors.shown_groups()
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Resolve errors: they are mended. An error of a log comes back as regressed when it is seen again later than now."
    " An error of an app comes back with an event of a newer version than it was resolved in, or, where versions cannot"
    " be compared, if its project says so (`regressWithoutVersion`). What is resolved already stays as it is, with the"
    " version that it was resolved in.",
)
async def error_group_resolve(
    info: Info,
    given: Annotated[
        ErrorGroupResolveInput,
        strawberry.argument(name="input", description="The errors to resolve."),
    ],
) -> ErrorGroupResolvePayload:
    error_groups, user_errors = await several_errors.change_errors(
        info,
        resolve,
        given.ids,
        reason=given.reason,
        in_version=given.in_version,
        in_next=given.in_next_version,
    )
    return ErrorGroupResolvePayload(error_groups=error_groups, user_errors=user_errors)
