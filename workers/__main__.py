"""`python -m workers`, or `snaglist-worker`: a process that serves the queues and keeps the schedule.

Comes in: DATABASE_URL, REDIS_URL, SIGTERM. Goes out: jobs done. One process serves all queues in one event loop; any
number of them may run, on any machine.

    --queue NAME    serve only this queue; may be given several times
    --check         say by the exit status whether somebody serves the queues, and stop
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

from app import logs, memory, startup
from app.config import BAD_CONFIGURATION, Settings, from_environment
from app.errors import ConfigurationError, Unavailable
from app.jobs.schedule import tick
from app.jobs.starting import queued_for
from app.live import connection
from app.live.queue import Queue, is_worked
from app.scanning.source import Bounds
from app.scanning.ssh.connections import SHARED
from workers.lane import Lane
from workers.settings import AWAY, clock, lane

logger = logging.getLogger(__name__)

TICK: Final = 5.0
"""Seconds between two looks at the schedule."""
COMPLETION: Final = 4.0
"""Seconds that jobs have, after SIGTERM, to come to their end; all must be over after 7."""
GOODBYE: Final = 1.0
"""Seconds that other machines have to hear that their connections are closed."""


def main() -> None:
    """Run the process; its exit status is 78 where its settings make no sense."""
    options = _options().parse_args()
    queues = list(dict.fromkeys(options.queue or Queue))
    try:
        settings = from_environment(os.environ)
        logs.configure(settings)
        logging.getLogger("arq").setLevel(logging.WARNING)
        sys.exit(asyncio.run(_check(settings, queues) if options.check else _serve(settings, queues)))
    except ConfigurationError as error:
        print(f"snaglist-worker: {error.message}", file=sys.stderr)  # noqa: T201  the logs may not be set up yet
        sys.exit(BAD_CONFIGURATION)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "snaglist-worker", description="Serve the queues of jobs and keep the schedule."
    )
    parser.add_argument(
        "--queue", type=Queue, choices=list(Queue), action="append", metavar="NAME", help="only this"
    )
    parser.add_argument("--check", action="store_true", help="exit with 0 if somebody serves the queues")
    return parser


async def _check(settings: Settings, queues: Sequence[Queue]) -> int:
    if settings.redis_url is None:
        raise ConfigurationError("REDIS_URL is not set")
    connection.connect(settings.redis_url)
    try:
        idle = [queue for queue in queues if not await is_worked(queue)]
    except Unavailable as away:
        logger.error("the queues cannot be asked", extra={"reason": away.message})
        return 1
    finally:
        await connection.close()
    if idle:
        logger.error("nobody serves some queues", extra={"queues": idle})
    return 1 if idle else 0


async def _serve(settings: Settings, queues: Sequence[Queue]) -> int:
    """Serve until SIGTERM or SIGINT."""
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    working = asyncio.create_task(_work(settings, queues))
    stopping = asyncio.create_task(told_to_stop.wait())
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working  # it ends only by what it raises
        working.cancel()
        await asyncio.wait([working])
    finally:
        stopping.cancel()
        await startup.finish()
    logger.info("stopped")
    return 0


async def _work(settings: Settings, queues: Sequence[Queue]) -> None:
    await startup.prepare_patiently(settings)
    memory.collect_seldom()
    bounds = Bounds(first=settings.first_scan_bytes)
    lanes = [lane(queue, bounds) for queue in queues]
    logger.info("serving", extra={"queues": queues})
    serving = [asyncio.create_task(one.serve()) for one in lanes]
    serving.append(asyncio.create_task(_keep_time()))
    try:
        await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
        for task in serving:
            if task.done():
                await task
    finally:
        await _stop(lanes, serving)


async def _stop(lanes: Sequence[Lane], serving: Sequence["asyncio.Task[None]"]) -> None:
    # The lanes go on for a while, but for the jobs that they do not begin: they renew the leases of those that run.
    serving[-1].cancel()
    await asyncio.gather(*(one.stop(COMPLETION) for one in lanes))
    for task in serving:
        task.cancel()
    await asyncio.gather(asyncio.wait(serving, timeout=1), asyncio.to_thread(SHARED.close, GOODBYE))
    await asyncio.gather(*(one.disconnect() for one in lanes))


async def _keep_time() -> None:
    """Look at the schedule now and then. Not by arq's cron, which catches up on every moment that it has missed."""
    while True:
        try:
            await tick(clock(), queued_for)
        except AWAY as away:
            logger.warning("the schedule must wait", extra={"reason": f"{type(away).__name__}: {away}"})
        except Exception:
            logger.exception("the schedule cannot be kept")
        await asyncio.sleep(TICK)


if __name__ == "__main__":
    main()
