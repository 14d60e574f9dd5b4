"""Workers that tell people, to be killed: each line on standard input makes one, and its pid goes out.

Comes in: the database's URL, a folder for mails, and the second at which their clock began, in which an hour passes each
second. They do what the jobs `react`, `alerts`, `digests` and `deliveries` do, again and again.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Final

import asyncpg

from app import config, reactions
from app.accounts import keys_in_force
from app.alerts.channels import settings
from app.alerts.deliveries import sending, taking
from app.alerts.digests import due
from app.alerts.evaluating.pending import tell_due
from app.tables.database import close_pool, open_pool

logger = logging.getLogger(__name__)

KEY: Final = "a secret key for the tests of telling"
HOUR: Final = 1.0
"""Seconds that an hour takes."""


def clock(began: float) -> datetime:
    """The time, for all that are told when theirs began."""
    return datetime.fromtimestamp(began + (time() - began) * 3600 / HOUR, UTC)


async def work(url: str, folder: Path, began: float) -> None:
    """Until killed."""
    keys_in_force.use_keys(KEY)
    told = {"SNAGLIST_MAIL_DIR": str(folder), "SNAGLIST_PRIVATE_TARGETS": "1"}
    settings.use(config.from_environment(told))
    # Who sends it is taken for dead sooner, as nobody here takes long to answer.
    taking.LEASE = timedelta(seconds=3)  # type: ignore[misc]
    await open_pool(url, size=4)
    try:
        while True:
            try:
                await once(began)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                logger.exception("a round failed")
            await asyncio.sleep(0.02)
    finally:
        await close_pool()


async def once(began: float) -> None:
    """Follow what changed, hand over what is due, and send it."""
    while await reactions.react(now=clock(began)):
        pass
    await tell_due(now=clock(began))
    await due.send_due(now=clock(began))
    await sending.send_due(now=lambda: clock(began))


def main() -> None:
    """Make a worker for each line, until there are no more; all of them die with us."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    made = []
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(work(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
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
