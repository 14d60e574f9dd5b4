"""What is sent to one connection, one after the other.

Comes in: messages, and the mailboxes of its subscriptions. Goes out: the same, as fast as the client takes it; what waits
for a slow one is bounded.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from starlette.types import Send

from app.graphql.live.frames import framed
from app.graphql.live.mailboxes import Mailbox
from app.graphql.live.messages import RESTART, TRY_AGAIN, Closed

MOST: Final = 500
"""Answers that wait to be sent."""
SLOWEST: Final = 30.0
"""Seconds in which a client takes what is sent at once."""
AT_ONCE: Final = 64 * 1024
"""Bytes."""


class Gone(Exception):
    """The client is not there any more."""


class Outgoing:
    """To one connection, one message after the other, or with `takes_frames` several at once."""

    def __init__(self, send: Send, *, takes_frames: bool) -> None:
        self._send = send
        self._takes_frames = takes_frames
        self._answers: deque[bytes] = deque()
        self._mailboxes: dict[str, tuple[bytes, Mailbox]] = {}
        self._woken = asyncio.Event()
        self._closed: Closed | None = None

    def say(self, text: bytes) -> None:
        """Send this before anything that is told. Closed: the client takes nothing of what it asks for."""
        if len(self._answers) >= MOST:
            raise Closed(TRY_AGAIN, "take the answers that you ask for")
        self._answers.append(text)
        self.wake()

    def tell(self, id_: str, before: bytes, mailbox: Mailbox) -> None:
        """Send what comes into the mailbox, with this before each payload."""
        self._mailboxes[id_] = (before, mailbox)
        self.wake()

    def stop(self, id_: str) -> None:
        """Send nothing more of this subscription."""
        self._mailboxes.pop(id_, None)

    def close(self, closed: Closed) -> None:
        """Close as soon as everything that waits is sent."""
        self._closed = self._closed or closed
        self.wake()

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    async def run(self) -> None:
        """Send, for ever. Raises Gone, and Closed where it is to be closed or the client is too slow."""
        while True:
            self._woken.clear()
            texts = self._some()
            if texts:
                await self._send_all(texts)
            elif self._closed is not None:
                raise self._closed
            else:
                await self._woken.wait()

    async def _send_all(self, texts: Sequence[bytes]) -> None:
        try:
            async with asyncio.timeout(SLOWEST):
                if self._takes_frames:
                    await self._send({"type": "websocket.send", "frames": framed(texts)})
                    return
                for text in texts:
                    await self._send({"type": "websocket.send", "text": text.decode()})
        except TimeoutError:
            raise Closed(TRY_AGAIN, "this was too slow") from None
        except OSError:
            raise Gone from None

    def _some(self) -> list[bytes]:
        """The next messages, about `AT_ONCE` bytes; none where nothing waits."""
        some: list[bytes] = []
        size = 0
        while size < AT_ONCE and (text := self._next()) is not None:
            some.append(text)
            size += len(text)
        return some

    def _next(self) -> bytes | None:
        if self._answers:
            return self._answers.popleft()
        for before, mailbox in self._mailboxes.values():
            payload = mailbox.take()
            if payload is not None:
                return b"%b%b}" % (before, payload)
            if mailbox.has_ended:
                self._closed = self._closed or Closed(RESTART, "connect again")
        return None
