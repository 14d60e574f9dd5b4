"""Scheduled work that is never lost: what is due is read from the database, and not from a clock that was missed.

Comes in: the time, now and then, from every worker. Goes out: a start of each job whose newest slot nobody is known
to have run for. `job_run` remembers slots once they are done, so that a run that was lost, or died, is started again
at the next tick; and if all workers were away for an hour, each job runs once, for the newest slot.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from app.jobs.catalogue import JOBS, Job, Run
from app.tables.database import fetch, fetch_one

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class StartSlot(Protocol):
    """Have a job run for a slot; starting it again does nothing while it is queued or running."""

    async def __call__(self, job: Job, slot: datetime, /) -> None:
        """Unavailable: Redis is away."""


def slot(every: timedelta, now: datetime) -> datetime:
    """The newest of the times, `every` apart, that all workers count from the same beginning."""
    return now - (now - _EPOCH) % every


async def tick(now: datetime, start: StartSlot) -> None:
    """Start each scheduled job that has not run for its newest slot. May run many times at once."""
    rows = await fetch("select name, ran_for from job_run")
    ran_for = {row["name"]: row["ran_for"] for row in rows}
    for job in JOBS.values():
        if job.every and ran_for.get(job.name, _EPOCH) < slot(job.every, now):
            await start(job, slot(job.every, now))


async def run_for(job: Job, its_slot: datetime, run: Run) -> None:
    """Run a job for its slot and remember it; nothing happens where that is done already."""
    row = await fetch_one("select from job_run where name = $1 and ran_for >= $2", job.name, its_slot)
    if row is not None:
        return
    await job.run(run)
    await fetch(
        """
        insert into job_run (name, ran_for) values ($1, $2)
        on conflict (name) do update set ran_for = greatest(job_run.ran_for, excluded.ran_for)
        """,
        job.name,
        its_slot,
    )
