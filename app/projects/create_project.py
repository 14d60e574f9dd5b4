"""Make a project.

Comes in: what it is to be called, and who makes it. Goes out: its id. One statement makes it, where the slug is free,
and with it comes the row that says who did.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import NotFound
from app.projects import names, slugs
from app.tables.database import fetch, fetch_one, transaction
from app.tables.identifiers import uuid7


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project to be. Without a slug it gets one made of its name; digests and days follow its time zone."""

    name: str
    slug: str | None = None
    time_zone: str = "UTC"


async def create_project(
    organization_id: UUID, wanted: NewProject, *, now: datetime, actor: Actor = SYSTEM
) -> UUID:
    """Make the project, and give its id. To be called outside of transactions.

    BadInput: a name, slug or time zone that nobody can have. Taken: a project of the organization has this slug;
    one made of the name is numbered instead. NotFound: there is no such organization.
    """
    name = names.name(wanted.name)
    time_zone = names.time_zone(wanted.time_zone)

    async def make(slug: str) -> UUID | None:
        async with transaction():
            made = await _make(organization_id, name, slug, time_zone, now)
            if made is not None:
                await audit.note(
                    organization_id,
                    actor,
                    Kind.PROJECT_CREATED,
                    subject_type="Project",
                    subject_id=made,
                    subject_name=name,
                    detail=audit.made({"slug": slug, "timeZone": time_zone}),
                    now=now,
                )
        return made

    async def taken(start: str) -> Set[str]:
        return await _taken(organization_id, start)

    if wanted.slug is None:
        return await slugs.store(slugs.derived(name, "project"), taken=taken, make=make)
    made = await make(names.slug(wanted.slug))
    if made is None:
        raise slugs.refusal()
    return made


async def _make(organization_id: UUID, name: str, slug: str, time_zone: str, now: datetime) -> UUID | None:
    """The new project's id; None where the slug is in use, also by one that is being made at this moment."""
    project_id = uuid7(now)
    done = await fetch_one(
        """
        with place as (
            select id from organization where id = $2 for key share
        ), made as (
            insert into project (id, organization_id, name, slug, time_zone, created_at)
            select $1, id, $3, $4, $5, $6 from place
            on conflict (organization_id, slug) where deleted_at is null do nothing
            returning id
        )
        select exists (select from place) as has_place, exists (select from made) as is_made
        """,
        project_id,
        organization_id,
        name,
        slug,
        time_zone,
        now,
    )
    if done is None or not done["has_place"]:
        raise NotFound("there is no such organization")
    return project_id if done["is_made"] else None


async def _taken(organization_id: UUID, start: str) -> Set[str]:
    rows = await fetch(
        "select slug from project where organization_id = $1 and deleted_at is null and starts_with(slug, $2)",
        organization_id,
        start,
    )
    return {row["slug"] for row in rows}
