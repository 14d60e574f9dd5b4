"""Deleted comments are removed for good after a week.

Comes in: the time. Goes out: how many were removed, in statements of up to `AT_ONCE`, each a transaction of its own.
May be cut off at any moment and run many times at once.
"""

from datetime import datetime, timedelta
from typing import Final

from app.tables.database import fetch

KEPT: Final = timedelta(days=7)
"""How long a deleted comment can still be brought back, by an administrator of the database."""
AT_ONCE: Final = 1000
"""Comments of one statement."""


async def purge_comments(*, now: datetime) -> int:
    """Remove the comments that were deleted a week before `now`, or longer ago; how many there were."""
    removed = 0
    while rows := await fetch(_PURGE, now - KEPT, AT_ONCE):
        removed += len(rows)
        if len(rows) < AT_ONCE:
            break
    return removed


_PURGE: Final = """
delete from comment where id = any(array(
    select id from comment where deleted_at <= $1 order by deleted_at limit $2 for update skip locked
))
returning id
"""
