"""arq's worker of one queue, mended where it would stop for good, lose places, or keep dead jobs for long.

Comes in: functions and the connection of their queue. Goes out: jobs run, until it is stopped.

- A Redis that goes away ends arq's main loop. Here it waits and goes on.
- A place of `max_jobs` that was taken as Redis went away is never given back by arq. Here it is.
- arq's lease on a job is as long as the longest job may take, so that for so long nobody takes up what a killed
  worker has left. Here it is short, and renewed while the job runs.
"""

import asyncio
import logging
from time import monotonic
from typing import Final

from arq.constants import in_progress_key_prefix
from arq.worker import Worker

from app.live.connection import LOST

logger = logging.getLogger(__name__)

LEASE: Final = 30.0
"""Seconds after its worker's death at which a job is taken up by another one."""
PAUSE: Final = 0.5


class Lane(Worker):
    """A worker of one queue."""

    _renewed = 0.0
    _is_lost = False

    async def serve(self) -> None:
        """Run jobs until cancelled; a queue whose Redis is away is served from when it is back."""
        self.in_progress_timeout_s = LEASE
        while True:
            try:
                await self.async_run()
            except LOST as away:
                await self._wait(away)
            if self.burst:
                return

    async def stop(self, seconds: float) -> None:
        """Begin no more jobs, let those that run go on for so long, then cut them off; they are run again elsewhere."""
        self.allow_pick_jobs = False
        tasks = [task for task in self.tasks.values() if not task.done()]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)

    async def disconnect(self) -> None:
        """Close the connections, once nobody is served any more."""
        await self.pool.connection_pool.disconnect()

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Start the jobs for which there is a place."""
        for job_id in job_ids:
            if self.job_counter >= self.max_jobs:
                return
            if not _is_text(job_id):  # a stranger's: arq could not read it, and would end
                await self.pool.zrem(self.queue_name, job_id)
                continue
            try:
                await super().start_jobs([job_id])
            except BaseException:
                self._release_sem_dec_counter_on_complete()
                raise

    async def _poll_iteration(self) -> None:
        try:
            await super()._poll_iteration()
            await self._renew()
        except LOST as away:
            await self._wait(away)
        else:
            if self._is_lost:
                self._is_lost = False
                logger.info("Redis is back", extra={"queue": self.queue_name})

    async def _renew(self) -> None:
        if monotonic() - self._renewed < LEASE / 5 or not self.job_tasks:
            return
        self._renewed = monotonic()
        async with self.pool.pipeline(transaction=False) as asked:
            for job_id in self.job_tasks:  # not set anew: it may have ended meanwhile
                asked.pexpire(in_progress_key_prefix + job_id, round(LEASE * 1000))
            await asked.execute()

    async def _wait(self, away: Exception) -> None:
        if not self._is_lost:
            self._is_lost = True
            logger.warning("Redis is away", extra={"queue": self.queue_name, "reason": str(away)})
        await asyncio.sleep(PAUSE)


def _is_text(job_id: bytes) -> bool:
    try:
        job_id.decode()
    except UnicodeDecodeError:
        return False
    return True
