"""Remove a member, or leave."""

from typing import Annotated

import strawberry

from app.accounts.members import remove_member
from app.errors import NotFound, SnaglistError
from app.graphql import ids, tokens
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.tokens import AccessToken
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="The member to remove.")
class MemberRemoveInput:
    """The member to remove."""

    id: strawberry.ID = strawberry.field(description="The member; oneself, that is to leave.")


@strawberry.type(description="What came of it.")
class MemberRemovePayload:
    """What came of it."""

    removed_member_id: strawberry.ID | None = strawberry.field(
        description="The id that names nobody any more, to be dropped from caches; null where nobody was removed."
    )
    revoked_tokens: list[AccessToken] = strawberry.field(
        description="The agents' tokens that were revoked with the member, who had made them: what works with one needs a"
        " new one. Empty also for who manages no tokens."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    None,
    "Remove a member, or leave by oneself. Their sessions and tokens end at once, and the agents' tokens that they made,"
    " since they know the secrets: `tokens` has them by `createdBy`, so that what is to go on can be given new ones before."
    " What was assigned to them is nobody's then. Only owners remove owners; one owner always stays.",
)
async def member_remove(
    info: Info,
    given: Annotated[
        MemberRemoveInput, strawberry.argument(name="input", description="The member to remove.")
    ],
) -> MemberRemovePayload:
    context = info.context
    context.loaded.clear()
    try:
        membership_id = ids.decode("Member", given.id)
        if membership_id is None:
            raise NotFound("there is no such member", field="id")
        ended = await remove_member(context.signed_in, membership_id, now=context.now)
    except SnaglistError as failure:
        return MemberRemovePayload(
            removed_member_id=None, revoked_tokens=[], user_errors=[user_error(failure)]
        )
    return MemberRemovePayload(
        removed_member_id=ids.encode("Member", membership_id),
        revoked_tokens=await tokens.tokens_by_id(info, ended) if ended else [],
        user_errors=[],
    )
