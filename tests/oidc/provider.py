"""An OIDC provider on this machine: Authlib's server, behind HTTP, with somebody signed in whom tests can change.

Comes in: what a relying party sends. Goes out: what a provider answers, checked as one checks it: client, secret, redirect
URI, PKCE, codes that are good for once. `forge` and `metadata` make it lie.
"""

import asyncio
import json
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT_ID = "snaglist"
SECRET = "hunter22:%/+ and more"  # noqa: S105  of this provider's only client


_KEY = RSAKey.generate_key(2048, {"kid": "first"})


class _Client(ClientMixin):  # type: ignore[misc]
    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == "http://snaglist.test/oidc/callback"

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == (Provider.method, "token")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class _Code:
    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    get_acr = get_amr = get_auth_time


@dataclass
class Provider:
    """What there is at the provider; tests change it."""

    issuer: str
    method = "client_secret_basic"
    user: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "248289761001",
            "email": "ann@acme.test",
            "email_verified": True,
            "name": "Ann",
        }
    )
    key: RSAKey = field(default_factory=lambda: _KEY)
    in_token: tuple[str, ...] = ("sub", "email", "email_verified", "name")
    """What of the user the id token says; the user info says all."""
    forge: Callable[[dict[str, Any]], str] | None = None
    """Makes another id token, of the claims that would have been in it."""
    metadata: dict[str, Any] = field(default_factory=dict)
    is_away: bool = False
    is_silent: bool = False
    codes: dict[str, _Code] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for."""


class _Request(OAuth2Request):  # type: ignore[misc]
    def __init__(self, request: Request, form: dict[str, str]) -> None:
        super().__init__(
            request.method, "https://provider.test" + request.url.path, headers=_Titled(request.headers)
        )
        self.payload = BasicOAuth2Payload({**request.query_params, **form})
        self.payload._datalist = defaultdict(list, self.payload._datalist)
        self._args, self._form = dict(request.query_params), form

    @property
    def args(self) -> dict[str, str]:
        return self._args

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Titled(dict[str, str]):
    """Headers, whatever the case in which they are asked for."""

    def __init__(self, headers: Any) -> None:
        super().__init__({name.title(): value for name, value in headers.items()})


class _Server(AuthorizationServer):  # type: ignore[misc]
    def __init__(self, provider: Provider) -> None:
        super().__init__(scopes_supported=["openid", "email", "profile"])
        self.provider = provider
        self.register_token_generator("default", BearerTokenGenerator(lambda **_: "an access token"))
        self.register_grant(_Grant, [_IdToken(provider), CodeChallenge(required=True)])

    def query_client(self, client_id: str) -> _Client | None:
        return _Client() if client_id == CLIENT_ID else None

    def save_token(self, token: object, request: object) -> None:
        pass

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        pass

    def create_oauth2_request(self, request: Any) -> Any:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        content = json.dumps(body) if isinstance(body, dict) else body
        return Response(content, status, dict(headers))


class _Grant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        names = ("redirect_uri", "scope", "nonce", "code_challenge", "code_challenge_method")
        self.server.provider.codes[code] = _Code(code, *(data[name] for name in names))

    def query_authorization_code(self, code: str, client: object) -> _Code | None:
        found: _Code | None = self.server.provider.codes.get(code)
        return found

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        del self.server.provider.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: _Code) -> Any:
        return self.server.provider.user


class _IdToken(OpenIDCode):  # type: ignore[misc]
    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: object) -> bool:
        return any(code.nonce == nonce for code in self.provider.codes.values())

    def resolve_client_private_key(self, client: object) -> RSAKey:
        return self.provider.key

    def get_client_claims(self, client: object) -> dict[str, Any]:
        return {"iss": self.provider.issuer, "aud": [CLIENT_ID]}

    def get_encode_header(self, client: object) -> dict[str, Any]:
        return {"alg": "RS256", "kid": self.provider.key.kid}

    def generate_user_info(self, user: dict[str, Any], scope: str) -> dict[str, Any]:
        return {name: user[name] for name in self.provider.in_token if name in user}

    def encode_id_token(self, token: Any, request: Any) -> str:
        if self.provider.forge is None:
            honest: str = super().encode_id_token(token, request)
            return honest
        claims = self.get_compatible_claims(request)
        claims |= self.get_authorization_code_claims(request.authorization_code)
        return self.provider.forge(claims | self.generate_user_info(request.user, token["scope"]))


class _Routes:
    """What the provider answers to whom."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.server = _Server(provider)

    async def describe(self, _request: Request) -> Response:
        issuer = self.provider.issuer
        described = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "token_endpoint_auth_methods_supported": [Provider.method],
        }
        return JSONResponse(described | self.provider.metadata)

    async def jwks(self, _request: Request) -> Response:
        key = self.provider.key.as_dict(private=False)
        return JSONResponse({"keys": [key, {"kty": "oct", "k": "c2VjcmV0"}]})

    async def authorize(self, request: Request) -> Response:
        asked = _Request(request, {})
        try:
            grant = self.server.get_consent_grant(asked, self.provider.user)
        except OAuth2Error as error:
            return JSONResponse(dict(error.get_body()), 400)
        found: Response = self.server.create_authorization_response(asked, self.provider.user, grant)
        return found

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        found: Response = self.server.create_token_response(_Request(request, form))
        return found

    async def userinfo(self, request: Request) -> Response:
        is_allowed = request.headers.get("authorization") == "Bearer an access token"
        return JSONResponse(self.provider.user if is_allowed else {}, 200 if is_allowed else 401)

    def noted(
        self, answer: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """The answer; what is asked for is noted, and whoever is away says nothing of use."""

        async def note(request: Request) -> Response:
            self.provider.asked.append(request.url.path)
            if self.provider.is_silent:
                await asyncio.sleep(1)
            if self.provider.is_away:
                return Response("<h1>Bad gateway</h1>", 502)
            return await answer(request)

        return note


def _app(provider: Provider) -> Starlette:
    routes = _Routes(provider)
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", routes.noted(routes.describe)),
            Route("/jwks", routes.noted(routes.jwks)),
            Route("/authorize", routes.noted(routes.authorize)),
            Route("/token", routes.noted(routes.token), methods=["POST"]),
            Route("/userinfo", routes.noted(routes.userinfo)),
        ]
    )


@asynccontextmanager
async def provider_there() -> AsyncIterator[Provider]:
    """A provider that listens on a port of its own until the end."""
    listening = socket.create_server(("127.0.0.1", 0))
    made = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}")
    config = uvicorn.Config(_app(made), lifespan="off", log_config=None, ws="none", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listening]))
    try:
        yield made
    finally:
        server.should_exit = True
        await serving
        listening.close()
