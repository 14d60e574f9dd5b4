"""Make a token, for oneself or for an agent."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.accounts.create_token import NewToken, create_token
from app.accounts.roles import Role, Scope
from app.accounts.roles import TokenKind as Kind
from app.errors import SnaglistError
from app.graphql import tokens
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.enumerations import MemberRole, word
from app.graphql.tokens import AccessToken, TokenKind, TokenScope
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="A token to be.")
class TokenCreateInput:
    """A token to be."""

    name: str = strawberry.field(
        description="What to call it, so that it can be told later: 1 to 200 characters."
    )
    kind: TokenKind = strawberry.field(
        default=TokenKind.PERSONAL,
        description="One's own, or an agent's, which needs the permission to manage tokens.",
    )
    scopes: list[TokenScope] | None = strawberry.field(
        default=None,
        description="What it is for. Null: a personal one for everything, an agent's to see errors and work on them.",
    )
    role: MemberRole | None = strawberry.field(
        default=None,
        description="Its role, at most one's own. Null: a personal one has one's own, an agent's DEVELOPER or less.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None,
        description="When it ends. Null: never or, where a token that ends makes it, with that one, after which it cannot"
        " end.",
    )


@strawberry.type(description="What came of it.")
class TokenCreatePayload:
    """What came of it."""

    token: AccessToken | None = strawberry.field(description="The new token; null where it was not made.")
    secret: str | None = strawberry.field(
        description="What to send as `Authorization: Bearer ...`, shown this once; null where none was made."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    None,
    "Make a token: everybody makes personal ones, who manages tokens makes agents'. It never may more than whoever"
    " makes it, now or later: it follows when they get a lesser role, stops while their account is disabled, and is"
    " revoked when they are removed or leave. What an agent makes counts as made by who made the agent. Needs a session,"
    " or a token with all scopes.",
)
async def token_create(
    info: Info,
    given: Annotated[TokenCreateInput, strawberry.argument(name="input", description="The token to be.")],
) -> TokenCreatePayload:
    context = info.context
    wanted = NewToken(
        kind=Kind(word(given.kind)),
        name=given.name,
        scopes=None if given.scopes is None else {Scope(word(scope)) for scope in given.scopes},
        role=None if given.role is None else Role(word(given.role)),
        expires_at=given.expires_at,
    )
    try:
        made = await create_token(context.signed_in, wanted, now=context.now)
    except SnaglistError as failure:
        return TokenCreatePayload(token=None, secret=None, user_errors=[user_error(failure)])
    return TokenCreatePayload(
        token=await tokens.token(info, made.token_id), secret=made.secret, user_errors=[]
    )
