"""Reading what happens in one organization, for all who listen here.

Comes in: messages of the bus. Goes out: news, given to each listener; one who still has older news gets both, put
together. Listeners who still have the same are given the same, so that a thousand slow ones cost little more than one.
"""

import asyncio
import logging
from contextvars import Context
from time import monotonic
from typing import Final, Protocol
from uuid import UUID

from app.errors import Unavailable
from app.live.bus import Message, read
from app.live.news import News, merged, of

QUIET: Final = 30.0
"""Seconds after which listeners are told a cursor, even where nothing happened."""
REST: Final = 0.5
"""Seconds for which nothing more is told where all was to be fetched anew, which is dear for everybody."""
PAUSE: Final = 0.5
"""Seconds after which a Redis that was away is asked again."""
ENTRIES: Final = 100
"""Entries of the stream that are read at once."""
MOST_MISSED: Final = 5_000
"""Messages that are read on: where there are more, fetching all anew is cheaper."""

logger = logging.getLogger(__name__)


class Listener(Protocol):
    """One who listens. `held`: the news that it has not told yet."""

    held: News | None

    def wake(self, held: News | None) -> None:
        """Tell these news next; None: there are none, but things stand otherwise."""


class Reader:
    """Reads on and on, from the present, until `end`. `pace`: seconds between two news.

    `waits`: whether Redis is asked to wait for news, which holds a connection, or is asked again and again.
    """

    def __init__(self, organization_id: UUID, pace: float, *, waits: bool) -> None:
        self.organization_id = organization_id
        self.listeners: set[Listener] = set()
        self.cursor: str | None = None
        self.has_ended = False
        self._pace = pace
        self._block_ms = round(QUIET * 1000) if waits else 0
        self._told_at = monotonic()
        self._is_away = False
        self._reading = asyncio.create_task(self._read_on(), context=Context())

    async def end(self) -> None:
        """Read no more; who listens is woken."""
        self.has_ended = True
        self._reading.cancel()
        for listener in self.listeners:
            listener.wake(listener.held)
        await asyncio.wait([self._reading])

    async def _read_on(self) -> None:
        while True:
            try:
                await self._step()
            except Unavailable as away:
                if not self._is_away:
                    logger.warning("nothing is heard", extra={"reason": away.message})
                self._is_away = True
                await asyncio.sleep(PAUSE)
            except Exception:
                logger.exception("news cannot be read")
                await asyncio.sleep(QUIET)
            else:
                if self._is_away:
                    logger.info("news are heard again")
                self._is_away = False

    async def _step(self) -> None:
        """Read once, tell it, and rest."""
        if self.cursor is None:
            self.cursor = (await read(self.organization_id, None)).cursor
            for listener in self.listeners:
                listener.wake(listener.held)
            return
        news = await gathered(self.organization_id, self.cursor, block_ms=self._block_ms)
        if news.refetch or news.cursor != self.cursor or monotonic() - self._told_at >= QUIET:
            self._tell(news)
        await asyncio.sleep(max(self._pace, REST) if news.refetch else self._pace)

    def _tell(self, news: News) -> None:
        self.cursor = news.cursor
        self._told_at = monotonic()
        # By the id of the older ones, which are kept here, so that it stays their own.
        together: dict[int, tuple[News, News]] = {}
        for listener in self.listeners:
            older = listener.held
            if older is None:
                listener.wake(news)
                continue
            if id(older) not in together:
                together[id(older)] = older, merged(older, news)
            listener.wake(together[id(older)][1])


async def gathered(organization_id: UUID, after: str, *, block_ms: int = 0) -> News:
    """All that happened after a cursor; where nothing did, what happens within `block_ms`. Raises Unavailable."""
    heard = await read(organization_id, after, block_ms=block_ms, limit=ENTRIES)
    messages: list[Message] = list(heard.messages)
    while heard.goes_on and not heard.refetch:
        if len(messages) > MOST_MISSED:
            return News((await read(organization_id, None)).cursor, refetch=True)
        heard = await read(organization_id, heard.cursor, limit=ENTRIES)
        messages += heard.messages
    return News(heard.cursor, refetch=True) if heard.refetch else of(messages, heard.cursor)
