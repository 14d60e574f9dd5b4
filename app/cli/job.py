"""`snaglist job`: any job by hand, with no workers needed.

Comes in: a job's name, a time, arguments. Goes out: the job done, and with it the jobs that it starts, one after the
other. The servers are those of DATABASE_URL and REDIS_URL, or the embedded ones of the Snaglist that runs on the data
folder.
"""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Annotated, Final

import asyncpg
import typer

from app import logs
from app.config import Settings, from_environment
from app.embedded.postgres import NAME
from app.errors import BadInput, ConfigurationError, NotFound, SnaglistError, Unavailable
from app.jobs.catalogue import JOBS
from app.jobs.starting import run_here
from app.live import connection
from app.scanning.source import Bounds
from app.tables.database import close_pool, open_pool

cli: Final = typer.Typer(name="job", help="Run background jobs by hand.", no_args_is_help=True)

_WRONG_USE: Final = 2


@cli.command(name="list")
def show() -> None:
    """Show the jobs that there are."""
    for job in JOBS.values():
        when = f"every {_spoken(job.every)}" if job.every else "when asked for"
        typer.echo(f"{job.name:14} {when:18} {(job.run.__doc__ or '').strip()}")


@cli.command()
def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What `snaglist job list` shows.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[ARGUMENT]...", help="What the job needs.")
    ] = None,
    now: Annotated[
        str | None,
        typer.Option("--now", metavar="TIME", help="Run as if it were then, as 2026-11-22T10:00Z."),
    ] = None,
) -> None:
    """Run a job here and at once, and the jobs that it starts."""
    if name not in JOBS:
        raise typer.BadParameter(f"there is no job {name!r}, only {', '.join(JOBS)}", param_hint="NAME")
    at = datetime.fromtimestamp(time(), UTC) if now is None else _time(now)
    try:
        settings = from_environment(os.environ)
        logs.configure(settings)
        asyncio.run(_run(_with_servers(settings), name, tuple(arguments or ()), at))
    except (SnaglistError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        typer.echo(f"snaglist: {_reason(error)}", err=True)
        raise typer.Exit(_WRONG_USE if isinstance(error, BadInput | ConfigurationError) else 1) from None


async def _run(settings: Settings, name: str, arguments: tuple[str, ...], now: datetime) -> None:
    assert settings.database_url  # noqa: S101  `_with_servers` has seen to it
    assert settings.redis_url  # noqa: S101
    try:
        await open_pool(settings.database_url, size=2)
    except OSError as error:
        raise Unavailable(f"the database cannot be reached: {error.strerror or error}") from None
    try:
        connection.connect(settings.redis_url)
        await run_here(name, *arguments, now=now, bounds=Bounds(first=settings.first_scan_bytes))
    finally:
        await connection.close()
        await close_pool()


def _with_servers(settings: Settings) -> Settings:
    """The settings with the URLs of the embedded servers, where none are set. NotFound: these do not run."""
    if settings.database_url and settings.redis_url:
        return settings
    sockets = _sockets(settings.data_dir)
    if sockets is None:
        raise NotFound(
            f"no Snaglist runs on the data folder {settings.data_dir}; start one with `snaglist run`,"
            " or name servers in DATABASE_URL and REDIS_URL"
        )
    return replace(
        settings,
        database_url=settings.database_url or f"postgresql://{NAME}@/{NAME}?host={sockets}",
        redis_url=settings.redis_url or f"unix://{sockets / 'valkey.sock'}",
    )


def _sockets(data_folder: Path) -> Path | None:
    """The folder of the sockets, which whoever holds the data folder has written into its lock."""
    try:
        written = (data_folder.expanduser() / "lock").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    sockets = Path(written[1]) if len(written) > 1 else None
    return sockets if sockets and sockets.is_dir() else None


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("it has no zone")
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"{text!r} is no time with a zone, as 2026-11-22T10:00:00Z is: {error}", param_hint="--now"
        ) from None


def _reason(error: Exception) -> str:
    if isinstance(error, asyncpg.UndefinedTableError):
        return "the database has no tables yet; they are made when Snaglist starts"
    return str(error) or type(error).__name__


def _spoken(every: timedelta) -> str:
    seconds = round(every.total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % length == 0:
            return unit if seconds == length else f"{seconds // length} {unit}s"
    return f"{seconds} seconds"
