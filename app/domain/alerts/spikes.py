"""Spikes: hours in which an error happens far more often than its own past leads to expect.

Comes in: how often it happened in this hour so far, and in each hour of the four weeks before. Goes out: what was to be
expected, if this is far more.

What is compared. Errors have days and weeks: an hour is compared with the same hour of the other days, of the same
weekday, and of the last three days, and the most that any of these leads to expect is expected. So what happens each
Monday is no spike on Monday, and what has gone on for two days is none any more. Other days count as much as they would
if they were this weekday, else a weekend could be five times as loud as weekends are and still be like a Friday. The
hours beside count like the hour itself: clocks change twice a year, and nightly jobs are late.

How. Expected is the median, which a past outage does not move (Rousseeuw and Croux, "Alternatives to the Median Absolute
Deviation", JASA 88, 1993). A count has to be all of these to be a spike:

- at least the condition's `count`, and at least its `factor` times what was expected;
- four standard deviations above it, after Anscombe's square root has made counts of chance comparable: 2 sqrt(x + 3/8)
  of a Poisson count has a deviation near 1, of few as of many ("The transformation of Poisson, binomial and
  negative-binomial data", Biometrika 35, 1948);
- beyond the modified z-score of 3.5 by the median absolute deviation, for what varies more than chance does (Iglewicz and
  Hoaglin, "How to Detect and Handle Outliers", 1993);
- `factor` times the usual burst, for what comes in bursts, on more than one day of a week: there the median is nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, sqrt
from statistics import fmean, median, median_low
from typing import Final

from app.domain.alerts.conditions import Condition

DAY: Final = 24
WEEK: Final = 7 * DAY
PAST: Final = 4 * WEEK
"""How many hours are looked back."""

_RECENT_DAYS: Final = 3
_DEVIATIONS: Final = 4.0
_SCORE: Final = 3.5 / 0.6745
"""How many median absolute deviations a modified z-score of 3.5 is."""
_SHARE_LEAST: Final = 0.1
_WEEKS_TOLD: Final = 2
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Spike:
    """An hour that stands out: it has `count`, where `expected` was to be expected (a median: 0.0 and up)."""

    count: int
    expected: float


def past_hours(counts: Mapping[datetime, int], first_seen_at: datetime, this_hour: datetime) -> list[int]:
    """The hours before `this_hour`, oldest first: those of four weeks, or since the hour of `first_seen_at`.

    `counts` has hours by their beginnings (UTC, like `this_hour`); an hour that it does not have is one without errors,
    and one that is not asked for is let be. `first_seen_at` may be any moment; after `this_hour`, there is no past.
    """
    known = ceil((this_hour - first_seen_at) / _HOUR)
    length = max(0, min(PAST, known))
    return [counts.get(this_hour - _HOUR * back, 0) for back in range(length, 0, -1)]


def is_spike(count: int, past: Sequence[int], condition: Condition) -> Spike | None:
    """The spike that this hour is; None if it is none.

    `count`: of this hour so far; as it can only grow, an hour need not be over to be one. `past`: the hours before, as
    `past_hours` gives them; with less than a week nobody can tell, and it is none. `condition`: a SPIKE that was checked.
    """
    if len(past) < WEEK or count < (condition.count or 1):
        return None
    shares = _shares(past)
    days = [_days(past, beside, shares) for beside in (0, -1, 1)]
    weeks = [past[len(past) - WEEK + beside :: -WEEK] for beside in (0, -1, 1)]
    expected = max(median(same) for same in (*days, *weeks, *(same[:_RECENT_DAYS] for same in days)))
    if count < expected * (condition.factor or 1) or _deviations(count, expected) < _DEVIATIONS:
        return None
    usual = median(days[0])
    if count <= expected + _SCORE * median(abs(its - usual) for its in days[0]):
        return None
    bursts = _bursts(past, condition)
    if bursts and count < median(bursts) * (condition.factor or 1):
        return None
    return Spike(count, float(expected))


def _bursts(past: Sequence[int], condition: Condition) -> list[int]:
    """The hours that stood out among the same hours of the past, if there were such on more than one day of a week."""
    bursts: list[int] = []
    days: set[int] = set()
    for hour in range(DAY):
        same = past[hour::DAY]
        least = max(condition.count or 1, median(same) * (condition.factor or 1))
        found = [(day, count) for day, count in enumerate(same) if count >= least]
        days.update(day for day, _ in found)
        bursts += [count for _, count in found]
    return bursts if len(days) * WEEK > len(past) else []


def _days(past: Sequence[int], beside: int, shares: Sequence[float]) -> list[float]:
    """The same hour of each day, or the hour `beside` it, the newest first, as much as it would be on a day like this."""
    same = past[len(past) - DAY + beside :: -DAY]
    return [its * shares[back % 7] for back, its in enumerate(same, start=1)]


def _shares(past: Sequence[int]) -> list[float]:
    """How much this weekday usually has of what the weekday 0 to 6 days before it has: at most all, at least a tenth.

    A weekday is the 24 hours around the hour in question. Only less is believed, as of a weekend, and only when it was
    seen twice; and of what the others have the lower view is taken, as what began of late says nothing of weekdays.
    """
    totals: list[list[int]] = [[] for _ in range(7)]
    for back in range(1, (len(past) - DAY // 2) // DAY + 1):
        noon = len(past) - back * DAY
        totals[back % 7].append(sum(past[noon - DAY // 2 : noon + DAY // 2]))
    if len(totals[0]) < _WEEKS_TOLD:
        return [1.0] * 7
    this = fmean(totals[0])
    usual = [min(fmean(its), median_low(its)) for its in totals]
    return [min(1.0, max(_SHARE_LEAST, this / its)) if its else 1.0 for its in usual]


def _deviations(count: int, expected: float) -> float:
    """How many standard deviations the count is above what was expected, as far as chance alone makes them differ."""
    return 2 * (sqrt(count + 3 / 8) - sqrt(expected + 3 / 8))
