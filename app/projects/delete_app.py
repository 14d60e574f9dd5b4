"""Delete an app: its keys open nothing any more, its slug is free again, and the errors that it sent stay.

Comes in: its id, and who deletes it. Goes out: nothing. Of what was taken before, all that was scanned is counted; what still
waits for its scan is not.
"""

from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import NotFound
from app.tables.database import fetch_one, transaction


async def delete_app(organization_id: UUID, app_id: UUID, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """Delete the app. To be called outside of transactions.

    NotFound: the organization has no such app, or not any more.
    """
    async with transaction():
        deleted = await fetch_one(
            """
            update app as a set deleted_at = $3
            from project as p
            where a.id = $2 and a.organization_id = $1 and a.deleted_at is null
                and p.id = a.project_id and p.deleted_at is null
            returning a.name, a.slug
            """,
            organization_id,
            app_id,
            now,
        )
        if deleted is None:
            raise NotFound("there is no such app", field="id")
        await audit.note(
            organization_id,
            actor,
            Kind.APP_DELETED,
            subject_type="App",
            subject_id=app_id,
            subject_name=deleted["name"],
            detail={"slug": (deleted["slug"], None)},
            now=now,
        )
