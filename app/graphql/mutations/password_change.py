"""Give oneself another password."""

from typing import Annotated

import strawberry

from app.accounts.sign_in import change_password
from app.errors import SnaglistError
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="The password that is, and the one to be.")
class PasswordChangeInput:
    """The password that is, and the one to be."""

    current_password: str = strawberry.field(description="The viewer's present password.")
    new_password: str = strawberry.field(description="The new one: 10 to 1,000 characters.")


@strawberry.type(description="What came of it.")
class PasswordChangePayload:
    """What came of it."""

    changed: bool = strawberry.field(description="Whether the new password is the one to sign in with.")
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    None,
    (
        "Change the viewer's own password. All other sessions of the viewer end; tokens stay. Needs a session, or a"
        " personal token with every scope; wrong guesses count as with `signIn`."
    ),
)
async def password_change(
    info: Info,
    given: Annotated[PasswordChangeInput, strawberry.argument(name="input", description="Both passwords.")],
) -> PasswordChangePayload:
    context = info.context
    try:
        await change_password(
            context.signed_in,
            given.current_password,
            given.new_password,
            address=context.client_address,
            now=context.now,
        )
    except SnaglistError as failure:
        return PasswordChangePayload(changed=False, user_errors=[user_error(failure)])
    return PasswordChangePayload(changed=True, user_errors=[])
