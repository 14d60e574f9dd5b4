"""Take a merge apart."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import BadInput, NotFound, SnaglistError
from app.graphql import fingerprints, ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError, user_error
from app.triage.unmerge import unmerge


@strawberry.input(description="What goes back: some of an error's fingerprints, or all that came by merges.")
class ErrorGroupUnmergeInput:
    """What goes back."""

    id: strawberry.ID = strawberry.field(description="The error that others were merged into.")
    fingerprint_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET,
        description="1 to 100 of its `fingerprints` that are not its own: all of them go back, or none. Not with `all`.",
    )
    all: bool | None = strawberry.field(
        default=UNSET, description="True: all of its fingerprints that are not its own go back."
    )
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupUnmergePayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = strawberry.field(
        description="The error, with what is left in it, then those that got fingerprints back and are there again; empty"
        " where something is to be put right."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed at all. An id at"
        ' fault is named by its place: `["fingerprintIds", "3"]` is the fourth.'
    )


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Undo merges: fingerprints go back to the errors that they opened, with all that was counted of them, what came later"
    " included. Those errors are there again with the status, assignee and mute that they had; one of a log that was seen"
    " since then is active or regressed. What is back already stays so.",
)
async def error_group_unmerge(
    info: Info,
    given: Annotated[
        ErrorGroupUnmergeInput,
        strawberry.argument(name="input", description="The error, and what goes back."),
    ],
) -> ErrorGroupUnmergePayload:
    context = info.context
    context.loaded.clear()
    try:
        group_id = ids.decode("ErrorGroup", given.id)
        if group_id is None:
            raise NotFound("there is no such error", field="id")
        done = await unmerge(
            context.organization_id,
            group_id,
            _wanted(given),
            actor(context.signed_in),
            reason=given.reason,
            now=context.now,
        )
    except SnaglistError as failure:
        return ErrorGroupUnmergePayload(error_groups=[], user_errors=[user_error(failure)])
    shown = await several_errors.shown(info, [group_id, *done.group_ids])
    return ErrorGroupUnmergePayload(error_groups=shown, user_errors=[])


def _wanted(given: ErrorGroupUnmergeInput) -> list[int | None] | None:
    """The fingerprints that are named, None for all. BadInput: both, or neither."""
    named = None if given.fingerprint_ids is UNSET else given.fingerprint_ids
    if (named is not None) == (given.all is True):
        raise BadInput("name some fingerprints, or ask for all with `all: true`", field="fingerprintIds")
    return None if named is None else [fingerprints.decode(each) for each in named]
