"""Scores that go down because time passes, or that a project's new weights change.

Comes in: the time. Goes out: groups with the score that they should have, in transactions of up to `AT_ONCE`.

Looked at are the groups whose score has points that can go away by themselves or by hand: those that were seen, or
seen first, within the last day, and those that are regressed. A group at rest is found by nobody, until it is recorded
again. After a change of its weights a project's groups are all gone through once, by id; how far that has come is kept
with the project, so that a run that is cut off is gone on with, and begun anew where the weights change meanwhile.

What is to change is found before anything is locked, and once more under the lock. Locks are taken by the groups' ids,
as by all who record. May be cut off at any moment and run many times at once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.recording.priorities import rescore, scores
from app.tables.database import fetch, fetch_one, transaction

AT_ONCE: Final = 1000
"""Groups that are looked at together."""
BEGINNING: Final = UUID(int=0)
"""What comes before every group: what `rescored_through` is set to where a project's groups are to be gone through."""


async def settle_priorities(*, now: datetime, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Bring every score up to date as far as `goes_on` lets it; how many were changed."""
    changed = 0
    for row in await fetch(_OUTDATED):
        while goes_on():
            through, count = await _rescore_next(row["id"], now)
            changed += count
            if through is None:
                break
    after: UUID | None = BEGINNING
    while after and goes_on():
        rows = await fetch(_FLEETING, after, AT_ONCE)
        group_ids = [row["id"] for row in rows]
        async with transaction():
            changed += await _rescore_stale(group_ids, now)
        after = group_ids[-1] if len(group_ids) == AT_ONCE else None
    return changed


async def _rescore_next(project_id: UUID, now: datetime) -> tuple[UUID | None, int]:
    """The next groups of a project: how far it has come, None at the end, and how many were changed.

    The project's row is held meanwhile, so that its weights do not change under it.
    """
    async with transaction():
        place = await fetch_one(_PLACE, project_id)
        if place is None:
            return None, 0
        rows = await fetch(_NEXT, project_id, place["rescored_through"], AT_ONCE)
        group_ids = [row["id"] for row in rows]
        changed = await _rescore_stale(group_ids, now)
        through = group_ids[-1] if len(group_ids) == AT_ONCE else None
        await fetch("update project set rescored_through = $2 where id = $1", project_id, through)
        return through, changed


async def _rescore_stale(group_ids: Sequence[UUID], now: datetime) -> int:
    """Lock those of the groups whose score is not as stored, and write it. In a transaction."""
    stale = [
        group_id for group_id, scored in (await scores(group_ids, now=now)).items() if not scored.is_stored
    ]
    if not stale:
        return 0
    rows = await fetch(_LOCK, stale)
    return await rescore([row["id"] for row in rows], now=now)


_ALIVE: Final = "g.merged_into_id is null and g.deleted_at is null"
_OUTDATED: Final = (
    "select id from project where rescored_through is not null and deleted_at is null order by id"
)
_PLACE: Final = """
select rescored_through from project
where id = $1 and rescored_through is not null and deleted_at is null for no key update
"""
_NEXT: Final = f"""
select g.id from error_group as g
where g.project_id = $1 and g.id > $2 and {_ALIVE}
order by g.id limit $3
"""  # noqa: S608  a constant
_FLEETING: Final = f"""
select g.id from error_group as g
where g.is_score_fleeting and {_ALIVE} and g.id > $1
order by g.id limit $2
"""  # noqa: S608  a constant
_LOCK: Final = f"""
select g.id from error_group as g where g.id = any($1::uuid[]) and {_ALIVE} order by g.id for no key update
"""  # noqa: S608  a constant
