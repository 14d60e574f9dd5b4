"""What is sent to one connection, one after the other.

Comes in: messages, and the mailboxes of its subscriptions. Goes out: the same, as fast as the client takes it, of each
mailbox in turn; what waits for a slow one is bounded. Once it is to be closed nothing is told any more.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from starlette.types import Send

from app.graphql.live.frames import framed
from app.graphql.live.mailboxes import Mailbox
from app.graphql.live.messages import RESTART, TRY_AGAIN, Closed

MOST: Final = 500
"""Answers that wait to be sent."""
SLOWEST: Final = 30.0
"""Seconds in which a client takes what is sent at once."""
LAST_WORDS: Final = 0.5
"""Seconds in which a client takes what is said before the connection is closed."""
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
        self._ends: float | None = None
        self._limit: asyncio.Timeout | None = None

    @property
    def is_closing(self) -> bool:
        """Whether the connection is to be closed."""
        return self._closed is not None

    def say(self, text: bytes) -> None:
        """Send this before anything that is told, unless it is closing. Closed: the client takes no answers."""
        if self._closed is not None:
            return
        if len(self._answers) >= MOST:
            raise Closed(TRY_AGAIN, "take the answers that you ask for")
        self._answers.append(text)
        self.wake()

    def tell(self, id_: str, before: bytes, mailbox: Mailbox) -> None:
        """Send what comes into the mailbox, with this before each payload, until it is closing."""
        self._mailboxes[id_] = (before, mailbox)
        self.wake()

    def stop(self, id_: str) -> None:
        """Send nothing more of this subscription."""
        self._mailboxes.pop(id_, None)

    def close(self, closed: Closed) -> None:
        """Close as soon as what was said is sent, but soon; what waits to be told is not sent any more."""
        if self._closed is not None:
            return
        self._closed = closed
        self._ends = _from_now(LAST_WORDS)
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(self._ends)
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
            async with asyncio.timeout_at(self._ends or _from_now(SLOWEST)) as self._limit:
                if self._takes_frames:
                    await self._send({"type": "websocket.send", "frames": framed(texts)})
                    return
                for text in texts:
                    await self._send({"type": "websocket.send", "text": text.decode()})
        except TimeoutError:
            raise self._closed or Closed(TRY_AGAIN, "this was too slow") from None
        except OSError:
            raise Gone from None
        finally:
            self._limit = None

    def _some(self) -> list[bytes]:
        """The next messages, about `AT_ONCE` bytes; none where nothing waits."""
        some: list[bytes] = []
        size = 0
        for text in chain(self._said(), self._told()):
            some.append(text)
            size += len(text)
            if size >= AT_ONCE:
                break
        return some

    def _said(self) -> Iterator[bytes]:
        while self._answers:
            yield self._answers.popleft()

    def _told(self) -> Iterator[bytes]:
        """One payload of each mailbox in turn; whoever had one waits for all others, the next time too."""
        if any(mailbox.has_ended for _, mailbox in self._mailboxes.values()):
            self.close(Closed(RESTART, "connect again"))
        has_more = self._closed is None
        while has_more:
            has_more = False
            for id_, (before, mailbox) in list(self._mailboxes.items()):
                payload = mailbox.take()
                if payload is not None:
                    has_more = True
                    self._mailboxes[id_] = self._mailboxes.pop(id_)
                    yield b"%b%b}" % (before, payload)


def _from_now(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds
