"""Accept an invitation, and be signed in."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.accounts import tokens
from app.accounts.invitations import accept_invitation
from app.accounts.sessions import IDLE
from app.errors import SnaglistError
from app.graphql import viewer as viewers
from app.graphql.access import Open
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.graphql.viewer import Viewer


@strawberry.input(description="The invitation, and who accepts it.")
class InvitationAcceptInput:
    """The invitation, and who accepts it."""

    token: str = strawberry.field(description="What stands in the link behind the `#`.")
    name: str | None = strawberry.field(
        default=None,
        description="What a new person is called: 1 to 200 characters. Nothing for who has an account already.",
    )
    password: str | None = strawberry.field(
        default=None,
        description=(
            "The password that a new person will have, 10 to 1,000 characters; of who has an account already, the"
            " password of that, or nothing where the request comes in that person's session, of another organization."
        ),
    )
    cookie: bool = strawberry.field(
        default=False,
        description=(
            "Whether the browser keeps the session as a cookie that no script can read. It counts for pages of this"
            " server alone; `token` is null then."
        ),
    )


@strawberry.type(description="What came of it.")
class InvitationAcceptPayload:
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
        description=(
            "What is to be put right. `WRONG_CREDENTIALS`: the address has an account; ask for its password, or have"
            " the person sign in and open the link again. Empty if all went well."
        )
    )


@strawberry.mutation(
    description=(
        "Accept an invitation: become a member, and be signed in. Somebody new says name and password; who has an"
        " account shows to be that person. After too many failures it answers `RATE_LIMITED`, as `signIn` does. Needs"
        " no token."
    ),
    extensions=[Open()],
)
async def invitation_accept(
    info: Info,
    given: Annotated[
        InvitationAcceptInput,
        strawberry.argument(name="input", description="The invitation, and who accepts it."),
    ],
) -> InvitationAcceptPayload:
    context = info.context
    try:
        made = await accept_invitation(
            given.token,
            name=given.name,
            password=given.password,
            caller=context.caller,
            address=context.client_address,
            now=context.now,
        )
    except SnaglistError as failure:
        return InvitationAcceptPayload(
            token=None, expires_at=None, viewer=None, user_errors=[user_error(failure)]
        )
    viewer = await viewers.viewer(await tokens.find(made.secret, now=context.now))
    if given.cookie:
        context.session_cookie = made.secret
    token = None if given.cookie else made.secret
    return InvitationAcceptPayload(token=token, expires_at=context.now + IDLE, viewer=viewer, user_errors=[])
