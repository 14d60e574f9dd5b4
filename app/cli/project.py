"""`snaglist project`: the projects at the command line, and how often their digests are sent.

Comes in: names and options. Goes out: a table of the projects, or a changed one. Exit statuses are those of
`snaglist instance`. It acts for the only organization, or the one of --organization.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import time
from typing import Annotated, Final
from uuid import UUID

import typer

from app.cli import servers
from app.domain import global_ids
from app.domain.alerts.slots import Frequency
from app.errors import BadInput, NotFound
from app.projects.update_project import ProjectChanges, update_project
from app.reading.organizations import organization
from app.reading.pages import Window
from app.reading.projects import Project, projects

cli: Final = typer.Typer(
    name="project",
    help="List projects, and change how often their digests are sent.",
    no_args_is_help=True,
)

FREQUENCIES: Final = {frequency.lower().replace("_", "-"): frequency for frequency in Frequency}
"""The words of `--alert-frequency`: none, hourly, six-hourly, daily, weekly."""

_HEAD: Final = ("PROJECT", "NAME", "DIGEST", "TIME ZONE", "ID")
_Organization = Annotated[
    str | None, typer.Option("--organization", metavar="SLUG", help="Where there are several organizations.")
]


@cli.command(name="list")
def show(organization: _Organization = None) -> None:
    """Show the projects, and how often the digest of each is sent."""

    async def work(organization_id: UUID) -> None:
        rows = [_HEAD, *(_row(one) for one in await _all(organization_id))]
        widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD))]
        for row in rows:
            typer.echo("  ".join(map(str.ljust, row, widths)).rstrip())

    _for(organization, work)


@cli.command()
def update(
    name: Annotated[str, typer.Argument(metavar="ID", help="Its id, or its slug.")],
    alert_frequency: Annotated[
        str,
        typer.Option(
            "--alert-frequency",
            metavar="WORD",
            help=f"How often its digest is sent to all members: {', '.join(FREQUENCIES)}.",
        ),
    ],
    organization: _Organization = None,
) -> None:
    """Change how often the digest of a project is sent; nothing is told twice or left out by that."""

    async def work(organization_id: UUID) -> None:
        frequency = FREQUENCIES.get(alert_frequency.lower())
        if frequency is None:
            raise BadInput(f"--alert-frequency is one of {', '.join(FREQUENCIES)}")
        meant = [one for one in await _all(organization_id) if name in (one.slug, _id(one))]
        if not meant:
            raise NotFound(f"there is no project {name}; `snaglist project list` shows those that there are")
        changes = ProjectChanges(alert_frequency=frequency)
        await update_project(organization_id, meant[0].id, changes, now=datetime.fromtimestamp(time(), UTC))
        typer.echo(f"The digest of {meant[0].slug} is sent: {_word(frequency)}.")

    _for(organization, work)


def _for(slug: str | None, work: Callable[[UUID], Awaitable[None]]) -> None:
    """Do some work for an organization."""

    async def its_work(_: object) -> None:
        await work((await organization(slug)).id)

    servers.run(its_work)


async def _all(organization_id: UUID) -> list[Project]:
    """The projects, by name."""
    found: list[Project] = []
    window = Window(first=100)
    while True:
        page = await projects(organization_id, window)
        found += page.nodes
        if not page.has_next:
            return found
        window = Window(first=100, after=page.cursors[-1])


def _row(one: Project) -> tuple[str, ...]:
    return (one.slug, one.name, _word(Frequency(one.alert_frequency)), one.time_zone, _id(one))


def _id(one: Project) -> str:
    return global_ids.encode("Project", one.id)


def _word(frequency: Frequency) -> str:
    return next(word for word, meant in FREQUENCIES.items() if meant is frequency)
