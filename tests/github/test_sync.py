"""The worker: what is to be done on GitHub is done, in order, by one at a time, not too fast."""

import asyncio
from datetime import timedelta

import pytest

from app.github.asking.actions import ActionKind, NewAction
from app.tables.database import fetch
from tests.github.stage import actions, issue_of
from tests.github.stand_in.keys import KeyPair
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.github.syncing import CLOSED, COMMENT, Ahead, asked, clock, on_github, opened, synced
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_an_error_becomes_an_issue_with_its_labels(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")

    assert await synced(key) == 1

    [made] = github_stand_in.issues()
    row = await issue_of(group_id)
    assert row is not None
    assert (row["number"], row["state"], row["sync_status"]) == (made.number, "open", "synced")
    assert row["url"].endswith(f"/acme/shop/issues/{made.number}")
    assert (row["next_attempt_at"], row["sync_error"], row["attempts"], row["attempted_at"]) == (
        None,
        None,
        0,
        None,
    )
    assert await actions(group_id) == []
    assert "KeyError" in made.title
    assert {"bug", "snaglist-error"} < set(made.labels)
    assert github_stand_in.labels_made_by_default == []
    assert github_stand_in.issues_marked(row["marker"]) == [made]
    assert await synced(key) == 0


async def test_an_app_writes_as_its_bot(
    github_stand_in: GithubStandIn, github_shop: Shop, github_key: KeyPair
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop, app_key=github_key.private)
    await opened(stage, "KeyError")
    await synced(key)
    [made] = github_stand_in.issues()
    assert made.user.login == github_shop.bot


async def test_what_is_asked_for_is_done_in_order(github_stand_in: GithubStandIn, github_shop: Shop) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id, other_id] = await opened(stage, "KeyError", "ValueError")
    regressed = {
        "about": "regressed",
        "at": "2026-11-22T10:00:00+00:00",
        "where": "Main shop",
        "version": None,
    }
    await asked(
        NewAction(group_id, ActionKind.COMMENT, COMMENT),
        NewAction(group_id, ActionKind.STATE, CLOSED),
        NewAction(group_id, ActionKind.STATE, {"state": "open", "state_reason": "reopened"}),
        NewAction(group_id, ActionKind.LABEL, {"labels": ["regression"]}),
        NewAction(group_id, ActionKind.COMMENT, regressed),
        NewAction(
            other_id,
            ActionKind.COMMENT,
            {"about": "merged_into", "group_id": str(group_id), "by": None, "reason": None},
        ),
        NewAction(other_id, ActionKind.STATE, {"state": "closed", "state_reason": "duplicate"}),
    )

    await synced(key)

    row, its_row = await issue_of(group_id), await issue_of(other_id)
    assert row is not None
    assert its_row is not None
    made, duplicate = github_stand_in.issue(row["number"]), github_stand_in.issue(its_row["number"])
    resolved, back = (comment.body for comment in made.comments)
    assert "Ada" in resolved
    assert "Main shop" in back
    assert (made.state, made.state_reason, "regression" in made.labels) == ("open", "reopened", True)
    assert (duplicate.state, duplicate.state_reason) == ("closed", "duplicate")
    assert f"#{made.number}" in duplicate.comments[0].body
    assert (row["sync_status"], row["state"], its_row["state"]) == ("synced", "open", "closed")
    assert github_stand_in.repository().labels["regression"].color == "d93f0b"


async def test_a_server_that_does_not_know_duplicates_is_told_not_planned(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    github_stand_in.settings.knows_duplicate = False
    github_stand_in.limits.watched_gap = 0.3
    [group_id] = await opened(stage, "KeyError")
    await asked(NewAction(group_id, ActionKind.STATE, {"state": "closed", "state_reason": "duplicate"}))
    await synced(key, pace=timedelta(seconds=0.3))
    [made] = github_stand_in.issues()
    assert (made.state, made.state_reason) == ("closed", "not_planned")
    assert github_stand_in.violations == []


async def test_writes_are_a_second_apart_also_between_workers(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    await fetch(
        "update github_connection set labels = '{bug,snaglist-error,severity:critical,severity:high,severity:medium}'"
    )
    await opened(stage, "KeyError", "ValueError", "OSError")

    second = timedelta(seconds=1)
    await synced(key, most=1, pace=second)
    counts = await asyncio.gather(*(synced(key, pace=second) for _ in range(4)))

    assert sorted(counts) == [0, 0, 0, 2]  # one works, the others leave it to it
    assert len(github_stand_in.issues()) == 3
    assert github_stand_in.violations == []


async def test_a_project_makes_as_many_as_its_day_may_have(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop, daily_cap=2)
    group_ids = await opened(stage, "KeyError", "ValueError", "OSError", "TypeError")
    await fetch("update project set time_zone = 'Pacific/Kiritimati'")
    await fetch("update github_issue set is_on_demand = true where group_id = $1", group_ids[3])
    await synced(key)
    assert len(github_stand_in.issues()) in (2, 3)  # the one on demand counts, and passes

    rows = [row for group_id in group_ids if (row := await issue_of(group_id))]
    capped = [row for row in rows if row["sync_status"] == "capped"]
    assert len(capped) == len(rows) - len(github_stand_in.issues())
    assert {row["next_attempt_at"].astimezone().utcoffset() is not None for row in capped} == {True}
    for row in capped:
        assert row["next_attempt_at"] - clock() <= timedelta(days=1)
        assert row["next_attempt_at"].hour == 10  # midnight in Kiritimati, 14 hours ahead
        assert "2 issues" in row["sync_error"]
    ahead = Ahead(timedelta(days=1))
    await synced(key, now=ahead)
    assert len(github_stand_in.issues()) == 4


async def test_what_is_no_longer_wanted_is_not_made(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    group_ids = await opened(stage, "A", "B", "C", "D", "E", "F")
    changes = (
        "status = 'RESOLVED'",
        "muted_at = now()",
        "is_dev = true",
        "deleted_at = now()",
        f"merged_into_id = '{group_ids[5]}'",
    )
    for group_id, change in zip(group_ids, changes, strict=False):
        await fetch(f"update error_group set {change} where id = $1", group_id)  # noqa: S608  our own words
    await synced(key)
    assert len(github_stand_in.issues()) == 1
    for group_id in group_ids[:5]:
        assert await issue_of(group_id) is None
        assert await actions(group_id) == []


async def test_a_lease_that_was_lost_ends_the_work_before_the_next_write(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    await opened(stage, "KeyError")
    from_elsewhere = "update github_installation set taken_by = gen_random_uuid()"

    async def taken(*_: object, **__: object) -> bool:
        await fetch(from_elsewhere)
        return True

    monkeypatch.setattr("app.github.writing.creating._may_be_made", taken)
    await synced(key)
    assert github_stand_in.writes == []
    [row] = await fetch(
        "select taken_by, taken_until > clock_timestamp() as is_taken from github_installation"
    )
    assert row["taken_by"] is not None
    assert row["is_taken"]  # theirs stays theirs
