"""Statistics of apps. Comes in: what became of events that were not kept. Goes out: sums by app, hour and outcome.

Events that are kept, and duplicates, are counted in the transaction that keeps them (see writing); what is refused has
none. It is added up here and written every few seconds, so that it costs those who refuse nothing; what a process
that is killed had not written yet is missing from the statistics.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from app.domain.events.event import Outcome
from app.errors import Unavailable
from app.tables.database import fetch
from app.tables.patience import within

EVERY: Final = 4.0
"""Seconds between two writings."""
LONGEST: Final = 5.0
"""Seconds that one writing may take."""
MOST_NOTED: Final = 20_000
"""Sums that wait to be written; what would be more than these is not counted."""

_log = logging.getLogger(__name__)

_noted: dict[tuple[UUID, Outcome], int] = {}


def note(app_id: UUID, outcome: Outcome, count: int = 1) -> None:
    """Count what was refused or dropped; it is written within five seconds."""
    _add({(app_id, outcome): count})


async def flush(now: datetime) -> None:
    """Write what was noted, under the hour of `now`. Raises nothing: what cannot be written waits for the next time."""
    if not _noted:
        return
    noted = dict(_noted)
    _noted.clear()
    try:
        await within(LONGEST, _write(noted, now))
    except asyncio.CancelledError:
        _add(noted)
        raise
    except (
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        OSError,
        Unavailable,
    ) as error:
        _add(noted)
        _log.warning(
            "statistics of apps could not be written", extra={"reason": str(error), "count": len(noted)}
        )


def _add(sums: Mapping[tuple[UUID, Outcome], int]) -> None:
    for key, count in sums.items():
        if key in _noted or len(_noted) < MOST_NOTED:
            _noted[key] = _noted.get(key, 0) + count


async def _write(noted: Mapping[tuple[UUID, Outcome], int], now: datetime) -> None:
    await fetch(
        _WRITE,
        now,
        [app_id for app_id, _ in noted],
        [str(outcome) for _, outcome in noted],
        list(noted.values()),
    )


# In the order in which all who count lock them. The join: an app may be gone meanwhile.
_WRITE: Final = """
insert into app_tally as t (app_id, hour, outcome, total_count)
select n.app_id, date_trunc('hour', $1::timestamptz, 'UTC'), n.outcome, n.total
from unnest($2::uuid[], $3::text[], $4::bigint[]) as n (app_id, outcome, total)
join app on app.id = n.app_id
order by n.app_id, n.outcome collate "C"
on conflict (app_id, hour, outcome) do update set total_count = t.total_count + excluded.total_count
"""
