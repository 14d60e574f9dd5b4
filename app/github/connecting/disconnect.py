"""Take a project's repository away: nothing more is written there, and nothing that happens there matters here.

Comes in: the project, and who does it. Goes out: nothing. Issues that were made stay there, open or closed as they are,
and are still shown here; those that were still to be made are forgotten.
"""

from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import NotFound
from app.github.connecting.changing_repository import drop_unmade, let_go, lock_issues
from app.tables.database import fetch_one, transaction


async def disconnect(
    organization_id: UUID, project_id: UUID, *, now: datetime, actor: Actor = SYSTEM
) -> None:
    """Forget the repository with its credentials. To be called outside of transactions.

    NotFound: the organization has no such project, or not any more, or it is not connected.
    """
    async with transaction():
        project = await fetch_one(
            """
            select name from project where organization_id = $1 and id = $2 and deleted_at is null
            for no key update
            """,
            organization_id,
            project_id,
        )
        if project is None:
            raise NotFound("there is no such project", field="projectId")
        gone = await fetch_one(
            "delete from github_connection where project_id = $1 returning repository, base_url", project_id
        )
        if gone is None:
            raise NotFound("this project is not connected to GitHub", field="projectId")
        await lock_issues(project_id)
        await let_go(project_id)
        await drop_unmade(project_id)
        await audit.note(
            organization_id,
            actor,
            Kind.GITHUB_DISCONNECTED,
            subject_type="Project",
            subject_id=project_id,
            subject_name=project["name"],
            detail={"repository": (gone["repository"], None), "baseUrl": (gone["base_url"], None)},
            now=now,
        )
