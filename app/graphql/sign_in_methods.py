"""How one can sign in here."""

import strawberry

from app.graphql.context import Context


@strawberry.type(description="A provider that one can sign in with, in the browser, by OpenID Connect.")
class OidcSignIn:
    """A provider that one can sign in with."""

    name: str = strawberry.field(description="What to write on the button.")
    start_url: str = strawberry.field(
        description=(
            "Where to send the browser. With `?next=/path` it comes back to that path of this server, signed in by a"
            " cookie; where that fails, a page says why."
        )
    )


@strawberry.type(description="How one can sign in here: for a page on which to do so.")
class SignInMethods:
    """How one can sign in here."""

    password: bool = strawberry.field(description="With `signIn`, by e-mail address and password.")
    oidc: OidcSignIn | None = strawberry.field(description="With a provider; null where none is set up.")


def sign_in_methods(context: Context) -> SignInMethods:
    """The ways that this server was told of."""
    oidc = context.oidc
    return SignInMethods(
        password=True, oidc=OidcSignIn(name=oidc.name, start_url=oidc.start_url) if oidc else None
    )
