"""When digests are due: the slots of a frequency, on the clocks of a time zone. Pure.

Comes in: how often, where, and a time. Goes out: the newest slot at that time. Slots are counted from the calendar and
never from the one before, so that they do not drift, and a worker that was away misses none.

    HOURLY      on each hour
    SIX_HOURLY  0:00, 6:00, 12:00, 18:00
    DAILY       8:00
    WEEKLY      Mondays, 8:00

Where clocks go forward over a slot, it is told by a clock that was not put forward; where they go back over one, it is
the first of the two. Of HOURLY an hour that comes twice has both.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

_DAY: Final = timedelta(days=1)
_MORNING: Final = 8
_MONDAY: Final = 0


class Frequency(StrEnum):
    """How often a project's digest is sent."""

    NONE = "NONE"
    HOURLY = "HOURLY"
    SIX_HOURLY = "SIX_HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"


def newest_slot(frequency: Frequency, zone: tzinfo, now: datetime) -> datetime:
    """The newest slot that is not after `now`, in UTC. For NONE those of HOURLY: a digest that is not sent moves on."""
    local = now.astimezone(zone).date()
    # From the next day, as a day that a zone left out has its slots within it, to more than a week ago.
    for back in range(-1, 9):
        day = local - _DAY * back
        past = [slot for slot in _slots(frequency, zone, day) if slot <= now]
        if past:
            return max(past)
    raise ValueError("each week has a slot")


def _slots(frequency: Frequency, zone: tzinfo, day: date) -> Iterator[datetime]:
    match frequency:
        case Frequency.DAILY:
            hours: range | list[int] = [_MORNING]
        case Frequency.WEEKLY:
            hours = [_MORNING] if day.weekday() == _MONDAY else []
        case Frequency.SIX_HOURLY:
            hours = range(0, 24, 6)
        case Frequency.HOURLY | Frequency.NONE:
            hours = range(24)
    for hour in hours:
        first, second = (
            datetime.combine(day, time(hour, fold=fold), zone).astimezone(UTC) for fold in (0, 1)
        )
        yield first
        if len(hours) == 24 and second > first:  # in a gap the second is the earlier one
            yield second
