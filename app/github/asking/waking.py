"""Waking the worker that writes to GitHub, after something was asked for and committed.

Comes in: nothing. Goes out: a wish for the job. Where Redis is away the caller goes on: what is to be done has its rows,
and the sweep finds them within seconds.
"""

from typing import Final

from app.live.connection import if_it_answers
from app.live.queue import Queue, wake

GITHUB: Final = "github"
"""The job that starts what is due."""
DELIVERIES: Final = "github-deliveries"
"""The job that follows what GitHub told."""


async def wake_github(job: str = GITHUB) -> None:
    """Have the job begin. To be called after the commit; raises nothing."""
    async with if_it_answers("GitHub waits for the sweep", job=job):
        await wake(job, Queue.QUICK)
