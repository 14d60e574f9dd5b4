"""Who waits for whom: no two that look after the same issues wait for each other, and nobody writes out of turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import copy_context
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from app.accounts.actors import SYSTEM
from app.github.api.failures import Unknown
from app.github.asking.following import MOST_TOLD, ask, follow
from app.github.connecting.disconnect import disconnect
from app.github.writing.installations import Lease
from app.github.writing.tempo import Tempo
from app.github.writing.turns import LeaseLost, Turn
from app.tables.database import fetch, transaction
from app.triage.reopen import reopen
from app.triage.resolve import resolve
from tests.database import NOW
from tests.github import stage as rows
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.github.syncing import clock, on_github, opened, synced
from tests.github.test_following_at_once import pending
from tests.recording.stage import recorded, set_up, sighting
from tests.triage.stage import until_somebody_waits

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@asynccontextmanager
async def watching(database: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database)
    try:
        yield connection
    finally:
        await connection.close()


async def test_the_worker_that_puts_off_many_waits_for_nobody_who_waits_for_it(
    database: str, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop, daily_cap=0)
    first, second = sorted(await opened(stage, "KeyError", "ValueError"))
    await fetch("update github_issue set created_at = '2020-01-01' where group_id = $1", second)
    lock = "select from github_issue where group_id = $1 for no key update"
    outside = copy_context()
    async with watching(database) as watched:
        async with transaction():
            await fetch(lock, first)
            work = asyncio.create_task(synced(key), context=outside)
            await until_somebody_waits(watched)
            async with asyncio.timeout(5):
                await fetch(lock, second)
        await work
    for group_id in (first, second):
        row = await rows.issue_of(group_id)
        assert row is not None
        assert row["sync_status"] == "capped"


async def test_a_reaction_and_who_disconnects_do_not_wait_for_each_other(database: str) -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop, error) for error in ("KeyError", "ValueError")])
    with_issue, without = [group["id"] for group in await stage.groups("id")]
    await rows.connected(stage)
    await rows.issue(with_issue)
    [closed] = await resolve(stage.organization_id, [with_issue], SYSTEM, now=NOW)
    await resolve(stage.organization_id, [without], SYSTEM, now=NOW)
    [opened_again] = await reopen(stage.organization_id, [without], SYSTEM, now=NOW)
    outside = copy_context()
    async with watching(database) as watched:
        async with transaction():
            await follow(pending(closed), NOW)
            left = disconnect(stage.organization_id, stage.project_id, now=NOW)
            leaving = asyncio.create_task(left, context=outside)
            await until_somebody_waits(watched)
            async with asyncio.timeout(5):
                await ask(pending(opened_again), NOW)
        await leaving
    assert await rows.issue_of(without) is None
    row = await rows.issue_of(with_issue)
    assert row is not None
    assert (row["sync_status"], row["next_attempt_at"], await rows.actions(with_issue)) == (
        "detached",
        None,
        [],
    )


async def test_of_very_many_changes_the_last_ones_are_told() -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop)])
    group_id = (await stage.group("id"))["id"]
    await rows.connected(stage)
    await rows.issue(group_id)
    [first] = await resolve(stage.organization_id, [group_id], SYSTEM, now=NOW)
    await fetch(
        """
        insert into group_change (organization_id, group_id, kind, at, actor_kind, status_before, status_after, detail)
        select $1, $2, case n % 2 when 0 then 'REOPENED' else 'RESOLVED' end, $3, 'system',
            case n % 2 when 0 then 'RESOLVED' else 'ACTIVE' end, case n % 2 when 0 then 'ACTIVE' else 'RESOLVED' end, '{}'
        from generate_series(0, 20001) as n
        """,
        stage.organization_id,
        group_id,
        NOW,
    )
    async with transaction():
        await follow(pending(first), NOW)
    asked = await rows.actions(group_id)
    assert len(asked) == MOST_TOLD + 1
    assert asked[-2][1]["about"] == "auto_resolved"
    assert asked[-1] == ("state", {"state": "closed", "state_reason": "completed"})
    async with transaction():
        await follow(pending(first), NOW)
    assert len(await rows.actions(group_id)) == MOST_TOLD + 1


async def a_turn(tempo: Tempo) -> tuple[Turn, Lease]:
    await fetch("insert into github_installation (key) values ('k')")
    lease = Lease("k", tempo)
    assert await lease.take(clock())
    client: Any = None
    return Turn(lease, client, clock, tempo), lease


async def test_a_write_is_not_sent_after_its_time() -> None:
    turn, _ = await a_turn(Tempo(timeout=timedelta(seconds=0.1)))
    with pytest.raises(Unknown):
        await turn.send(asyncio.sleep(5))
    [row] = await fetch("select write_at > clock_timestamp() as waits from github_installation")
    assert row["waits"]


async def test_a_write_is_not_sent_when_another_one_has_the_turn() -> None:
    turn, _ = await a_turn(Tempo())
    sent = []

    async def write() -> None:
        sent.append(1)

    await turn.send(write())
    await fetch("update github_installation set taken_by = gen_random_uuid()")
    with pytest.raises(LeaseLost):
        await turn.send(write())
    assert sent == [1]


async def test_new_credentials_are_used_by_a_run_that_has_begun(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    group_ids = await opened(stage, "KeyError", "ValueError")
    [row] = await fetch("select credentials from github_connection")
    used: list[object] = []

    async def carried_out(head: Any, turn: Turn) -> bool:
        used.append(turn.github)
        await fetch("update github_connection set credentials = $1", row["credentials"] + b"x")
        await fetch("delete from github_issue where group_id = $1", head.group_id)
        return True

    monkeypatch.setattr("app.github.writing.sync.carry_out", carried_out)
    assert await synced(key, most=2) == 2
    assert len(used) == 1  # what cannot be read stops the project, and is not passed over
    assert len(group_ids) == 2
    [row] = await fetch("select problem from github_connection")
    assert "cannot be read" in row["problem"]
