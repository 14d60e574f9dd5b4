"""Answers that are lost, limits, and a GitHub that is away: nothing is written twice, and nobody is pressed."""

from datetime import timedelta

import pytest

from app.github.asking.actions import ActionKind, NewAction
from app.tables.database import fetch
from tests.github.stage import issue_of
from tests.github.stand_in.faults import FaultKind
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn
from tests.github.syncing import CLOSED, COMMENT, asked, clock, due_now, on_github, opened, synced
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

LOST = (
    FaultKind.DROPPED_BEFORE,
    FaultKind.DROPPED_AFTER,
    FaultKind.TRUNCATED_AFTER,
    FaultKind.CUT_AFTER,
    FaultKind.BAD_GATEWAY_AFTER,
    FaultKind.BAD_GATEWAY_502,
    FaultKind.TIMEOUT_522,
    FaultKind.ERROR_500,
)


@pytest.mark.parametrize("fault", LOST)
async def test_an_answer_that_is_lost_makes_no_second_issue_and_no_second_comment(
    fault: FaultKind, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")
    await asked(
        NewAction(group_id, ActionKind.COMMENT, COMMENT), NewAction(group_id, ActionKind.STATE, CLOSED)
    )
    github_stand_in.faults.next(fault, method="POST", path="/issues$")
    github_stand_in.faults.next(fault, method="POST", path="/comments$")
    github_stand_in.faults.next(fault, method="PATCH")

    for _ in range(4):
        await synced(key)
        told = await issue_of(group_id)
        assert told is not None
        if told["sync_status"] != "synced":
            assert told["attempts"] == 1
            assert told["sync_error"]
            assert told["next_attempt_at"] > clock()
        await due_now(group_id)

    [made] = github_stand_in.issues()
    assert len(made.comments) == 1
    assert made.state == "closed"
    row = await issue_of(group_id)
    assert row is not None
    assert (row["sync_status"], row["number"], row["sync_error"]) == ("synced", made.number, None)
    assert len(github_stand_in.faults.met) == 3


async def test_a_worker_that_died_after_it_wrote_is_followed_by_one_that_looks_first(
    github_stand_in: GithubStandIn, github_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    [group_id] = await opened(stage, "KeyError")

    class Killed(BaseException):
        pass

    async def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("app.github.writing.creating._store", die)
        with pytest.raises(Killed):
            await synced(key)
    [made] = github_stand_in.issues()
    row = await issue_of(group_id)
    assert row is not None
    assert (row["number"], row["sync_status"]) == (None, "waiting")

    assert await synced(key, settled=timedelta(seconds=30)) == 1  # it may still be on its way: later
    assert len(github_stand_in.writes) == 1 + 4
    await due_now(group_id)
    await synced(key, settled=timedelta(seconds=30))
    row = await issue_of(group_id)
    assert row is not None
    assert (row["number"], row["sync_status"]) == (made.number, "synced")
    assert github_stand_in.issues() == [made]
    assert len(github_stand_in.writes) == 1 + 4


async def test_limits_are_kept_to(github_stand_in: GithubStandIn, github_shop: Shop) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    github_stand_in.limits.watched_gap = None
    group_ids = await opened(stage, "KeyError", "ValueError")
    for kind in (FaultKind.SECONDARY_403, FaultKind.SECONDARY_429, FaultKind.PRIMARY_403):
        github_stand_in.faults.next(kind, method="POST", path="/issues$", retry_after=90)
        await synced(key)
        seen = len(github_stand_in.requests)
        assert await synced(key) == 0  # not one request while it lasts
        assert len(github_stand_in.requests) == seen
        rows = [row for group_id in group_ids if (row := await issue_of(group_id))]
        assert {(row["sync_status"], row["attempts"], row["attempted_at"]) for row in rows} == {
            ("waiting", 0, None)
        }
        [row] = await fetch("select blocked_until from github_installation")
        wait = row["blocked_until"] - clock()
        assert wait > timedelta(minutes=50) if kind is FaultKind.PRIMARY_403 else wait > timedelta(seconds=80)
        await fetch("update github_installation set blocked_until = now()")
        github_stand_in.limits.lift()
    await synced(key)
    assert len(github_stand_in.issues()) == 2
    assert github_stand_in.violations == []


async def test_a_limit_that_says_no_time_lasts_longer_each_time(
    github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    await opened(stage, "KeyError")
    for minutes in (1, 2, 4, 8, 15, 15):
        github_stand_in.faults.next(FaultKind.SECONDARY_403, method="POST", path="/issues$", retry_after=None)
        await synced(key)
        [row] = await fetch("select blocked_until from github_installation")
        assert (
            timedelta(seconds=-2)
            < row["blocked_until"] - clock() - timedelta(minutes=minutes)
            < timedelta(seconds=2)
        )
        await fetch("update github_installation set blocked_until = now()")
        github_stand_in.limits.lift()
    await synced(key)
    [row] = await fetch("select blocked_times from github_installation")
    assert row["blocked_times"] == 0


async def test_a_github_that_is_away_is_left_alone(github_stand_in: GithubStandIn, github_shop: Shop) -> None:
    stage = await set_up()
    key = await on_github(stage, github_stand_in, github_shop)
    await opened(stage, *(f"Error{n}" for n in range(9)))
    github_stand_in.faults.at_random(1.0, 1, [FaultKind.BAD_GATEWAY_502])
    await synced(key)
    assert len(github_stand_in.requests) == 3
    await synced(key)
    assert len(github_stand_in.requests) == 3
