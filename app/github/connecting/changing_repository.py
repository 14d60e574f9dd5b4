"""What becomes of a project's issues when it is given a repository, another one, or none any more.

Comes in: the project, in the transaction that changes its connection and that holds the lock on it. Goes out: rows in
`github_issue` and `github_action`. An issue that was made stays where it is on GitHub, and can still be looked at here.
A worker that is at a write at this moment finds its action gone, and stores nothing.
"""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from app.github.asking.actions import add
from app.github.asking.states import state_of
from app.tables.database import fetch

LEFT: Final = "the project has another repository now, or none"
"""Why an issue is not followed any more; those that say so are followed again when their repository comes back."""


async def lock_issues(project_id: UUID) -> None:
    """Lock the project's issues, in the order of ids as all do."""
    await fetch("select from github_issue where project_id = $1 order by group_id for update", project_id)


async def let_go(project_id: UUID) -> None:
    """Follow those that were made no longer: nothing more is to be done on them."""
    await fetch(
        """
        with detached as (
            update github_issue set sync_status = 'detached', sync_error = $2, next_attempt_at = null,
                attempted_at = null, attempts = 0
            where project_id = $1 and number is not null and sync_status <> 'detached'
            returning group_id
        )
        delete from github_action as a using detached as d where a.group_id = d.group_id
        """,
        project_id,
        LEFT,
    )


async def drop_unmade(project_id: UUID) -> None:
    """Forget those that were never made."""
    await fetch(
        """
        with dropped as (delete from github_issue where project_id = $1 and number is null returning group_id)
        delete from github_action as a using dropped as d where a.group_id = d.group_id
        """,
        project_id,
    )


async def carry_over(project_id: UUID, now: datetime) -> None:
    """Have those that were never made be made in the repository that the project has now.

    They and all that is to be done on them are asked for anew, so that what a worker has begun elsewhere, and what came of
    it, concerns them no more.
    """
    await fetch(
        """
        with carried as (
            update github_issue set marker = gen_random_uuid(), sync_status = 'waiting', sync_error = null,
                attempts = 0, attempted_at = null, asked_state = null, asked_at = null, next_attempt_at = $2
            where project_id = $1 and number is null
            returning group_id, marker
        ), taken as (
            delete from github_action as a using carried as c where a.group_id = c.group_id
            returning a.id, a.group_id, a.kind, a.detail, c.marker
        )
        insert into github_action (group_id, kind, detail, marker, created_at)
        select group_id, kind, detail, case kind when 'create' then marker else gen_random_uuid() end, $2
        from taken order by id
        """,
        project_id,
        now,
    )


async def come_back(project_id: UUID, repository_id: int, url: str, now: datetime) -> None:
    """Follow those again that were made in this repository and let go with it; `url` is its page.

    Where the error was settled, merged away or came back meanwhile, the issue is closed or opened.
    """
    place = urlsplit(url)
    rows = await fetch(
        """
        with back as (
            update github_issue set sync_status = 'synced', sync_error = null
            where project_id = $1 and sync_status = 'detached' and sync_error = $2 and repository_id = $3
                and starts_with(url, $4)
            returning group_id, state
        )
        select g.id, g.status, g.merged_into_id is not null as is_merged from back as b
        join error_group as g on g.id = b.group_id and g.deleted_at is null
        where b.state <> case
            when g.merged_into_id is not null or g.status in ('RESOLVED', 'SILENCED') then 'closed' else 'open'
        end
        order by g.id
        """,
        project_id,
        LEFT,
        repository_id,
        f"{place.scheme}://{place.netloc}/",
    )
    wanted = [state_of(row["id"], row["status"], is_merged=row["is_merged"]) for row in rows]
    await add(wanted, now=now)


async def retry_failed(project_id: UUID, now: datetime) -> None:
    """Have those be tried again at once that had been given up for now."""
    await fetch(
        """
        update github_issue set sync_status = 'waiting', sync_error = null, attempts = 0, next_attempt_at = $2
        where project_id = $1 and sync_status = 'failed'
        """,
        project_id,
        now,
    )
