"""What GitHub refuses: one write alone, a whole repository, an issue that is gone."""

from datetime import timedelta

import pytest

from app.github.asking.actions import ActionKind, NewAction
from app.tables.database import fetch
from tests.github.stage import actions, issue_of
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.github.syncing import CLOSED, COMMENT, Ahead, asked, clock, due_now, on_github, opened, synced
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_one_issue_that_github_refuses_fails_alone_and_visibly(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    bad_id, good_id = await opened(stage, "KeyError", "ValueError")
    await fetch(
        "update github_issue set created_at = created_at - interval '1 hour' where group_id = $1", bad_id
    )
    await synced(key)
    await asked(
        NewAction(bad_id, ActionKind.STATE, {"state": "closed", "state_reason": "because"}),
        NewAction(good_id, ActionKind.STATE, CLOSED),
    )
    for attempt in range(1, 9):
        await synced(key)
        row = await issue_of(bad_id)
        assert row is not None
        assert row["attempts"] == attempt
        assert (row["sync_status"] == "failed") == (attempt == 8)
        await due_now(bad_id)
    good = await issue_of(good_id)
    assert good is not None
    assert (good["sync_status"], good["state"]) == ("synced", "closed")
    assert len(await actions(bad_id)) == 1


async def test_a_repository_that_was_renamed_is_found_again(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")
    github_stand_in.rename_repository("acme/shop", "acme/store")
    await synced(key)
    assert len(github_stand_in.issues("acme/store")) == 1
    await asked(NewAction(group_id, ActionKind.STATE, CLOSED))
    await synced(key)
    assert github_stand_in.issues("acme/store")[0].state == "closed"
    [row] = await fetch("select repository, problem from github_connection")
    assert tuple(row) == ("acme/store", None)


@pytest.mark.parametrize("what", ["archived", "no issues", "deleted", "revoked", "read only"])
async def test_a_repository_that_takes_nothing_stops_its_project_and_says_why(
    what: str, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    group_ids = await opened(stage, "KeyError", "ValueError")
    repository = github_stand_in.repository()
    token = github_stand_in.world.tokens[github_shop.token]
    if what == "archived":
        repository.archived = True
    elif what == "no issues":
        repository.has_issues = False
    elif what == "deleted":
        repository.is_deleted = True
    elif what == "revoked":
        token.is_revoked = True
    else:
        token.scopes = frozenset()
        token.kind = "fine_grained"
        token.permissions = {"issues": "read", "metadata": "read"}

    await synced(key)
    before = len(github_stand_in.requests)
    assert await synced(key) == 0  # the other one is not even tried
    assert len(github_stand_in.requests) == before
    [row] = await fetch("select problem, attempts, retry_at from github_connection")
    assert row["problem"]
    assert row["attempts"] == 1
    assert timedelta(minutes=4) < row["retry_at"] - clock() < timedelta(minutes=6)
    for group_id in group_ids:
        issue = await issue_of(group_id)
        assert issue is not None
        assert (issue["sync_status"], issue["attempts"], issue["attempted_at"]) == ("waiting", 0, None)

    repository.archived = repository.is_deleted = token.is_revoked = False
    repository.has_issues = True
    token.kind, token.scopes = "classic", frozenset({"repo"})
    await synced(key, now=Ahead(timedelta(minutes=10)))
    assert len(github_stand_in.issues()) == 2
    [row] = await fetch("select problem, attempts, retry_at from github_connection")
    assert tuple(row) == (None, 0, None)


@pytest.mark.parametrize("what", ["deleted", "transferred"])
async def test_an_issue_that_is_gone_is_no_longer_followed(
    what: str, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id, other_id] = await opened(stage, "KeyError", "ValueError")
    await synced(key)
    row = await issue_of(group_id)
    assert row is not None
    if what == "deleted":
        github_stand_in.person_deletes(row["number"])
    else:
        github_stand_in.add_repository("acme/other")
        github_stand_in.transfer(row["number"], "acme/other")
    for each in (group_id, other_id):
        await asked(NewAction(each, ActionKind.COMMENT, COMMENT), NewAction(each, ActionKind.STATE, CLOSED))
    await synced(key)
    row, other = await issue_of(group_id), await issue_of(other_id)
    assert row is not None
    assert other is not None
    assert (row["sync_status"], row["next_attempt_at"]) == ("detached", None)
    assert "GitHub" in row["sync_error"]
    assert await actions(group_id) == []
    assert (other["sync_status"], other["state"]) == ("synced", "closed")
    assert await synced(key) == 0
