"""Invite somebody to the organization."""

from typing import Annotated

import strawberry

from app.accounts.invitations import invite_member
from app.accounts.roles import Permission, Role
from app.errors import SnaglistError
from app.graphql import members
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.enumerations import MemberRole, word
from app.graphql.members import Invitation
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="Whom to invite.")
class MemberInviteInput:
    """Whom to invite."""

    email: str = strawberry.field(
        description="The e-mail address, whatever its case. Nothing is sent to it: send the link yourself; the page it leads to accepts."
    )
    role: MemberRole = strawberry.field(
        description="What they will be in the organization; nobody gives more than they are."
    )


@strawberry.type(description="What came of it.")
class MemberInvitePayload:
    """What came of it."""

    invitation: Invitation | None = strawberry.field(
        description="The new invitation; null where it was not made."
    )
    link: str | None = strawberry.field(
        description="The link to send, shown this once: whoever has it can accept, once, in seven days; null where nobody was"
        " invited."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_MEMBERS,
    "Invite somebody by a link. An open invitation of the same address ends. Only owners invite owners.",
)
async def member_invite(
    info: Info,
    given: Annotated[MemberInviteInput, strawberry.argument(name="input", description="Whom to invite.")],
) -> MemberInvitePayload:
    context = info.context
    try:
        made = await invite_member(context.signed_in, given.email, Role(word(given.role)), now=context.now)
    except SnaglistError as failure:
        return MemberInvitePayload(invitation=None, link=None, user_errors=[user_error(failure)])
    # Behind the hash, it is in no server's log.
    link = f"{context.base_url}/invite#{made.secret}"
    invitation = await members.invitation(info, made.token_id)
    return MemberInvitePayload(invitation=invitation, link=link, user_errors=[])
