"""`snaglist app`: the programs that send their events themselves, made and given keys at the command line.

Comes in: names and options. Goes out: what such a program needs: its DSN, its key, and how to try it. Exit statuses are
those of `snaglist instance`. It acts for the only organization, or the one of --organization.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import time
from typing import Annotated, Final
from uuid import UUID

import typer

from app.cli import servers
from app.cli.app_table import table
from app.config import Settings
from app.domain.events.dsn import dsn, ingest_url
from app.errors import NotFound
from app.projects.create_app import NewApp, create_app
from app.projects.delete_app import delete_app
from app.projects.rotate_key import GRACE, rotate_key
from app.reading import apps
from app.reading.organizations import organization
from app.reading.projects import project_by_slug

cli: Final = typer.Typer(
    name="app",
    help="Make apps, and give them keys: programs that send their events themselves.",
    no_args_is_help=True,
)

Text = str | None
_Organization = Annotated[
    Text, typer.Option("--organization", metavar="SLUG", help="Where there are several organizations.")
]
_Named = Annotated[str, typer.Argument(metavar="APP", help="Its slug, or PROJECT/APP where several have it.")]


@cli.command()
def create(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="The slug of its project.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    platform: Annotated[
        str, typer.Option("--platform", metavar="TEXT", help="What it runs on: javascript, ios, python ...")
    ] = "other",
    slug: Annotated[
        Text, typer.Option("--slug", help="Its name in addresses; made of the name otherwise.")
    ] = None,
    organization: _Organization = None,
) -> None:
    """Make an app, and show its DSN, its key, and how to send a first event."""

    async def work(organization_id: UUID, settings: Settings) -> None:
        found = await project_by_slug(organization_id, project)
        if found is None:
            raise NotFound(f"there is no project {project}")
        wanted = NewApp(found.id, name, platform, slug)
        app_id = await create_app(organization_id, wanted, now=_now())
        await _tell(organization_id, app_id, settings)

    _for(organization, work)


@cli.command(name="list")
def show(organization: _Organization = None) -> None:
    """Show the apps, with their DSNs."""

    async def work(organization_id: UUID, settings: Settings) -> None:
        for line in await table(organization_id, settings.base_url, now=_now()):
            typer.echo(line)

    _for(organization, work)


@cli.command(name="rotate-key")
def rotate(
    name: _Named,
    grace_seconds: Annotated[
        int,
        typer.Option("--grace-seconds", help="How long the keys that it has still work, 30 days at most."),
    ] = GRACE,
    organization: _Organization = None,
) -> None:
    """Make a new key for an app; those that it has end after a time of grace."""

    async def work(organization_id: UUID, settings: Settings) -> None:
        app_id = await apps.app_named(organization_id, name)
        await rotate_key(organization_id, app_id, grace_seconds=grace_seconds, now=_now())
        await _tell(organization_id, app_id, settings)

    _for(organization, work)


@cli.command()
def remove(
    name: _Named,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    organization: _Organization = None,
) -> None:
    """Remove an app: its keys open nothing any more; the errors that it sent stay."""

    async def work(organization_id: UUID, _: Settings) -> None:
        app_id = await apps.app_named(organization_id, name)
        if not yes:
            typer.confirm(f"Remove {name}?", abort=True, err=True)
        await delete_app(organization_id, app_id, now=_now())
        typer.echo(f"Removed {name}.")

    _for(organization, work)


def _for(slug: Text, work: Callable[[UUID, Settings], Awaitable[None]]) -> None:
    """Do some work for an organization."""

    async def its_work(settings: Settings) -> None:
        await work((await organization(slug)).id, settings)

    servers.run(its_work)


async def _tell(organization_id: UUID, app_id: UUID, settings: Settings) -> None:
    """Say what a program needs to send events."""
    made = await apps.app(organization_id, app_id)
    keys = (await apps.keys(organization_id, [app_id], now=_now()))[app_id]
    if made is None or not keys:  # somebody was faster, and has deleted it
        raise NotFound("there is no such app")
    key = keys[0].key
    typer.echo(f"DSN  {dsn(settings.base_url, key, made.number)}")
    typer.echo(f"key  {key}")
    typer.echo(
        f"\nTry it:\n\n  curl {ingest_url(settings.base_url)} \\\n"
        f"    -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\\n"
        '    -d \'{"events": [{"level": "error", "message": "Hello from curl"}]}\''
    )


def _now() -> datetime:
    return datetime.fromtimestamp(time(), UTC)
