"""Where an instance's log is, as it is stored now, with its secrets. For those who try it, not for those who look."""

from uuid import UUID

from app.domain.log_source import LogSource
from app.errors import NotFound
from app.projects.source_columns import source_in
from app.tables.database import fetch_one


async def known_source(organization_id: UUID, instance_id: UUID) -> LogSource | None:
    """The source; None: what is stored is none. NotFound: the organization has no such instance, or not any more."""
    row = await fetch_one(
        """
        select i.id, i.source_kind, i.source, i.source_secrets
        from instance as i join project as p on p.id = i.project_id and p.deleted_at is null
        where i.id = $2 and i.organization_id = $1 and i.deleted_at is null
        """,
        organization_id,
        instance_id,
    )
    if row is None:
        raise NotFound("there is no such instance", field="id")
    return source_in(row)
