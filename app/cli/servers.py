"""The servers that a command of the command line works with, and the words in which it fails.

Comes in: the environment: DATABASE_URL and REDIS_URL, or the data folder of the Snaglist that runs here. Goes out: a
process that is connected to both, can read what is secret in the database, and knows where Snaglist is reached.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import asyncpg
import typer

from app import logs
from app.accounts import keys_in_force
from app.config import Settings, from_environment
from app.embedded.postgres import NAME
from app.errors import BadInput, ConfigurationError, NotFound, SnaglistError, Unavailable
from app.live import connection
from app.tables.database import close_pool, open_pool

WRONG_USE: Final = 2
"""The exit status where somebody has to say it differently; other failures exit with 1."""


def run(work: Callable[[Settings], Awaitable[None]]) -> None:
    """Do some work with the servers; what goes wrong as expected is one line on standard error."""
    try:
        settings = _addressed(from_environment(os.environ))
        logs.configure(settings)
        asyncio.run(_run(settings, work))
    except (SnaglistError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        typer.echo(f"snaglist: {_reason(error)}", err=True)
        raise typer.Exit(WRONG_USE if isinstance(error, BadInput | ConfigurationError) else 1) from None


def _addressed(settings: Settings) -> Settings:
    """The settings with the address that the Snaglist of the data folder has, unless the environment names one."""
    if settings.database_url or os.environ.get("SNAGLIST_BASE_URL"):
        return settings
    address = _written(settings.data_dir)[2:]
    return replace(settings, base_url=address[0]) if address else settings


async def _run(settings: Settings, work: Callable[[Settings], Awaitable[None]]) -> None:
    async with _connected(settings):
        await work(settings)


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[None]:
    keys_in_force.use(settings)  # of the data folder, where DATABASE_URL is not set
    database_url, redis_url = _urls(settings)
    try:
        await open_pool(database_url, size=2)
    except OSError as error:
        raise Unavailable(f"the database cannot be reached: {error.strerror or error}") from None
    try:
        connection.connect(redis_url)
        yield
    finally:
        await connection.close()
        await close_pool()


def _urls(settings: Settings) -> tuple[str, str]:
    """The URLs of PostgreSQL and Redis; of the embedded servers, where none are set. NotFound: these do not run."""
    if settings.database_url and settings.redis_url:
        return settings.database_url, settings.redis_url
    sockets = _sockets(settings.data_dir)
    if sockets is None:
        raise NotFound(
            f"no Snaglist runs on the data folder {settings.data_dir}; start one with `snaglist run`,"
            " or name servers in DATABASE_URL and REDIS_URL"
        )
    return (
        settings.database_url or f"postgresql://{NAME}@/{NAME}?host={sockets}",
        settings.redis_url or f"unix://{sockets / 'valkey.sock'}",
    )


def _sockets(data_folder: Path) -> Path | None:
    """The folder of the sockets of the Snaglist that runs on the data folder."""
    written = _written(data_folder)
    sockets = Path(written[1]) if len(written) > 1 else None
    return sockets if sockets and sockets.is_dir() else None


def _written(data_folder: Path) -> list[str]:
    """What whoever holds the data folder has written into its lock; see `embedded.folder`."""
    try:
        return (data_folder.expanduser() / "lock").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _reason(error: Exception) -> str:
    if isinstance(error, asyncpg.UndefinedTableError):
        return "the database has no tables yet; they are made when Snaglist starts"
    return str(error) or type(error).__name__
