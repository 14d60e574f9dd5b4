"""The door of the graph: HTTP comes in, HTTP goes out; in between, an operation with a caller.

    POST /graphql   application/json: {"query", "variables", "operationName"}, `Authorization: Bearer <token>` or a cookie;
                    {"documentId", ...} instead of the query (`persisted`)
    GET /graphql    GraphiQL, for a browser
    WebSocket       subscriptions (`live`); by POST too, for those who accept `text/event-stream`

A result is 200 whatever it holds, or, where a client accepts `application/graphql-response+json`, 401 where nobody
is signed in and 400 where the document is refused. A database that is away is 503. What is no GraphQL request at all
is refused as HTTP has it. Only JSON is taken, and nothing over GET, so that no foreign page can make a browser ask;
a session's cookie counts only for pages of ours (`callers`).
"""

import gzip
from datetime import UTC, datetime
from time import time
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from app.accounts.client_address import client_address
from app.accounts.roles import Caller
from app.accounts.session_cookie import Place, set_cookie
from app.config import Settings
from app.errors import SnaglistError, Unauthenticated
from app.graphql import graphiql, masking, requests
from app.graphql.callers import find_caller
from app.graphql.context import Context, OidcMethod
from app.graphql.encoding import ENCODER
from app.graphql.live.entrance import Entrance
from app.graphql.live.messages import PROTOCOL
from app.graphql.live.sockets import Sockets
from app.graphql.live.streams import MEDIA_TYPE, Streamed
from app.graphql.persisted import persisted
from app.graphql.requests import Refused
from app.graphql.schema import schema
from app.live.watching import Hub
from app.scanning.source import Bounds

PATH: Final = "/graphql"
LARGEST: Final = 1024 * 1024
"""Bytes of a request."""

ZIPPED_FROM: Final = 1024
ZIP_LEVEL: Final = 4  # 9 takes six times as long for a twentieth less

JSON: Final = "application/json"
RESPONSE_JSON: Final = "application/graphql-response+json"
_OPERATIONS: Final = (OperationType.QUERY, OperationType.MUTATION)


def endpoint(settings: Settings, hub: Hub | None = None) -> list[BaseRoute]:
    """The routes of the graph and of GraphiQL's files. `hub`: where subscriptions hear what happens, once it runs."""
    door = Door(schema, settings, hub)
    return [
        Route(PATH, door),
        WebSocketRoute(PATH, door.sockets),
        Mount(f"{PATH}/files", GZipMiddleware(StaticFiles(directory=graphiql.FILES), ZIPPED_FROM, ZIP_LEVEL)),
    ]


class Door:
    """An ASGI app that serves one schema."""

    def __init__(self, schema: BaseSchema, settings: Settings, hub: Hub | None = None) -> None:
        self._schema = schema
        self._persisted = persisted(settings)
        self._introspection = settings.introspection
        self._bounds = Bounds(first=settings.first_scan_bytes)
        self._base_url = settings.base_url
        self._place = Place(settings.base_url)
        self._trusted = settings.trusted_proxies
        self._oidc = (
            OidcMethod(settings.oidc.name, f"{settings.base_url}/oidc/start") if settings.oidc else None
        )
        self._entrance = Entrance(schema, self._persisted, hub or Hub(), self._context)
        self.sockets = Sockets(self._entrance, self._caller, self._address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; a client that has gone gets none."""
        headers = Headers(scope=scope)
        try:
            response: Response | Streamed
            if scope["method"] in ("GET", "HEAD") and graphiql.is_for(headers.get("accept", "")):
                response = Response(graphiql.PAGE, headers=graphiql.HEADERS)
            else:
                body = await _body(scope["method"], headers, receive)
                if body is None:
                    return
                response = await self._answer(scope, requests.read(body))
        except Refused as refused:
            told = {"message": refused.message, "extensions": {"code": masking.BAD_USER_INPUT}}
            response = answer = _json({"errors": [told]}, headers, refused.status, JSON)
            answer.headers.update(refused.headers)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, asked: requests.Asked) -> Response | Streamed:
        headers = Headers(scope=scope)
        try:
            caller = await self._caller(headers, scope["scheme"])
        except Exception as failure:  # noqa: BLE001  masked, and logged where nobody expected it
            return _answered({"errors": [masking.of_exception(failure)]}, headers, is_refused=False)
        try:
            document = await self._persisted.text(asked, caller)
        except SnaglistError as refused:
            return _answered({"errors": [masking.of_exception(refused)]}, headers, is_refused=True)
        context = self._context(caller, self._address(scope, headers))
        try:
            result = await self._schema.execute(
                document,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=_OPERATIONS,
            )
        except (CannotGetOperationTypeError, MissingQueryError):
            raise Refused(400, "there is no such operation in the document") from None
        except InvalidOperationTypeError:
            return self._streamed(asked, caller, headers)
        if not _is_refused(result):
            await self._persisted.remember(asked, caller)
        errors = [masking.shown(error) for error in result.errors or ()]
        response = _answered(_envelope(result, errors), headers, is_refused=_is_refused(result))
        if context.session_cookie is not None:
            response.headers.append("Set-Cookie", set_cookie(self._place, context.session_cookie))
        return response

    def _streamed(self, asked: requests.Asked, caller: Caller | None, headers: Headers) -> Streamed:
        if MEDIA_TYPE not in headers.get("accept", ""):
            raise Refused(
                400, f"subscriptions are told over a WebSocket ({PROTOCOL}), or to who accepts {MEDIA_TYPE}"
            )
        return Streamed(self._entrance, caller, asked, lambda errors: _not_streamed(errors, headers))

    async def _caller(self, headers: Headers, scheme: str) -> Caller | None:
        return await find_caller(self._place, headers, scheme, now=_now())

    def _context(self, caller: Caller | None, address: str = "") -> Context:
        return Context(
            caller,
            _now(),
            introspection=self._introspection,
            bounds=self._bounds,
            base_url=self._base_url,
            client_address=address,
            oidc=self._oidc,
        )

    def _address(self, scope: Scope, headers: Headers) -> str:
        peer = scope.get("client")
        return client_address(peer[0] if peer else None, headers.getlist("x-forwarded-for"), self._trusted)


async def _body(method: str, headers: Headers, receive: Receive) -> bytes | None:
    """The body of a POST with JSON; None where the client has gone. Raises Refused for anything else."""
    if method != "POST":
        raise Refused(405, "GraphQL is asked by POST", {"Allow": "GET, POST"})
    if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise Refused(415, f"send {JSON}")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "send the body as it is, not compressed")
    announced = headers.get("content-length", "0")
    too_large = Refused(413, f"a request has at most {LARGEST} bytes", {"Connection": "close"})
    if announced.isascii() and announced.isdigit() and len(announced) < 20 and int(announced) > LARGEST:
        raise too_large
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise too_large
        if not message.get("more_body", False):
            return b"".join(parts)


def _envelope(result: ExecutionResult, errors: list[masking.Shown]) -> dict[str, Any]:
    """The result as the specification has it: no `data` where nothing was executed."""
    found: dict[str, Any] = {"errors": errors} if errors else {}
    if not _is_refused(result):
        found["data"] = result.data
    if result.extensions:
        found["extensions"] = result.extensions
    return found


def _is_refused(result: ExecutionResult) -> bool:
    """Whether nothing was executed: the document or its variables were not accepted."""
    return result.data is None and all(error.path is None for error in result.errors or ())


def _answered(found: dict[str, Any], headers: Headers, *, is_refused: bool) -> Response:
    codes = {error["extensions"]["code"] for error in found.get("errors", ())}
    is_empty = not any(value is not None for value in (found.get("data") or {}).values())
    accepts_new = RESPONSE_JSON in headers.get("accept", "")
    status = 200
    if masking.UNAVAILABLE in codes and is_empty:
        status = 503
    elif accepts_new and found.get("data") is None:
        status = 401 if Unauthenticated.code in codes else 400 if is_refused else 200
    response = _json(found, headers, status, RESPONSE_JSON if accepts_new else JSON)
    if status == 503:
        response.headers["Retry-After"] = "1"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _json(found: object, headers: Headers, status: int, media_type: str) -> Response:
    body = ENCODER.encode(found)
    more = {"Vary": "Accept, Accept-Encoding, Authorization, Cookie", "Cache-Control": "no-store"}
    if len(body) >= ZIPPED_FROM and "gzip" in headers.get("accept-encoding", ""):
        body = gzip.compress(body, ZIP_LEVEL, mtime=0)
        more["Content-Encoding"] = "gzip"
    return Response(body, status, more, f"{media_type}; charset=utf-8")


def _not_streamed(errors: list[masking.Shown], headers: Headers) -> Response:
    """Why there is no stream: as clients of streams look at the status first, it says so too."""
    codes = {error["extensions"]["code"] for error in errors}
    status = 401 if Unauthenticated.code in codes else 503 if masking.UNAVAILABLE in codes else 400
    return _json({"errors": errors}, headers, status, JSON)


def _now() -> datetime:
    return datetime.fromtimestamp(time(), UTC)
