"""How the workers are set: a lane for each queue, and what a job is to arq.

Comes in: a queue. Goes out: the lane that serves it, which runs the jobs of the catalogue and nothing else.
"""

import logging
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import time
from typing import Any, Final

import asyncpg
from arq.worker import Function, Retry, func

from app.errors import Unavailable
from app.jobs.catalogue import JOBS, Job, Run
from app.jobs.schedule import run_for
from app.jobs.starting import queued
from app.live import keys
from app.live.queue import LONGEST_IN_QUEUE, Queue, connection_for_worker, packed, unpacked
from app.scanning.scan_instance import DEFAULT
from app.scanning.source import Bounds
from workers.lane import Lane

logger = logging.getLogger(__name__)

JOBS_AT_ONCE: Final = {Queue.QUICK: 10, Queue.SCAN: 32, Queue.TELL: 8}
"""Scans mostly wait for hosts, and some of those never answer; that they do not is told by a queue of its own."""
READ_AT_ONCE: Final = 1000
"""Entries at the head of a queue that are looked at, those included that others run: above workers x jobs at once."""
TRIES: Final = 8
"""A job that fails as often is given up; a scheduled one is started again by the schedule."""
STARTS: Final = 1000
"""A job that was begun as often, for instance because its worker was killed, is given up."""
LONGEST_PAUSE: Final = timedelta(minutes=5)

AWAY: Final = (Unavailable, OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)
"""What says nothing about the job."""


def clock() -> datetime:
    """The time."""
    return datetime.fromtimestamp(time(), UTC)


def lane(queue: Queue, bounds: Bounds = DEFAULT, **settings: Any) -> Lane:
    """What serves a queue. `settings` go to arq's Worker over ours. Raises Unavailable: nobody has connected."""
    ours: dict[str, Any] = {
        "queue_name": keys.queue(queue),
        "redis_pool": connection_for_worker(queue),
        "job_serializer": packed,
        "job_deserializer": unpacked,
        "max_jobs": JOBS_AT_ONCE[queue],
        "job_timeout": queue.timeout,
        "queue_read_limit": READ_AT_ONCE,
        "poll_delay": 0.2,
        "keep_result": 0,
        "max_tries": STARTS,
        "health_check_interval": 10,
        "health_check_key": keys.health(queue),
        "expires_extra_ms": round(LONGEST_IN_QUEUE.total_seconds() * 1000),
        "handle_signals": False,
        "log_results": False,
        "timezone": UTC,
        "ctx": {"bounds": bounds},
    }
    functions = [_function(job) for job in JOBS.values() if job.queue is queue]
    return Lane(functions, **{**ours, **settings})


def _function(job: Job) -> Function:
    return func(partial(_run, job), name=job.name)  # type: ignore[arg-type]


async def _run(job: Job, context: dict[str, Any], slot: str | None, *arguments: str) -> None:
    """Run a job of the queue; what goes wrong is told and tried again, later each time."""
    run = Run(clock(), arguments, queued, context["bounds"])
    attempt = context["job_try"]
    try:
        await _running(job, slot, run)
    except Exception as error:
        told = {"job": job.name, "arguments": list(arguments), "attempt": attempt}
        if isinstance(error, AWAY):
            logger.warning("a job must wait", extra={**told, "reason": f"{type(error).__name__}: {error}"})
        else:
            logger.exception("a job failed", extra=told)
        if attempt < TRIES:
            raise Retry(min(timedelta(seconds=2**attempt), LONGEST_PAUSE)) from error


def _running(job: Job, slot: str | None, run: Run) -> Awaitable[None]:
    return job.run(run) if slot is None else run_for(job, datetime.fromisoformat(slot), run)
