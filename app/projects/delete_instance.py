"""Delete an instance: its log is scanned no more, its slug is free again, and what was found in it stays.

Comes in: its id, and who deletes it. Goes out: nothing. A scan that runs at this moment records what it has read, and is the last one.
"""

from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import NotFound
from app.tables.database import fetch_one, transaction


async def delete_instance(
    organization_id: UUID, instance_id: UUID, *, now: datetime, actor: Actor = SYSTEM
) -> None:
    """Delete the instance. To be called outside of transactions.

    NotFound: the organization has no such instance, or not any more.
    """
    async with transaction():
        deleted = await fetch_one(
            """
            update instance as i set deleted_at = $3
            from project as p
            where i.id = $2 and i.organization_id = $1 and i.deleted_at is null
                and p.id = i.project_id and p.deleted_at is null
            returning i.name, i.slug
            """,
            organization_id,
            instance_id,
            now,
        )
        if deleted is None:
            raise NotFound("there is no such instance", field="id")
        await audit.note(
            organization_id,
            actor,
            Kind.INSTANCE_DELETED,
            subject_type="Instance",
            subject_id=instance_id,
            subject_name=deleted["name"],
            detail={"slug": (deleted["slug"], None)},
            now=now,
        )
