"""Who gets an issue: what has come to its project's threshold and is worth one; once, whoever asks, and however often."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.reactions import react
from app.recording import issue_wishes
from app.tables.database import fetch, transaction
from app.triage.merge import merge
from app.triage.mute import mute
from app.triage.reopen import reopen
from app.triage.resolve import resolve
from app.triage.silence import silence
from app.triage.unmute import unmute
from tests.database import NOW
from tests.github.stage import actions, connected, issue, issue_of
from tests.reading.stage import add_groups, change, seen
from tests.recording.stage import at_once, later, noted_statements, recorded, set_up, sighting
from tests.triage.stage import ROBOT, until_somebody_waits

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def asked() -> list[UUID]:
    """The groups that an issue was asked for."""
    return [row["group_id"] for row in await fetch("select group_id from github_issue order by group_id")]


async def reacted(now: datetime = NOW) -> None:
    while await react(now=now):
        pass


async def test_the_first_is_enough_where_one_is_asked_for() -> None:
    stage = await set_up()
    await connected(stage)
    group_id = await seen(stage.shop, "KeyError")
    row = await issue_of(group_id)
    assert row
    [last] = await fetch("select max(id) from group_change where group_id = $1", group_id)
    [action] = await fetch("select marker, attempted_at from github_action")
    assert (row["organization_id"], row["project_id"]) == (stage.organization_id, stage.project_id)
    assert (row["sync_status"], row["next_attempt_at"], row["number"]) == ("waiting", NOW, None)
    assert row["followed_change_id"] == last[0]
    assert action["marker"] == row["marker"]
    assert await actions(group_id) == [("create", {})]

    await reacted()
    await seen(stage.shop, "KeyError", later(hours=1), now=later(hours=1))
    assert await issue_of(group_id) == row
    assert await actions(group_id) == [("create", {})]


async def test_the_third_is_asked_for_in_one_batch_or_in_many() -> None:
    stage = await set_up()
    await connected(stage, threshold=3)
    slow = await seen(stage.shop, "Slow")
    await seen(stage.shop, "Slow", later(seconds=1))
    await reacted()
    assert await asked() == []
    await seen(stage.shop, "Slow", later(seconds=2))
    assert await asked() == [slow]
    fast = await seen(stage.shop, "Fast", NOW, later(seconds=1), later(seconds=2))
    assert await asked() == sorted((slow, fast))


@pytest.mark.parametrize(
    "columns",
    [
        {"muted_at": NOW},
        {"muted_at": NOW, "mute_until": later(minutes=1)},
        {"status": "SILENCED"},
        {"status": "RESOLVED", "resolved_at": later(days=9)},
        {"is_dev": True},
        {"deleted_at": NOW},
        {"total_count": -10},
    ],
    ids=str,
)
async def test_what_is_not_worth_an_issue_gets_none(columns: dict[str, Any]) -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await connected(stage)
    await change(group_id, **columns)
    if "deleted_at" not in columns:
        await seen(stage.shop, "KeyError", later(seconds=5))
    await issue_wishes.wish([group_id], now=NOW)
    await reacted()
    assert await issue_of(group_id) is None


async def test_an_ended_mute_hides_nothing() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await connected(stage)
    await change(group_id, muted_at=NOW, mute_until=NOW)
    await issue_wishes.wish([group_id], now=NOW)
    assert await asked() == [group_id]


async def test_no_repository_no_issue_until_there_is_one_and_it_is_seen_again() -> None:
    stage, other = await set_up(), await set_up()
    await connected(other)
    group_id, quiet = await seen(stage.shop, "KeyError"), await seen(stage.shop, "Quiet")
    await reacted()
    await issue_wishes.wish([group_id], now=NOW)
    assert await asked() == []
    await connected(stage)
    await reacted()
    assert await asked() == []
    await seen(stage.shop, "KeyError", later(hours=1), now=later(hours=1))
    assert await asked() == [group_id]
    await fetch("update project set deleted_at = $2 where id = $1", stage.project_id, NOW)
    await issue_wishes.wish([quiet], now=NOW)
    assert await asked() == [group_id]


async def test_what_was_hidden_gets_its_issue_when_it_is_no_longer() -> None:
    stage = await set_up()
    names = ("Muted", "Resolved", "Silenced", "Back")
    groups = [await seen(stage.shop, name) for name in names]
    muted, resolved, silenced, back = groups
    its = stage.organization_id
    await mute(its, [muted], ROBOT, now=NOW)
    await resolve(its, [resolved, back], ROBOT, now=NOW)
    await silence(its, [silenced], ROBOT, now=NOW)
    await connected(stage)
    await reacted()
    assert await asked() == []
    await unmute(its, [muted], ROBOT, now=NOW)
    await reopen(its, [resolved, silenced], ROBOT, now=NOW)
    await reacted()
    assert await asked() == sorted((muted, resolved, silenced))
    await seen(stage.shop, "Back", later(seconds=5))
    assert await asked() == sorted(groups)
    assert [await actions(group_id) for group_id in groups] == [[("create", {})]] * 4, (
        "and nothing of what was before is told on it"
    )
    await reacted()
    assert [await actions(group_id) for group_id in groups] == [[("create", {})]] * 4


async def test_two_that_are_merged_become_one_issue_together() -> None:
    stage = await set_up()
    await connected(stage, threshold=3)
    one = await seen(stage.shop, "One", NOW, later(seconds=1))
    two = await seen(stage.shop, "Two", NOW, later(seconds=1))
    await merge(stage.organization_id, one, [two], ROBOT, now=NOW)
    assert await asked() == []
    await reacted()
    assert await asked() == [one]
    await seen(stage.shop, "Two", later(minutes=1))
    await issue_wishes.wish([two], now=NOW)
    assert await asked() == [one]


async def test_many_who_ask_at_once_ask_once() -> None:
    stage = await set_up(cooldown_seconds=0)
    await connected(stage, threshold=2)
    errors = [f"Error{n}" for n in range(20)]
    batches = [
        [sighting(origin, error) for error in order]
        for origin in (stage.shop, stage.warehouse)
        for order in (errors, errors[::-1])
    ]
    await asyncio.gather(at_once(*batches), *(react(now=NOW, limit=5) for _ in range(4)))
    await asyncio.gather(*(react(now=NOW, limit=5) for _ in range(8)))
    groups = [group["id"] for group in await stage.groups("id")]
    assert len(groups) == 20
    assert await asked() == sorted(groups)
    made = await fetch("select group_id, count(*) from github_action group by 1 order by 1")
    assert [tuple(row) for row in made] == [(group_id, 1) for group_id in sorted(groups)]


async def test_who_asks_while_another_has_asked_but_not_committed_asks_in_vain(database: str) -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await connected(stage)
    has_asked, may_end = asyncio.Event(), asyncio.Event()

    async def ask() -> None:
        async with transaction():
            await issue_wishes.wish([group_id], now=NOW)
            has_asked.set()
            await may_end.wait()

    watching = await asyncpg.connect(database)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(ask())
        await has_asked.wait()
        tasks.create_task(ask())
        await until_somebody_waits(watching)
        may_end.set()
    await watching.close()
    assert await actions(group_id) == [("create", {})]


async def test_a_batch_that_is_taken_back_has_asked_for_nothing() -> None:
    stage = await set_up()
    await connected(stage)
    group_id = UUID(int=5)
    await add_groups(stage, [group_id])
    await fetch("update error_group set total_count = 1")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _ask_and_fail(group_id)
    assert await asked() == []
    assert await fetch("select from github_action") == []


async def _ask_and_fail(group_id: UUID) -> None:
    async with transaction():
        await issue_wishes.wish([group_id], now=NOW)
        assert await asked() == [group_id]
        await fetch("select 1 / 0")


async def test_it_costs_two_statements_and_only_where_there_is_a_repository(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        await recorded([sighting(stage.shop, f"A{n}") for n in range(5) for _ in range(2)])
    plain = len(told)
    assert not [sql for sql in told if "github_issue" in sql]

    await connected(stage, threshold=3)
    told.clear()
    with noted_statements(monkeypatch, told):
        await recorded([sighting(stage.shop, f"B{n}") for n in range(5) for _ in range(2)])
    assert len(told) == plain, "none has come to the threshold"
    told.clear()
    with noted_statements(monkeypatch, told):
        await recorded([sighting(stage.shop, f"C{n}") for n in range(300) for _ in range(3)])
    assert len(told) == plain + 2
    assert len(await asked()) == 300
    again = [sighting(stage.shop, f"C{n}", later(hours=2)) for n in range(300)]
    told.clear()
    with noted_statements(monkeypatch, told):
        await recorded(again, now=later(hours=2))
    assert len([sql for sql in told if "from github_issue" in sql]) == 1
    assert not [sql for sql in told if "into github_issue" in sql], "they have theirs"


async def test_an_issue_that_is_there_is_left_alone() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await connected(stage)
    await issue(group_id, 7, sync_status="detached")
    before = await issue_of(group_id)
    await seen(stage.shop, "KeyError", later(hours=1), now=later(hours=1))
    await reacted()
    assert await issue_of(group_id) == before
    assert await actions(group_id) == []
