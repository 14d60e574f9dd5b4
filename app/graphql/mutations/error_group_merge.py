"""Merge errors into one."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError, user_error
from app.triage.merge import merge


@strawberry.input(description="The errors that are one.")
class ErrorGroupMergeInput:
    """The errors that are one."""

    primary_id: strawberry.ID = strawberry.field(
        description="The error that stays, with its texts, assignee and mute. One that was merged away stands for the"
        " error that it went into."
    )
    secondary_ids: list[strawberry.ID] = strawberry.field(
        description="The others, 1 to 50 different ones, of the same project and app: all of them are merged, or none."
    )
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupMergePayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = strawberry.field(
        description="The error that stayed, with all that was counted of the others, then those, with `mergedInto`; empty"
        " where nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed at all. An id at"
        ' fault is named by its place: `["secondaryIds", "3"]` is the fourth.'
    )


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Merge errors that are the same one: from now on they are counted and worked on together, later occurrences included."
    " The others are hidden, and say so in `mergedInto`. What is merged already stays so. `errorGroupUnmerge` undoes it.",
)
async def error_group_merge(
    info: Info,
    given: Annotated[
        ErrorGroupMergeInput, strawberry.argument(name="input", description="The errors that are one.")
    ],
) -> ErrorGroupMergePayload:
    context = info.context
    context.loaded.clear()
    try:
        done = await merge(
            context.organization_id,
            ids.decode("ErrorGroup", given.primary_id),
            [ids.decode("ErrorGroup", each) for each in given.secondary_ids],
            actor(context.signed_in),
            reason=given.reason,
            now=context.now,
        )
    except SnaglistError as failure:
        return ErrorGroupMergePayload(error_groups=[], user_errors=[user_error(failure)])
    merged = [key for each in given.secondary_ids if (key := ids.decode("ErrorGroup", each))]
    shown = await several_errors.shown(info, [done.survivor_id, *merged])
    return ErrorGroupMergePayload(error_groups=shown, user_errors=[])
