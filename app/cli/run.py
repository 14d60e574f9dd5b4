"""`snaglist run`, `serve` and `migrate`: everything here at once, the API alone, the tables alone.

Comes in: the environment. Goes out: an exit status; what cannot be is one line on standard error.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import time
from typing import NoReturn

import typer

from app.errors import SnaglistError


def everything() -> NoReturn:
    """Become the supervisor: the same process, signals and all, without the memory of the command line."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "app.launch"])  # noqa: S606  our own Python, no shell


def api() -> int:
    """Serve until SIGTERM or Ctrl-C."""
    from app.config import BAD_CONFIGURATION, from_environment  # noqa: PLC0415  nor is any of this for a scan
    from app.launch.api import run  # noqa: PLC0415
    from app.launch.door import listen  # noqa: PLC0415

    def serve() -> int:
        settings = from_environment(os.environ)
        status = run(listen(settings.host, settings.port).detach())
        return 1 if status == BAD_CONFIGURATION else status

    return _refused_in_words(serve)


def tables() -> int:
    """Connect, migrate, make the first owner, and stop."""
    from app import logs, startup  # noqa: PLC0415
    from app.config import from_environment  # noqa: PLC0415

    async def prepare() -> None:
        settings = from_environment(os.environ)
        logs.configure(settings)
        try:
            await startup.prepare(settings, now=datetime.fromtimestamp(time(), UTC))
        finally:
            await startup.finish()

    def migrate() -> int:
        asyncio.run(prepare())
        typer.echo("The database is ready.")
        return 0

    return _refused_in_words(migrate)


def _refused_in_words(do: Callable[[], int]) -> int:
    try:
        return do()
    except SnaglistError as refusal:
        typer.echo(f"snaglist: {refusal.message}", err=True)
        return 1
