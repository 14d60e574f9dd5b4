"""Have issues be tried again at once that were given up for now, because somebody says that it will work now.

Comes in: groups. Goes out: nothing; their rows are due.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.errors import BadInput
from app.github.asking.waking import wake_github
from app.tables.database import fetch, transaction
from app.triage.choose import Refused, choose


async def retry_issue(organization_id: UUID, group_ids: Sequence[UUID], *, now: datetime) -> None:
    """Make the issues due, those that failed and those that wait for their next attempt; the rest stay as they are.

    A repository in which nothing could be done is tried again, too. What waits for the next day because of the cap waits
    on. To be called outside of transactions.
    BadInput: no group, more than 100. Refused, and nothing is changed: some of the groups are not there, or have no issue
    that could be tried again.
    """
    async with transaction():
        chosen = await choose(organization_id, group_ids)
        named = list(chosen.states)
        await fetch(_HASTEN_REPOSITORIES, organization_id, named, now)
        rows = await fetch(_LOCK, organization_id, named)
        if missing := chosen.states.keys() - {row["group_id"] for row in rows}:
            told = "this error has no issue that is followed: ask for one"
            places = sorted(chosen.places[group_id] for group_id in missing)
            raise Refused([BadInput(told, field=f"ids.{place}") for place in places])
        await fetch(_HASTEN, named, now)
    await wake_github()


_HASTEN_REPOSITORIES: Final = """
with concerned as materialized (
    select c.project_id from github_connection as c
    where c.organization_id = $1 and c.retry_at > $3 and c.project_id in (
        select project_id from error_group where organization_id = $1 and id = any($2::uuid[])
    )
    order by c.project_id for no key update of c
)
update github_connection as c set retry_at = $3 from concerned as d where c.project_id = d.project_id
"""
_LOCK: Final = """
select group_id from github_issue
where organization_id = $1 and group_id = any($2::uuid[]) and sync_status <> 'detached'
order by group_id for no key update
"""
_HASTEN: Final = """
update github_issue set sync_status = 'waiting', sync_error = null, attempts = 0, next_attempt_at = $2
where group_id = any($1::uuid[]) and sync_status in ('waiting', 'failed') and next_attempt_at is not null
"""
