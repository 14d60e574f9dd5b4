"""`snaglist job`: any job by hand, with no workers needed.

Comes in: a job's name, a time, arguments. Goes out: the job done, and with it the jobs that it starts, one after the
other. The servers are those of DATABASE_URL and REDIS_URL, or the embedded ones of the Snaglist that runs on the data
folder.
"""

from datetime import UTC, datetime, timedelta
from time import time
from typing import Annotated, Final

import typer

from app.cli import servers
from app.config import Settings
from app.jobs.catalogue import JOBS
from app.jobs.starting import run_here
from app.scanning.source import Bounds

cli: Final = typer.Typer(name="job", help="Run background jobs by hand.", no_args_is_help=True)


@cli.command(name="list")
def show() -> None:
    """Show the jobs that there are."""
    width = max(len(name) for name in JOBS)
    for job in JOBS.values():
        when = f"every {_spoken(job.every)}" if job.every else "when asked for"
        typer.echo(f"{job.name:{width}} {when:18} {(job.run.__doc__ or '').strip()}")


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

    async def work(settings: Settings) -> None:
        bounds = Bounds(first=settings.first_scan_bytes)
        await run_here(name, *(arguments or ()), now=at, bounds=bounds)

    servers.run(work)


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


def _spoken(every: timedelta) -> str:
    seconds = round(every.total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % length == 0:
            return unit if seconds == length else f"{seconds // length} {unit}s"
    return f"{seconds} seconds"
