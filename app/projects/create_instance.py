"""Make an instance: a running Odoo server whose log is scanned from now on.

Comes in: what it is called, where its log is, and who makes it. Goes out: its id. One statement makes it, where the
slug is free, with the row that says how far its log was read, so that it is due at once; and with it comes the row
that says who did.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.domain.log_source import LogSource
from app.errors import NotFound
from app.projects import names, slugs
from app.projects.source_columns import demand_whole, source_columns
from app.tables.database import fetch, fetch_one, transaction
from app.tables.identifiers import uuid7


@dataclass(frozen=True, slots=True)
class NewInstance:
    """An instance to be. Without a slug it gets one made of its name; the source has been checked.

    `environment`: PRODUCTION, STAGING or DEVELOPMENT. `error_detection_enabled`: None is on for production only.
    """

    project_id: UUID
    name: str
    source: LogSource
    slug: str | None = None
    environment: str = "PRODUCTION"
    error_detection_enabled: bool | None = None
    error_ignore_patterns: Sequence[str] = ()
    addon_folders: Sequence[str] = ()


async def create_instance(
    organization_id: UUID, wanted: NewInstance, *, now: datetime, actor: Actor = SYSTEM
) -> UUID:
    """Make the instance, and give its id. To be called outside of transactions.

    BadInput: something that nobody can have. NotFound: the organization has no such project, or not any more.
    Taken: an instance of the project has this slug; one made of the name is numbered instead.
    """
    name = names.name(wanted.name)
    demand_whole(wanted.source)
    instance_id = uuid7(now)
    values = (
        names.environment(wanted.environment),
        *source_columns(wanted.source, instance_id),
        wanted.error_detection_enabled,
        names.ignore_patterns(wanted.error_ignore_patterns),
        names.addon_folders(wanted.addon_folders),
    )

    async def make(slug: str) -> UUID | None:
        place = (organization_id, wanted.project_id)
        async with transaction():
            if not await _make(instance_id, *place, now, name, slug, *values):
                return None
            await _note(organization_id, actor, instance_id, name, slug, wanted, now)
        return instance_id

    async def taken(start: str) -> Set[str]:
        return await _taken(organization_id, wanted.project_id, start)

    if wanted.slug is None:
        return await slugs.store(slugs.derived(name, "instance"), taken=taken, make=make)
    made = await make(names.slug(wanted.slug))
    if made is None:
        raise slugs.refusal()
    return made


async def _make(
    instance_id: UUID, organization_id: UUID, project_id: UUID, now: datetime, *values: object
) -> bool:
    """Whether it was made; not where the slug is in use, also by one that is being made at this moment."""
    done = await fetch_one(
        """
        with place as (
            -- Nobody deletes the project before this has been committed.
            select id, organization_id from project
            where id = $3 and organization_id = $2 and deleted_at is null for share
        ), made as (
            insert into instance (
                id, organization_id, project_id, created_at, name, slug, environment, source_kind, source,
                source_secrets, error_detection_enabled, error_ignore_patterns, addon_folders
            )
            select $1, organization_id, id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 from place
            on conflict (project_id, slug) where deleted_at is null do nothing
            returning id
        ), awaited as (
            insert into scan_state (instance_id, due_at) select id, $4 from made
        )
        select exists (select from place) as has_place, exists (select from made) as is_made
        """,
        instance_id,
        organization_id,
        project_id,
        now,
        *values,
    )
    if done is None or not done["has_place"]:
        raise NotFound("there is no such project", field="projectId")
    return bool(done["is_made"])


async def _note(
    organization_id: UUID,
    actor: Actor,
    instance_id: UUID,
    name: str,
    slug: str,
    wanted: NewInstance,
    now: datetime,
) -> None:
    await audit.note(
        organization_id,
        actor,
        Kind.INSTANCE_CREATED,
        subject_type="Instance",
        subject_id=instance_id,
        subject_name=name,
        detail=audit.made({"slug": slug, "environment": wanted.environment}),
        now=now,
    )


async def _taken(organization_id: UUID, project_id: UUID, start: str) -> Set[str]:
    rows = await fetch(
        """
        select slug from instance
        where organization_id = $1 and project_id = $2 and deleted_at is null and starts_with(slug, $3)
        """,
        organization_id,
        project_id,
        start,
    )
    return {row["slug"] for row in rows}
