"""No issue keeps the others waiting for ever, none is asked for again and again, and none is given up for the wrong reason."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from app.github.api import client
from app.github.api.answers import Repository
from app.github.api.failures import Moved, NotAllowed
from app.github.asking.actions import ActionKind, NewAction
from app.github.writing import creating, facts
from app.tables.database import fetch
from tests.github.stage import issue_of
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.github.syncing import CLOSED, COMMENT, asked, clock, due_now, on_github, opened, synced
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def issue_row(group_id: UUID) -> dict[str, Any]:
    row = await issue_of(group_id)
    assert row is not None
    return row


async def connection() -> dict[str, Any]:
    [row] = await fetch("select problem, attempts, retry_at from github_connection")
    return dict(row)


@pytest.mark.parametrize("status", ["waiting", "capped", "failed"])
async def test_one_that_may_not_be_made_today_waits_whatever_became_of_it_before(
    status: str, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop, daily_cap=0)
    [group_id] = await opened(stage, "KeyError")
    await fetch(
        "update github_issue set sync_status = $1, attempted_at = now() - interval '1 hour', attempts = 8",
        status,
    )
    assert await synced(key, most=5) == 1
    row = await issue_row(group_id)
    assert (row["sync_status"], row["next_attempt_at"] > clock()) == ("capped", True)
    assert "0 a day" in row["sync_error"]
    assert len(github_stand_in.requests) == 1  # it was looked for, once


async def test_who_allows_more_at_this_moment_is_not_overlooked(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop, daily_cap=0)
    [group_id] = await opened(stage, "KeyError")
    put_off_all = creating._put_off_all

    async def allowed_before(*told: Any) -> None:
        await fetch("update project set github_daily_cap = 5")
        await put_off_all(*told)

    monkeypatch.setattr(creating, "_put_off_all", allowed_before)
    await synced(key)
    assert (await issue_row(group_id))["sync_status"] == "synced"


async def test_what_github_told_later_than_it_answered_stays(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")
    await synced(key)
    await asked(NewAction(group_id, ActionKind.STATE, CLOSED))
    await fetch("update github_issue set told_at = now() + interval '1 minute', state = 'open'")
    await synced(key)
    row = await issue_row(group_id)
    assert (row["state"], row["sync_status"]) == ("open", "synced")


@pytest.mark.parametrize("kind", [ActionKind.COMMENT, ActionKind.STATE])
async def test_who_may_not_write_any_more_gives_no_issue_up(
    kind: ActionKind, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")
    await synced(key)
    github_stand_in.repository().private = False
    token = github_stand_in.world.tokens[github_shop.token]
    token.scopes = frozenset()  # GitHub says 404 to writes now
    await asked(NewAction(group_id, kind, COMMENT if kind is ActionKind.COMMENT else CLOSED))
    await synced(key)
    row, there = await issue_row(group_id), await connection()
    assert row["sync_status"] == "waiting"
    assert "may not be written" in there["problem"]
    assert there["retry_at"] > clock()
    token.scopes = frozenset({"repo"})
    await fetch("update github_connection set retry_at = now()")
    await due_now(group_id)
    await synced(key)
    assert (await issue_row(group_id))["sync_status"] == "synced"
    assert (await connection())["problem"] is None


async def test_an_issue_that_is_locked_fails_alone(github_stand_in: GithubStandIn, github_shop: Shop) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    bad_id, good_id = await opened(stage, "KeyError", "ValueError")
    await synced(key)
    github_stand_in.repository().roles[github_shop.login] = "triage"
    github_stand_in.issue((await issue_row(bad_id))["number"]).is_locked = True
    await asked(NewAction(bad_id, ActionKind.COMMENT, COMMENT))
    await asked(NewAction(good_id, ActionKind.COMMENT, COMMENT))
    await synced(key)
    bad, good = await issue_row(bad_id), await issue_row(good_id)
    assert (bad["sync_status"], bad["attempts"], "locked" in bad["sync_error"]) == ("waiting", 1, True)
    assert good["sync_status"] == "synced"
    assert (await connection())["problem"] is None


async def test_who_may_make_no_labels_makes_issues_all_the_same(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    github_stand_in.repository().roles[github_shop.login] = "triage"
    [group_id] = await opened(stage, "KeyError")
    await synced(key)
    assert (await issue_row(group_id))["sync_status"] == "synced"
    assert len(github_stand_in.writes) == 2  # one label was tried
    assert (await connection())["problem"] is None


async def test_an_error_that_cannot_be_told_keeps_no_other_waiting(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    bad_id, good_id = await opened(stage, "KeyError", "ValueError")
    await fetch("update github_issue set created_at = '2020-01-01' where group_id = $1", bad_id)
    told = facts.facts

    async def broken(organization_id: UUID, group_id: UUID, marker: UUID, *, now: datetime) -> Any:
        if group_id == bad_id:
            raise KeyError("nobody foresaw it")
        return await told(organization_id, group_id, marker, now=now)

    monkeypatch.setattr("app.github.writing.creating.facts", broken)
    assert await synced(key, most=5) == 2
    bad = await issue_row(bad_id)
    assert (bad["attempts"], bad["sync_error"], bad["attempted_at"]) == (1, "KeyError, see the log", None)
    assert bad["next_attempt_at"] > clock()
    assert (await issue_row(good_id))["sync_status"] == "synced"


async def test_a_repository_with_two_names_is_not_asked_for_ever(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    await opened(stage, "KeyError")

    async def named(self: object, name: str) -> Repository:
        other = "acme/a" if name == "acme/b" else "acme/b"
        return Repository(github_shop.repository_id, other, True, False, {}, "https://github.com/acme/a")

    async def moved(*_: object) -> None:
        raise Moved("elsewhere")

    monkeypatch.setattr(client.Github, "repository", named)
    monkeypatch.setattr(client.Github, "ensure_label", moved)
    assert await synced(key, most=10) <= 3
    there = await connection()
    assert "two names" in there["problem"]
    assert there["retry_at"] > clock()


async def test_a_repository_that_may_not_even_be_looked_at_stops_its_project(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    group_ids = await opened(stage, "KeyError", "ValueError")

    async def protected(*_: object) -> None:
        raise NotAllowed("protected by SAML")

    for name in ("repository", "repository_by_id", "create_issue"):
        monkeypatch.setattr(client.Github, name, protected)
    assert await synced(key) == 1
    assert (await connection())["problem"] == "protected by SAML"
    assert [(await issue_row(group_id))["attempts"] for group_id in group_ids] == [0, 0]


async def test_the_same_number_in_a_repository_on_another_server_is_no_obstacle(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    old_id, new_id = await opened(stage, "KeyError", "ValueError")
    await fetch("delete from github_action where group_id = $1", old_id)
    await fetch(
        """
        update github_issue set number = 1, made_at = now(), repository_id = $2, url = 'https://old.example/acme/x/issues/1',
            sync_status = 'detached', next_attempt_at = null where group_id = $1
        """,
        old_id,
        github_shop.repository_id,
    )
    await synced(key, most=5)
    old, new = await issue_row(old_id), await issue_row(new_id)
    assert (new["number"], new["sync_status"]) == (1, "synced")
    assert (old["number"], old["url"]) == (1, "https://old.example/acme/x/issues/1")


async def test_a_clock_that_is_put_back_ends_no_work(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    await opened(stage, "KeyError")
    await fetch(
        "update github_installation set write_at = now() + interval '9 days', taken_until = now() + interval '9 days',"
        " taken_by = gen_random_uuid(), blocked_until = now() + interval '9 days'"
    )
    async with asyncio.timeout(5):
        assert await synced(key) == 1


async def test_a_repository_works_only_when_it_took_something(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop, daily_cap=0)
    [group_id] = await opened(stage, "KeyError")
    await fetch("update github_connection set problem = 'it is archived', attempts = 3, retry_at = now()")
    await synced(key)
    assert (await issue_row(group_id))["sync_status"] == "capped"
    assert (await connection())["attempts"] == 3
