"""What follows each kind of change.

Comes in: the rows of `outbox`, each written with its change. Goes out: what the reactions write, exactly once: they
and the end of the row are one transaction. A reaction only writes rows; what is to be sent is sent from those.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

import msgspec

from app.alerts.digests.noting import note_changes
from app.alerts.evaluating.following import match_changes
from app.alerts.notices.assigned import tell_assigned
from app.domain.lifecycle import MoveKind
from app.errors import Unavailable
from app.github.asking.following import ask, follow
from app.live.bus import Message, publish
from app.tables.database import fetch, transaction
from app.timeline import Pending

logger = logging.getLogger(__name__)


Reaction = Callable[[Sequence[Pending], datetime], Awaitable[None]]
"""Follows many changes at once, in the order of the outbox, in the caller's transaction; the time is that of now.

Changes of one group may be in two batches at the same time: where their order counts, read how things stand.
"""

REACTIONS: Final[dict[MoveKind, tuple[Reaction, ...]]] = {
    MoveKind.OPENED: (ask, match_changes, note_changes),
    MoveKind.ACTIVATED: (),
    MoveKind.REGRESSED: (follow, ask, match_changes, note_changes),
    MoveKind.RESOLVED: (follow,),
    MoveKind.CLAIMED: (follow, ask),
    MoveKind.REOPENED: (follow, ask),
    MoveKind.SILENCED: (follow,),
    MoveKind.MUTED: (),
    MoveKind.UNMUTED: (ask,),
    MoveKind.ASSIGNED: (tell_assigned,),
    MoveKind.MERGED: (follow, ask),
    MoveKind.UNMERGED: (follow, ask),
    MoveKind.DELETED: (follow,),
}
"""The one table of what follows what; a change of a kind that is not here waits for a newer Snaglist."""

ORDER: Final[tuple[Reaction, ...]] = (follow, ask, match_changes, note_changes, tell_assigned)
"""In which reactions are carried out, whichever changes come first: so that two batches lock in the same order."""

AT_ONCE: Final = 500
"""Changes in one transaction."""
LATE: Final = timedelta(seconds=15)
"""The age at which a row must have been forgotten; a failed one waits as long, and four times longer each time."""
LONGEST: Final = 5.0
"""Seconds that the reactions of one change, or of many together, may take."""
LONGEST_IN_ALL: Final = 10.0
"""Seconds after which no more changes are carried out alone in one transaction."""
LOUD: Final = 5
"""After so many attempts a failure is an error; before, a warning."""


async def react(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Carry out what follows up to `limit` changes; how many were taken up. May run many times at once.

    A reaction that raises fails for its own change alone, which is tried again later, ever more rarely.
    """
    async with transaction() as current:
        rows = await fetch(
            """
            select id, organization_id, change_kind, group_id, change_id, detail, created_at, attempts from outbox
            where change_kind = any($1::text[])
                and (attempts = 0 or created_at + $2::interval * power(4, least(attempts, 12) - 1) <= $3)
            order by id limit $4 for update skip locked
            """,
            list(REACTIONS),
            LATE,
            now,
            limit,
        )
        done = await _all_carried_out([_pending(row) for row in rows], current, now)
        await fetch("delete from outbox where id = any($1::bigint[])", [change.id for change in done])
    return len(rows)


async def sweep(*, now: datetime) -> int:
    """Find what was forgotten: tell it again, then carry it out, with what is to be tried again; how many were told.

    Redis may be away.
    """
    rows = await fetch(
        """
        select o.organization_id, o.change_kind, o.group_id, o.change_id, c.status_before
        from outbox as o join group_change as c on c.id = o.change_id
        where o.attempts = 0 and o.created_at <= $1 and o.change_kind = any($2::text[]) order by o.id limit 10000
        """,
        now - LATE,
        list(REACTIONS),
    )
    try:
        await publish([Message(*row) for row in rows])
    except Unavailable as away:
        logger.warning("late changes were not announced", extra={"count": len(rows), "reason": str(away)})
    while await react(now=now) == AT_ONCE:
        pass
    return len(rows)


async def _all_carried_out(pending: Sequence[Pending], current: Any, now: datetime) -> list[Pending]:
    """The changes whose reactions went well: the fresh ones all together, or else each alone, as those do that failed."""
    fresh = [change for change in pending if not change.attempts]
    done = fresh if await _carried_out(fresh, current, now) is None else []
    alone = [change for change in pending if change.attempts or not done]
    deadline = monotonic() + LONGEST_IN_ALL
    for change in alone:
        if monotonic() > deadline:  # the rest stays as it is, for the next
            break
        error = await _carried_out([change], current, now)
        if error is None:
            done.append(change)
        else:
            await _failed(change, error)
    return done


async def _carried_out(changes: Sequence[Pending], current: Any, now: datetime) -> Exception | None:
    """Carry out all reactions of the changes, or none of them and what went wrong."""
    followed: dict[Reaction, list[Pending]] = {}
    for change in changes:
        for reaction in REACTIONS[change.change_kind]:
            followed.setdefault(reaction, []).append(change)
    if not followed:
        return None
    before = await current.savepoint()
    try:
        async with asyncio.timeout(LONGEST):
            for reaction in sorted(followed, key=_place):
                await reaction(followed[reaction], now)
    except Exception as error:  # noqa: BLE001  reactions may fail in any way; the caller logs it
        await before.rollback_to()
        return error
    await before.release()
    return None


def _place(reaction: Reaction) -> int:
    return ORDER.index(reaction) if reaction in ORDER else len(ORDER)


async def _failed(change: Pending, error: Exception) -> None:
    attempts = change.attempts + 1
    level = logging.ERROR if attempts >= LOUD else logging.WARNING
    told = {"outbox_id": change.id, "change_kind": change.change_kind, "attempts": attempts}
    logger.log(level, "a reaction failed", exc_info=error, extra=told)
    await fetch("update outbox set attempts = least($2::int, 32000) where id = $1", change.id, attempts)


def _pending(row: Any) -> Pending:
    columns = dict(row)
    columns["change_kind"] = MoveKind(columns["change_kind"])
    columns["detail"] = msgspec.json.decode(columns["detail"])
    return Pending(**columns)
