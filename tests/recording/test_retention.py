"""Retention: whole partitions go, what one project keeps stays, and of every error the first and the newest occurrence."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.reading.occurrences import count_occurrences, latest, occurrence, occurrences
from app.recording import expiry, kept
from app.recording.details import unpack
from app.recording.retention import retain
from app.tables import payloads
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from app.tables.references import Reference
from tests.database import NOW
from tests.reading.stage import add_app, add_group, delete, merge
from tests.recording.retained import (
    add_event,
    add_shown,
    days_ago,
    group_of,
    names,
    retained,
    seen_ago,
    shape,
    times_of,
    wait_for,
)
from tests.recording.stage import recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_the_first_and_the_newest_outlive_their_partition_and_counts_stay() -> None:
    stage = await set_up(retention_days=30)
    await seen_ago(stage, "Old", 50, 49.5, 49, 40, 33)
    await seen_ago(stage, "Returning", 45, 44, 5, 1)
    before = await shape()
    old = await group_of(stage, "Old")
    newest = (await latest(stage.organization_id, [old]))[old]

    done = await retained()

    assert {"occurrence_20261003", "occurrence_20261004", "occurrence_20261013"} <= set(done.dropped)
    assert "occurrence_20261020" in done.dropped
    assert "hourly_count_202610" not in done.dropped, "half of it is kept"
    assert not {name for name in await names("occurrence") if name < "occurrence_20261023"}
    assert await times_of(stage, "Old") == [days_ago(33), days_ago(50)]
    assert await times_of(stage, "Returning") == [days_ago(1), days_ago(5), days_ago(45)]
    assert (await latest(stage.organization_id, [old]))[old] == newest
    assert await occurrence(stage.organization_id, newest.id) == newest, "found by the time in its id"
    assert newest.detail.exceptions[0].type == "Old"
    assert await count_occurrences(stage.organization_id, old) == 2
    assert await shape() == before
    assert (done.kept, done.deleted) == (3, 0)
    again = await retained()
    assert (again.dropped, again.kept, again.deleted) == ([], 0, 0)


async def test_hours_go_by_whole_months_and_totals_stay() -> None:
    stage = await set_up(retention_days=30)
    await recorded([sighting(stage.shop, "Old", days_ago(29))], now=days_ago(29))
    await fetch("update project set retention_days = 365")
    await recorded([sighting(stage.shop, "Old", days_ago(days)) for days in (80, 50)])
    await fetch("update project set retention_days = 51")
    assert (await retained()).dropped == ["hourly_count_202609"], "the day before October began"
    assert await fetch("select sum(total_count) from hourly_count") == [(2,)]
    assert (await stage.group("total_count"))["total_count"] == 3


async def test_a_month_is_kept_a_day_longer_for_those_who_are_at_recording() -> None:
    stage = await set_up(retention_days=365)
    await recorded([sighting(stage.shop, "Old", days_ago(80))])
    await fetch("update project set retention_days = 30")
    for at, dropped in ((datetime.fromisoformat("2026-10-31T23:59Z"), []), (NOW, ["hourly_count_202609"])):
        assert (await retain(now=at)).dropped == dropped


async def test_the_project_that_keeps_the_most_decides_and_others_have_their_rows_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expiry, "AT_ONCE", 3)
    monkeypatch.setattr(kept, "AT_ONCE", 2)
    short, long = await set_up(retention_days=10, cooldown_seconds=0), await set_up(retention_days=60)
    for error in ("A", "B", "C", "D", "E"):
        await seen_ago(short, error, 50, 49.9, 49.8, 49.7, 2)
    await seen_ago(long, "Kept", 50, 49.9, 49.8)
    before = await shape()

    done = await retained()

    assert done.dropped == []
    assert done.kept == 5, "the first of each; the newest is still young"
    assert done.deleted == 15 + 20, "occurrences, and the hours of October"
    for error in ("A", "E"):
        assert await times_of(short, error) == [days_ago(2), days_ago(50)]
    assert await times_of(long, "Kept") == [days_ago(49.8), days_ago(49.9), days_ago(50)]
    assert await shape() == before
    [row] = await fetch("select retained_from from project where id = $1", short.project_id)
    assert row["retained_from"] == days_ago(10)
    again = await retained()
    assert (again.kept, again.deleted) == (0, 0)


async def test_a_longer_retention_and_a_shorter_one_again_are_followed() -> None:
    short, long = await set_up(retention_days=10), await set_up(retention_days=300)
    await seen_ago(long, "Kept", 1)
    await retained()
    await fetch("update project set retention_days = 200 where id = $1", short.project_id)
    await retained()
    await recorded([sighting(short.shop, "Late", days_ago(150))])
    await retained()
    assert await fetch("select count(*) from hourly_count where hour < $1", days_ago(100)) == [(1,)]
    await fetch("update project set retention_days = 10 where id = $1", short.project_id)
    assert (await retained()).deleted == 1
    assert await fetch("select count(*) from hourly_count where hour < $1", days_ago(100)) == [(0,)]


async def test_merged_errors_keep_the_first_and_the_newest_of_each_fingerprint() -> None:
    stage = await set_up(retention_days=30)
    await seen_ago(stage, "Primary", 60, 50, 40)
    await seen_ago(stage, "Guest", 59, 49, 39)
    primary, guest = await group_of(stage, "Primary"), await group_of(stage, "Guest")
    await merge(primary, guest)
    await retained()
    ends = [days_ago(days) for days in (39, 40, 59, 60)]
    assert [each.occurred_at for each in (await occurrences(stage.organization_id, primary)).nodes] == ends
    await fetch("update fingerprint set group_id = home_group_id")
    assert await times_of(stage, "Guest") == [days_ago(39), days_ago(59)], "taken apart again"


async def test_what_is_superseded_or_deleted_does_not_stay_for_ever() -> None:
    stage = await set_up(retention_days=30)
    await seen_ago(stage, "Slow", 200, 150)
    await seen_ago(stage, "Gone", 200, 150)
    await retained()
    await seen_ago(stage, "Slow", 100, 1)
    assert await times_of(stage, "Slow") == [days_ago(days) for days in (1, 100, 150, 200)]
    await delete(await group_of(stage, "Gone"))
    await retained()
    assert await times_of(stage, "Slow") == [days_ago(1), days_ago(200)]
    assert await fetch("select count(*) from kept_occurrence") == [(1,)]


async def test_events_that_nobody_has_scanned_stay_and_problems_end() -> None:
    stage = await set_up(retention_days=30)
    app_id = await add_app(stage)
    day, next_day = days_ago(50), days_ago(40)
    waiting = await add_event(stage, app_id, day, {"message": "waits"})
    broken = await add_event(stage, app_id, next_day, {"message": "broken"})
    young = await add_event(stage, app_id, days_ago(5), {"message": "young and broken"})
    await wait_for(waiting, day, app_id, stage, None)
    await wait_for(broken, next_day, app_id, stage, "it cannot be read")
    await wait_for(young, days_ago(5), app_id, stage, "it cannot be read")

    done = await retain(now=NOW)

    assert not done.is_complete
    assert [row["id"] for row in await fetch("select id from event order by id")] == [waiting, young]
    assert {row["event_id"] for row in await fetch("select event_id from inbox")} == {waiting, young}
    assert [tuple(row) for row in await fetch("select * from app_tally")] == [
        (app_id, NOW.replace(minute=0), "expired", 1)
    ]
    await fetch("delete from inbox where event_id = $1", waiting)
    assert "event_20261003" in (await retained()).dropped


async def test_waiting_events_of_a_project_that_keeps_less_stay_too() -> None:
    short, long = await set_up(retention_days=10), await set_up(retention_days=60)
    app_id, other_app = await add_app(short), await add_app(long)
    at = days_ago(20)
    waiting = await add_event(short, app_id, at, {"message": "waits"})
    await add_event(short, app_id, at, {"message": "scanned"})
    kept_event = await add_event(long, other_app, at, {"message": "kept"})
    await wait_for(waiting, at, app_id, short, None)
    assert not (await retain(now=NOW)).is_complete
    assert {row["id"] for row in await fetch("select id from event")} == {waiting, kept_event}
    await fetch("delete from inbox")
    assert (await retained()).deleted == 1
    assert {row["id"] for row in await fetch("select id from event")} == {kept_event}


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(("X", "Y")), st.integers(1, 70)),
        min_size=1,
        max_size=12,
    ),
    st.tuples(st.sampled_from((5, 20, 40)), st.sampled_from((5, 20, 40))),
    st.lists(st.integers(0, 40), max_size=3),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_was_recorded_the_ends_stay_and_the_rest_goes_by_whole_days(
    seen: list[tuple[str, str, int]], keeps: tuple[int, int], runs: list[int]
) -> None:
    """Each error as often as drawn, a minute apart; retention runs some days before and now."""
    stages = {
        name: await set_up(retention_days=days, cooldown_seconds=0)
        for name, days in zip("ab", keeps, strict=True)
    }
    times: dict[tuple[str, str], list[datetime]] = {}
    for minutes, (project, error, days) in enumerate(sorted(seen, key=lambda one: -one[2])):
        at = days_ago(days) + timedelta(minutes=minutes)
        times.setdefault((project, error), []).append(at)
        await recorded([sighting(stages[project].shop, error, at)], now=at)
    before = await shape()
    for days in sorted(runs, reverse=True):
        assert (await retain(now=days_ago(days))).is_complete
    await retained()
    assert await shape() == before
    for (project, error), at_all in times.items():
        cut = days_ago(dict(zip("ab", keeps, strict=True))[project])
        first_kept_day = cut.replace(hour=0, minute=0)
        found = await times_of(stages[project], error)
        expected = {at for at in at_all if at >= first_kept_day}
        assert {max(at_all), min(at_all)} | expected <= set(found)
        superseded = set(found) - expected - {max(at_all), min(at_all)}
        assert all(at >= days_ago(70) for at in superseded)
        if not runs:
            assert not superseded
        assert len(found) == len(set(found))
    await fetch("delete from project")


async def test_a_reference_goes_when_nothing_that_is_there_was_packed_with_it() -> None:
    stage = await set_up(retention_days=30)
    app_id = await add_app(stage)
    for days in (400, 48, 46, 1):
        await fetch(
            "insert into payload_reference (app_id, made_at, content) values ($1, $2, $3)",
            *(app_id, days_ago(days), str(days).encode()),
        )

    await retained()

    # The one of 46 days ago was in use until 32 days ago, and what was packed with it then is just gone.
    left = await fetch("select content from payload_reference order by id")
    assert [row["content"] for row in left] == [b"46", b"1"]


async def test_a_payload_is_read_before_its_reference_goes_however_late_retention_comes() -> None:
    stage = await set_up(retention_days=30)
    app_id = await add_app(stage)
    group_id = await add_group(stage, source="EVENT", app_id=app_id)
    tree = {"message": "it broke", "tags": {"shelf": "top"}}
    [row] = await fetch(
        "insert into payload_reference (app_id, made_at, content) values ($1, $2, $3) returning id",
        *(app_id, days_ago(300), msgspec.json.encode(tree)),
    )
    reference = Reference(row["id"], msgspec.json.encode(tree))
    packed = payloads.pack(msgspec.json.encode(tree), reference)
    event_id = await add_event(stage, app_id, days_ago(299), tree, payload=packed, reference_id=reference.id)
    await add_shown(stage, group_id, app_id, days_ago(299), event_id)

    await retained()

    assert await fetch("select from event") == []
    assert await fetch("select from payload_reference") == []
    [kept] = await fetch("select detail from kept_occurrence")
    told = unpack(kept["detail"]).event
    assert told is not None
    assert "top" in str(told)


async def test_what_users_wrote_goes_in_its_time() -> None:
    stage = await set_up(retention_days=30)
    app_id = await add_app(stage)
    for days in (31, 29):
        await fetch(
            "insert into user_feedback (id, organization_id, app_id, email, message, created_at) values ($1, $2, $3, 'a@b.c', $4, $5)",
            uuid7(days_ago(days)),
            stage.organization_id,
            app_id,
            f"{days} days",
            days_ago(days),
        )

    await retained()

    assert [row[0] for row in await fetch("select message from user_feedback")] == ["29 days"]
