"""The apps that send events, and the keys that they do it with.

Comes in: an organization, and a window or ids. Goes out: apps, by name, and keys, the newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from app.domain.events import ignore_rules
from app.errors import BadInput, NotFound
from app.reading import pages
from app.reading.conditions import Conditions, can_be_stored
from app.reading.pages import Listing, Name, Page, Window
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class App:
    """A program that sends events. `number` is the project number of its DSN; see `NewApp` for the settings.

    `deleted_at`: when it was deleted, itself or with its project.
    """

    id: UUID
    number: int
    project_id: UUID
    name: str
    slug: str
    platform: str
    ignore_rules: tuple[ignore_rules.Rule, ...]
    sample_rate: float
    quota_per_minute: int | None
    in_app_include: list[str]
    in_app_exclude: list[str]
    created_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppKey:
    """A key that is valid; `expires_at`: until then, None: with no end."""

    key: str
    created_at: datetime
    expires_at: datetime | None


_SELECT: Final = """
select a.id, a.number, a.project_id, a.name, a.slug, a.platform, a.ignore_rules, a.sample_rate, a.quota_per_minute,
    a.in_app_include, a.in_app_exclude, a.created_at, coalesce(a.deleted_at, p.deleted_at) as deleted_at
from app as a join project as p on p.id = a.project_id and p.organization_id = $1
where """
_COUNT: Final = """
select count(*) from app as a join project as p on p.id = a.project_id and p.organization_id = $1
where """
_THEIRS: Final = ("a.organization_id = $1", "a.deleted_at is null", "p.deleted_at is null")

_LISTING: Final = Listing("apps", ("a.name", "a.id"), msgspec.json.Decoder(tuple[str, Name, UUID]))


async def apps(
    organization_id: UUID,
    window: Window = Window(),  # noqa: B008  frozen
    *,
    project_id: UUID | None = None,
) -> Page[App]:
    """A page of the apps, by name, of one project or of all. BadInput: the window makes no sense."""
    wanted = _wanted(organization_id, project_id)
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(f"{_SELECT}{wanted} {end}", *wanted.values)
    return pages.page(_LISTING, window, [_app(row) for row in rows], lambda shown: (shown.name, shown.id))


async def count_apps(organization_id: UUID, *, project_id: UUID | None = None) -> int:
    """How many apps there are, of one project or of all."""
    wanted = _wanted(organization_id, project_id)
    [row] = await fetch(f"{_COUNT}{wanted}", *wanted.values)
    return int(row[0])


async def app(organization_id: UUID, app_id: UUID) -> App | None:
    """One app; None: there is none, or it is not theirs."""
    return (await apps_by_id(organization_id, [app_id])).get(app_id)


async def apps_by_id(
    organization_id: UUID, ids: Sequence[UUID], *, with_deleted: bool = False
) -> dict[UUID, App]:
    """Those of the apps that there are. `with_deleted`: for what still names an app that is gone."""
    wanted = Conditions(organization_id, *(_THEIRS[:1] if with_deleted else _THEIRS))
    wanted.add("a.id = any(?::uuid[])", ids)
    rows = await fetch(f"{_SELECT}{wanted}", *wanted.values)
    return {row["id"]: _app(row) for row in rows}


async def app_named(organization_id: UUID, name: str) -> UUID:
    """The app that is meant by PROJECT/APP, both slugs, or APP alone. NotFound, BadInput: there are several."""
    project, _, slug = name.rpartition("/")
    if not can_be_stored(name):
        raise NotFound("there is no such app")
    rows = await fetch(
        """
        select a.id, p.slug from app as a join project as p on p.id = a.project_id
        where a.organization_id = $1 and p.organization_id = $1 and a.slug = $2 and ($3 = '' or p.slug = $3)
            and a.deleted_at is null and p.deleted_at is null
        order by p.slug
        """,
        organization_id,
        slug,
        project,
    )
    if not rows:
        raise NotFound(f"there is no app {name}; `snaglist app list` shows those that there are")
    if len(rows) > 1:
        raise BadInput(f"several apps have this slug: {', '.join(f'{row[1]}/{slug}' for row in rows)}")
    return UUID(str(rows[0]["id"]))


async def keys(organization_id: UUID, app_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, list[AppKey]]:
    """The keys of each of the apps that open something, the newest first; none of an app that was deleted."""
    found: dict[UUID, list[AppKey]] = {app_id: [] for app_id in app_ids}
    for app_id, *columns in await fetch(_KEYS, organization_id, app_ids, now):
        found[app_id].append(AppKey(*columns))
    return found


_KEYS: Final = """
select k.app_id, k.key, k.created_at, k.expires_at
from app_key as k
join app as a on a.id = k.app_id
join project as p on p.id = a.project_id
where a.organization_id = $1 and k.app_id = any($2::uuid[]) and (k.expires_at is null or k.expires_at > $3)
    and a.deleted_at is null and p.deleted_at is null
order by k.app_id, k.expires_at is null desc, k.created_at desc, k.id desc
"""


def _wanted(organization_id: UUID, project_id: UUID | None) -> Conditions:
    wanted = Conditions(organization_id, *_THEIRS)
    if project_id is not None:
        wanted.add("a.project_id = ?", project_id)
    return wanted


def _app(row: asyncpg.Record) -> App:
    columns = dict(row)
    rules = tuple(ignore_rules.restored(msgspec.json.decode(columns["ignore_rules"])))
    return App(**columns | {"ignore_rules": rules})
