"""The inbox: what was accepted is in the database. Comes in: the events of requests. Goes out: after the commit, duplicates.

While one commit is on its way, requests gather; then all of them go into the next one, up to `MOST_EVENTS` and
`MOST_BYTES`. Nobody waits for company: whoever comes alone is written alone. A request that is not kept is told why; one
that cannot be told, as its client has gone, takes nobody with it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import Final

from app.domain.events.event import Outcome
from app.errors import Overloaded, SnaglistError, Unavailable
from app.ingest import tallies
from app.ingest.keys import IngestApp
from app.ingest.wishes import Wishes
from app.ingest.writing import NewEvent, Request, Result, Writer

__all__ = ["Inbox", "NewEvent"]

MOST_EVENTS: Final = 1000
MOST_BYTES: Final = 8 * 1024 * 1024
"""Events, and bytes of their payloads, that one commit takes; a request that has more is written alone."""
MOST_EVENTS_WAITING: Final = 10_000
MOST_BYTES_WAITING: Final = 32 * 1024 * 1024
"""What may wait for the commit after the one that is on its way."""
LONGEST_END: Final = 2.0
"""Seconds for what waits when the server ends."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: Request
    size: int
    result: asyncio.Future[tuple[int, ...]]

    def tell(self, result: Result) -> None:
        if self.result.done():  # its client has gone
            return
        if isinstance(result, SnaglistError):
            self.result.set_exception(type(result)(result.message))  # each has one of their own
        else:
            self.result.set_result(result)


def _clock() -> datetime:
    return datetime.fromtimestamp(time(), UTC)


class Inbox:
    """The inbox of one server; the database keeps it free of duplicates among all of them."""

    def __init__(self, clock: Callable[[], datetime] = _clock) -> None:
        self._clock = clock
        self._writer = Writer()
        self._wishes = Wishes()
        self._queue: deque[_Waiting] = deque()
        self._events_waiting = 0
        self._bytes_waiting = 0
        self._writing: asyncio.Task[None] | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._is_open = False
        self.commits = 0
        """How many commits there were."""

    def start(self) -> None:
        """Begin to take events, and to write statistics."""
        self._is_open = True
        self._flushing = asyncio.create_task(self._flush_always(), context=Context())

    async def stop(self) -> None:
        """Take no more, write what waits, and disconnect; what cannot be written in two seconds is refused."""
        self._is_open = False
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=LONGEST_END)
        tasks = [task for task in (self._writing, self._flushing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(self._writer.close(), self._wishes.stop(), self._flush_last())

    async def append(self, app: IngestApp, events: Sequence[NewEvent]) -> tuple[int, ...]:
        """Keep the events of a request; the places of those that were there already come out, after the commit.

        Overloaded: too many wait. Unavailable: the database is away, or the outcome is not known; to send them again
        is harmless where they have ids. BadInput: they hold something that the database cannot.
        Unauthenticated: the app is gone. Other than where the outcome is not known, nothing of them was kept then.
        """
        if not self._is_open:
            raise Unavailable("the server is ending")
        if not events:
            return ()
        size = sum(len(event.payload) for event in events)
        if self._queue and self._is_too_much(len(events), size):
            tallies.note(app.id, Outcome.OVERLOAD, len(events))
            raise Overloaded("too much comes at once; send it again", retry_after=1)
        waiting = _Waiting(Request(app, events), size, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._events_waiting += len(events)
        self._bytes_waiting += size
        if self._writing is None:
            self._writing = asyncio.create_task(
                self._write_all(), context=Context()
            )  # in nobody's transaction
        return await waiting.result

    def _is_too_much(self, count: int, size: int) -> bool:
        return (
            self._events_waiting + count > MOST_EVENTS_WAITING
            or self._bytes_waiting + size > MOST_BYTES_WAITING
        )

    async def _write_all(self) -> None:
        """Write until nothing waits."""
        try:
            while self._queue:
                await asyncio.sleep(0)  # those who are ready to come along do
                if batch := self._next():
                    await self._write(batch)
        finally:
            self._writing = None
            self._refuse_all()

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        results: Sequence[Result] = [Unavailable("the server has ended")] * len(batch)
        try:
            results = await self._writer.write([waiting.request for waiting in batch], now=self._clock())
        except Exception as error:  # noqa: BLE001  whatever it is, those who wait are told
            results = [Unavailable("it could not be kept")] * len(batch)
            _log.error("events could not be written", exc_info=error)
        finally:
            self.commits += 1
            for waiting, result in zip(batch, results, strict=True):
                waiting.tell(result)
        if any(isinstance(result, tuple) for result in results):
            self._wishes.wish()
        elif not self._writer.is_connected:
            self._refuse_all()  # whoever waits would only wait longer

    def _next(self) -> list[_Waiting]:
        """What the next commit takes."""
        batch: list[_Waiting] = []
        count = size = 0
        while self._queue:
            waiting = self._queue[0]
            count += len(waiting.request.events)
            size += waiting.size
            if batch and (count > MOST_EVENTS or size > MOST_BYTES):
                break
            self._queue.popleft()
            self._events_waiting -= len(waiting.request.events)
            self._bytes_waiting -= waiting.size
            if not waiting.result.done():
                batch.append(waiting)
        return batch

    def _refuse_all(self) -> None:
        while self._queue:
            for waiting in self._next():
                waiting.tell(Unavailable("the database does not answer at the moment"))

    async def _flush_last(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_END):
                await tallies.flush(self._clock())

    async def _flush_always(self) -> None:
        while True:
            await asyncio.sleep(tallies.EVERY)
            await tallies.flush(self._clock())
