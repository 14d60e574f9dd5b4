"""A rule that is changed while it is looked at, or while changes are followed, says nothing of what it asked before."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from app.alerts.evaluating import following, levels, reaching
from app.alerts.evaluating.levels import look
from app.alerts.rules.delete_rule import delete_rule
from app.alerts.rules.update_rule import RuleChanges, update_rule
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import AlertFilter
from app.reactions import react
from app.tables.database import DB, fetch
from tests.alerts.evaluating.stage import OPENED, pended, rule, times
from tests.alerts.evaluating.stage import levels as levels_of
from tests.database import NOW
from tests.reading.stage import change
from tests.recording.stage import Stage, later, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

OFTEN = Condition(ConditionKind.FREQUENCY, count=10, window_seconds=300)
URGENT = Condition(ConditionKind.PRIORITY, priority=1)
ANY_PRIORITY = Condition(ConditionKind.PRIORITY, priority=3)
NOT_THIS = AlertFilter(severities=("MEDIUM",), modules=("another",))


async def elsewhere(stage: Stage, rule_id: UUID, changes: RuleChanges | None) -> None:
    """Somebody changes the rule, or deletes it, in another transaction."""

    async def work() -> None:
        DB.current_transaction.set(None)
        if changes is None:
            await delete_rule(stage.organization_id, rule_id, now=NOW)
        else:
            await update_rule(stage.organization_id, rule_id, changes, now=NOW)

    await asyncio.create_task(work())


def afterwards(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, work: Callable[[], Awaitable[None]]
) -> None:
    """Have the work done once, as soon as a function has given its answer."""
    real = getattr(module, name)
    done: list[bool] = []

    async def answered(*given: Any, **more: Any) -> Any:
        answer = await real(*given, **more)
        if answer and not done:
            done.append(True)
            await work()
        return answer

    monkeypatch.setattr(module, name, answered)


@pytest.mark.parametrize(
    "changes", [RuleChanges(filters=NOT_THIS), RuleChanges(enabled=False), RuleChanges(condition=OFTEN), None]
)
async def test_a_change_is_not_gathered_for_what_the_rule_asked_before(
    monkeypatch: pytest.MonkeyPatch, changes: RuleChanges | None
) -> None:
    stage = await set_up()
    mine, other = await rule(stage, OPENED), await rule(stage, OPENED)
    await recorded([sighting(stage.shop, "A", NOW)], now=NOW)
    afterwards(monkeypatch, following, "rules_in_force", lambda: elsewhere(stage, mine, changes))
    assert await react(now=NOW) == 1
    assert await fetch("select from outbox") == []
    assert (await pended()).keys() == {other}


async def test_a_rule_that_gets_another_name_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    mine = await rule(stage, OPENED)
    await recorded([sighting(stage.shop, "A", NOW)], now=NOW)
    changes = RuleChanges(name="Another", quiet_seconds=7)
    afterwards(monkeypatch, following, "rules_in_force", lambda: elsewhere(stage, mine, changes))
    await react(now=NOW)
    assert (await pended())[mine].total == 1


@pytest.mark.parametrize("before", [OFTEN, URGENT])
async def test_a_look_says_nothing_for_what_the_rule_asked_before(
    monkeypatch: pytest.MonkeyPatch, before: Condition
) -> None:
    stage = await set_up()
    mine, other = await rule(stage, before), await rule(stage, before)
    await look(now=NOW)
    await times(stage, "A", 20, later(seconds=1))
    await change((await stage.group("id"))["id"], priority=1)
    changes = RuleChanges(condition=ANY_PRIORITY)
    afterwards(monkeypatch, levels, "rules_in_force", lambda: elsewhere(stage, mine, changes))
    assert await look(now=later(seconds=15)) == 1
    assert (await pended()).keys() == {other}
    assert await look(now=later(seconds=30)) == 0, "what is so urgent already is no news to the new condition"
    assert len(await levels_of(mine)) == 1


async def test_who_changes_a_rule_while_it_is_looked_at_comes_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    mine = await rule(stage, OFTEN)
    await look(now=NOW)
    await times(stage, "A", 20, later(seconds=1))
    changing: list[asyncio.Task[None]] = []

    async def begin() -> None:
        changes = RuleChanges(condition=ANY_PRIORITY)
        changing.append(asyncio.create_task(elsewhere(stage, mine, changes)))
        await until_somebody_waits()

    afterwards(monkeypatch, levels, "settle", begin)
    assert await look(now=later(seconds=15)) == 1
    await changing[0]
    assert await pended() == {}
    assert await fetch("select from alert_level") == []


async def until_somebody_waits() -> None:
    async with asyncio.timeout(10):
        while not await fetch("select from pg_locks where not granted"):  # noqa: ASYNC110  rows
            await asyncio.sleep(0.01)


async def test_one_kind_that_cannot_be_looked_at_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    mine = await rule(stage, OFTEN)
    await rule(stage, URGENT)
    await look(now=NOW)
    await times(stage, "A", 20, later(seconds=1))

    async def broken(*_: Any, **__: Any) -> Any:
        raise OverflowError("no such number")

    monkeypatch.setattr(reaching, "reached", broken)
    with pytest.raises(OverflowError):
        await look(now=later(seconds=15))
    assert (await pended()).keys() == {mine}
