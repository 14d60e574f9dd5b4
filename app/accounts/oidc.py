"""Signing in with an OIDC provider: from the button to the session.

Comes in: a path to come back to; then what the provider sends the browser back with. Goes out: an address at the provider
and a ticket; then a session, or OidcRefused. The ticket is what the browser keeps meanwhile, encrypted: it binds the
provider's answer to this browser (`state`), its token to this sign-in (`nonce`) and its code to us (PKCE).
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec

from app.accounts.keys_in_force import encryption
from app.accounts.oidc_people import person_of
from app.accounts.oidc_provider import OidcRefused, Provider
from app.accounts.sessions import make_session
from app.accounts.tokens import Made
from app.errors import BadInput, ConfigurationError, NotFound
from app.tables.database import transaction

LIFETIME: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""

CONTEXT: Final = "OIDC sign-in"
_LONGEST_PATH: Final = 2000
_LONGEST: Final = 4096


class _Ticket(msgspec.Struct, frozen=True):
    """What is remembered of somebody who has gone to the provider."""

    state: str
    nonce: str
    verifier: str
    next: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what it has to keep."""

    address: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The session, and the path to send the browser to."""

    session: Made
    next: str


async def begin(provider: Provider, next_path: str, *, now: datetime) -> Begun:
    """Begin to sign in. BadInput: the path leads elsewhere. OidcRefused: the provider is away."""
    _check_path(next_path)
    ticket = _Ticket(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        next=next_path,
        ends_at=now + LIFETIME,
    )
    address = await provider.address(ticket.state, ticket.nonce, ticket.verifier, now=now)
    return Begun(address, _sealed(ticket))


async def finish(
    provider: Provider,
    domains: tuple[str, ...],
    *,
    ticket: str | None,
    state: str,
    code: str,
    now: datetime,
) -> Finished:
    """Sign in whomever the provider sent back. To be called outside of transactions. OidcRefused: nobody."""
    begun = _opened(ticket)
    if begun is None or begun.ends_at <= now or not hmac.compare_digest(begun.state.encode(), _bytes(state)):
        raise OidcRefused(
            "OIDC_STATE", "this sign-in was not begun here, or too long ago; begin again", status=400
        )
    if not 1 <= len(code) <= _LONGEST or not code.isprintable():
        raise OidcRefused("OIDC_CODE", "the provider sent no code", status=400)
    identity = await provider.identity(code, begun.nonce, begun.verifier, now=now)
    async with transaction():
        found = await person_of(identity, domains, now=now)
        try:
            session = await make_session(found.person_id, found.organization_id, now=now)
        except NotFound:
            raise OidcRefused("OIDC_UNKNOWN", "you are no member any more") from None
    return Finished(session, begun.next)


def _check_path(path: str) -> None:
    """BadInput: this is no path of this server, or browsers could see another server in it."""
    is_path = (
        path.startswith("/") and not path.startswith("//") and "\\" not in path and len(path) <= _LONGEST_PATH
    )
    if not (is_path and path.isascii() and path.isprintable() and " " not in path):
        raise BadInput("`next` must be a path of this server, like /errors", field="next")
    split = urlsplit(path)
    if split.scheme or split.netloc:
        raise BadInput("`next` must be a path of this server, like /errors", field="next")


def _sealed(ticket: _Ticket) -> str:
    return base64.urlsafe_b64encode(encryption().encrypt(msgspec.json.encode(ticket), CONTEXT)).decode()


def _opened(ticket: str | None) -> _Ticket | None:
    """The ticket; None where it is none of ours."""
    if ticket is None or len(ticket) > 2 * _LONGEST:
        return None
    try:
        sealed = base64.urlsafe_b64decode(_bytes(ticket))
        return msgspec.json.decode(encryption().decrypt(sealed, CONTEXT), type=_Ticket)
    except (ValueError, ConfigurationError):  # sealed with a key of before, too
        return None


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
