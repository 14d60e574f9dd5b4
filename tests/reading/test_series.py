"""Sparklines and timelines: every hour and day in its place, whatever fingerprints and origins the counts come from."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import BadInput
from app.reading.series import Bucket, sparklines, timelines
from tests.database import NOW
from tests.reading.stage import delete, merge, seen
from tests.recording.stage import Stage, later, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def sparkline(stage: Stage, group_id: UUID, days: int = 7, now: datetime = NOW) -> list[int]:
    found = await sparklines(stage.organization_id, [group_id], days, now=now)
    assert list(found) == [group_id]
    return found[group_id]


async def test_a_sparkline_ends_with_this_hour() -> None:
    stage = await set_up()
    at = NOW + timedelta(minutes=42)
    group_id = await seen(
        stage.shop,
        "KeyError",
        later(days=-7, hours=1, seconds=-1),  # the hour before the first
        later(days=-7, hours=1),
        later(hours=-1),
        later(seconds=-1),
        later(),
        later(minutes=41),
        later(hours=1),  # a clock that is ahead
        now=at,
    )
    numbers = await sparkline(stage, group_id, now=at)
    assert len(numbers) == 168
    assert {place: count for place, count in enumerate(numbers) if count} == {0: 1, 166: 2, 167: 2}
    assert await sparkline(stage, group_id, 1, at) == numbers[-24:]


async def test_counts_of_all_origins_and_fingerprints_add_up() -> None:
    stage = await set_up()
    primary = await seen(stage.shop, "KeyError", later(hours=-1), later(hours=-1), later(hours=-3))
    secondary = await seen(stage.shop, "ValueError", later(hours=-1))
    await seen(stage.warehouse, "KeyError", later(hours=-1))
    await seen(stage.warehouse, "ValueError", later(hours=-2))
    assert (await sparkline(stage, primary))[-4:] == [1, 0, 3, 0]

    await merge(primary, secondary)

    assert (await sparkline(stage, primary))[-4:] == [1, 1, 4, 0]
    assert sum(await sparkline(stage, secondary)) == 0
    found = await timelines(stage.organization_id, [primary], 1, stage.warehouse.id, now=NOW)
    assert [bucket.count for bucket in found[primary]][-4:] == [0, 1, 1, 0]


async def test_many_groups_each_have_their_own() -> None:
    stage = await set_up()
    made = [await seen(stage.shop, f"Error{n}", *[later(hours=-n)] * (n + 1)) for n in range(5)]
    unknown = uuid4()
    found = await sparklines(stage.organization_id, [*made, unknown], 1, now=NOW)
    assert found == {
        group_id: [n + 1 if place == 23 - n else 0 for place in range(24)] for n, group_id in enumerate(made)
    } | {unknown: [0] * 24}
    assert await sparklines(stage.organization_id, [], 1, now=NOW) == {}
    assert await sparklines(stage.organization_id, [made[0], made[0]], 1, now=NOW) == {
        made[0]: found[made[0]]
    }


async def test_a_deleted_group_has_no_counts() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    assert sum(await sparkline(stage, group_id)) == 1
    await delete(group_id)
    assert sum(await sparkline(stage, group_id)) == 0


@pytest.mark.parametrize("days", [0, -1, 91, 10**9])
async def test_days_have_their_limits(days: int) -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    with pytest.raises(BadInput) as refusal:
        await sparklines(stage.organization_id, [group_id], days, now=NOW)
    assert refusal.value.field == "days"
    with pytest.raises(BadInput) as refusal:
        await timelines(stage.organization_id, [group_id], days, None, now=NOW)
    assert refusal.value.field == "days"


async def test_a_timeline_is_hourly_up_to_seven_days_and_daily_above() -> None:
    stage = await set_up()
    now = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    times = [later(hours=-hours) for hours in (10, 11, 12, 34, 35, 24 * 89 + 10, 24 * 89 + 11)]
    group_id = await seen(stage.shop, "KeyError", *times, now=now)

    async def timeline(days: int) -> list[Bucket]:
        return (await timelines(stage.organization_id, [group_id], days, now=now))[group_id]

    def those_that_count(buckets: list[Bucket]) -> list[tuple[datetime, int]]:
        return [(bucket.starts_at, bucket.count) for bucket in buckets if bucket.count]

    today = datetime(2026, 11, 22, tzinfo=UTC)
    week = await timeline(7)
    assert [bucket.starts_at for bucket in week] == [today - timedelta(hours=167 - n) for n in range(168)]
    assert those_that_count(week) == [(time.replace(minute=0), 1) for time in sorted(times[:5])]
    days = await timeline(90)
    assert [bucket.starts_at for bucket in days] == [today - timedelta(days=89 - n) for n in range(90)]
    assert those_that_count(days) == [
        (today - timedelta(days=89), 1),
        (today - timedelta(days=2), 1),
        (today - timedelta(days=1), 3),
        (today, 1),
    ]
    assert await timeline(8) == days[-8:]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    heard=st.lists(st.tuples(st.integers(-90 * 24, 2), st.integers(0, 2), st.booleans()), max_size=30),
    days=st.integers(1, 90),
    minute=st.integers(0, 59),
)
async def test_counts_are_those_of_adding_up(
    heard: list[tuple[int, int, bool]], days: int, minute: int
) -> None:
    """Against the same sums made in Python from what was recorded."""
    stage = await set_up(retention_days=99)
    now = NOW + timedelta(minutes=minute)
    await recorded(
        [
            sighting(stage.warehouse if elsewhere else stage.shop, f"Error{error}", later(hours=hours))
            for hours, error, elsewhere in heard
        ],
        now=now,
    )
    made = [await seen(stage.shop, f"Error{n}", later(days=-100), now=now) for n in range(3)]
    await merge(made[0], made[1])

    lines = await sparklines(stage.organization_id, made, days, now=now)
    buckets = await timelines(stage.organization_id, made, days, now=now)

    for place, errors in enumerate(({0, 1}, set[int](), {2})):
        hours_ago = [-hours for hours, error, _ in heard if error in errors and hours <= 0]
        assert lines[made[place]] == [hours_ago.count(24 * days - 1 - n) for n in range(24 * days)]
        expected = [0] * len(buckets[made[place]])
        step = timedelta(hours=1) if days <= 7 else timedelta(days=1)
        start = buckets[made[place]][0].starts_at
        for ago in hours_ago:
            if NOW - timedelta(hours=ago) >= start:
                expected[(NOW - timedelta(hours=ago) - start) // step] += 1
        assert [bucket.count for bucket in buckets[made[place]]] == expected
