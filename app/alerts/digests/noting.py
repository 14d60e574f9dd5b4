"""Which changes the next digest tells: each is noted once, and taken by one digest.

Comes in: changes, in the transaction that takes them out of the outbox, which is once for each; and digests that are due.
Goes out: the ids of changes. Whenever a change was committed, and whatever time it bears, one digest tells it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.lifecycle import MoveKind
from app.tables.database import fetch
from app.timeline import Pending

TOLD: Final = (MoveKind.OPENED, MoveKind.REGRESSED)


async def note_changes(changes: Sequence[Pending], now: datetime) -> None:
    """Note those that digests tell, of projects that have digests. One statement."""
    if wanted := sorted(change.change_id for change in changes if change.change_kind in TOLD):
        await fetch(_NOTE, wanted)


async def taken(project_id: UUID, until: datetime) -> list[int]:
    """The changes up to that time that no digest has taken, which from now on one has: in the caller's transaction."""
    rows = await fetch(
        "delete from digest_item where project_id = $1 and at <= $2 returning change_id", project_id, until
    )
    return [row["change_id"] for row in rows]


async def noted(project_id: UUID) -> list[int]:
    """All changes that no digest has taken."""
    rows = await fetch("select change_id from digest_item where project_id = $1", project_id)
    return [row["change_id"] for row in rows]


_NOTE: Final = """
insert into digest_item (change_id, project_id, at)
select c.id, g.project_id, c.at
from group_change as c join error_group as g on g.id = c.group_id
join project as p on p.id = g.project_id and p.deleted_at is null and p.alert_frequency <> 'NONE'
where c.id = any($1::bigint[])
order by c.id
on conflict do nothing
"""
