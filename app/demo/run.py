"""The process that keeps the demo alive: `python -m app.demo.run`.

Comes in: the settings. Goes out: what `fill` and `apps` make, as soon as there is an organization, and then growing logs,
and events sent to the API server, until the process is told to end. It holds no connection to the database meanwhile.
"""

import asyncio
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from signal import SIGTERM
from time import time
from typing import Final

import asyncpg

from app.config import BAD_CONFIGURATION, Settings, from_environment
from app.demo.apps import Sender, send_for_ever, set_up_apps
from app.demo.fill import grow, set_up
from app.errors import ConfigurationError
from app.logs import configure
from app.tables.database import close_pool, fetch_one, open_pool

PAUSE: Final = 0.5
"""Seconds after which is looked again whether there is an organization."""

_LOCAL: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  not bound here
"""How a server is reached from here that listens everywhere."""
_AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

_log = logging.getLogger("app.demo.run")  # run as a program its name is another


async def run(settings: Settings) -> None:
    """Fill, have the logs grow and the apps send until this is cancelled. ConfigurationError: no database is named."""
    if settings.database_url is None:
        raise ConfigurationError("DATABASE_URL is not set; `snaglist run` brings a server of its own")
    folder = settings.data_dir / "demo"
    told = ""
    while True:
        try:
            senders = await _filled(settings.database_url, folder)
            if senders is not None:
                break
        except _AWAY as away:
            if str(away) != told:
                _log.info("the demo waits", extra={"reason": str(away)})
            told = str(away)
        await asyncio.sleep(PAUSE)
    _log.info("the demo is there")
    address = (_LOCAL.get(settings.host, settings.host), settings.port)
    async with asyncio.TaskGroup() as both:
        both.create_task(grow(folder, _clock, SystemRandom()))
        both.create_task(send_for_ever(senders, address, folder, _clock, SystemRandom()))


def main() -> int:
    """Run until a signal says otherwise, and give the exit status."""
    try:
        settings = from_environment(os.environ)
        configure(settings)
        asyncio.run(_until_told(settings))
    except ConfigurationError as wrong:
        _log.error("these settings cannot be used", extra={"reason": wrong.message})
        return BAD_CONFIGURATION
    except (asyncio.CancelledError, KeyboardInterrupt):
        return 0
    return 0


async def _until_told(settings: Settings) -> None:
    running = asyncio.ensure_future(run(settings))
    asyncio.get_running_loop().add_signal_handler(SIGTERM, running.cancel)
    await running


async def _filled(url: str, folder: Path) -> list[Sender] | None:
    """Fill it, if there is an organization yet, and give the apps; None: there is none."""
    await open_pool(url, size=2)
    try:
        row = await fetch_one("select id from organization order by created_at, id limit 1")
        if row is None:
            return None
        project_id = await set_up(row["id"], folder, now=_clock())
        return await set_up_apps(row["id"], project_id, now=_clock())
    finally:
        await close_pool()


def _clock() -> datetime:
    return datetime.fromtimestamp(time(), UTC)


if __name__ == "__main__":
    sys.exit(main())
