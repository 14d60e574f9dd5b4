"""What became of what apps sent, hour by hour or day by day.

Comes in: apps and a number of days. Goes out: for each app the numbers by outcome, zeros where nothing came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.events.event import Outcome
from app.errors import BadInput
from app.tables.database import fetch

LONGEST: Final = 90
"""Days that can be asked for."""
HOURLY: Final = 7
"""Days up to which the numbers are hourly."""
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tallied:
    """How often each outcome came about from `starts_at` on, for an hour or a day of UTC; what never did is missing."""

    starts_at: datetime
    counts: Mapping[Outcome, int]


async def statistics(
    organization_id: UUID, app_ids: Sequence[UUID], days: int, *, now: datetime
) -> dict[UUID, list[Tallied]]:
    """For each of the apps all hours (up to 7 days) or days of UTC (above) of the last days, oldest first.

    The last one is not over yet. An app that is not there, or not theirs, has zeros. One statement. BadInput: 1 to 90 days.
    """
    if not 1 <= days <= LONGEST:
        raise BadInput(f"ask for 1 to {LONGEST} days", field="days")
    step, number = (_HOUR, 24 * days) if days <= HOURLY else (_DAY, days)
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    start = (hour.replace(hour=0) if step == _DAY else hour) - step * (number - 1)
    counts: dict[UUID, list[dict[Outcome, int]]] = {app_id: [{} for _ in range(number)] for app_id in app_ids}
    for app_id, at, outcome, count in await fetch(_COUNTS, organization_id, app_ids, start, hour + _HOUR):
        if outcome in _KNOWN:
            place = counts[app_id][(at - start) // step]
            place[Outcome(outcome)] = place.get(Outcome(outcome), 0) + count
    return {
        app_id: [Tallied(start + step * place, found) for place, found in enumerate(places)]
        for app_id, places in counts.items()
    }


_KNOWN: Final = frozenset(map(str, Outcome))
_COUNTS: Final = """
select t.app_id, t.hour, t.outcome, t.total_count
from app_tally as t join app as a on a.id = t.app_id
where a.organization_id = $1 and t.app_id = any($2::uuid[]) and t.hour >= $3 and t.hour < $4
"""
