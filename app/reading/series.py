"""How often errors happened, hour by hour or day by day, for many groups at once.

Comes in: groups and a number of days. Goes out: numbers, zeros where nothing happened. A group's counts are those of
its fingerprints, wherever these came from. PostgreSQL sends two short arrays a group: which hours, how many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from app.errors import BadInput
from app.reading.conditions import Conditions
from app.tables.database import fetch

LONGEST: Final = 90
"""Days that can be asked for."""
HOURLY: Final = 7
"""Days up to which a timeline is hourly."""
_SECOND: Final = timedelta(seconds=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bucket:
    """How often it happened from `starts_at` on, for an hour or a day of UTC."""

    starts_at: datetime
    count: int


class Series(list[int]):
    """Integers, each of them: who passes them on need not look at one after the other."""


async def sparklines(
    organization_id: UUID, group_ids: Sequence[UUID], days: int, *, now: datetime
) -> dict[UUID, Series]:
    """For each of the groups 24 x `days` numbers, hours of UTC, oldest first, the last is the current hour.

    A group that is not there, or not theirs, has zeros. One statement. BadInput: 1 to 90 days.
    """
    _check(days)
    return await _counts(organization_id, group_ids, _last(24 * days, _HOUR, now))


async def timelines(
    organization_id: UUID,
    group_ids: Sequence[UUID],
    days: int,
    instance_id: UUID | None = None,
    *,
    now: datetime,
) -> dict[UUID, list[Bucket]]:
    """For each of the groups all buckets of the last days, oldest first: hours up to 7 days, days of UTC above.

    With `instance_id` (or an app's id) only what happened there. One statement. BadInput: 1 to 90 days.
    """
    _check(days)
    span = _last(24 * days, _HOUR, now) if days <= HOURLY else _last(days, _DAY, now)
    counts = await _counts(organization_id, group_ids, span, instance_id)
    starts = [span.start + span.step * place for place in range(span.number)]
    return {
        group_id: [Bucket(at, count) for at, count in zip(starts, numbers, strict=True)]
        for group_id, numbers in counts.items()
    }


@dataclass(frozen=True, slots=True)
class _Span:
    """So many steps from `start` on; the last one is not over yet, and what is said to lie after `end` is left out."""

    start: datetime
    end: datetime
    step: timedelta
    number: int


def _check(days: int) -> None:
    if not 1 <= days <= LONGEST:
        raise BadInput(f"ask for 1 to {LONGEST} days", field="days")


def _last(number: int, step: timedelta, now: datetime) -> _Span:
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    newest = hour.replace(hour=0) if step == _DAY else hour
    return _Span(newest - step * (number - 1), hour + _HOUR, step, number)


async def _counts(
    organization_id: UUID, group_ids: Sequence[UUID], span: _Span, origin_id: UUID | None = None
) -> dict[UUID, Series]:
    wanted = Conditions(organization_id, "h.fingerprint_id = f.id")
    wanted.add("h.hour >= ?", span.start)
    wanted.add("h.hour < ?", span.end)
    if origin_id is not None:
        wanted.add("h.origin_id = ?", origin_id)
    start, step = wanted.place(int(span.start.timestamp())), wanted.place(span.step // _SECOND)
    rows = await fetch(
        # An hour can come twice, of two fingerprints or origins: adding up is cheaper here than grouping there.
        f"""
        select f.group_id, counted.places, counted.counts
        from fingerprint as f cross join lateral (
            select array_agg((date_part('epoch', h.hour)::bigint - {start}::bigint) / {step}::bigint) as places,
                array_agg(h.total_count) as counts
            from hourly_count as h
            where {wanted}
        ) as counted
        where f.organization_id = $1 and f.group_id = any({wanted.place(group_ids)}::uuid[])
            and f.retired_at is null and counted.places is not null
        """,  # noqa: S608  our own words
        *wanted.values,
    )
    zeros = [0] * span.number
    found = {group_id: Series(zeros) for group_id in group_ids}
    for group_id, places, counts in rows:
        numbers = found[group_id]
        for place, count in zip(places, counts, strict=True):
            numbers[place] += count
    return found
