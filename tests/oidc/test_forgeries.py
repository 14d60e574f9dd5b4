"""What the provider says counts only as it signed it: for us, now, and for this very sign-in."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any, Final

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.accounts import oidc_provider
from app.tables.database import fetch
from tests.accounts.stage import everything, later
from tests.database import NOW
from tests.oidc.provider import CLIENT_ID, Provider
from tests.oidc.stage import browser, member, refused, signed, signed_in

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

Claims = dict[str, Any]
OTHER_KEY: Final = RSAKey.generate_key(2048)


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def unsigned(claims: Claims, alg: str = "none", **header: str) -> str:
    parts = ({"alg": alg, "typ": "JWT", **header}, claims)
    return ".".join(encoded(json.dumps(part).encode()) for part in parts) + "."


def with_a_secret(secret: bytes, claims: Claims, **header: str) -> str:
    text = unsigned(claims, alg="HS256", **header)
    return text + encoded(hmac.digest(secret, text[:-1].encode(), "sha256"))


def of_another_key(claims: Claims, **header: str) -> str:
    return jwt.encode({"alg": "RS256", **header}, claims, OTHER_KEY)


def soon(seconds: int) -> int:
    return int(time.time()) + seconds


FORGERIES: Final[dict[str, Callable[[Provider, Claims], str]]] = {
    "another nonce": lambda there, claims: signed(there, claims | {"nonce": "another"}),
    "no nonce": lambda there, claims: signed(there, claims | {"nonce": None}),
    "expired": lambda there, claims: signed(there, claims | {"exp": soon(-120)}),
    "never expires": lambda there, claims: signed(there, {k: v for k, v in claims.items() if k != "exp"}),
    "not yet": lambda there, claims: signed(there, claims | {"nbf": soon(3600)}),
    "for others": lambda there, claims: signed(there, claims | {"aud": "others"}),
    "for others, by us": lambda there, claims: signed(there, claims | {"aud": ["others"], "azp": CLIENT_ID}),
    "for us too, by others": lambda there, claims: signed(
        there, claims | {"aud": [CLIENT_ID, "others"], "azp": "others"}
    ),
    "of another provider": lambda there, claims: signed(there, claims | {"iss": "https://evil.test"}),
    "about nobody": lambda there, claims: signed(there, claims | {"sub": ""}),
    "about a number": lambda there, claims: signed(there, claims | {"sub": 1}),
    "unstorable": lambda there, claims: signed(there, claims | {"sub": "a\0b"}),
    "alg none": lambda there, claims: unsigned(claims),
    "alg none of a key": lambda there, claims: unsigned(claims, kid=str(there.key.kid)),
    "HMAC of the public key": lambda there, claims: with_a_secret(
        there.key.as_pem(private=False), claims, kid=str(there.key.kid)
    ),
    "HMAC of a published secret": lambda there, claims: with_a_secret(b"secret", claims),
    "another key": lambda there, claims: of_another_key(claims, kid=str(there.key.kid)),
    "another key without a name": lambda there, claims: of_another_key(claims),
    "a key that is not there": lambda there, claims: of_another_key(claims, kid="other"),
    "no token": lambda there, claims: "nonsense",
    "empty": lambda there, claims: "",
    "no object": lambda there, claims: "W10.W10.W10",
}


async def test_what_was_not_signed_for_this_very_sign_in_is_worth_nothing(provider: Provider) -> None:
    await member()
    before = await everything()
    async with browser(provider) as client:
        for name, forged in FORGERIES.items():
            provider.forge = lambda claims, forged=forged: forged(provider, claims)
            try:
                refused(await signed_in(client), "OIDC_TOKEN")
            except AssertionError as failure:
                failure.add_note(name)
                raise
            assert client.cookies == {}
        assert await everything() == before
        assert await fetch("select from identity") == []
        provider.forge = lambda claims: signed(provider, claims | {"aud": CLIENT_ID, "azp": CLIENT_ID})
        assert (await signed_in(client)).status_code == 303  # one that is in order


async def test_a_new_key_is_fetched_when_it_is_first_seen(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await member()
    async with browser(provider) as client:
        assert (await signed_in(client)).status_code == 303
        provider.key = RSAKey.generate_key(2048, {"kid": "second"})
        refused(await signed_in(client), "OIDC_TOKEN")  # not so soon again: anybody could have us ask
        assert provider.asked.count("/jwks") == 1
        monkeypatch.setattr(oidc_provider, "ASK_AGAIN_AFTER", later() - NOW)
        assert (await signed_in(client)).status_code == 303
        assert provider.asked.count("/jwks") == 2
