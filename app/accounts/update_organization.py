"""Change what is set on the organization.

Comes in: a caller, and its name. Goes out: nothing.
"""

from datetime import datetime

from app.accounts import audit
from app.accounts.actors import actor
from app.accounts.audit import Kind
from app.accounts.members import under_lock
from app.accounts.roles import Caller, Permission
from app.errors import BadInput, NotFound
from app.tables.database import fetch, fetch_one, transaction


async def update_organization(caller: Caller, name: str, *, now: datetime) -> None:
    """Give the organization this name. BadInput: nobody can have it. Forbidden: the caller manages no projects."""
    name = name.strip()
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise BadInput("a name has 1 to 200 printable characters", field="name")
    async with transaction():
        present = await under_lock(caller, Permission.MANAGE_PROJECTS, now=now)
        row = await fetch_one("select name from organization where id = $1", present.organization_id)
        if row is None:
            raise NotFound("the organization is gone")
        if row["name"] == name:
            return
        await fetch("update organization set name = $2 where id = $1", present.organization_id, name)
        await audit.note(
            present.organization_id,
            actor(present),
            Kind.ORGANIZATION_UPDATED,
            subject_type="Organization",
            subject_id=present.organization_id,
            subject_name=name,
            detail={"name": (row["name"], name)},
            now=now,
        )
