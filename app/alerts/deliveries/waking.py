"""Waking the worker that sends, after something to be sent was committed.

Comes in: nothing. Goes out: a wish for the job. Where Redis is away the caller goes on: what is to be sent has its rows,
and the job looks for them every few seconds.
"""

from typing import Final

from app.live.connection import if_it_answers
from app.live.queue import Queue, wake

DELIVERIES: Final = "deliveries"
"""The job that sends what is due."""
QUEUE: Final = Queue.TELL
"""Receivers may take longer than quick jobs may, and some never answer; and no scan that hangs may hold messages up."""


async def wake_deliveries() -> None:
    """Have the job begin. To be called after the commit; raises nothing."""
    async with if_it_answers("messages wait for the next look"):
        await wake(DELIVERIES, QUEUE)
