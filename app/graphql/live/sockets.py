"""WebSockets: the protocol graphql-transport-ws, many subscriptions on one connection.

Comes in: connections. Goes out: what is told of their subscriptions. Who breaks the protocol is closed with the
protocol's own codes; who may not listen (any more) with 4401 or 4403; 1012 and 1013 ask to connect again, with the last
cursors as `after`. Queries and mutations are asked by POST.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, suppress
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Receive, Scope, Send

from app.accounts.roles import Caller
from app.errors import Forbidden, Unauthenticated, Unavailable
from app.graphql import masking
from app.graphql.live import messages
from app.graphql.live.entrance import Entrance
from app.graphql.live.frames import EXTENSION, KNOWN
from app.graphql.live.messages import Closed, Message
from app.graphql.live.outgoing import Gone, Outgoing
from app.graphql.live.places import Places
from app.graphql.live.subscribed import Subscribed

PATIENCE: Final = 10.0
"""Seconds that a client has for `connection_init`."""
_LAST_WORDS: Final = 0.5

FindCaller = Callable[[Headers, str], Awaitable[Caller | None]]
"""Who sends these headers, over which scheme. Unauthenticated, Forbidden: see `callers.find_caller`."""
Address = Callable[[Scope, Headers], str]
"""Where a request comes from; empty where that is not known."""


class Sockets:
    """All connections of one server; an ASGI app."""

    def __init__(self, entrance: Entrance, find_caller: FindCaller, address: Address) -> None:
        self._entrance = entrance
        self._find_caller = find_caller
        self._address = address
        self._places = Places()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection to its end."""
        await receive()  # websocket.connect
        speaks = messages.PROTOCOL in scope.get("subprotocols", ())
        await send({"type": "websocket.accept", "subprotocol": messages.PROTOCOL if speaks else None})
        try:
            if not speaks:
                raise Closed(messages.NO_SUCH_PROTOCOL, f"speak {messages.PROTOCOL}")
            address = self._address(scope, Headers(scope=scope))
            stranger = self._places.of_somebody(address)
            await _Connection(
                self._entrance, self._find_caller, self._places, stranger, scope, receive, send
            ).run()
        except Closed as closed:
            close = {"type": "websocket.close", "code": closed.code, "reason": closed.reason}
            with suppress(OSError):
                async with asyncio.timeout(_LAST_WORDS):
                    await send(close)


class _Connection:
    """One client: reads its messages and answers them."""

    def __init__(
        self,
        entrance: Entrance,
        find_caller: FindCaller,
        places: Places,
        stranger: AbstractContextManager[None],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._entrance = entrance
        self._find_caller = find_caller
        self._places = places
        self._stranger = stranger
        self._scope = scope
        self._receive = receive
        self._send = send
        self._takes_frames = EXTENSION in scope.get("extensions", ())
        self._out = Outgoing(send, takes_frames=self._takes_frames)

    async def run(self) -> None:
        """Until the client goes. Raises Closed where it is to be closed."""
        tasks = [asyncio.create_task(self._out.run()), asyncio.create_task(self._read_all())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        failures = [task.exception() for task in tasks if not task.cancelled()]
        if failure := next((each for each in failures if not isinstance(each, Gone | None)), None):
            raise failure

    async def _read_all(self) -> None:
        try:
            with self._stranger:
                async with asyncio.timeout(PATIENCE):
                    caller = await self._begin()
        except TimeoutError:
            raise Closed(messages.NO_INIT, "no connection_init came") from None
        subscribed = Subscribed(self._entrance, caller, self._out)
        try:
            with self._places.of(caller), self._entrance.checks.of(caller, subscribed.refuse):
                if self._takes_frames:
                    await self._send({"type": KNOWN})
                self._out.say(messages.written("connection_ack"))
                while not self._out.is_closing:
                    await self._answer(await self._next(), subscribed)
                await asyncio.Event().wait()  # until the last is sent
        finally:
            await subscribed.end()

    async def _begin(self) -> Caller:
        """Who sends `connection_init`. Raises Gone, and Closed where it does not let anybody in."""
        while (message := await self._next(messages.LARGEST_FIRST)).type != "connection_init":
            if message.type not in ("ping", "pong"):
                raise Closed(messages.UNAUTHORIZED, "send connection_init first")
            self._answer_ping(message)
        headers = MutableHeaders(raw=list(self._scope["headers"]))
        if sent := messages.authorization(message):
            headers["authorization"] = sent
        try:
            caller = await self._find_caller(headers, self._scope["scheme"])
            if caller is None:
                raise Unauthenticated('send {"authorization": "Bearer ..."} with connection_init, or sign in')
        except (Unauthenticated, Forbidden) as why:
            raise messages.closing(why) from None
        except Exception as failure:  # noqa: BLE001  masked, and logged where nobody expected it
            masking.of_exception(failure)
            raise messages.closing(Unavailable("this cannot be found out at the moment")) from None
        return caller

    async def _answer(self, message: Message, subscribed: Subscribed) -> None:
        match message.type:
            case "subscribe":
                subscribed.begin(message)
            case "complete":
                subscribed.complete(message.named())
            case "ping" | "pong":
                self._answer_ping(message)
            case "connection_init":
                raise Closed(messages.SECOND_INIT, "connection_init came twice")
            case _:
                raise Closed(messages.BAD_MESSAGE, "there is no message of such a type")

    def _answer_ping(self, message: Message) -> None:
        if message.type == "ping":
            self._out.say(messages.written("pong"))

    async def _next(self, largest: int = messages.LARGEST) -> Message:
        """The next message. Raises Gone, and Closed where it is none."""
        received = await self._receive()
        if received["type"] == "websocket.disconnect":
            raise Gone
        return messages.read(received.get("text"), largest)
