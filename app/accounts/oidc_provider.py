"""The OIDC provider, as it is spoken to.

Comes in: what `/oidc/callback` was given. Goes out: who that is, as the provider signed it; or OidcRefused. Its
description and keys are fetched when they are first needed and kept for an hour; keys also when a token is signed with
an unknown one. Only signatures with public keys are taken, and only what is signed for us, now, for this very sign-in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from ssl import SSLContext
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from app.config import Oidc, is_guarded
from app.errors import SnaglistError

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
SCOPE: Final = "openid email profile"
LEEWAY: Final = 60
"""Seconds by which clocks may differ."""

KEPT: Final = timedelta(hours=1)
ASK_AGAIN_AFTER: Final = timedelta(seconds=10)
"""How soon what failed, or what did not have the key, is asked for again."""

PATIENCE: Final = 10.0
"""Seconds that the provider has for an answer."""


class OidcRefused(SnaglistError):
    """Nobody is signed in. `reason` is a stable code for programs, and `detail` is for the log."""

    code = "OIDC_REFUSED"

    def __init__(self, reason: str, message: str, *, status: int = 403, detail: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status
        self.detail = detail[:300]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as the provider says; the e-mail address has been verified there, and is ASCII in small letters."""

    issuer: str
    subject: str
    email: str
    name: str


class _Kept:
    """Something that the provider publishes; those who ask at once wait for one answer."""

    def __init__(self, get: Callable[[datetime], Awaitable[dict[str, Any]]]) -> None:
        self._get = get
        self._lock = asyncio.Lock()
        self._found: dict[str, Any] | None = None
        self._asked_at: datetime | None = None
        self._failure: OidcRefused | None = None

    async def value(self, now: datetime, *, is_new: bool = False) -> dict[str, Any]:
        """What was published, not long ago, or a moment ago where it is to be new."""
        async with self._lock:
            age = now - self._asked_at if self._asked_at else KEPT
            is_wanted = age >= KEPT or (
                (is_new or self._found is None or self._failure) and age >= ASK_AGAIN_AFTER
            )
            if is_wanted:
                self._asked_at, self._failure = now, None
                try:
                    self._found = await self._get(now)
                except OidcRefused as failure:
                    self._failure = failure
            if self._found is None:
                raise self._failure or _away("nothing was published")
            return self._found


@cache
def _trusted() -> SSLContext:
    """The authorities that this machine trusts; reading them takes a tenth of a second."""
    return httpx2.create_ssl_context()


class Provider:
    """One provider, and who we are there; `redirect_uri` is where it sends browsers back to."""

    def __init__(self, settings: Oidc, redirect_uri: str) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri
        self._tls = _trusted()
        self._description = _Kept(self._describe)
        self._keys = _Kept(self._publish)

    async def address(self, state: str, nonce: str, verifier: str, *, now: datetime) -> str:
        """Where to send the browser. OidcRefused: the provider cannot be asked."""
        described = await self._description.value(now)
        async with self._client() as client:
            url: str
            url, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return url

    async def identity(self, code: str, nonce: str, verifier: str, *, now: datetime) -> Identity:
        """Whom this code was given for. OidcRefused: nobody, or the provider cannot be asked."""
        described = await self._description.value(now)
        async with _told_apart(), self._client() as client:
            methods = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            if "client_secret_basic" not in methods and "client_secret_post" in methods:
                client.token_endpoint_auth_method = "client_secret_post"  # noqa: S105  the name of a way
            tokens = await client.fetch_token(
                described["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
            )
            claims = await self._claims(tokens, nonce, now)
            if "email" not in claims and "userinfo_endpoint" in described:
                claims = {**await _object(client, described["userinfo_endpoint"], claims["sub"]), **claims}
        return _identity(claims)

    async def _claims(self, tokens: Mapping[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        """What the id token says, checked."""
        sent = tokens.get("id_token")
        if not isinstance(sent, str):
            raise _untrue("there is no id_token")
        try:
            token = self._decoded(sent, await self._keys.value(now))
        except InvalidKeyIdError:
            token = self._decoded(sent, await self._keys.value(now, is_new=True))
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": self._settings.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
                "sub": {"essential": True},
            },
            {
                "nonce": nonce,
                "client_id": self._settings.client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        return dict(claims)

    def _decoded(self, sent: str, keys: dict[str, Any]) -> jwt.Token:
        taken = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        return jwt.decode(sent, KeySet.import_key_set(keys), registry=taken)  # type: ignore[arg-type]  # any JSON; joserfc looks at it

    async def _describe(self, _now: datetime) -> dict[str, Any]:
        url = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        async with _told_apart(), self._client() as client:
            found = await _object(client, url)
        if found.get("issuer") != self._settings.issuer:
            raise _away(f"{url} is of {found.get('issuer')!r}, and not of SNAGLIST_OIDC_ISSUER")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        for name in (*needed, *({"userinfo_endpoint"} & found.keys())):
            if not isinstance(found.get(name), str) or not is_guarded(found[name]):
                raise _away(f"{url} has no {name} that can be trusted")
        return found

    async def _publish(self, now: datetime) -> dict[str, Any]:
        described = await self._description.value(now)
        async with _told_apart(), self._client() as client:
            found = await _object(client, described["jwks_uri"])
            return {"keys": [key for key in found["keys"] if _is_for_signatures(key)]}

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._settings.client_id,
            self._settings.client_secret,
            scope=SCOPE,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            verify=self._tls,
            timeout=PATIENCE,
            follow_redirects=False,
        )


class _told_apart:  # noqa: N801  used as a function
    """Tells what the provider did wrong from its being away; bounds how long all of it may take."""

    def __init__(self) -> None:
        self._timeout = asyncio.timeout(2 * PATIENCE)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: Any
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as late:
            raise _away("it took too long") from late
        if isinstance(error, JoseError):
            raise _untrue(f"{type(error).__name__}: {error}") from error
        if isinstance(error, AuthlibBaseError):
            raise OidcRefused(
                "OIDC_CODE", "the provider does not take its code any more; sign in again", detail=str(error)
            ) from error
        if isinstance(error, httpx2.HTTPError | httpx2.InvalidURL | ValueError | TypeError | KeyError):
            raise _away(f"{type(error).__name__}: {error}") from error


async def _object(client: AsyncOAuth2Client, url: str, subject: str | None = None) -> dict[str, Any]:
    """The JSON object at a URL; with a subject it is about that one, and our token is sent along."""
    response = await client.request("GET", url, withhold_token=subject is None)
    response.raise_for_status()
    found = response.json()
    if not isinstance(found, dict):
        raise ValueError(f"{url} is no JSON object")
    if subject is not None and found.get("sub") != subject:
        raise _untrue("the user info is about somebody else")
    return found


def _is_for_signatures(key: Mapping[str, Any]) -> bool:
    return key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"


def _identity(claims: Mapping[str, Any]) -> Identity:
    email, name = claims.get("email", ""), claims.get("name")
    is_address = isinstance(email, str) and 3 <= len(email) <= 320 and email.isprintable() and "@" in email
    if not is_address or not email.isascii():  # beyond ASCII, two addresses can be one in small letters
        raise OidcRefused("OIDC_EMAIL", "the provider tells no e-mail address of yours that can be used")
    if claims.get("email_verified") not in (True, "true"):  # some write it as a text
        raise OidcRefused("OIDC_EMAIL", "your e-mail address has not been verified at the provider")
    subject = claims["sub"]
    if not subject or len(subject) > 255 or not subject.isprintable():
        raise _untrue("the subject is none")
    shown = name.strip() if isinstance(name, str) and name.isprintable() else ""
    return Identity(claims["iss"], subject, email.lower(), (shown or email.partition("@")[0])[:200])


def _away(detail: str) -> OidcRefused:
    return OidcRefused(
        "OIDC_PROVIDER",
        "the provider cannot be asked at this moment; try again later",
        status=502,
        detail=detail,
    )


def _untrue(detail: str) -> OidcRefused:
    return OidcRefused("OIDC_TOKEN", "what the provider says about you cannot be trusted", detail=detail)
