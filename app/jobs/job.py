"""What a job is, and one run of it.

Comes in: a run, with its time and arguments. Goes out: what the job did, in the database. A job may be cut off at any
moment and run again: all of them pick up where they were.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol

from app.live import queue
from app.live.connection import if_it_answers
from app.live.queue import Queue
from app.scanning.scan_instance import DEFAULT
from app.scanning.source import Bounds


class Start(Protocol):
    """Have another job run: in a queue, or here and now."""

    async def __call__(self, name: str, /, *arguments: str) -> None:
        """KeyError: there is no such job. Unavailable: Redis is away."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job: when it began, with which arguments, how to start others, how much a scan takes at a time."""

    now: datetime
    arguments: tuple[str, ...]
    start: Start
    bounds: Bounds = DEFAULT
    _began: float = field(default_factory=monotonic)

    def lasted(self) -> timedelta:
        """How long it has run."""
        return timedelta(seconds=monotonic() - self._began)

    def time(self) -> datetime:
        """What time it is, by the clock of the run."""
        return self.now + self.lasted()


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done; `every`: by itself, in such intervals."""

    name: str
    queue: Queue
    every: timedelta | None
    run: Callable[[Run], Awaitable[None]]


async def begun(name: str) -> None:
    """What a job that is woken does first. Where Redis is away, another wish may be dropped while it runs; the next look
    comes then."""
    async with if_it_answers("a job cannot say that it began", job=name):
        await queue.begun(name)
