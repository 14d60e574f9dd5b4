"""Sign in with a password."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.accounts import tokens
from app.accounts.sessions import IDLE
from app.accounts.sign_in import sign_in as signed_in
from app.errors import SnaglistError
from app.graphql import viewer as viewers
from app.graphql.access import Open
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.graphql.viewer import Viewer


@strawberry.input(description="Who signs in, and how the session is kept.")
class SignInInput:
    """Who signs in."""

    email: str = strawberry.field(description="The person's e-mail address, in any case.")
    password: str = strawberry.field(description="The person's password.")
    organization_slug: str | None = strawberry.field(
        default=None,
        description="The organization that the session is for; null: the one that the person has been in for longest.",
    )
    cookie: bool = strawberry.field(
        default=False,
        description=(
            "Whether the browser keeps the session as a cookie that no script can read. It counts for pages of this"
            " server alone; `token` is null then."
        ),
    )


@strawberry.type(description="What came of it.")
class SignInPayload:
    """What came of it."""

    token: str | None = strawberry.field(
        description="The session's secret, shown once: send it as `Authorization: Bearer ...`; null with a cookie."
    )
    expires_at: datetime | None = strawberry.field(
        description=(
            "When the session ends if it is not used any more; each use has it last longer, 30 days at most; null where"
            " nobody is signed in."
        )
    )
    viewer: Viewer | None = strawberry.field(description="Who is signed in; null where nobody is.")
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right: whatever is wrong, `WRONG_CREDENTIALS`. Empty if all went well."
    )


@strawberry.mutation(
    description=(
        "Sign in with an e-mail address and a password. After too many failures it answers with an error `RATE_LIMITED`,"
        " whose extension `retryAfter` says how many seconds to wait. Needs no token."
    ),
    extensions=[Open()],
)
async def sign_in(
    info: Info,
    given: Annotated[SignInInput, strawberry.argument(name="input", description="Who signs in.")],
) -> SignInPayload:
    context = info.context
    try:
        made = await signed_in(
            given.email,
            given.password,
            organization_slug=given.organization_slug,
            address=context.client_address,
            now=context.now,
        )
    except SnaglistError as failure:
        return SignInPayload(token=None, expires_at=None, viewer=None, user_errors=[user_error(failure)])
    viewer = await viewers.viewer(await tokens.find(made.secret, now=context.now))
    if given.cookie:
        context.session_cookie = made.secret
    token = None if given.cookie else made.secret
    return SignInPayload(token=token, expires_at=context.now + IDLE, viewer=viewer, user_errors=[])
