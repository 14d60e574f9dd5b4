"""Waking the scan. Comes in: that events were kept. Goes out: a wish for the job that scans them, once a second at most.

Nobody waits for it. Where Redis is away the scan comes by itself, later: what it looks for is in the database.
"""

import asyncio
import logging
from contextvars import Context
from typing import Final

from app.errors import Unavailable
from app.live.queue import ISSUE_SCAN, Queue, wake

PAUSE: Final = 1.0
"""Seconds between two wishes."""
LONGEST: Final = 2.0

_log = logging.getLogger(__name__)


class Wishes:
    """The wishes of one process."""

    def __init__(self) -> None:
        self._wanted = False
        self._asking: asyncio.Task[None] | None = None
        self._is_away = False

    def wish(self) -> None:
        """Have what is committed now scanned within seconds."""
        self._wanted = True
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(), context=Context())

    async def stop(self) -> None:
        """Ask for what is still wanted, and for nothing more; done within two seconds."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        if self._wanted:
            self._wanted = False
            await self._wake()

    async def _ask(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self._wake()
                await asyncio.sleep(PAUSE)
        finally:
            self._asking = None

    async def _wake(self) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                await wake(ISSUE_SCAN, Queue.SCAN)
        except (Unavailable, TimeoutError) as away:
            if not self._is_away:
                _log.warning("the scan of events could not be woken", extra={"reason": str(away)})
            self._is_away = True
        except asyncio.CancelledError:
            self._wanted = True
            raise
        else:
            self._is_away = False
