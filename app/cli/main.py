"""The commands and their options; each calls one function of another file, which is imported only then.

`snaglist scan` starts in a moment and must not wait for what it does not need.
"""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli import run as running

_HELP: Final = {"help_option_names": ["-h", "--help"]}

cli = typer.Typer(
    name="snaglist",
    help="Self-hosted error tracker for Odoo servers and apps.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=_HELP,
)


def main() -> None:
    """Run the command line."""
    cli()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"snaglist {version('snaglist')}")
        raise typer.Exit


@cli.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and stop."),
    ] = False,
) -> None:
    """Options of every command."""


@cli.command()
def run() -> None:
    """Run everything in the foreground, with servers of its own unless DATABASE_URL and REDIS_URL name others."""
    running.everything()


@cli.command()
def serve() -> None:
    """Serve the API alone, on HOST and PORT, with the servers that DATABASE_URL and REDIS_URL name."""
    raise typer.Exit(running.api())


@cli.command()
def migrate() -> None:
    """Bring the database of DATABASE_URL to the newest migration and make the first owner."""
    raise typer.Exit(running.tables())


@cli.command(
    add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def job(context: typer.Context) -> None:
    """Run background jobs by hand."""
    from app.cli.job import cli as jobs  # noqa: PLC0415  `snaglist scan` starts without it

    jobs(args=context.args, prog_name="snaglist job", **_HELP)


@cli.command(
    add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def instance(context: typer.Context) -> None:
    """Make, try and scan instances: servers whose logs are read."""
    from app.cli.instance import cli as instances  # noqa: PLC0415  `snaglist scan` starts without it

    instances(args=context.args, prog_name="snaglist instance", **_HELP)


@cli.command(
    add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def app(context: typer.Context) -> None:
    """Make apps, and give them keys: programs that send their events themselves."""
    from app.cli.app import cli as apps  # noqa: PLC0415  `snaglist scan` starts without it

    apps(args=context.args, prog_name="snaglist app", **_HELP)


@cli.command(
    add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def project(context: typer.Context) -> None:
    """List projects, and change how often their digests are sent."""
    from app.cli.project import cli as projects  # noqa: PLC0415  `snaglist scan` starts without it

    projects(args=context.args, prog_name="snaglist project", **_HELP)


@cli.command()
def scan(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Log files, gzip too; - is standard input.")
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object per detection, one a line.")] = False,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore", metavar="TEXT", help="Ignore errors whose first or exception line holds TEXT."
        ),
    ] = None,
    addons: Annotated[
        list[Path] | None,
        typer.Option(
            "--addons", metavar="DIR", help="A folder whose addons are your own, as the log names it."
        ),
    ] = None,
) -> None:
    """Find the errors in log files, with nothing else running."""
    from app.cli import scan as scanning  # noqa: PLC0415  the other commands start without it
    from app.domain.detections import Rules  # noqa: PLC0415  the other commands start without it

    rules = Rules(tuple(ignore or ()), tuple(str(folder) for folder in addons or ()))
    show = scanning.as_json if json else scanning.as_table
    try:
        status = show(files, rules)
    except (
        BrokenPipeError
    ):  # the reader went away, as `| head` does; what Python flushes at exit must go somewhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    raise typer.Exit(status)


@cli.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from app.graphql.schema import sdl  # noqa: PLC0415  Strawberry takes a second to import; a scan needs none of it

    typer.echo(sdl(), nl=False)
