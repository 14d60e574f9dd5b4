"""What could not be told: of which organizations, remembered until Redis answers again.

Comes in: organizations whose messages may be lost. Goes out: the word to their readers that something was missed. It is
kept in this process alone: of one that dies meanwhile, the changes are told by the sweep of the outbox.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import Context
from typing import Final
from uuid import UUID

from app.errors import Unavailable

PAUSE: Final = 0.5
"""Seconds between two attempts."""
REST: Final = 30.0
"""Seconds after an attempt that failed as nobody expected."""
LONGEST: Final = 5.0
"""Seconds that an attempt may take."""

logger = logging.getLogger(__name__)


class Untold:
    """What one process could not tell. `tell`: how readers are told that they missed something; raises Unavailable."""

    def __init__(self, tell: Callable[[Sequence[UUID]], Awaitable[None]]) -> None:
        self._tell = tell
        self._organization_ids: set[UUID] = set()
        self._telling: asyncio.Task[None] | None = None

    def remember(self, organization_ids: Iterable[UUID]) -> None:
        """Have the readers of the organizations refetch, as soon as they can be told."""
        self._organization_ids.update(organization_ids)
        # The loop in which it was told before may be over, and its tasks with it.
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell_all(), context=Context())

    async def _tell_all(self) -> None:
        while self._organization_ids:
            await asyncio.sleep(PAUSE)
            # Who is remembered while it is told may have missed what comes after that.
            told, self._organization_ids = self._organization_ids, set()
            is_told = False
            try:
                async with asyncio.timeout(LONGEST):
                    await self._tell(sorted(told))
                is_told = True
            except (Unavailable, TimeoutError):
                continue
            except Exception:
                logger.exception("those who missed something could not be told")
                await asyncio.sleep(REST)
                continue
            finally:
                if not is_told:
                    self._organization_ids |= told
            logger.info("those who missed something were told", extra={"count": len(told)})
