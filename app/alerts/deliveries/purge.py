"""Forgetting messages that were sent, or given up, long ago.

Comes in: the time. Goes out: how many rows are gone. They are gone through in the order of their ids, which is that of
time, some at a time.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.tables.database import fetch
from app.tables.identifiers import first_of

SENT_KEPT: Final = timedelta(days=30)
FAILED_KEPT: Final = timedelta(days=90)
AT_ONCE: Final = 1000
"""Rows that are looked at together."""


async def purge_deliveries(*, now: datetime, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Forget the sent ones after 30 days and those that failed after 90; how many. Not in a transaction."""
    through, count = UUID(int=0), 0
    while goes_on():
        [row] = await fetch(
            _PURGE, through, first_of(now - SENT_KEPT), now - SENT_KEPT, now - FAILED_KEPT, AT_ONCE
        )
        count += row["count"]
        if row["through"] is None:
            break
        through = row["through"]
    return count


_PURGE: Final = """
with old as materialized (
    select id, status, sent_at, created_at from delivery where id > $1 and id < $2 order by id limit $5
), gone as (
    delete from delivery as d using old
    where d.id = old.id and (
        (d.status = 'sent' and d.sent_at < $3) or (d.status = 'failed' and d.created_at < $4)
    )
    returning d.id
)
select (select count(*) from gone) as count, (select id from old order by id desc limit 1) as through
"""
