"""The HTTP server: routes and lifespan, nothing else.

Comes in: the settings, and maybe a socket that listens already. Goes out: answers, and one line in the log for each.

    /           the front end, and so all that nobody below has
    /graphql    the graph, by HTTP and WebSocket; GraphiQL in a browser
    /v1/ingest  events of apps, by our own API
    /api/...    events of apps, by Sentry's
    /webhooks   what GitHub tells
    /oidc/...   signing in with a provider, where one is set up
    /invite     the page of an invitation's link; /unsubscribe that of a digest's
    /healthz    200: this process is alive
    /readyz     200: the database, Redis and the migrations are there; otherwise 503, and it says which is not

It listens at once and becomes ready by itself, and again whenever what was away is back.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial
from time import perf_counter
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import BAD_CONFIGURATION, Settings
from app.errors import ConfigurationError
from app.front_end import front_end
from app.github_door import github_door
from app.graphql.endpoint import LARGEST, endpoint
from app.graphql.live.ending import SignalledHub, SignalledServer
from app.graphql.live.frames import FramesProtocol
from app.ingest.routes import PATHS, Doors
from app.invite_page import invite_page
from app.live import connection
from app.oidc_door import oidc_door
from app.one_write import OneWriteProtocol
from app.startup import finish, prepare_patiently
from app.tables.database import fetch
from app.unsubscribe_door import unsubscribe_door

_LONGEST_CHECK: Final = 1.0
_FORGOTTEN: Final = 10.0  # seconds after which a check that hangs is let hang, and another one begun
_GRACE: Final = 2  # seconds for answers that are being given
_LONGEST_FINISH: Final = 1.5
_HEALTH: Final = ("/healthz", "/readyz")
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),  # a page brings its own
)
_STARTING: Final = {
    "errors": [{"message": "Snaglist is starting; ask again", "extensions": {"code": "UNAVAILABLE"}}]
}

_GiveUp = Callable[[Exception], None]

_log = logging.getLogger(__name__)


def create(settings: Settings, *, give_up: _GiveUp = lambda _: None) -> Starlette:
    """The app; `give_up` is called, once, if it will never be ready with these settings."""
    readiness = _Readiness()
    doors = Doors()
    hub = SignalledHub()
    app = Starlette(
        routes=[
            *doors.routes,  # come first, as they are asked for most
            Route("/healthz", _alive),
            Route("/readyz", readiness.answer),
            *endpoint(settings, hub),
            *github_door(),
            *unsubscribe_door(),
            *oidc_door(settings),
            *invite_page(),
            *front_end(),  # comes last: it has what is left
        ],
        middleware=[Middleware(_Logged), Middleware(_Headed), Middleware(_Gate, readiness=readiness)],
        lifespan=partial(_lifespan, settings, readiness, doors, hub, give_up),
    )
    app.state.hub = hub
    return app


def serve(settings: Settings, fd: int | None) -> int:
    """Serve until SIGTERM or SIGINT, on the listening socket `fd` or on HOST and PORT; the exit status comes out.

    Answers that are being given have a few seconds then; subscriptions end at once, and clients come again.
    """
    failures: list[Exception] = []

    def give_up(error: Exception) -> None:
        failures.append(error)
        server.should_exit = True

    server = SignalledServer(
        uvicorn.Config(
            create(settings, give_up=give_up),
            host=settings.host,
            port=settings.port,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            http=OneWriteProtocol,
            proxy_headers=False,  # SNAGLIST_TRUSTED_PROXIES says whom to believe
            timeout_graceful_shutdown=_GRACE,
            ws=FramesProtocol,
            ws_max_size=LARGEST,
            ws_per_message_deflate=False,  # takes longer than sending, for each client anew
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises it again, at the end
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    server.run([socket.socket(fileno=fd)] if fd is not None else None)
    return _exit_status(failures)


def _exit_status(failures: Iterable[Exception]) -> int:
    for failure in failures:
        return BAD_CONFIGURATION if isinstance(failure, ConfigurationError) else 1
    return 0


@asynccontextmanager
async def _lifespan(
    settings: Settings,
    readiness: "_Readiness",
    doors: Doors,
    hub: SignalledHub,
    give_up: _GiveUp,
    _app: Starlette,
) -> AsyncIterator[None]:
    doors.open()
    await hub.start()
    preparing = asyncio.create_task(_prepare(settings, readiness, give_up))
    try:
        yield
    finally:
        preparing.cancel()
        await asyncio.wait([preparing], timeout=_LONGEST_FINISH)
        await hub.stop()
        await doors.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_FINISH):
                await finish()


async def _prepare(settings: Settings, readiness: "_Readiness", give_up: _GiveUp) -> None:
    try:
        await prepare_patiently(settings)
    except ConfigurationError as error:
        _log.critical("the settings cannot work", extra={"reason": error.message})
        give_up(error)
    except Exception as error:  # noqa: BLE001  whoever runs the server is told, and it ends
        _log.exception("the start failed")
        give_up(error)
    else:
        readiness.is_prepared = True


async def _alive(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "alive"})


class _Check:
    """Whether something answers; those who ask at the same time ask once, and nobody waits for long."""

    def __init__(self, ask: Callable[[], Awaitable[object]]) -> None:
        self._ask = ask
        self._asked: asyncio.Task[bool] | None = None
        self._begun = 0.0

    async def answers(self) -> bool:
        """The answer, within a second. A question without one stays open instead of being asked again and again."""
        now = asyncio.get_running_loop().time()
        if self._asked is None or self._asked.done() or now - self._begun > _FORGOTTEN:
            self._asked = asyncio.create_task(self._succeeds())
            self._begun = now
        asked = self._asked
        await asyncio.wait([asked], timeout=_LONGEST_CHECK)
        return asked.done() and asked.result()

    async def _succeeds(self) -> bool:
        try:
            await self._ask()
        except Exception:  # noqa: BLE001  whatever it is, it is no answer
            return False
        return True


class _Readiness:
    """What must be there, and whether it is."""

    def __init__(self) -> None:
        self.is_prepared = False
        self._database = _Check(lambda: fetch("select 1"))
        self._redis = _Check(connection.ping)
        self._told = True

    async def answer(self, _request: Request) -> JSONResponse:
        database, redis = await asyncio.gather(self._database.answers(), self._redis.answers())
        is_ready = database and redis and self.is_prepared
        found = {
            "status": "ready" if is_ready else "not ready",
            "database": "ready" if database else "away",
            "redis": "ready" if redis else "away",
            "migrations": "done" if self.is_prepared else "pending",
        }
        if self.is_prepared and is_ready != self._told:
            self._told = is_ready
            _log.log(logging.INFO if is_ready else logging.WARNING, "readiness has changed", extra=found)
        return JSONResponse(found, 200 if is_ready else 503, {"Cache-Control": "no-store"})


class _Gate:
    """Answers 503 to all but the questions for health, until there is a database to ask."""

    def __init__(self, app: ASGIApp, readiness: _Readiness) -> None:
        self._app = app
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = self._readiness.is_prepared or scope["type"] == "lifespan" or scope["path"] in _HEALTH
        if is_open:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013})
        else:
            await JSONResponse(_STARTING, 503, {"Retry-After": "1"})(scope, receive, send)


class _Headed:
    """Gives each answer the headers that keep a browser from harm, unless the answer has its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                own = {name for name, _ in headers}
                headers += [header for header in _HEADERS if header[0] not in own]
                message["headers"] = headers
            await send(message)

        # What programs ask says its own.
        is_page = scope["type"] == "http" and not scope["path"].startswith(PATHS)
        await self._app(scope, receive, send_headed if is_page else send)


class _Logged:
    """Logs each request when it is over: never what was asked for, nor who asked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        status = 500 if scope["type"] == "http" else 403
        began = perf_counter()

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            path = scope["path"]
            # What apps send by the thousand is told only to those who look for it.
            level = logging.DEBUG if path in _HEALTH or path.startswith(PATHS) else logging.INFO
            if _log.isEnabledFor(level):
                told = {
                    "method": scope.get("method", "WEBSOCKET"),
                    "path": path[:500],
                    "status": status,
                    "ms": round((perf_counter() - began) * 1000, 1),
                }
                _log.log(level, "answered", extra=told)
