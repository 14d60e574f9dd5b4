"""What is looked at again and again: what comes over a line is told once, until it was below it for a while."""

import asyncio
from typing import Any

import pytest

from app.alerts.evaluating import levels as module
from app.alerts.evaluating.edges import forget
from app.alerts.evaluating.levels import look, upkeep
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import AlertFilter
from app.domain.events.event import Outcome
from app.tables.database import DB, fetch, transaction
from tests.alerts.evaluating.stage import (
    add_origin,
    event,
    levels,
    looked,
    numbers_told,
    pended,
    rule,
    times,
    told,
)
from tests.database import NOW
from tests.reading.stage import change
from tests.recording.stage import later, noted_statements, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

OFTEN = Condition(ConditionKind.FREQUENCY, count=10, window_seconds=300)
MANY = Condition(ConditionKind.USERS, count=3, window_seconds=300)
URGENT = Condition(ConditionKind.PRIORITY, priority=1)
FAILING = Condition(ConditionKind.SCAN_FAILING, window_seconds=900)
REFUSED = Condition(ConditionKind.OVER_QUOTA, count=5, window_seconds=300)
SPIKING = Condition(ConditionKind.SPIKE, count=20, factor=3.0)


async def test_frequency_is_told_once_while_it_lasts_and_again_after_a_pause() -> None:
    stage = await set_up()
    mine = await rule(stage, OFTEN)
    await look(now=NOW)
    await times(stage, "A", 9, later(seconds=10))
    assert await looked(later(seconds=15)) == 0
    await times(stage, "A", 1, later(seconds=20))
    assert await looked(later(seconds=30)) == 1
    [(_, _, [title])] = await told()
    assert title.startswith("A")
    for minute in range(1, 8):
        await times(stage, "A", 3, later(minutes=minute))
        assert await looked(later(minutes=minute, seconds=1)) == 0, "it is still over the line, or wavers"
    group_id = (await stage.group("id"))["id"]
    assert await levels(mine) == {group_id}
    for minute in range(10, 25):
        assert await looked(later(minutes=minute)) == 0
    assert await levels(mine) == set()
    await times(stage, "A", 10, later(minutes=30))
    assert await looked(later(minutes=30, seconds=1)) == 1
    assert await numbers_told() == [1, 1]


async def test_the_window_is_exact_within_the_hour() -> None:
    stage = await set_up()
    await rule(stage, OFTEN)
    await times(stage, "A", 50, later(minutes=-4))
    await times(stage, "B", 50, later(minutes=5))
    assert await looked(later(minutes=6)) == 0, "what happened before the first look is not known by minutes"
    for minute in range(7, 40):
        await times(stage, "A", 1, later(minutes=minute))
        assert await looked(later(minutes=minute, seconds=5)) == 0, "1 a minute, although 60 within the hour"
    await times(stage, "C", 10, later(minutes=41))
    assert await looked(later(minutes=41, seconds=5)) == 1, "a new one has it all"
    await times(stage, "A", 5, later(minutes=42))
    assert await looked(later(minutes=42, seconds=5)) == 0
    await times(stage, "A", 5, later(minutes=43))
    assert await looked(later(minutes=43, seconds=5)) == 1


async def test_an_error_that_was_quiet_for_long_counts_from_its_first_return() -> None:
    stage = await set_up()
    await rule(stage, OFTEN)
    await times(stage, "A", 100, NOW)
    await look(now=later(seconds=1))
    await look(now=later(hours=40))
    await upkeep(now=later(hours=40))
    assert await fetch("select from alert_sample") == []
    at = later(hours=41, minutes=55)
    await times(stage, "A", 6, at)
    assert await looked(at) == 0
    await times(stage, "A", 4, later(hours=41, minutes=56))
    assert await looked(later(hours=41, minutes=56)) == 1


async def test_what_is_imported_late_has_not_happened_now() -> None:
    stage = await set_up()
    await rule(stage, OFTEN)
    await look(now=NOW)
    await recorded([sighting(stage.shop, "A", later(days=-2))] * 500, now=later(minutes=1))
    await recorded([sighting(stage.shop, "B", later(days=-2))] * 500, now=later(minutes=1))
    await recorded([sighting(stage.shop, "B", later(minutes=1))] * 3, now=later(minutes=1))
    assert await looked(later(minutes=1, seconds=5)) == 0


async def test_windows_of_more_than_six_hours_are_counted_by_the_hour() -> None:
    stage = await set_up()
    await rule(stage, Condition(ConditionKind.FREQUENCY, count=100, window_seconds=86_400))
    for hour in range(0, 24, 2):
        await times(stage, "A", 8, later(hours=-hour))
    await times(stage, "A", 900, later(hours=-26))
    assert await looked(later(minutes=10)) == 0
    await times(stage, "A", 20, later(minutes=20))
    assert await looked(later(minutes=30)) == 1
    [(_, _, titles)] = await told()
    assert len(titles) == 1


async def test_samples_stay_few() -> None:
    stage = await set_up()
    await rule(stage, OFTEN)
    for n in range(80):
        at = later(minutes=n / 2)
        await times(stage, "A", 1, at)
        await look(now=at)
        await look(now=at)
    [[before]] = await fetch("select count(*) from alert_sample")
    assert before == 80, "one for each look that found more"
    await upkeep(now=later(minutes=105))
    [[after]] = await fetch("select count(*) from alert_sample")
    assert 8 <= after <= 10, "then one in five minutes"
    await upkeep(now=later(hours=8))
    assert len(await fetch("select from alert_sample")) == 1, "what the total was before all windows"


async def test_users_are_counted_within_the_window_and_once() -> None:
    stage = await set_up()
    app = await add_origin(stage)
    await rule(stage, MANY)
    for n, user in enumerate(["ann", "bob", "cid"]):
        at = later(minutes=4 * n)
        await recorded([event(app, "A", at, user_id=user)] * 5, now=at)
        assert await looked(at) == 0, "not within five minutes"
    at = later(minutes=9, seconds=1)
    await recorded([event(app, "A", at, user_id=user) for user in ("ann", "cid")], now=at)
    assert await looked(at) == 0
    await recorded([event(app, "A", at, user_id="dan")], now=at)
    assert await looked(later(minutes=10)) == 1
    assert await looked(later(minutes=11)) == 0
    [(_, total, _)] = await told()
    assert total == 1


async def test_what_becomes_urgent_is_told_and_what_was_is_not() -> None:
    stage = await set_up()
    await times(stage, "A", 1, NOW)
    old = (await stage.group("id"))["id"]
    await change(old, priority=0)
    mine = await rule(stage, URGENT)
    assert await looked(later(minutes=1)) == 0
    await times(stage, "B", 1, later(minutes=1))
    new = next(row["id"] for row in await stage.groups("id") if row["id"] != old)
    await change(new, priority=2)
    assert await looked(later(minutes=2)) == 0
    await change(new, priority=1)
    assert await looked(later(minutes=3)) == 1
    assert await looked(later(minutes=4)) == 0
    await change(new, priority=3)
    await upkeep(now=later(minutes=5))
    await change(new, priority=0)
    assert await looked(later(minutes=6)) == 0, "up and down within an hour"
    await change(new, priority=3)
    await upkeep(now=later(minutes=70))
    await change(new, priority=0)
    assert await looked(later(minutes=71)) == 1
    assert await levels(mine) == {old, new}


async def failed(instance_id: Any, *, complete_at: Any, failures: int = 3) -> None:
    await fetch(
        """
        insert into scan_state (instance_id, due_at, last_scan_status, last_scan_error, last_complete_at, failures)
        values ($1, $2, 'FAILED', 'no such file', $3, $4)
        on conflict (instance_id) do update set last_scan_status = 'FAILED', failures = $4
        """,
        instance_id,
        NOW,
        complete_at,
        failures,
    )


async def test_scans_that_fail_for_long_are_told_until_one_succeeds() -> None:
    stage = await set_up()
    mine = await rule(stage, FAILING)
    await rule(stage, FAILING, AlertFilter(environments=("STAGING",)))
    await rule(stage, FAILING, AlertFilter(severities=("CRITICAL",)))
    await failed(stage.shop.id, complete_at=NOW)
    await failed(stage.warehouse.id, complete_at=None, failures=1)
    assert await looked(later(minutes=14)) == 0
    assert await looked(later(minutes=15)) == 1, "once alone is nothing"
    assert await looked(later(minutes=16)) == 0
    [(rule_id, _, [title])] = await told()
    assert (rule_id, title) == (mine, "shop")
    [row] = await fetch("select body->>'text' as text from delivery limit 1")
    assert "no such file" in row["text"]
    await fetch(
        "update scan_state set last_scan_status = 'OK', failures = 0, last_complete_at = $1",
        later(minutes=17),
    )
    assert await looked(later(minutes=18)) == 0
    await failed(stage.shop.id, complete_at=None)
    assert await looked(later(minutes=33)) == 1, "again"
    await failed(stage.warehouse.id, complete_at=None)
    await fetch("update instance set error_detection_enabled = false where id = $1", stage.warehouse.id)
    assert await looked(later(minutes=40)) == 0, "it is not scanned"


async def test_refused_events_are_told_once_an_hour_at_most() -> None:
    stage = await set_up()
    app = await add_origin(stage)
    await rule(stage, REFUSED)

    async def refused(count: int, at: Any, outcome: Outcome = Outcome.OVER_QUOTA) -> None:
        await fetch(
            """
            insert into app_tally as t values ($1, date_trunc('hour', $2::timestamptz, 'UTC'), $3, $4)
            on conflict (app_id, hour, outcome) do update set total_count = t.total_count + $4
            """,
            app.id,
            at,
            outcome,
            count,
        )

    await refused(4, NOW)
    await refused(40, NOW, Outcome.REJECTED)
    assert await looked(later(minutes=1)) == 0
    await refused(1, NOW)
    assert await looked(later(minutes=2)) == 1
    assert await looked(later(minutes=3)) == 0
    assert await looked(later(minutes=66)) == 0
    await refused(5, later(minutes=67))
    assert await looked(later(minutes=67)) == 1
    assert [titles for _, _, titles in await told()] == [["Shop app"]] * 2


async def test_a_spike_is_told_once_however_many_hours_it_lasts() -> None:
    stage = await set_up()
    await rule(stage, SPIKING)
    await times(stage, "A", 2, later(days=-27))
    await times(stage, "B", 2, later(days=-27))
    for day in range(1, 27):
        for hour in range(-3, 4):
            await fetch_hour(later(days=-day, hours=hour), "A", 30)
            await fetch_hour(later(days=-day, hours=hour), "B", 2)
    await times(stage, "A", 40, NOW)
    assert await looked(later(minutes=5)) == 0, "as ever"
    await times(stage, "B", 40, NOW)
    await times(stage, "new", 400, NOW)
    assert await looked(later(minutes=10)) == 1
    for hour in (1, 2, 3):
        assert await looked(later(hours=hour)) == 0, "an hour begins with nothing"
        await times(stage, "B", 40, later(hours=hour))
        assert await looked(later(hours=hour, minutes=30)) == 0
        assert await looked(later(hours=hour, minutes=59)) == 0
    [(_, total, [title])] = await told()
    assert (total, title[0]) == (1, "B")


async def fetch_hour(at: Any, error: str, count: int) -> None:
    """Have an hour of the past count so many, as if it had been recorded then."""
    await fetch(
        """
        insert into hourly_count
        select f.id, date_trunc('hour', $1::timestamptz, 'UTC'), f.scope_id, $3 from fingerprint as f
        join error_group as g on g.id = f.group_id where g.title like $2 || ':%' on conflict do nothing
        """,
        at,
        error,
        count,
    )


@pytest.mark.parametrize(
    "columns", [{"muted_at": NOW}, {"status": "SILENCED"}, {"is_dev": True}, {"deleted_at": NOW}]
)
async def test_nobody_is_told_of_what_is_muted_or_gone(columns: dict[str, Any]) -> None:
    stage = await set_up()
    app = await add_origin(stage)
    for condition in (OFTEN, MANY, URGENT):
        await rule(stage, condition)
    await look(now=NOW)
    await recorded([event(app, "A", user_id=str(n)) for n in range(20)])
    group_id = (await stage.group("id"))["id"]
    await change(group_id, priority=0, **columns)
    assert await looked(later(seconds=5)) == 0
    await change(group_id, muted_at=None, status="ACTIVE", is_dev=False, deleted_at=None)
    assert await looked(later(seconds=20)) == 3


async def test_filters_are_asked_of_what_is_looked_at() -> None:
    stage = await set_up()
    there = AlertFilter(instance_ids=(stage.shop.id,), environments=("production",))
    elsewhere = AlertFilter(instance_ids=(stage.warehouse.id,))
    mine = {await rule(stage, condition, there) for condition in (OFTEN, URGENT)}
    for condition in (OFTEN, URGENT):
        await rule(stage, condition, elsewhere)
    await look(now=NOW)
    await times(stage, "A", 20, later(seconds=1))
    await change((await stage.group("id"))["id"], priority=0)
    await look(now=later(seconds=15))
    assert (await pended()).keys() == mine


async def test_another_project_has_rules_of_its_own() -> None:
    stage, other = await set_up(), await set_up()
    for condition in (OFTEN, URGENT, MANY, FAILING, REFUSED, SPIKING):
        await rule(other, condition)
    await look(now=NOW)
    await times(stage, "A", 20, later(seconds=1))
    await change((await stage.group("id"))["id"], priority=0)
    await failed(stage.shop.id, complete_at=None)
    assert await look(now=later(hours=1)) == 0


async def test_who_looks_while_another_one_looks_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    await rule(stage, OFTEN, quiet_seconds=600)
    await rule(stage, URGENT)
    await look(now=NOW)
    await times(stage, "A", 20, later(seconds=1))
    await change((await stage.group("id"))["id"], priority=0)
    counts = await asyncio.gather(*(look(now=later(seconds=15)) for _ in range(4)))
    assert sum(counts) == 2
    assert {found.total for found in (await pended()).values()} == {1}
    async with transaction():
        for key in range(6):
            await fetch("select pg_advisory_xact_lock($1, $2)", module.LOCK, key)
        said: list[str] = []
        with noted_statements(monkeypatch, said):
            await asyncio.create_task(_elsewhere())
        assert said == ["select pg_try_advisory_xact_lock($1, $2)"] * 6


async def _elsewhere() -> None:
    DB.current_transaction.set(None)
    assert await look(now=later(seconds=30)) == 0


async def test_a_look_that_is_cut_off_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    await rule(stage, OFTEN)
    await look(now=NOW)
    await times(stage, "A", 20, later(seconds=1))

    async def dies(*_: Any, **__: Any) -> None:
        raise ConnectionError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(module, "gather", dies)
        with pytest.raises(ConnectionError):
            await look(now=later(seconds=15))
    assert await look(now=later(seconds=30)) == 1


async def test_the_number_of_statements_does_not_depend_on_rules_and_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    app = await add_origin(stage)

    async def counted(at: float) -> int:
        said: list[str] = []
        with noted_statements(monkeypatch, said):
            await look(now=later(seconds=at))
        return len(said)

    assert await counted(0) == 12, "a lock and the rules, for each kind"
    conditions = (OFTEN, MANY, URGENT, FAILING, REFUSED, SPIKING)
    for condition in conditions:
        await rule(stage, condition, AlertFilter(environments=("production",), releases=("1.0",)))
    await recorded(
        [event(app, "A", user_id=str(n), version="1.0", environment="production") for n in range(20)]
    )
    await look(now=later(seconds=1))
    few = await counted(15)
    for condition in conditions:
        for _ in range(4):
            await rule(stage, condition, AlertFilter(environments=("production",), releases=("1.0",)))
    for error in "BCDEF":
        await recorded(
            [event(app, error, user_id=str(n), version="1.0", environment="production") for n in range(20)]
        )
    assert await counted(30) <= few + 10
    assert few < 45


async def test_a_rule_whose_condition_is_changed_begins_anew() -> None:
    stage = await set_up()
    mine = await rule(stage, URGENT)
    await times(stage, "A", 1, NOW)
    await change((await stage.group("id"))["id"], priority=0)
    await look(now=NOW)
    async with transaction():
        await forget([mine])
    assert await fetch("select from alert_level") == []
    assert await look(now=later(minutes=1)) == 0
    assert len(await levels(mine)) == 1
