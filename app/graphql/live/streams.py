"""Server-sent events: one subscription for each request, as the protocol graphql-sse has it in its mode of distinct
connections.

Comes in: a request. Goes out: `event: next` for each payload, and `event: complete` where the server lets the caller
listen no more. A connection that just ends is to be made again, with the last cursor as `after`.
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from app.accounts.roles import Caller
from app.errors import SnaglistError
from app.graphql import masking
from app.graphql.encoding import ENCODER
from app.graphql.live.entrance import Entrance
from app.graphql.live.mailboxes import Mailbox
from app.graphql.live.starting import NotLetIn
from app.graphql.requests import Asked

MEDIA_TYPE: Final = "text/event-stream"
HEARTBEAT: Final = 12.0
"""Seconds after which a comment is sent, so that nothing in between takes the connection for dead."""
SLOWEST: Final = 30.0
"""Seconds that one payload may take."""

_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"vary", b"Accept, Authorization, Cookie"),
]
_START: Final = {"type": "http.response.start", "status": 200, "headers": _HEADERS}


class Streamed:
    """A response, if the subscription is let in; otherwise what `refused` makes of the errors."""

    def __init__(
        self,
        entrance: Entrance,
        caller: Caller | None,
        asked: Asked,
        refused: Callable[[list[masking.Shown]], ASGIApp],
    ) -> None:
        self._entrance = entrance
        self._caller = caller
        self._asked = asked
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends updates until the client has gone or may not listen any more."""
        tasks = [asyncio.create_task(self._serve(scope, receive, send)), asyncio.create_task(_gone(receive))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled() and (failure := task.exception()) is not None:
                raise failure

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = _Stream()
        try:
            with ExitStack() as stack:
                if self._caller is not None:  # looked after from the start: letting it in may take its time
                    stack.enter_context(self._entrance.checks.of(self._caller, stream.end))
                async with self._entrance.subscribed(self._caller, self._asked, stream.wake) as mailbox:
                    await stream.send_all(mailbox, send)
        except NotLetIn as refused:
            await self._refused(refused.errors)(scope, receive, send)


class _Stream:
    """What is sent of one subscription."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._ending = False
        self._why: SnaglistError | None = None

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    def end(self, why: SnaglistError | None) -> None:
        """End it; None: the client may come back at once."""
        self._ending, self._why = True, why
        self._woken.set()

    async def send_all(self, mailbox: Mailbox, send: Send) -> None:
        """Send what comes into the mailbox, until the client has gone or it ends; nothing of it after that."""
        # TimeoutError: the client is too slow; OSError: it has gone.
        with suppress(OSError):
            await send(dict(_START))
            while not (self._ending or mailbox.has_ended):
                self._woken.clear()
                if (payload := mailbox.take()) is not None:
                    await _say(send, b"event: next\ndata: %b\n\n" % payload)
                elif not await self._is_woken():
                    await _say(send, b":\n\n")
            if self._why is not None:
                told = ENCODER.encode({"errors": [masking.of_exception(self._why)], "data": None})
                await _say(send, b"event: next\ndata: %b\n\nevent: complete\ndata:\n\n" % told)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _is_woken(self) -> bool:
        try:
            async with asyncio.timeout(HEARTBEAT):
                await self._woken.wait()
        except TimeoutError:
            return False
        return True


async def _say(send: Send, text: bytes) -> None:
    async with asyncio.timeout(SLOWEST):
        await send({"type": "http.response.body", "body": text, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
