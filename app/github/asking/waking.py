"""Waking the worker that writes to GitHub, after something was asked for and committed.

Comes in: nothing. Goes out: a wish for the job. Where Redis is away the caller goes on: what is to be done has its rows,
and the sweep finds them within seconds.
"""

import asyncio
import logging
from typing import Final

from app.errors import Unavailable
from app.live.queue import Queue, wake

logger = logging.getLogger(__name__)

GITHUB: Final = "github"
"""The job that starts what is due."""
DELIVERIES: Final = "github-deliveries"
"""The job that follows what GitHub told."""
LONGEST: Final = 2.0
"""Seconds that a Redis that hangs may cost the caller."""


async def wake_github(job: str = GITHUB) -> None:
    """Have the job begin. To be called after the commit; raises nothing."""
    try:
        async with asyncio.timeout(LONGEST):
            await wake(job, Queue.QUICK)
    except (Unavailable, TimeoutError) as away:
        logger.warning("GitHub waits for the sweep", extra={"job": job, "reason": str(away)})
