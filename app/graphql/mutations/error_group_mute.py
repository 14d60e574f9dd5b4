"""Mute errors."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError
from app.triage.mute import mute


@strawberry.input(description="The errors to mute, and for how long; for good if nothing is said.")
class ErrorGroupMuteInput:
    """The errors to mute, and for how long; for good if nothing is said."""

    ids: list[strawberry.ID] = several_errors.given_ids()
    until: datetime | None = strawberry.field(
        default=None, description="When the mute ends by itself, in the future; null: not by time."
    )
    after_occurrences: int | None = strawberry.field(
        default=None,
        description="After how many more occurrences the mute ends by itself, 1 to 1,000,000,000; null: not by number."
        " With `until` as well it ends with whichever comes first.",
    )
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupMutePayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = several_errors.shown_groups()
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Mute errors: they leave the lists and send no notifications until the mute ends. Their status goes on changing, and"
    " counting goes on. What is muted already is muted anew.",
)
async def error_group_mute(
    info: Info,
    given: Annotated[
        ErrorGroupMuteInput,
        strawberry.argument(
            name="input", description="The errors to mute, and for how long; for good if nothing is said."
        ),
    ],
) -> ErrorGroupMutePayload:
    error_groups, user_errors = await several_errors.change_errors(
        info,
        mute,
        given.ids,
        reason=given.reason,
        until=given.until,
        after_occurrences=given.after_occurrences,
    )
    return ErrorGroupMutePayload(error_groups=error_groups, user_errors=user_errors)
