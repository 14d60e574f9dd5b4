"""Have messages tried again that were given up, or wait for their next attempt.

Comes in: an organization, and deliveries. Goes out: nothing; all of them are due at once, or none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.alerts.deliveries.waking import wake_deliveries
from app.errors import BadInput, NotFound
from app.tables.database import fetch, transaction

MOST: Final = 100
"""Deliveries at a time."""


async def retry_deliveries(organization_id: UUID, delivery_ids: Sequence[UUID], *, now: datetime) -> None:
    """Have them tried now, as often as new ones are. To be called outside of transactions.

    NotFound: one of them is not there, or was sent. BadInput: none, or too many.
    """
    if not 1 <= len(delivery_ids) <= MOST:
        raise BadInput(f"name 1 to {MOST} deliveries", field="ids")
    async with transaction():
        rows = await fetch(_LOCK, organization_id, delivery_ids)
        found = {row["id"] for row in rows}
        for place, delivery_id in enumerate(delivery_ids):
            if delivery_id not in found:
                raise NotFound("no such message waits or has failed", field=f"ids.{place}")
        await fetch(_RETRY, list(found), now)
    await wake_deliveries()


_LOCK: Final = """
select id from delivery
where organization_id = $1 and id = any($2::uuid[]) and status in ('waiting', 'failed')
order by id for no key update
"""
# One that is being sent at this moment stays with whoever sends it.
_RETRY: Final = """
update delivery set status = 'waiting', attempts = 0, next_attempt_at = $2 where id = any($1::uuid[])
"""
