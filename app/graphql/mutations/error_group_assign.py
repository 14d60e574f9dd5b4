"""Assign errors."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app.accounts.roles import Permission
from app.errors import BadInput
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError, user_error
from app.triage.assign import assign


@strawberry.input(description="The errors to assign, and to whom.")
class ErrorGroupAssignInput:
    """The errors to assign, and to whom."""

    ids: list[strawberry.ID] = several_errors.given_ids()
    member_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="The member of the organization who works on them; null: nobody. It is not to be left out.",
    )
    reason: str | None = several_errors.given_reason()


@strawberry.type(description="What came of it.")
class ErrorGroupAssignPayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = several_errors.shown_groups()
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Give errors to a member to work on, or to nobody. What is theirs already stays as it is. The member is told by e-mail,"
    " in one mail for all of them, unless they did it themselves; of muted errors nobody is told.",
)
async def error_group_assign(
    info: Info,
    given: Annotated[
        ErrorGroupAssignInput,
        strawberry.argument(name="input", description="The errors to assign, and to whom."),
    ],
) -> ErrorGroupAssignPayload:
    if given.member_id is UNSET:
        failure = BadInput("say to whom: a member, or null for nobody", field="memberId")
        return ErrorGroupAssignPayload(error_groups=[], user_errors=[user_error(failure)])
    membership_id = None if given.member_id is None else ids.decode("Member", given.member_id) or ids.NOBODY
    error_groups, user_errors = await several_errors.change_errors(
        info, assign, given.ids, reason=given.reason, membership_id=membership_id
    )
    return ErrorGroupAssignPayload(error_groups=error_groups, user_errors=user_errors)
