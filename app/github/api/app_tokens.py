"""How a GitHub App shows who it is: by a signed token of its own, and by a token of each installation.

Comes in: the App's id, its private key, an installation. Goes out: tokens. Those of installations are kept in this process
until 5 minutes before they end; those who ask at the same time wait for one answer.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import time
from typing import Final
from weakref import WeakValueDictionary

from gidgethub.apps import get_jwt

from app.github.api.answers import installation_token
from app.github.api.failures import BadCredentials, GithubFailure, Limited, NotAllowed, Unknown
from app.github.api.rest import Rest

EARLY: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(hours=1)
"""How long GitHub has a token live; one that claims to live longer is not believed."""

_LONGEST_KEY: Final = 16_384
_NONE: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose token it is: of an App with this key, where it is installed, on this server."""

    base_url: str
    app_id: int
    installation_id: int
    key_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str = field(repr=False)
    until: datetime


_kept: Final[dict[Whose, _Kept]] = {}
_asking: Final[WeakValueDictionary[Whose, asyncio.Lock]] = WeakValueDictionary()


def whose(base_url: str, app_id: int, installation_id: int, private_key: str) -> Whose:
    """The name that a token is kept under."""
    key_hash = sha256(private_key.encode("utf-8", "surrogatepass")).hexdigest()
    return Whose(base_url, app_id, installation_id, key_hash)


def app_jwt(app_id: int, private_key: str) -> str:
    """The App's own token, good for 10 minutes less the minute that clocks may differ by. BadCredentials: no such key."""
    made = None
    with suppress(
        Exception
    ):  # whatever the library makes of it, it is no key; and its own error may quote it
        if len(private_key) <= _LONGEST_KEY:
            made = get_jwt(app_id=str(app_id), private_key=private_key)
    if made is None:
        raise BadCredentials(
            "the App's private key cannot be used: give the PEM file that GitHub made for it"
        )
    return made


async def token(rest: Rest, of: Whose, private_key: str) -> str:
    """A token of the installation, kept or new.

    BadCredentials: the App or its key is not accepted, or it is not installed there any more. NotAllowed: the
    installation is suspended. Limited and Unknown as everywhere; no other failure.
    """
    lock = _asking.setdefault(of, asyncio.Lock())
    async with lock:
        if (kept := _kept.get(of)) and _now() < kept.until:
            return kept.token
        made, ends = await _new(rest, of, private_key)
        _keep(of, made, ends)
        return made


def forget(of: Whose, refused: str) -> None:
    """Do not give out this token again; a newer one stays."""
    if (kept := _kept.get(of)) and kept.token == refused:
        del _kept[of]


def forget_all() -> None:
    """Start as a new process does."""
    _kept.clear()


def _keep(of: Whose, made: str, ends: datetime) -> None:
    now = _now()
    for other in [key for key, kept in _kept.items() if kept.until <= now]:
        del _kept[other]
    _kept[of] = _Kept(made, min(ends, now + LONGEST) - EARLY)


async def _new(rest: Rest, of: Whose, private_key: str) -> tuple[str, datetime]:
    jwt = app_jwt(of.app_id, private_key)
    url = f"/app/installations/{of.installation_id}/access_tokens"
    try:
        told, _ = await rest.ask("POST", url, _NONE, jwt=jwt)
    except (BadCredentials, NotAllowed, Limited, Unknown):
        raise
    except GithubFailure as failure:  # a 404 here says nothing of the issue that somebody wants to write to
        refusal = BadCredentials(f"the App has no installation there that can be used: {failure.message}")
    else:
        return installation_token(told)
    raise refusal


def _now() -> datetime:
    return datetime.fromtimestamp(time(), UTC)
