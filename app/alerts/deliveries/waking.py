"""Waking the worker that sends, after something to be sent was committed.

Comes in: nothing. Goes out: a wish for the job. Where Redis is away the caller goes on: what is to be sent has its rows,
and the job looks for them every few seconds.
"""

import asyncio
import logging
from typing import Final

from app.errors import Unavailable
from app.live.queue import Queue, wake

logger = logging.getLogger(__name__)

DELIVERIES: Final = "deliveries"
"""The job that sends what is due."""
QUEUE: Final = Queue.TELL
"""Receivers may take longer than quick jobs may, and some never answer; and no scan that hangs may hold messages up."""
LONGEST: Final = 2.0
"""Seconds that a Redis that hangs may cost the caller."""


async def wake_deliveries() -> None:
    """Have the job begin. To be called after the commit; raises nothing."""
    try:
        async with asyncio.timeout(LONGEST):
            await wake(DELIVERIES, QUEUE)
    except (Unavailable, TimeoutError) as away:
        logger.warning("messages wait for the next look", extra={"reason": str(away)})
