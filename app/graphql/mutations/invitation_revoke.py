"""Take an invitation back."""

from typing import Annotated

import strawberry

from app.accounts.invitations import revoke_invitation
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="The invitation to take back.")
class InvitationRevokeInput:
    """The invitation to take back."""

    id: strawberry.ID = strawberry.field(description="The invitation.")


@strawberry.type(description="What came of it.")
class InvitationRevokePayload:
    """What came of it."""

    revoked_invitation_id: strawberry.ID | None = strawberry.field(
        description="The id whose link is worth nothing any more; null where nothing was revoked."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(Permission.MANAGE_MEMBERS, "Take an invitation back: its link is worth nothing any more.")
async def invitation_revoke(
    info: Info,
    given: Annotated[
        InvitationRevokeInput, strawberry.argument(name="input", description="The invitation to take back.")
    ],
) -> InvitationRevokePayload:
    context = info.context
    try:
        invitation_id = ids.decode("Invitation", given.id)
        if invitation_id is None:
            raise NotFound("there is no such invitation", field="id")
        await revoke_invitation(context.signed_in, invitation_id, now=context.now)
    except SnaglistError as failure:
        return InvitationRevokePayload(revoked_invitation_id=None, user_errors=[user_error(failure)])
    return InvitationRevokePayload(
        revoked_invitation_id=ids.encode("Invitation", invitation_id), user_errors=[]
    )
