"""Watching what happens in an organization: one reader a server, whatever the number of those who watch.

Comes in: messages of the bus, and cursors of those who have watched before. Goes out: news, each with a cursor from
which one can go on later. Nobody is told more often than once in the hub's pace. Nobody's slowness costs more than a
bounded memory: who is slow gets news that were put together, and where that would be too much, the word to fetch all
anew.

Who comes with a cursor is attached to the reader first, and only then reads what was missed, so that nothing falls in
between; what comes by both ways may be told twice.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from app.errors import Unavailable
from app.live.news import News, Touched, merged
from app.live.reader import PAUSE, Reader, gathered

__all__ = ["Hub", "News", "Touched", "Watch"]

CAUGHT_UP_AT_ONCE: Final = 8
"""Watches that read what they missed at the same moment; after a restart of the server all of them want to."""
WAITING_IN_REDIS: Final = 50
"""Organizations that are waited for in Redis, each with a connection; of more than that, the last ones are polled."""


class Watch:
    """One who watches; made by `Hub.watch`, for one task."""

    def __init__(self, reader: Reader, after: str | None, places: asyncio.Semaphore) -> None:
        self.held: News | None = None
        self._reader = reader
        self._after = after
        self._places = places
        self._is_caught_up = False
        self._woken = asyncio.Event()

    async def next(self) -> News:
        """Wait until there is news. May be cancelled, and asked again, without a loss.

        The first answer comes as soon as Redis answers: the cursor of the present, or what was missed. Unavailable: the
        hub has ended.
        """
        if not self._is_caught_up:
            await self._catch_up()
        while self.held is None:
            await self._wait()
        news, self.held = self.held, None
        return news

    def wake(self, held: News | None) -> None:
        """Have `next` look again. `held`: what is to be told then."""
        self.held = held
        self._woken.set()

    async def _wait(self) -> None:
        if self._reader.has_ended:
            raise Unavailable("this server ends")
        self._woken.clear()
        await self._woken.wait()

    async def _catch_up(self) -> None:
        while self._reader.cursor is None:
            await self._wait()
        missed = News(self._reader.cursor) if self._after is None else await self._missed(self._after)
        # What the reader has heard meanwhile is kept with its own cursor, behind which nothing was heard.
        self.held = missed if self.held is None else merged(missed, self.held)
        self._is_caught_up = True

    async def _missed(self, after: str) -> News:
        while not self._reader.has_ended:
            try:
                async with self._places:
                    return await gathered(self._reader.organization_id, after)
            except Unavailable:
                await asyncio.sleep(PAUSE)
        raise Unavailable("this server ends")


class Hub:
    """The watches of one server. `pace`: seconds in which those who watch are told at most once."""

    def __init__(self, pace: float = 0.25) -> None:
        self._pace = pace
        self._readers: dict[UUID, Reader] = {}
        self._places = asyncio.Semaphore(CAUGHT_UP_AT_ONCE)
        self._is_open = False

    async def start(self) -> None:
        """Let watches begin. Redis may be away."""
        self._is_open = True

    async def stop(self) -> None:
        """End: who watches, or wants to, gets Unavailable from now on."""
        self._is_open = False
        readers, self._readers = self._readers, {}
        await asyncio.gather(*(reader.end() for reader in readers.values()))

    @asynccontextmanager
    async def watch(self, organization_id: UUID, after: str | None) -> AsyncIterator[Watch]:
        """Watch an organization. `after`: a cursor of earlier news, of whatever server; None: from now on.

        Unavailable: the hub is not running.
        """
        if not self._is_open:
            raise Unavailable("this server ends, or has not begun")
        reader = self._readers.get(organization_id)
        if reader is None:
            waits = len(self._readers) < WAITING_IN_REDIS
            reader = self._readers[organization_id] = Reader(organization_id, self._pace, waits=waits)
        watch = Watch(reader, after, self._places)
        reader.listeners.add(watch)
        try:
            yield watch
        finally:
            reader.listeners.discard(watch)
            if not reader.listeners and self._readers.get(organization_id) is reader:
                del self._readers[organization_id]
                await reader.end()
