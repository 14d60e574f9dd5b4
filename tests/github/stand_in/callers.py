"""Who asks: tokens, installation tokens, and the signed claims of an App.

Comes in: the Authorization header. Goes out: a Caller, or 401 and 403 in GitHub's words.
"""

import re
from time import time

import jwt

from tests.github.stand_in.answers import Caller, Refusal
from tests.github.stand_in.records import App, Token
from tests.github.stand_in.world import World

LONGEST = 600
"""Seconds from now that a JWT's end may be away."""
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")


def caller(world: World, header: str | None) -> Caller:
    """The caller; `nobody` without the header. Refusal: 401 Bad credentials and the many of a JWT."""
    if header is None:
        return Caller("nobody", "none")
    scheme, _, value = header.partition(" ")
    if scheme.lower() not in ("bearer", "token") or not value:
        raise Refusal(401, "Bad credentials")
    if scheme.lower() == "bearer" and _JWT.fullmatch(value):
        app = _app(world, value)
        return Caller(f"app:{app.id}", "jwt", app=app)
    token = world.tokens.get(value)
    if token is None or _is_over(world, token):
        raise Refusal(401, "Bad credentials")
    if token.installation:
        if token.installation.suspended_at:
            raise Refusal(403, "This installation has been suspended")
        return Caller(f"installation:{token.installation.id}", token.kind, token)
    return Caller(f"user:{token.user.login}", token.kind, token)


def _is_over(world: World, token: Token) -> bool:
    has_ended = token.expires_at is not None and token.expires_at <= world.now()
    return token.is_revoked or has_ended or bool(token.installation and token.installation.is_deleted)


def as_app(each: Caller) -> App:
    """The App that asks; 401 for everybody else."""
    if each.app is None:
        raise Refusal(401, "A JSON web token could not be decoded")
    return each.app


def _app(world: World, value: str) -> App:
    try:
        claims = jwt.decode(value, options={"verify_signature": False, "verify_exp": False})
        algorithm = jwt.get_unverified_header(value)["alg"]
    except (jwt.InvalidTokenError, KeyError):
        raise Refusal(401, "A JSON web token could not be decoded") from None
    issuer = claims.get("iss")
    if not str(issuer).isdecimal():
        raise Refusal(401, "'Issuer' claim ('iss') must be an Integer")
    app = world.apps.get(int(str(issuer)))
    if app is None:
        raise Refusal(404, "Integration not found")
    try:
        jwt.decode(
            value,
            app.public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.InvalidTokenError:
        raise Refusal(401, "A JSON web token could not be decoded") from None
    if algorithm != "RS256":
        raise Refusal(401, "A JSON web token could not be decoded")
    _check_times(claims.get("iat"), claims.get("exp"))
    return app


def _check_times(issued: object, ends: object) -> None:
    now = time()
    if isinstance(issued, bool) or not isinstance(issued, int) or issued > now + 1:
        raise Refusal(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        )
    if isinstance(ends, bool) or not isinstance(ends, int | float) or ends <= now:
        raise Refusal(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the"
            " assertion expires",
        )
    if ends > now + LONGEST or ends - issued > LONGEST:
        raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
