"""Delete an instance: its log is scanned no more, its slug is free again, and what was found in it stays.

Comes in: its id. Goes out: nothing. A scan that runs at this moment records what it has read, and is the last one.
"""

from datetime import datetime
from uuid import UUID

from app.errors import NotFound
from app.tables.database import fetch


async def delete_instance(organization_id: UUID, instance_id: UUID, *, now: datetime) -> None:
    """Delete the instance. NotFound: the organization has no such instance, or not any more."""
    rows = await fetch(
        """
        update instance as i set deleted_at = $3
        from project as p
        where i.id = $2 and i.organization_id = $1 and i.deleted_at is null
            and p.id = i.project_id and p.deleted_at is null
        returning i.id
        """,
        organization_id,
        instance_id,
        now,
    )
    if not rows:
        raise NotFound("there is no such instance", field="id")
