"""Delete a project: its logs are scanned no more, its slug is free again, and its errors are listed nowhere.

Comes in: its id, and who deletes it. Goes out: nothing. The project goes first, with the row that says who did it, so
that nobody records anything more; then its groups, up to `AT_ONCE` in a transaction, as there can be very many. Should
that take longer than the caller waits, or be cut off, the job `deleted-projects` goes on with it, and finds as well what
a recorder had begun before.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import NotFound
from app.tables.database import fetch, fetch_one, transaction

AT_ONCE: Final = 1000
"""Groups in one transaction."""
CHUNKS: Final = 50
"""Transactions for which the caller waits."""
_LATE: Final = timedelta(minutes=10)
"""How long after a project was deleted somebody may still be at recording what was begun before."""
_BEGINNING: Final = UUID(int=0)


async def delete_project(
    organization_id: UUID, project_id: UUID, *, now: datetime, actor: Actor = SYSTEM
) -> None:
    """Delete the project and its groups. To be called outside of transactions.

    NotFound: the organization has no such project, or not any more.
    """
    async with transaction():
        row = await fetch_one(
            """
            update project set deleted_at = $3
            where organization_id = $1 and id = $2 and deleted_at is null
            returning name
            """,
            organization_id,
            project_id,
            now,
        )
        if row is None:
            raise NotFound("there is no such project", field="id")
        await audit.note(
            organization_id,
            actor,
            Kind.PROJECT_DELETED,
            subject_type="Project",
            subject_id=project_id,
            subject_name=row["name"],
            now=now,
        )
    left = iter(range(CHUNKS))
    await _delete_groups(project_id, now, lambda: next(left, None) is not None)


async def delete_rest(*, now: datetime, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Delete what is left of the groups of deleted projects, as far as `goes_on` lets it; how many there were.

    May be cut off at any moment and run many times at once.
    """
    deleted = 0
    for row in await fetch(_DELETED):
        count, is_over = await _delete_groups(row["id"], now, goes_on)
        deleted += count
        if is_over and now - row["deleted_at"] > _LATE:
            await fetch("update project set emptied_at = $2 where id = $1", row["id"], now)
    return deleted


async def _delete_groups(project_id: UUID, now: datetime, goes_on: Callable[[], bool]) -> tuple[int, bool]:
    """Delete groups of a project, by id: how many, and whether these were all."""
    deleted, after = 0, _BEGINNING
    while goes_on():
        async with transaction():
            rows = await fetch(_LOCK, project_id, after, AT_ONCE)
            group_ids = [row["id"] for row in rows]
            if group_ids:
                await fetch(_RETIRE, group_ids, now)
                await fetch(
                    "update error_group set deleted_at = $2 where id = any($1::uuid[])", group_ids, now
                )
        deleted += len(group_ids)
        if len(group_ids) < AT_ONCE:
            return deleted, True
        after = group_ids[-1]
    return deleted, False


_DELETED: Final = (
    "select id, deleted_at from project where deleted_at is not null and emptied_at is null order by id"
)
_LOCK: Final = """
select id from error_group
where project_id = $1 and id > $2 and deleted_at is null
order by id limit $3 for no key update
"""
_RETIRE: Final = (
    "update fingerprint set retired_at = $2 where group_id = any($1::uuid[]) and retired_at is null"
)
