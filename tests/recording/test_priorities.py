"""Scores of groups: right after recording, and kept right while time passes, weights change, and jobs are cut off."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain import priority
from app.domain.priority import DEFAULT, Facts, Step, Weights
from app.reading.groups import Order, OrderField, groups
from app.recording import priorities
from app.recording import settle_priorities as settling
from app.recording.priorities import rescore, scores
from app.recording.settle_priorities import BEGINNING, settle_priorities
from app.tables.database import fetch, transaction
from tests.database import NOW, empty
from tests.reading.stage import add_app, add_group, add_groups, change, fingerprint_of, merge, seen
from tests.recording.stage import Stage, later, noted_statements, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def standing(group_id: UUID) -> tuple[int, int, bool]:
    [row] = await fetch("select score, priority, is_score_fleeting from error_group where id = $1", group_id)
    return tuple(row)


async def count(group_id: UUID, at: datetime, times: int) -> None:
    """Add to a group's hours."""
    await fetch(
        "insert into hourly_count values ($1, $2, $3, $4)", await fingerprint_of(group_id), at, uuid4(), times
    )


async def set_weights(stage: Stage, weights: Weights) -> None:
    await fetch(
        "update project set priority_weights = $2, rescored_through = $3 where id = $1",
        stage.project_id,
        json.dumps(priority.stored(weights)),
        BEGINNING,
    )


async def test_a_group_is_scored_when_it_is_recorded() -> None:
    stage = await set_up()
    await fetch("update instance set environment = 'STAGING' where id = $1", stage.warehouse.id)
    shop = await seen(stage.shop, "KeyError")
    warehouse = await seen(stage.warehouse, "TypeError")
    assert await standing(shop) == (5 + 3, 3, True)
    assert await standing(warehouse) == (3, 3, True)
    await recorded(sighting(stage.shop, "KeyError", later(milliseconds=n)) for n in range(100))
    assert await standing(shop) == (5 + 5 + 3, 2, True)
    await recorded([sighting(stage.shop, "TypeError")])
    assert await standing(warehouse) == (5 + 3, 3, True)
    await change(shop, status="RESOLVED", resolved_at=NOW)
    await recorded([sighting(stage.shop, "KeyError", later(minutes=1))])
    assert await standing(shop) == (5 + 5 + 3 + 8, 0, True)
    old = await seen(stage.shop, "OSError", later(days=-2))
    assert await standing(old) == (5, 3, False)


async def test_a_score_goes_down_as_time_passes_and_stays_down() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError", *(later(milliseconds=n) for n in range(1001)))
    assert await standing(group_id) == (10 + 5 + 3, 1, True)
    assert await settle_priorities(now=later(hours=23)) == 0
    assert await settle_priorities(now=later(hours=25)) == 1
    assert await standing(group_id) == (5, 3, False)
    await change(group_id, score=6)
    assert await settle_priorities(now=later(hours=26)) == 0, "a group at rest is not looked at"
    await recorded([sighting(stage.shop, "KeyError", later(days=3))], now=later(days=3))
    assert await standing(group_id) == (5, 3, True)


async def test_what_a_hand_takes_away_goes_too() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError", later(days=-3))
    await change(group_id, status="REGRESSED")
    async with transaction():
        await rescore([group_id], now=NOW)
    assert await standing(group_id) == (5 + 8, 2, True)
    assert await settle_priorities(now=NOW) == 0
    await change(group_id, status="RESOLVED")
    assert await settle_priorities(now=NOW) == 1
    assert await standing(group_id) == (5, 3, False)


FACTS = st.tuples(
    st.sampled_from(["LOG", "EVENT"]),
    st.lists(st.tuples(st.integers(-30, 1), st.integers(1, 6)), max_size=3, unique_by=lambda hour: hour[0]),
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(-30, 0)), max_size=4, unique_by=lambda user: user[0]
    ),
    st.lists(st.booleans(), max_size=2),
    st.sampled_from(["NEW", "REGRESSED"]),
    st.integers(-30, -1),
)


@given(
    drawn=st.lists(FACTS, min_size=1, max_size=4),
    weights=st.builds(
        Weights,
        st.just((Step(4, 9), Step(1, 4))),
        st.just((Step(2, 7), Step(0, 2))),
        *[st.integers(0, 9)] * 3,
    ),
)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
async def test_what_is_stored_is_what_the_pure_function_says(drawn: list[Any], weights: Weights) -> None:
    now = later(minutes=30)
    stage = await set_up()
    await set_weights(stage, weights)
    await fetch("update instance set environment = 'STAGING' where id = $1", stage.warehouse.id)
    app_id = await add_app(stage)
    expected = {}
    for source, hours, users, places, status, first in drawn:
        group_id = await add_group(
            stage, source=source, app_id=app_id if source == "EVENT" else None, status=status,
            first_seen_at=later(hours=first), score=99,
        )  # fmt: skip
        fingerprint_id = await fingerprint_of(group_id)
        for hour, times in hours:
            await count(group_id, later(hours=hour), times)
        for user, at in users:
            await fetch(
                "insert into fingerprint_user values ($1, $2, $3, $3)", fingerprint_id, user, later(hours=at)
            )
        for is_production in set(places):
            await _place(stage, source, fingerprint_id, is_production=is_production)
        facts = Facts(
            sum(times for hour, times in hours if hour >= -23),
            len([at for _, at in users if at > -23.5]) if source == "EVENT" else 0,
            is_production=any(places),
            is_regressed=status == "REGRESSED",
            is_new=first > -23.5,
        )
        score = priority.score(facts, weights)
        expected[group_id] = (score.points, score.priority, facts.is_fleeting)
        assert (await scores([group_id], now=now))[group_id].facts == facts
    await settle_priorities(now=now)
    assert {group_id: await standing(group_id) for group_id in expected} == expected
    assert await settle_priorities(now=now) == 0
    page = await groups(stage.organization_id, order=Order(OrderField.PRIORITY), now=now)
    assert [shown.priority for shown in page.nodes] == sorted(f"P{wanted[1]}" for wanted in expected.values())
    await empty()


async def _place(stage: Stage, source: str, fingerprint_id: int, *, is_production: bool) -> None:
    if source == "LOG":
        instance = stage.shop if is_production else stage.warehouse
        await fetch(
            "insert into affected_instance values ($1, $2, 1, $3, $3)", fingerprint_id, instance.id, NOW
        )
    else:
        name = "Production" if is_production else "staging"
        await fetch(
            "insert into fingerprint_tag values ($1, 'environment', $2, 1, $3)", fingerprint_id, name, NOW
        )


async def test_all_fingerprints_of_a_merged_group_count() -> None:
    stage = await set_up()
    survivor, other = await seen(stage.shop, "KeyError"), await seen(stage.warehouse, "TypeError")
    await count(other, later(hours=-1), 101)
    await merge(survivor, other)
    async with transaction():
        assert await rescore([survivor], now=NOW) == 1
    assert await standing(survivor) == (5 + 5 + 3, 2, True)
    before = await standing(other)
    await settle_priorities(now=later(days=2))
    assert await standing(survivor) == (5, 3, False)
    assert await standing(other) == before, "a tombstone is left alone"


async def test_other_weights_take_effect_on_groups_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    stage = await set_up()
    groups_ = [await seen(stage.shop, f"Error{n}", later(days=-2)) for n in range(5)]
    assert {await standing(group_id) for group_id in groups_} == {(5, 3, False)}
    assert await settle_priorities(now=NOW) == 0
    await set_weights(stage, Weights(production=16))
    calls = iter([True, True, False])
    assert await settle_priorities(now=NOW, goes_on=lambda: next(calls, False)) == 4, "cut off"
    [row] = await fetch("select rescored_through from project where id = $1", stage.project_id)
    assert row[0] == sorted(groups_)[3]
    await asyncio.gather(*(settle_priorities(now=NOW) for _ in range(3)))
    assert {await standing(group_id) for group_id in groups_} == {(16, 1, False)}
    [row] = await fetch("select rescored_through from project where id = $1", stage.project_id)
    assert row[0] is None
    await set_weights(stage, DEFAULT)
    assert await settle_priorities(now=NOW) == 5


async def test_a_thousand_groups_are_a_fixed_number_of_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    few, many = [await add_group(stage)], [uuid4() for _ in range(1000)]
    await add_groups(stage, many)
    numbers = []
    for group_ids in (few, many):
        told: list[str] = []
        with noted_statements(monkeypatch, told):
            async with transaction():
                assert await rescore(group_ids, now=NOW) == len(group_ids)
            async with transaction():
                assert await rescore(group_ids, now=NOW) == 0, "what is right is not written"
        numbers.append(len(told))
    assert numbers == [3, 3]
    await fetch("update error_group set score = 77")
    told = []
    with noted_statements(monkeypatch, told):
        assert await settle_priorities(now=NOW) == 1001
    assert len(told) <= 12
    assert len([sql for sql in told if sql.startswith("update error_group")]) == 2


async def test_a_run_that_dies_half_way_is_made_good_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    stage = await set_up()
    groups_ = [await seen(stage.shop, f"Error{n}") for n in range(6)]
    original, calls = priorities.rescore, 0

    async def dying(group_ids: Any, *, now: datetime) -> int:
        nonlocal calls
        calls += 1
        done = await original(group_ids, now=now)
        if calls == 2:
            raise OSError("the server is gone")
        return done

    monkeypatch.setattr(settling, "rescore", dying)
    with pytest.raises(OSError, match="gone"):
        await settle_priorities(now=later(days=2))
    assert (
        sorted([await standing(group_id) for group_id in groups_]) == [(5, 3, False)] * 2 + [(8, 3, True)] * 4
    )
    await asyncio.gather(*(settle_priorities(now=later(days=2)) for _ in range(3)))
    assert {await standing(group_id) for group_id in groups_} == {(5, 3, False)}


async def test_recording_at_the_same_time_loses_nothing() -> None:
    stage = await set_up()
    for n in range(20):
        await seen(stage.shop, f"Error{n}", later(days=-2) + timedelta(seconds=n))
    await fetch("update error_group set score = 50, priority = 0, is_score_fleeting = true")
    await asyncio.gather(
        settle_priorities(now=NOW),
        *(
            recorded([sighting(stage.shop, f"Error{n}") for n in order])
            for order in (range(20), range(19, -1, -1))
        ),
        settle_priorities(now=NOW),
    )
    await settle_priorities(now=NOW)
    rows = await fetch("select distinct score, priority, is_score_fleeting, total_count from error_group")
    assert [tuple(row) for row in rows] == [(5, 3, True, 3)]


async def test_only_the_organizations_groups_are_told() -> None:
    stage, others = await set_up(), await set_up()
    group_id = await seen(stage.shop, "KeyError")
    assert await scores([group_id], now=NOW, organization_id=others.organization_id) == {}
    assert list(await scores([group_id, uuid4()], now=NOW, organization_id=stage.organization_id)) == [
        group_id
    ]


async def test_weights_that_were_stored_wrongly_are_the_usual_ones() -> None:
    for text in ("[]", "null", "{}", '{"production": "x"}'):
        assert priorities._weights(text) == DEFAULT
