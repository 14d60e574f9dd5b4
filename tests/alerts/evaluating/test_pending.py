"""Telling what was gathered: once, in one message, and then not for a while."""

import asyncio
import random
from itertools import count
from typing import Any

import pytest

from app.accounts import keys_in_force
from app.alerts.evaluating import composing, pending
from app.alerts.evaluating.pending import LATER, tell_due
from app.domain.alerts.conditions import ConditionKind
from app.reactions import react
from app.tables.database import DB, fetch
from app.triage.merge import merge
from tests.alerts.evaluating.stage import REGRESSED, numbers_told, opened, pended, rule, told
from tests.database import NOW
from tests.reading.stage import change
from tests.recording.stage import later, recorded, set_up, sighting
from tests.triage.stage import ROBOT

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_a_storm_is_one_message_for_each_rule() -> None:
    stage = await set_up()
    rules = {await rule(stage, quiet_seconds=600, name=f"Rule {n}") for n in range(2)}
    await rule(stage, REGRESSED)
    for n in range(4):
        await recorded([sighting(stage.shop, f"E{n}-{m}") for m in range(500)], now=NOW)
    while await react(now=NOW):
        pass

    assert await tell_due(now=later(seconds=1.9)) == 0
    assert await tell_due(now=later(seconds=2)) == 2
    assert await tell_due(now=later(seconds=2)) == 0

    messages = await told()
    assert {rule_id for rule_id, _, _ in messages} == rules
    assert [total for _, total, _ in messages] == [2000, 2000]
    assert await pended() == {}


async def test_then_it_is_quiet_and_then_one_summary_tells_what_came_meanwhile() -> None:
    stage = await set_up()
    mine = await rule(stage, quiet_seconds=600)
    await opened(stage, "A")
    await tell_due(now=later(seconds=2))
    for minute in range(1, 10):
        await opened(stage, f"B{minute}", at=later(minutes=minute))
        assert await tell_due(now=later(minutes=minute, seconds=30)) == 0
    assert (await pended())[mine].due_at == later(minutes=10, seconds=2)
    assert await tell_due(now=later(minutes=10, seconds=1)) == 0
    assert await tell_due(now=later(minutes=10, seconds=2)) == 1
    assert await numbers_told() == [1, 9]
    assert await tell_due(now=later(minutes=30)) == 0
    await opened(stage, "C", at=later(minutes=40))
    await tell_due(now=later(minutes=41))
    assert await numbers_told() == [1, 9, 1]


async def test_the_quiet_time_is_kept_by_who_tells_whatever_was_gathered_before() -> None:
    stage = await set_up()
    mine = await rule(stage, quiet_seconds=600)
    await opened(stage, "A")
    await fetch("update alert_rule set last_fired_at = $1", later(seconds=1))  # told by another, meanwhile

    await tell_due(now=later(seconds=3))

    assert await told() == []
    assert (await pended())[mine].due_at == later(minutes=10, seconds=1)


async def test_what_is_not_to_be_told_any_more_is_left_out_and_what_was_resolved_is_told() -> None:
    stage = await set_up()
    mine = await rule(stage)
    ids = await opened(stage, "muted", "silenced", "deleted", "merged", "resolved", "left")
    await change(ids[0], muted_at=NOW)
    await change(ids[1], status="SILENCED")
    await change(ids[2], deleted_at=NOW)
    await merge(stage.organization_id, ids[5], [ids[3]], now=NOW, actor=ROBOT)
    await change(ids[4], status="RESOLVED", resolved_at=NOW)

    await tell_due(now=later(seconds=2))

    [(rule_id, total, titles)] = await told()
    assert (rule_id, total) == (mine, 2)
    assert sorted(titles) == ["left: 'partner_id'", "resolved: 'partner_id'"]


async def test_where_nothing_is_left_nothing_is_told_and_no_quiet_time_begins() -> None:
    stage = await set_up()
    await rule(stage, quiet_seconds=600)
    [group_id] = await opened(stage, "A")
    await change(group_id, status="SILENCED")
    await tell_due(now=later(seconds=2))
    assert (await told(), await pended()) == ([], {})
    await opened(stage, "B", at=later(seconds=3))
    await tell_due(now=later(seconds=5))
    assert await numbers_told() == [1]


@pytest.mark.parametrize(
    "ending",
    [
        "update alert_rule set enabled = false",
        "delete from alert_rule",
        "update project set deleted_at = now()",
    ],
)
async def test_a_rule_that_ended_meanwhile_tells_nothing(ending: str) -> None:
    stage = await set_up()
    await rule(stage)
    await opened(stage, "A")
    await fetch(ending)
    await tell_due(now=later(seconds=2))
    assert (await told(), await pended()) == ([], {})


async def test_rules_that_cannot_be_told_wait_and_keep_nobody_from_telling(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await set_up()
    damaged, newer, poisoned, well = [await rule(stage, name=name) for name in "dnpw"]
    await opened(stage, "A")
    await fetch("update alert_rule set channels = $1 where id = $2", b"rubbish", damaged)
    await fetch(
        "update alert_pending set sample = jsonb_set(sample, '{0,0}', '\"NEWER\"') where rule_id = $1",
        newer,
    )
    composed = composing.composed

    def poison(gathered: Any, names: Any) -> Any:
        return 1 / 0 if gathered.rule_id == poisoned else composed(gathered, names)

    monkeypatch.setattr(pending, "composed", poison)
    await tell_due(now=later(seconds=2))

    assert [rule_id for rule_id, _, _ in await told()] == [well]
    left = await pended_when()
    assert left == dict.fromkeys((damaged, newer, poisoned), later(seconds=2) + LATER)
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 3
    assert "rubbish" not in caplog.text
    await fetch("delete from delivery")
    keys_in_force.use_keys("another key")
    await opened(stage, "B", at=later(minutes=1))
    await tell_due(now=later(minutes=2))
    assert await told() == []


async def pended_when() -> dict[Any, Any]:
    return {row["rule_id"]: row["due_at"] for row in await fetch("select rule_id, due_at from alert_pending")}


async def test_many_who_tell_at_once_tell_each_rule_once_and_wait_for_nobody() -> None:
    stage = await set_up()
    rules = [await rule(stage, quiet_seconds=60, name=f"{n}") for n in range(50)]
    await opened(stage, "A", "B")
    counts = await asyncio.gather(*(tell_due(now=later(seconds=2)) for _ in range(4)))
    assert sum(counts) == 50
    assert sorted(rule_id for rule_id, _, _ in await told()) == sorted(rules)
    assert set(await numbers_told()) == {2}


async def test_who_is_cut_off_at_any_moment_tells_all_of_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    for n in range(25):
        await rule(stage, name=f"{n}")
    await opened(stage, "A")
    steps = 0

    async def dying(sql: str, *values: object) -> Any:
        nonlocal steps
        await asyncio.sleep(0)
        steps += 1
        if random.random() < 0.35:
            raise ConnectionError("killed")
        return await fetch(sql, *values)

    for module in ("pending", "composing"):
        monkeypatch.setattr(f"app.alerts.evaluating.{module}.fetch", dying)
    monkeypatch.setattr("app.alerts.deliveries.outbox.fetch", dying)
    deaths = 0
    while await pended():
        try:
            await tell_due(now=later(seconds=2))
        except ConnectionError:
            deaths += 1
        assert deaths < 500
    assert len(await told()) == 25
    assert DB.current_transaction.get() is None


async def test_gathering_while_others_tell_loses_nothing() -> None:
    stage = await set_up()
    for n in range(3):
        await rule(stage, name=f"{n}")

    async def gather(worker: int) -> None:
        for n in range(12):
            await opened(stage, f"{worker}-{n}")

    done, numbers = False, count()

    async def tell() -> None:
        while not done:
            await tell_due(now=later(minutes=1, seconds=next(numbers)))
            await asyncio.sleep(0.001)

    telling = [asyncio.create_task(tell()) for _ in range(2)]
    await asyncio.gather(*(gather(worker) for worker in range(3)))
    done = True
    await asyncio.gather(*telling)
    await react(now=NOW)
    await tell_due(now=later(minutes=99))
    sums: dict[Any, int] = {}
    for rule_id, total, _ in await told():
        sums[rule_id] = sums.get(rule_id, 0) + total
    assert sorted(sums.values()) == [36, 36, 36]


async def test_what_is_told_says_of_which_kind_it_is() -> None:
    stage = await set_up()
    await rule(stage, name="Ours @everyone")
    await opened(stage, "A")
    await tell_due(now=later(seconds=2))
    [row] = await fetch(
        "select body->'data' as data, project_id, status from delivery where target like '%hooks%'"
    )
    assert f'"condition": "{ConditionKind.OPENED}"' in row["data"]
    assert '"severity": "CRITICAL"' in row["data"]
    assert (row["project_id"], row["status"]) == (stage.project_id, "waiting")
