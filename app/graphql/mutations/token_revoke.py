"""Revoke a token."""

from typing import Annotated

import strawberry

from app.accounts.revoke_token import revoke_token
from app.errors import NotFound, SnaglistError
from app.graphql import ids, tokens
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.tokens import AccessToken
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="The token to revoke.")
class TokenRevokeInput:
    """The token to revoke."""

    id: strawberry.ID = strawberry.field(description="The token.")


@strawberry.type(description="What came of it.")
class TokenRevokePayload:
    """What came of it."""

    token: AccessToken | None = strawberry.field(
        description="The token as it is now; null where nothing was revoked, or where it is another person's."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    None,
    "Revoke a token, in effect at once; revoking it again changes nothing. One's own, the one that asks among them;"
    " with the permission to manage tokens, any of the organization's, but for owners' own and agents' that are owner:"
    " only owners revoke those.",
)
async def token_revoke(
    info: Info,
    given: Annotated[TokenRevokeInput, strawberry.argument(name="input", description="The token to revoke.")],
) -> TokenRevokePayload:
    context = info.context
    try:
        token_id = ids.decode("AccessToken", given.id)
        if token_id is None:
            raise NotFound("there is no such token", field="id")
        await revoke_token(context.signed_in, token_id, now=context.now)
    except SnaglistError as failure:
        return TokenRevokePayload(token=None, user_errors=[user_error(failure)])
    return TokenRevokePayload(token=await tokens.token(info, token_id), user_errors=[])
