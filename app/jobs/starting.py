"""Having a job run: in the queues, for the workers, or here and now, for whoever runs one by hand.

Comes in: a job and its arguments, or its slot. Goes out: an entry in its queue; the first argument there is the slot,
None where there is none. The id says what is to be done, so that it is not queued twice.
"""

from datetime import datetime

from app.jobs.catalogue import JOBS, Job, Run
from app.live.queue import enqueue
from app.scanning.scan_instance import DEFAULT
from app.scanning.source import Bounds


async def queued(name: str, /, *arguments: str) -> None:
    """Queue a job, unless the same one is queued or running. KeyError: there is none. Unavailable: Redis is away."""
    await enqueue(name, None, *arguments, job_id=":".join((name, *arguments)), queue=JOBS[name].queue)


async def queued_for(job: Job, slot: datetime, /) -> None:
    """Queue a scheduled job for its slot, unless it is queued or running for it. Unavailable: Redis is away."""
    await enqueue(job.name, slot.isoformat(), job_id=f"{job.name}:{slot:%Y-%m-%dT%H:%M:%SZ}", queue=job.queue)


async def run_here(name: str, /, *arguments: str, now: datetime, bounds: Bounds = DEFAULT) -> None:
    """Run a job by hand, and the jobs that it starts, one after the other; the schedule does not count it.

    KeyError: there is no such job. What the job raises comes out.
    """

    async def start(other: str, /, *its_arguments: str) -> None:
        await run_here(other, *its_arguments, now=now, bounds=bounds)

    await JOBS[name].run(Run(now, arguments, start, bounds))
