"""A project on a GitHub of the test's own, with its outbox carried out as the workers do, but faster.

Comes in: a stage and the stand-in's shop. Goes out: the key of its installation, and what a run of the worker did.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import time
from uuid import UUID

from app.accounts import keys_in_force
from app.github.api.client import AppCredentials, Credentials, TokenCredentials
from app.github.asking.actions import NewAction, add
from app.github.connecting.credentials import sealed
from app.github.writing.sync import sync
from app.github.writing.tempo import USUAL, Tempo
from app.tables.database import fetch, transaction
from tests.github import stage as rows
from tests.github.stand_in.process import RemoteStandIn
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.recording.stage import Stage, recorded, sighting

QUICK = timedelta(milliseconds=20)
KEY = "a secret key for the tests of GitHub"


def clock() -> datetime:
    """The time; the stand-in has the same."""
    return datetime.fromtimestamp(time(), UTC)


@dataclass
class Ahead:
    """A clock that a test puts forward; GitHub's stays where it is."""

    by: timedelta = timedelta()

    def __call__(self) -> datetime:
        """The time here."""
        return clock() + self.by


async def on_github(
    stage: Stage,
    github: GithubStandIn | RemoteStandIn,
    shop: Shop,
    *,
    app_key: str | None = None,
    daily_cap: int = 100,
) -> str:
    """Connect the project to the shop's repository, by its token, or with `app_key` as its App; the installation's key."""
    keys_in_force.use_keys(KEY)
    credentials: Credentials = TokenCredentials(shop.token)
    if app_key is not None:
        credentials = AppCredentials(shop.app_id, shop.installation_id, app_key)
    key = await rows.connected(
        stage,
        base_url=github.url,
        repository=shop.name,
        repository_id=shop.repository_id,
        credentials=sealed(stage.project_id, credentials),
        login=shop.login if app_key is None else shop.bot,
        daily_cap=daily_cap,
    )
    if app_key is not None:
        await fetch(
            "update github_connection set kind = 'app', app_id = $2, installation_id = $3 where project_id = $1",
            stage.project_id,
            shop.app_id,
            shop.installation_id,
        )
    return key


async def synced(
    key: str,
    *,
    now: Callable[[], datetime] = clock,
    pace: timedelta = QUICK,
    settled: timedelta = QUICK,
    lease: timedelta = USUAL.lease,
    most: int = 1000,
) -> int:
    """A run of the worker, until nothing is due; how many writes it looked after, `most` at most."""
    left = iter(range(most))
    tempo = Tempo(pace=pace, settled=settled, lease=lease)
    return await sync(key, clock=now, goes_on=lambda: next(left, None) is not None, tempo=tempo)


async def due_now(*group_ids: UUID) -> None:
    """As if the time had come at which what failed, or was put off, is tried again."""
    await fetch(
        "update github_issue set next_attempt_at = now() - interval '1 hour', attempted_at = attempted_at - interval '1 hour'"
        " where next_attempt_at is not null and group_id = any($1::uuid[])",
        list(group_ids),
    )


COMMENT = {"about": "resolved", "by": "Ada", "version": None, "in_next": False, "reason": None}
CLOSED = {"state": "closed", "state_reason": "completed"}


async def opened(stage: Stage, *errors: str) -> list[UUID]:
    """New errors, each of which is to become an issue; their groups, in this order."""
    await recorded([sighting(stage.shop, error) for error in errors])
    found = {group["title"]: group["id"] for group in await stage.groups("id, title")}
    return [found[title] for error in errors for title in found if error in title]


async def asked(*wanted: NewAction) -> None:
    """These writes are to be made."""
    async with transaction():
        await add(wanted, now=clock())
