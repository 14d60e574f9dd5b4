"""What nobody knows the outcome of: when it is looked for, and how it is found among all that a repository has."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.github.api import client
from app.github.api.failures import Unknown
from app.tables.database import fetch
from tests.github.stage import actions, issue_of
from tests.github.stand_in.faults import FaultKind
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.github.syncing import clock, due_now, on_github, opened, synced
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def issue_row(group_id: UUID) -> dict[str, Any]:
    row = await issue_of(group_id)
    assert row is not None
    return row


async def test_what_is_given_up_may_be_on_its_way_from_then_on(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")
    given_up_at: list[datetime] = []

    async def slow(*_: object) -> None:
        await asyncio.sleep(0.2)
        given_up_at.append(clock())
        raise Unknown("lost")

    with monkeypatch.context() as lost:
        lost.setattr(client.Github, "create_issue", slow)
        await synced(key)
    assert (await issue_row(group_id))["attempted_at"] >= given_up_at[0]
    [row] = await fetch("select attempted_at from github_action")
    assert row["attempted_at"] < given_up_at[0]  # where it is looked for

    await fetch(
        "update github_issue set next_attempt_at = now(), attempted_at = attempted_at - interval '1 hour'"
    )
    with monkeypatch.context() as stopped:
        begun = asyncio.Event()

        async def hanging(*_: object) -> None:
            begun.set()
            await asyncio.sleep(20)

        stopped.setattr(client.Github, "create_issue", hanging)
        work = asyncio.create_task(synced(key))
        await begun.wait()
        await asyncio.sleep(0.2)
        stopped_at = clock()
        work.cancel()
        await asyncio.wait([work])
    assert (await issue_row(group_id))["attempted_at"] >= stopped_at
    assert await actions(group_id) == [("create", {})]


async def test_a_list_that_takes_longer_than_a_lease_is_read_to_its_end(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")
    github_stand_in.faults.next(FaultKind.DROPPED_BEFORE, method="POST", path="/issues$")
    await synced(key)
    await due_now(group_id)
    for number in range(6):
        github_stand_in.person_opens(f"Something {number}", login=github_shop.login)
    monkeypatch.setattr(client, "PAGE", 1)
    github_stand_in.faults.next(FaultKind.SLOW, times=6, seconds=0.15, method="GET", path="/issues$")
    lease = timedelta(seconds=0.4)
    assert await synced(key, lease=lease) == 1
    assert (await issue_row(group_id))["sync_status"] == "synced"


async def test_old_issues_that_changed_are_not_what_is_looked_for(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")
    monkeypatch.setattr(client, "PAGE", 1)
    monkeypatch.setattr(client, "PAGES", 3)
    for number in range(6):  # as many as no list can have
        old = github_stand_in.person_opens(f"Something {number}", login=github_shop.login)
        old.created_at -= timedelta(days=30)
    github_stand_in.faults.next(FaultKind.DROPPED_BEFORE, method="POST", path="/issues$")
    await synced(key)
    await due_now(group_id)
    await synced(key)
    row = await issue_row(group_id)
    assert (row["sync_status"], len(github_stand_in.issues_marked(row["marker"]))) == ("synced", 1)


async def test_another_token_finds_what_the_one_before_has_made(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")
    github_stand_in.faults.next(FaultKind.DROPPED_AFTER, method="POST", path="/issues$")
    await synced(key)
    await fetch("update github_connection set login = 'somebody-else'")
    await due_now(group_id)
    await synced(key)
    assert (await issue_row(group_id))["sync_status"] == "synced"
    [made] = github_stand_in.issues()

    # Somebody has copied its text: ours is the first one.
    github_stand_in.person_opens("The same", made.body)
    other = (await opened(stage, "ValueError"))[0]
    github_stand_in.faults.next(FaultKind.DROPPED_AFTER, method="POST", path="/issues$")
    await synced(key)
    theirs = github_stand_in.issues_marked((await issue_row(other))["marker"])[0]
    github_stand_in.person_opens("Copied", theirs.body)
    await due_now(other)
    await synced(key)
    assert (await issue_row(other))["number"] == theirs.number
