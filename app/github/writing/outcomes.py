"""What became of an issue on GitHub, as rows: it was made, or it is not ours to follow any more.

Comes in: what GitHub answered or told, in the caller's transaction. Goes out: the issue's row, and its queue. The worker
and the webhook both come here, in any order and as often as they like.
"""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from app.tables.database import fetch, fetch_one

logger = logging.getLogger(__name__)


async def made(
    group_id: UUID,
    marker: UUID,
    *,
    number: int,
    url: str,
    state: str,
    repository_id: int,
    now: datetime,
) -> bool:
    """The issue with the marker is there: nobody makes it any more. False: that was known, or nobody asks for it now.

    What else is to be done with it becomes due. One that is no longer followed stays so, but says where it is.
    """
    row = await fetch_one(
        "select number from github_issue where group_id = $1 and marker = $2 for no key update",
        group_id,
        marker,
    )
    if row is None or row["number"] is not None:
        if row is not None and row["number"] != number:
            told = {"group_id": str(group_id), "kept": row["number"], "found": number}
            logger.error("an error has two issues on GitHub", extra=told)
        return False
    await fetch("delete from github_action where group_id = $1 and kind = 'create'", group_id)
    await fetch(_MAKE_ROOM, group_id, repository_id, number)
    await fetch(_MADE, group_id, now, number, url, state, repository_id)
    return True


# A repository on another server may have the same id, and its issues the same numbers: what the project had there is not
# followed any more, and keeps its address.
_MAKE_ROOM: Final = """
update github_issue as o set repository_id = null
from github_issue as i
where i.group_id = $1 and o.project_id = i.project_id and o.repository_id = $2 and o.number = $3
    and o.group_id <> $1 and o.sync_status = 'detached'
"""
_MADE: Final = """
update github_issue as i
set number = $3, url = $4, state = $5, repository_id = $6, made_at = $2::timestamptz, attempted_at = null, attempts = 0,
    sync_status = case when i.sync_status = 'detached' then 'detached' when due.is_due then 'waiting' else 'synced' end,
    sync_error = case when i.sync_status = 'detached' then i.sync_error end,
    next_attempt_at = case when i.sync_status <> 'detached' and due.is_due then $2::timestamptz end
from (select exists (select from github_action where group_id = $1) as is_due) as due
where i.group_id = $1
"""


async def detach(group_id: UUID, why: str) -> None:
    """Follow the issue no longer: what was to be done with it is dropped."""
    await fetch("select from github_issue where group_id = $1 for no key update", group_id)
    await fetch("delete from github_action where group_id = $1", group_id)
    await fetch(
        """
        update github_issue
        set sync_status = 'detached', sync_error = $2, next_attempt_at = null, attempted_at = null, attempts = 0
        where group_id = $1
        """,
        group_id,
        why,
    )


async def moved(group_id: UUID, *, number: int, url: str, repository_id: int) -> None:
    """The issue has another place now."""
    await fetch(
        """
        update github_issue as i set number = $2, url = $3, repository_id = $4
        where group_id = $1 and number is not null and not exists (
            select from github_issue as o
            where o.project_id = i.project_id and o.repository_id = $4 and o.number = $2 and o.group_id <> i.group_id
        )
        """,
        group_id,
        number,
        url,
        repository_id,
    )
