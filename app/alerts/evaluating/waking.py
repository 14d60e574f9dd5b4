"""Waking the worker that tells, when something that was gathered is due.

Comes in: the time. Goes out: a job that begins when the next of it is due. Where Redis is away the caller goes on: what
was gathered has its rows, and the job looks for them every few seconds.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from app.live.connection import if_it_answers
from app.live.queue import Queue, enqueue, wake
from app.tables.database import fetch

ALERTS: Final = "alerts"
"""The job that tells what is due."""
EVERY: Final = timedelta(seconds=5)
"""How often it runs by itself; what is due later is left to that."""
STEP: Final = timedelta(seconds=0.25)
"""Wishes for times that are nearer to each other are one."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def wake_alerts(now: datetime) -> None:
    """Have the job begin when the next of what was gathered is due, if that is soon. To be called after the commit.

    One statement; of Redis nothing is raised. Who tells calls it as well, so that what is due a moment later has its job.
    """
    [row] = await fetch("select min(due_at) as due_at from alert_pending where due_at <= $1", now + EVERY)
    if row["due_at"] is None:
        return
    at = _next(row["due_at"])
    async with if_it_answers("alerts wait for the next look"):
        if at <= now:
            await wake(ALERTS, Queue.QUICK)
        else:
            its_id = f"{ALERTS}:{at:%Y-%m-%dT%H:%M:%S.%fZ}"
            await enqueue(ALERTS, None, job_id=its_id, queue=Queue.QUICK, defer_until=at)


def _next(at: datetime) -> datetime:
    """The next of the times, `STEP` apart, that all workers count from the same beginning; itself, if it is one."""
    return at + (_EPOCH - at) % STEP
