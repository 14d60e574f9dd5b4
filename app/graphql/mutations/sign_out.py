"""End the session that is in use."""

import strawberry

from app.accounts.sessions import sign_out as signed_out
from app.errors import SnaglistError
from app.graphql.access import Open
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error


@strawberry.type(description="What came of it.")
class SignOutPayload:
    """What came of it."""

    signed_out: bool = strawberry.field(description="Whether nobody is signed in any more.")
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@strawberry.mutation(
    description=(
        "End the session in use, at once and everywhere, and take its cookie away. Where nobody is signed in, nothing"
        " happens. Tokens of other kinds are ended with `tokenRevoke`. Needs no token."
    ),
    extensions=[Open()],
)
async def sign_out(info: Info) -> SignOutPayload:
    context = info.context
    try:
        await signed_out(context.caller, now=context.now)
    except SnaglistError as failure:
        return SignOutPayload(signed_out=False, user_errors=[user_error(failure)])
    context.session_cookie = ""
    return SignOutPayload(signed_out=True, user_errors=[])
