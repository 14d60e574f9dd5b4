"""What the tests of the workers share: lanes that serve in the background, and whole processes."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.jobs.catalogue import Job, Run
from app.live import keys
from app.live.connection import client
from app.live.queue import Queue
from workers import settings
from workers.lane import Lane
from workers.settings import lane

ROOT = Path(__file__).parents[2]


def jobs(
    monkeypatch: pytest.MonkeyPatch, queue: Queue = Queue.QUICK, **runs: Callable[[Run], Awaitable[None]]
) -> None:
    """Have the workers know these jobs and no others."""
    made = {name: Job(name, queue, None, run) for name, run in runs.items()}
    monkeypatch.setattr(settings, "JOBS", made)


@asynccontextmanager
async def serving(queue: Queue = Queue.QUICK, **more: Any) -> AsyncIterator[Lane]:
    """A lane that serves its queue meanwhile."""
    served = lane(queue, **{"poll_delay": 0.02, **more})
    task = asyncio.create_task(served.serve())
    try:
        yield served
    finally:
        await served.stop(0.1)
        task.cancel()
        await asyncio.wait([task])
        await served.disconnect()
        if not task.cancelled() and (error := task.exception()):
            raise error


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 10) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110  what is awaited is elsewhere
            await asyncio.sleep(0.02)


async def queue_is_empty(queue: Queue = Queue.QUICK) -> bool:
    return not await client().zcard(keys.queue(queue))


@contextmanager
def process(
    database: str, valkey: str, *arguments: str, module: str = "workers", **environment: str
) -> Iterator["subprocess.Popen[str]"]:
    """A process of workers, and what it says; it is killed at the end if it still runs."""
    started = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database,
            "REDIS_URL": valkey,
            "SNAGLIST_SECRET_KEY": "s" * 43,
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def said(started: "subprocess.Popen[str]", words: str) -> str:
    """Read what a process says up to the line with these words."""
    assert started.stdout
    lines = []
    for line in started.stdout:
        lines.append(line)
        if words in line:
            return line
    raise AssertionError(f"{words!r} was never said: {''.join(lines)}")
