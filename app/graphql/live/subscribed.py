"""The subscriptions of one connection.

Comes in: `subscribe` and `complete`. Goes out: what is told of them, or why they did not begin.
"""

import asyncio
from typing import Final

from app.accounts.roles import Caller
from app.errors import RateLimited, SnaglistError
from app.graphql import masking, requests
from app.graphql.live import messages
from app.graphql.live.entrance import Entrance
from app.graphql.live.messages import Closed, Message
from app.graphql.live.outgoing import Outgoing
from app.graphql.live.starting import NotLetIn

MOST: Final = 50
"""Subscriptions on one connection."""


class Subscribed:
    """Those that run, each in a task of its own, by the ids that the client gave them."""

    def __init__(self, entrance: Entrance, caller: Caller, out: Outgoing) -> None:
        self._entrance = entrance
        self._caller = caller
        self._out = out
        self._running: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def begin(self, message: Message) -> None:
        """Begin one, unless the connection is closing. Closed: the message is none, or one with this id runs."""
        if self._out.is_closing:
            return
        id_ = message.named()
        if id_ in self._running:
            raise Closed(messages.SAME_ID, "a subscription with this id runs")
        if not message.payload:
            raise Closed(messages.BAD_MESSAGE, "subscribe has a payload with a query")
        if len(self._running) + len(self._ending) >= MOST:
            most = RateLimited(f"{MOST} subscriptions run on this connection: end some of them")
            self._refuse(id_, [masking.of_exception(most)])
            return
        self._running[id_] = asyncio.create_task(self._listen(id_, bytes(message.payload)))

    def complete(self, id_: str) -> None:
        """End one; nothing happens where there is none."""
        self._out.stop(id_)
        task = self._running.pop(id_, None)
        if task is not None:
            self._drop(task)

    def refuse(self, why: SnaglistError | None) -> None:
        """End all, and the connection; None: the client may come back at once."""
        for id_ in list(self._running):
            self.complete(id_)
            if why is not None:
                self._refuse(id_, [masking.of_exception(why)])
        self._out.close(messages.closing(why))

    async def end(self) -> None:
        """End all."""
        for id_ in list(self._running):
            self.complete(id_)
        if self._ending:
            await asyncio.wait(self._ending)

    async def _listen(self, id_: str, payload: bytes) -> None:
        try:
            asked = requests.read(payload)
            async with self._entrance.subscribed(self._caller, asked, self._out.wake) as mailbox:
                self._out.tell(id_, messages.before(id_), mailbox)
                await asyncio.Event().wait()
        except requests.Refused as refused:
            self._fail(id_, [{"message": refused.message, "extensions": {"code": masking.BAD_USER_INPUT}}])
        except NotLetIn as refused:
            self._fail(id_, refused.errors)

    def _fail(self, id_: str, errors: list[masking.Shown]) -> None:
        self._running.pop(id_, None)
        self._refuse(id_, errors)

    def _refuse(self, id_: str, errors: list[masking.Shown]) -> None:
        try:
            self._out.say(messages.written("error", id=id_, payload=errors))
        except Closed as closed:
            self._out.close(closed)

    def _drop(self, task: asyncio.Task[None]) -> None:
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        task.cancel()
