"""Forgetting what is known of events for a time only. Comes in: the time. Goes out: how much was deleted.

Neither table has an index by time, which each event would pay for: they are gone through in pieces, as they lie on the
disk, each in a transaction of its own. To be cut off, or done twice at a time, is harmless.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from app.tables.database import fetch, fetch_one

CLIENT_IDS_KEPT: Final = timedelta(days=30)
"""For how long an event with the same id is a duplicate."""
TALLIES_KEPT: Final = timedelta(days=90)
PAGES: Final = 1000
"""Pages of 8 KiB in a piece: some 70,000 client ids."""


async def purge_client_events(now: datetime, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Forget the ids of events that were received more than 30 days before; how many were forgotten.

    `goes_on` is asked before each piece; what is left then is done the next time.
    """
    return await _purge("client_event", "received_at", now - CLIENT_IDS_KEPT, goes_on)


async def purge_tallies(now: datetime, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Forget the statistics of hours more than 90 days before; how many rows were deleted."""
    return await _purge("app_tally", "hour", now - TALLIES_KEPT, goes_on)


async def _purge(table: str, column: str, before: datetime, goes_on: Callable[[], bool]) -> int:
    count = 0
    parts = await fetch(
        "select relid::regclass::text as name from pg_partition_tree($1::text::regclass) where isleaf", table
    )
    for name in [part["name"] for part in parts] or [table]:
        row = await fetch_one(
            "select pg_relation_size($1::text::regclass) / current_setting('block_size')::int as n", name
        )
        assert row  # noqa: S101  a select without a table has a row
        for first in range(0, row["n"], PAGES):
            if not goes_on():
                return count
            sql = f"delete from {name} where {column} < $1 and ctid >= $2::text::tid and ctid < $3::text::tid"  # noqa: S608
            deleted = await fetch(
                f"with gone as ({sql} returning 1) select count(*) as n from gone",  # noqa: S608  names of our own
                before,
                f"({first},0)",
                f"({first + PAGES},0)",
            )
            count += deleted[0]["n"]
    return count
