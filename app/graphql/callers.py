"""Who asks: a token in a header, or the cookie of a session.

Comes in: the headers of a request, of a WebSocket's first one too. Goes out: the caller, or nobody. A token that is sent
wins over a cookie. A token must be valid; a cookie that is not any more is as none, since browsers send it on and on,
also with the mutation that signs in again.
"""

from datetime import datetime
from typing import Final

from starlette.datastructures import Headers

from app.accounts import sessions, tokens
from app.accounts.roles import Caller, TokenKind
from app.accounts.session_cookie import Place, is_own_page, read_cookie
from app.errors import Forbidden, Unauthenticated

FOREIGN: Final = (
    "the cookie of a session counts only for pages of this server: ask from one of them, or send a token"
)


async def find_caller(place: Place, headers: Headers, scheme: str, *, now: datetime) -> Caller | None:
    """Who asks; None without a token and a session.

    Unauthenticated: a token that is not valid, or something else than a token. Forbidden: see `caller_of_cookie`.
    """
    sent = headers.getlist("authorization")
    if sent:
        authorization, _, secret = sent[0].strip().partition(" ")
        if len(sent) > 1 or authorization.lower() != "bearer":
            raise Unauthenticated("send one token: `Authorization: Bearer ...`")
        if secret:  # without one it is what GraphiQL sends until somebody types one
            return await _found(secret.strip(), now)
    return await caller_of_cookie(place, headers, scheme, now=now)


async def caller_of_cookie(place: Place, headers: Headers, scheme: str, *, now: datetime) -> Caller | None:
    """Whose session the cookie is; None without a cookie of ours, or with one that is not valid any more.

    `scheme` is the request's own: http, https, ws or wss. Forbidden: a cookie is sent, but not by a page of ours.
    """
    secret = read_cookie(place, headers.getlist("cookie"))
    if secret is None:
        return None
    is_own = is_own_page(
        place,
        sec_fetch_site=headers.get("sec-fetch-site"),
        origin=headers.get("origin"),
        scheme=scheme,
        host=headers.get("host"),
    )
    if not is_own:
        raise Forbidden(FOREIGN)
    try:
        found = await _found(secret, now)
    except Unauthenticated:
        return None
    return found if found.kind is TokenKind.SESSION else None


async def _found(secret: str, now: datetime) -> Caller:
    caller = await tokens.find(secret, now=now)
    await sessions.prolong(caller, now=now)
    return caller
