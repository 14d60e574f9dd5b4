"""Give a member another role."""

from typing import Annotated

import strawberry

from app.accounts.members import update_member
from app.accounts.roles import Permission, Role
from app.errors import NotFound, SnaglistError
from app.graphql import ids, members
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.enumerations import MemberRole, word
from app.graphql.members import Member
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="Who is to be what.")
class MemberUpdateInput:
    """Who is to be what."""

    id: strawberry.ID = strawberry.field(description="The member.")
    role: MemberRole = strawberry.field(
        description="What the member will be in the organization; nobody gives more than they are."
    )


@strawberry.type(description="What came of it.")
class MemberUpdatePayload:
    """What came of it."""

    member: Member | None = strawberry.field(
        description="The member as it is now; null where nothing was changed."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_MEMBERS,
    "Give a member another role, in effect at once, also for their tokens and the agents' tokens that they made, which"
    " never may more than they. Only owners make and change owners; one owner always stays.",
)
async def member_update(
    info: Info,
    given: Annotated[MemberUpdateInput, strawberry.argument(name="input", description="Who is to be what.")],
) -> MemberUpdatePayload:
    context = info.context
    context.loaded.clear()
    try:
        membership_id = ids.decode("Member", given.id)
        if membership_id is None:
            raise NotFound("there is no such member", field="id")
        await update_member(context.signed_in, membership_id, Role(word(given.role)), now=context.now)
    except SnaglistError as failure:
        return MemberUpdatePayload(member=None, user_errors=[user_error(failure)])
    return MemberUpdatePayload(member=await members.member(info, membership_id), user_errors=[])
