"""Mutes end by themselves when their time has passed; those that end after so many occurrences end in recording.

Comes in: the time. Goes out: changes, in transactions of up to `AT_ONCE` groups, each announced after its commit. Lists
show a group again from the very moment on; what is written here is for its history, and for those who are told. May be
cut off at any moment and run many times at once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from app import timeline
from app.domain import lifecycle
from app.live.announce import announce
from app.tables.database import fetch, transaction
from app.timeline import Change, Entry

AT_ONCE: Final = 500
"""Groups in one transaction."""
_BEGINNING: Final = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


async def end_mutes(*, now: datetime) -> int:
    """End every mute whose time has passed at `now`; how many there were.

    TransactionError: it was called inside of a transaction. What was committed before an error stays ended.
    """
    ended = 0
    after: tuple[datetime, UUID] | None = _BEGINNING
    while after:
        rows = await fetch(_OVER, now, *after, AT_ONCE)
        after = (rows[-1]["mute_until"], rows[-1]["id"]) if len(rows) == AT_ONCE else None
        changes = await _end([row["id"] for row in rows], now)
        await announce(changes)
        ended += len(changes)
    return ended


# As the index `error_group_mute_end` has it.
_OVER: Final = """
select id, mute_until from error_group
where mute_until <= $1 and mute_until is not null and merged_into_id is null and deleted_at is null
    and (mute_until, id) > ($2, $3)
order by mute_until, id limit $4
"""
_LOCKED: Final = f"""
select id, organization_id, {timeline.STATE} from error_group
where id = any($1::uuid[]) and merged_into_id is null and deleted_at is null
order by id for no key update
"""  # noqa: S608  a constant


async def _end(group_ids: Sequence[UUID], now: datetime) -> list[Change]:
    """End the mutes of those of the groups where that is still to be done, under their locks."""
    if not group_ids:
        return []
    async with transaction():
        rows = await fetch(_LOCKED, group_ids)
        organizations = {row["id"]: row["organization_id"] for row in rows}
        moves = lifecycle.end_mutes({row["id"]: timeline.state(row) for row in rows}, now)
        entries = [
            Entry(organizations[move.group_id], move, "its time was over", {"because": "TIME"})
            for move in moves
        ]
        return await timeline.write(entries, now=now)
