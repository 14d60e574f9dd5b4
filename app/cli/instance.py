"""`snaglist instance`: the instances whose logs are read, made, looked at, tried and scanned at the command line.

Comes in: names and options. Goes out: text, and an exit status: 0 where all is well, 2 where somebody has to say it
differently, 1 for what went wrong otherwise. It acts for the only organization, or the one of --organization.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Annotated, Final
from uuid import UUID

import typer

from app.cli import servers
from app.cli.instance_table import table
from app.cli.log_options import Login, LogOptions, source
from app.config import Settings
from app.errors import NotFound
from app.projects.create_instance import NewInstance, create_instance
from app.projects.delete_instance import delete_instance
from app.projects.known_source import known_source
from app.reading.instances import instance
from app.reading.organizations import instance_named, organization
from app.reading.projects import project_by_slug
from app.scanning.scan_instance import Scanned, scan
from app.scanning.source import Bounds
from app.scanning.try_source import Tried, try_source

cli: Final = typer.Typer(
    name="instance", help="Make, try and scan instances: servers whose logs are read.", no_args_is_help=True
)

Text = str | None
_Organization = Annotated[
    Text, typer.Option("--organization", metavar="SLUG", help="Where there are several organizations.")
]
_Named = Annotated[
    str, typer.Argument(metavar="INSTANCE", help="Its slug, or PROJECT/INSTANCE where several have it.")
]
_Project = Annotated[str, typer.Option("--project", metavar="SLUG", help="The project it belongs to.")]
_Name = Annotated[str, typer.Option("--name", help="What people call it.")]
_Slug = Annotated[Text, typer.Option("--slug", help="Its name in addresses; made of the name otherwise.")]
_Environment = Annotated[
    str, typer.Option("--environment", metavar="NAME", help="PRODUCTION, STAGING or DEVELOPMENT.")
]
_File = Annotated[Text, typer.Option("--file", metavar="PATH", help="The log is this file.")]
_Docker = Annotated[Text, typer.Option("--docker", metavar="CONTAINER", help="It is this container's log.")]
_Journal = Annotated[
    Text, typer.Option("--journal", metavar="UNIT", help="It is this systemd unit's, in the journal.")
]
_Kubernetes = Annotated[
    Text,
    typer.Option(
        "--kubernetes", metavar="PODS", help="It is that of a pod, of deploy/NAME, or of app=LABEL."
    ),
]
_Namespace = Annotated[str, typer.Option("--namespace", help="The namespace of these pods.")]
_Container = Annotated[Text, typer.Option("--container", help="The container in these pods.")]
_Ssh = Annotated[
    Text, typer.Option("--ssh", metavar="USER@HOST:PORT", help="The log is on this machine, not on this one.")
]
_Key = Annotated[
    Path | None,
    typer.Option(
        "--key", metavar="FILE", help="The private key to log in with; a password is asked for otherwise."
    ),
]
_Accept = Annotated[
    Text,
    typer.Option(
        "--accept-host-key", metavar="SHA256:...", help="The fingerprint of the machine's host key."
    ),
]
_Jump = Annotated[
    Text, typer.Option("--jump", metavar="USER@HOST:PORT", help="The machine by way of which it is reached.")
]
_JumpKey = Annotated[
    Path | None, typer.Option("--jump-key", metavar="FILE", help="As --key, for the jump host.")
]
_AcceptJump = Annotated[
    Text,
    typer.Option("--accept-jump-key", metavar="SHA256:...", help="As --accept-host-key, for the jump host."),
]


@cli.command()
def add(
    project: _Project,
    name: _Name,
    slug: _Slug = None,
    environment: _Environment = "PRODUCTION",
    file: _File = None,
    docker: _Docker = None,
    journal: _Journal = None,
    kubernetes: _Kubernetes = None,
    namespace: _Namespace = "default",
    container: _Container = None,
    ssh: _Ssh = None,
    key: _Key = None,
    accept_host_key: _Accept = None,
    jump: _Jump = None,
    jump_key: _JumpKey = None,
    accept_jump_key: _AcceptJump = None,
    organization: _Organization = None,
) -> None:
    """Make an instance. Where the log cannot be read yet, it is made all the same, and told why."""
    log = LogOptions(file, docker, journal, kubernetes, namespace, container)
    login = Login(ssh, key, accept_host_key, "--accept-host-key") if ssh is not None else None
    way = Login(jump, jump_key, accept_jump_key, "--accept-jump-key") if jump is not None else None

    async def work(organization_id: UUID, _: Settings) -> None:
        found = await project_by_slug(organization_id, project)
        if found is None:
            raise NotFound(f"there is no project {project}")
        where = await source(log, login, way)
        wanted = NewInstance(found.id, name, where, slug, environment.upper())
        made = await create_instance(organization_id, wanted, now=_now())
        shown = await instance(organization_id, made)
        typer.echo(f"Made {project}/{shown.slug if shown else ''}.")
        _tell(await asyncio.to_thread(try_source, where, now=_now()))

    _for(organization, work)


@cli.command(name="list")
def show(organization: _Organization = None) -> None:
    """Show the instances, and how their last scans went."""

    async def work(organization_id: UUID, _: Settings) -> None:
        for line in await table(organization_id):
            typer.echo(line)

    _for(organization, work)


@cli.command(name="test")
def attempt(name: _Named, organization: _Organization = None) -> None:
    """Try to read an instance's log, and say how far that goes. Nothing is stored."""

    async def work(organization_id: UUID, _: Settings) -> None:
        where = await known_source(organization_id, await instance_named(organization_id, name))
        if where is None:
            raise NotFound("the instance does not say where its log is")
        tried = await asyncio.to_thread(try_source, where, now=_now())
        _tell(tried)
        if tried.problem:
            raise typer.Exit(1)

    _for(organization, work)


@cli.command(name="scan")
def read(name: _Named, organization: _Organization = None) -> None:
    """Scan an instance's log now, to its end."""

    async def work(organization_id: UUID, settings: Settings) -> None:
        instance_id = await instance_named(organization_id, name)
        bounds = Bounds(first=settings.first_scan_bytes)
        total, is_behind = Scanned(), True
        while is_behind:
            scanned = await scan(instance_id, now=_now(), bounds=bounds)
            is_behind = scanned.is_behind
            total = replace(
                total,
                detections=total.detections + scanned.detections,
                new_groups=total.new_groups + scanned.new_groups,
                bytes_read=total.bytes_read + scanned.bytes_read,
            )
        typer.echo(
            f"{total.bytes_read} bytes read, {total.detections} detections, {total.new_groups} new errors."
        )

    _for(organization, work)


@cli.command()
def remove(
    name: _Named,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    organization: _Organization = None,
) -> None:
    """Remove an instance: its log is read no more; the errors that were found stay."""

    async def work(organization_id: UUID, _: Settings) -> None:
        instance_id = await instance_named(organization_id, name)
        if not yes:
            typer.confirm(f"Remove {name}?", abort=True, err=True)
        await delete_instance(organization_id, instance_id, now=_now())
        typer.echo(f"Removed {name}.")

    _for(organization, work)


def _for(slug: Text, work: Callable[[UUID, Settings], Awaitable[None]]) -> None:
    """Do some work for an organization."""

    async def its_work(settings: Settings) -> None:
        await work((await organization(slug)).id, settings)

    servers.run(its_work)


def _tell(tried: Tried) -> None:
    if tried.host_key_of and tried.is_host_key_pinned:
        typer.echo(f"{tried.host_key_of} has the host key that was accepted.")
    if tried.log_found:
        version = f", Odoo {tried.odoo_version}" if tried.odoo_version else ""
        typer.echo(
            f"The log is there: {tried.lines_read} lines of its end hold {tried.detections} detections{version}."
        )
    if tried.problem:
        typer.echo(f"snaglist: {tried.problem}", err=True)


def _now() -> datetime:
    return datetime.fromtimestamp(time(), UTC)
