"""Make an app: a program that sends its events itself, from now on.

Comes in: what it is called and what is done with its events, and who makes it. Goes out: its id. With it come its first
key and the row that says who made it.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import NotFound
from app.projects import names, slugs
from app.projects.app_keys import add_key
from app.projects.app_settings import checked, stored
from app.tables.database import fetch, fetch_one, transaction
from app.tables.identifiers import uuid7


@dataclass(frozen=True, slots=True)
class NewApp:
    """An app to be. Without a slug it gets one made of its name.

    `ignore_rules`: as `domain.ignore_rules.plain` gives them. `sample_rate`: 0 to 1. `quota_per_minute`: None for as many
    events as come.
    """

    project_id: UUID
    name: str
    platform: str = "other"
    slug: str | None = None
    ignore_rules: Sequence[Any] = ()
    sample_rate: float = 1.0
    quota_per_minute: int | None = None
    in_app_include: Sequence[str] = ()
    in_app_exclude: Sequence[str] = ()


async def create_app(organization_id: UUID, wanted: NewApp, *, now: datetime, actor: Actor = SYSTEM) -> UUID:
    """Make the app with its first key, and give its id. To be called outside of transactions.

    BadInput: something that nobody can have. NotFound: the organization has no such project, or not any more.
    Taken: an app of the project has this slug; one made of the name is numbered instead.
    """
    values = checked(
        {
            "name": wanted.name,
            "platform": wanted.platform,
            "ignore_rules": list(wanted.ignore_rules),
            "sample_rate": wanted.sample_rate,
            "quota_per_minute": wanted.quota_per_minute,
            "in_app_include": wanted.in_app_include,
            "in_app_exclude": wanted.in_app_exclude,
        }
    )
    app_id = uuid7(now)

    async def make(slug: str) -> UUID | None:
        async with transaction():
            if not await _make(organization_id, wanted.project_id, app_id, values | {"slug": slug}, now):
                return None
            await add_key(app_id, now=now)
            await _note(organization_id, actor, app_id, values | {"slug": slug}, now)
        return app_id

    async def taken(start: str) -> Set[str]:
        return await _taken(organization_id, wanted.project_id, start)

    if wanted.slug is None:
        return await slugs.store(slugs.derived(values["name"], "app"), taken=taken, make=make)
    made = await make(names.slug(wanted.slug))
    if made is None:
        raise slugs.refusal()
    return made


async def _make(
    organization_id: UUID, project_id: UUID, app_id: UUID, values: dict[str, Any], now: datetime
) -> bool:
    """Whether it was made; not where the slug is in use, also by one that is being made at this moment."""
    columns = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(5, 5 + len(values)))
    done = await fetch_one(
        f"""
        with place as (
            -- Nobody deletes the project before this has been committed.
            select id, organization_id from project
            where id = $2 and organization_id = $1 and deleted_at is null for share
        ), made as (
            insert into app (id, organization_id, project_id, created_at, {columns})
            select $3, organization_id, id, $4, {places} from place
            on conflict (project_id, slug) where deleted_at is null do nothing
            returning id
        )
        select exists (select from place) as has_place, exists (select from made) as is_made
        """,  # noqa: S608  our own words
        organization_id,
        project_id,
        app_id,
        now,
        *(stored(column, value) for column, value in values.items()),
    )
    if done is None or not done["has_place"]:
        raise NotFound("there is no such project", field="projectId")
    return bool(done["is_made"])


async def _note(
    organization_id: UUID, actor: Actor, app_id: UUID, values: dict[str, Any], now: datetime
) -> None:
    await audit.note(
        organization_id,
        actor,
        Kind.APP_CREATED,
        subject_type="App",
        subject_id=app_id,
        subject_name=values["name"],
        detail=audit.made({"slug": values["slug"], "platform": values["platform"]}),
        now=now,
    )


async def _taken(organization_id: UUID, project_id: UUID, start: str) -> Set[str]:
    rows = await fetch(
        """
        select slug from app
        where organization_id = $1 and project_id = $2 and deleted_at is null and starts_with(slug, $3)
        """,
        organization_id,
        project_id,
        start,
    )
    return {row["slug"] for row in rows}
