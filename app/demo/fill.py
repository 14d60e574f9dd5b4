"""Fill a fresh Snaglist with a demo: a project, two instances, and logs that keep growing.

Comes in: the organization, and a folder of our own. Goes out: `shop.log` and `warehouse.log` in it, a week of history
in each, and the instances that read them. Everything is made once, however often and by however many this is asked;
what somebody deleted stays deleted.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from app.demo.logs import SERVERS, live, past
from app.domain.log_source import local_file
from app.errors import NotFound, Taken
from app.projects.create_instance import NewInstance, create_instance
from app.projects.create_project import NewProject, create_project
from app.tables.database import fetch, fetch_one

PROJECT: Final = "Demo"
SLUG: Final = "demo"
PAUSE: Final = (2.0, 6.0)
"""Seconds between two things that happen, at least and at most."""
LARGEST: Final = 5 * 1024 * 1024
"""Bytes of a log that is rotated."""

_INSTANCES: Final = {"shop": ("Shop", "PRODUCTION", None), "warehouse": ("Warehouse", "STAGING", True)}
"""For each server its instance's name, environment, and whether detection is enabled."""

_log = logging.getLogger(__name__)


async def set_up(organization_id: UUID, folder: Path, *, now: datetime) -> UUID:
    """Make what was never made: the logs first, so that no instance is scanned without one. Gives the project.

    May be done twice, and by several processes at once. OSError: the folder cannot be written to. To be called
    outside of transactions.
    """
    folder = await asyncio.to_thread(_begin_logs, folder, now)
    project_id = await _project(organization_id, now)
    known = await fetch("select slug from instance where project_id = $1", project_id)
    for slug in _INSTANCES.keys() - {row["slug"] for row in known}:
        name, environment, is_enabled = _INSTANCES[slug]
        source = local_file(str(_log_of(folder, slug)))
        wanted = NewInstance(project_id, name, source, slug, environment, is_enabled)
        with contextlib.suppress(Taken, NotFound):  # made by somebody else; the project was deleted
            await create_instance(organization_id, wanted, now=now)
    return project_id


async def grow(folder: Path, clock: Callable[[], datetime], chance: Random) -> None:
    """Have something happen on one of the servers every few seconds, for ever; where it cannot be written, go on."""
    told = ""
    while True:
        await asyncio.sleep(chance.uniform(*PAUSE))
        server = chance.choice(SERVERS)
        try:
            _append(_log_of(folder, server.name), live(server, clock(), chance).text)
        except OSError as refused:
            if str(refused) != told:
                _log.warning("the demo's log cannot be written", extra={"reason": str(refused)})
            told = str(refused)
        else:
            told = ""


def _log_of(folder: Path, name: str) -> Path:
    return folder / f"{name}.log"


def _old(log: Path) -> Path:
    return log.with_name(f"{log.name}.1")


async def _project(organization_id: UUID, now: datetime) -> UUID:
    """The demo's project; one that was deleted, too, as it is not made again."""
    found = "select id from project where organization_id = $1 and slug = $2 order by created_at, id limit 1"
    row = await fetch_one(found, organization_id, SLUG)
    if row is None:
        try:
            return await create_project(organization_id, NewProject(PROJECT, SLUG), now=now)
        except Taken:  # somebody else was faster
            row = await fetch_one(found, organization_id, SLUG)
            if row is None:
                raise
    project_id: UUID = row["id"]
    return project_id


def _begin_logs(folder: Path, now: datetime) -> Path:
    """Write the history of each log that was never begun; a half-written one is seen by nobody.

    Gives the folder as an instance names it.
    """
    folder = folder.absolute()
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o755, parents=True)
        folder.chmod(0o755)  # whatever the umask
    with _alone(folder):
        for server in SERVERS:
            log = _log_of(folder, server.name)
            if log.exists() or _old(log).exists():
                continue
            chance = Random(server.name)  # noqa: S311  no secrets, and the same history each time
            part = folder / f".{log.name}.part"
            part.write_bytes(b"".join(piece.text for piece in past(server, now, chance)))
            part.rename(log)
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process does this in the folder meanwhile."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _append(log: Path, text: bytes) -> None:
    """Write a piece at a stroke; a log that is large enough is renamed before, in place of the one renamed last."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LARGEST:
            log.rename(_old(log))
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.write(file, text)
    finally:
        os.close(file)
