"""What can be done about events that were taken and could not be recorded: try them again, or discard them.

Comes in: an organization, the events, and who does it. Goes out: nothing; all of them, or none. A second attempt is
made within seconds; where Redis is away, with the next scan that begins by itself.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.errors import BadInput, NotFound, Unavailable
from app.live.queue import ISSUE_SCAN, Queue, wake
from app.tables.database import fetch, transaction

MOST: Final = 100
"""Events at a time."""
_PATIENCE: Final = 2.0
"""Seconds that a Redis that hangs may cost the caller."""

_log = logging.getLogger(__name__)


async def retry_problems(organization_id: UUID, event_ids: Sequence[UUID]) -> None:
    """Have the events tried again, as often as new ones are. To be called outside of transactions.

    NotFound: one of them does not wait aside, or not any more. BadInput: none, or too many.
    """
    async with transaction():
        found = await _lock(organization_id, event_ids)
        await fetch("update inbox set problem = null where event_id = any($1::uuid[])", list(found))
    try:
        async with asyncio.timeout(_PATIENCE):
            await wake(ISSUE_SCAN, Queue.SCAN)
    except (Unavailable, TimeoutError) as away:
        _log.warning("a scan of events was not asked for", extra={"reason": str(away)})


async def discard_problems(
    organization_id: UUID, event_ids: Sequence[UUID], *, now: datetime, actor: Actor = SYSTEM
) -> None:
    """Throw the events away, with what their apps sent. To be called outside of transactions.

    NotFound: one of them does not wait aside, or not any more. BadInput: none, or too many.
    """
    async with transaction():
        found = await _lock(organization_id, event_ids)
        await fetch("delete from inbox where event_id = any($1::uuid[])", list(found))
        await fetch(_DELETE, organization_id, list(found), [at for at, _ in found.values()])
        await audit.note_each(
            organization_id,
            actor,
            Kind.EVENT_DISCARDED,
            subject_type="IngestProblem",
            subjects=[(event_id, name) for event_id, (_, name) in found.items()],
            now=now,
        )


async def _lock(organization_id: UUID, event_ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, str]]:
    """The events, which nobody else changes from now on: each with its time of receipt and its app's name."""
    if not 1 <= len(event_ids) <= MOST:
        raise BadInput(f"name 1 to {MOST} events", field="ids")
    rows = await fetch(_LOCK, organization_id, event_ids)
    found = {row["event_id"]: (row["received_at"], row["name"]) for row in rows}
    for place, event_id in enumerate(event_ids):
        if event_id not in found:
            raise NotFound("no such event waits aside", field=f"ids.{place}")
    return found


_LOCK: Final = """
select b.event_id, b.received_at, a.name
from inbox as b join app as a on a.id = b.app_id
where b.organization_id = $1 and b.event_id = any($2::uuid[]) and b.problem is not null
order by b.event_id for update of b
"""
_DELETE: Final = """
delete from event as e
using unnest($2::uuid[], $3::timestamptz[]) as discarded (id, received_at)
where e.received_at = discarded.received_at and e.id = discarded.id and e.organization_id = $1
"""
