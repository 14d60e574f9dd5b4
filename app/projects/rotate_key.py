"""Give an app a new key, and have those that it has end after a time of grace.

Comes in: the app, seconds of grace, and who does it. Goes out: the new key. Both work until the grace is over, so that
what was built with the old one goes on until it is built anew.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import BadInput, NotFound
from app.projects.app_keys import add_key
from app.tables.database import fetch, fetch_one, transaction

GRACE: Final = 86_400
"""Seconds of grace where nobody says how many."""
LONGEST_GRACE: Final = 2_592_000
MOST_KEYS: Final = 20
"""Keys of an app that are valid at the same time."""


async def rotate_key(
    organization_id: UUID,
    app_id: UUID,
    *,
    grace_seconds: int = GRACE,
    now: datetime,
    actor: Actor = SYSTEM,
) -> str:
    """Make a key; the others end after `grace_seconds`, or before, if that was said already. Gives the new one.

    To be called outside of transactions. BadInput: a grace that is too long, or too many keys that are valid still.
    NotFound: the organization has no such app, or not any more.
    """
    if not 0 <= grace_seconds <= LONGEST_GRACE:
        raise BadInput(f"this is a whole number from 0 to {LONGEST_GRACE:,}", field="graceSeconds")
    async with transaction():
        app = await fetch_one(_LOCK, organization_id, app_id)
        if app is None:
            raise NotFound("there is no such app", field="id")
        await fetch("delete from app_key where app_id = $1 and expires_at <= $2", app_id, now)
        ended = await fetch(_END, app_id, now + timedelta(seconds=grace_seconds))
        if grace_seconds and len(ended) >= MOST_KEYS:
            raise BadInput(
                f"{len(ended)} keys of this app are valid still: wait, or have them end at once",
                field="graceSeconds",
            )
        key = await add_key(app_id, now=now)
        await audit.note(
            organization_id,
            actor,
            Kind.APP_KEY_ROTATED,
            subject_type="App",
            subject_id=app_id,
            subject_name=app["name"],
            detail=audit.made({"graceSeconds": grace_seconds}),
            now=now,
        )
    return key


_LOCK: Final = """
select a.name from app as a join project as p on p.id = a.project_id and p.deleted_at is null
where a.organization_id = $1 and a.id = $2 and a.deleted_at is null for no key update of a
"""
_END: Final = """
update app_key set expires_at = least(expires_at, $2) where app_id = $1 returning id
"""
