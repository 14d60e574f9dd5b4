"""Workers that write to GitHub, to be killed: each line on standard input makes one, and its pid goes out.

Comes in: the database's URL as the argument. They do what the jobs `react` and `github` do, again and again, only faster.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
from datetime import timedelta
from typing import Final

import asyncpg

from app import reactions
from app.accounts import keys_in_force
from app.github.writing import installations
from app.github.writing.sync import sync
from app.github.writing.tempo import Tempo
from app.tables.database import close_pool, open_pool
from tests.github.syncing import KEY, clock

logger = logging.getLogger(__name__)

GAP: Final = 0.1
"""Seconds between writes."""
LATE: Final = 0.3
"""Seconds after which a write is carried out that is late."""
FAST: Final = Tempo(
    pace=timedelta(seconds=GAP),
    timeout=timedelta(seconds=0.5),
    lease=timedelta(seconds=1.2),
    settled=timedelta(seconds=1),
    pause=timedelta(seconds=0.5),
    longest_pause=timedelta(seconds=2),
    rest=timedelta(seconds=2),
    repository_pause=timedelta(seconds=0.5),
    block=timedelta(seconds=1),
    longest_block=timedelta(seconds=2),
)


async def work(url: str) -> None:
    """Until killed."""
    keys_in_force.use_keys(KEY)
    await open_pool(url, size=3)
    try:
        while True:
            try:
                await once()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                logger.exception("a round failed")
            await asyncio.sleep(0.05)
    finally:
        await close_pool()


async def once() -> None:
    """React to what changed, and bring GitHub up to date."""
    while await reactions.react(now=clock()):
        pass
    for key in await installations.due(clock(), 10):
        await sync(key, clock=clock, goes_on=lambda: True, tempo=FAST)


def main() -> None:
    """Make a worker for each line, until there are no more; all of them die with us."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    made = []
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123  the line of the parent is not ours
            asyncio.run(work(sys.argv[1]))
            os._exit(0)
        made.append(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in made:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
