"""What people do on GitHub is done here: once, in whatever order it is told, and not where it was our own doing."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app import timeline
from app.domain.github import markers
from app.domain.lifecycle import MoveKind
from app.github.asking.waking import DELIVERIES
from app.github.connecting import changing_repository
from app.github.hearing import deliveries
from app.github.hearing.deliveries import MOST_ATTEMPTS, carry_out_deliveries, purge_deliveries, waits
from app.live.queue import Queue
from app.tables.database import fetch
from app.timeline import Change
from tests.database import NOW
from tests.github.stage import REPOSITORY_ID, actions, issue, issue_of
from tests.github.webhooks import (
    BOT,
    INSTALLATION,
    Json,
    ask_of,
    at,
    followed,
    issues,
    listening,
    repository,
    stored,
    told,
    user,
)
from tests.reading.stage import change, delete, merge, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def an_error(*, number: int | None = 1, **connection: Any) -> tuple[Stage, UUID]:
    """An error whose issue it is, in a project with a webhook."""
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await listening(stage, **connection)
    await issue(group_id, number)
    return stage, group_id


async def status(group_id: UUID) -> str:
    [row] = await fetch("select status from error_group where id = $1", group_id)
    return str(row["status"])


async def changes(group_id: UUID) -> list[tuple[str, str, str | None]]:
    """What was done to it by way of GitHub: kind, by whom, why."""
    rows = await fetch(
        "select kind, actor_kind, reason from group_change where group_id = $1 and kind <> 'OPENED' order by id",
        group_id,
    )
    return [tuple(row) for row in rows]


async def test_an_issue_that_is_closed_and_reopened_takes_its_error_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    announced: list[MoveKind] = []

    async def announce(written: Sequence[Change]) -> None:
        announced.extend(each.entry.move.kind for each in written)

    monkeypatch.setattr(deliveries, "announce", announce)
    _, group_id = await an_error()
    await followed("issues", issues("closed", updated_at=at(10)), now=later(seconds=11))
    assert await status(group_id) == "RESOLVED"
    await followed("issues", issues("reopened", updated_at=at(20)), now=later(seconds=21))
    assert await status(group_id) == "NEW"
    closed = issues("closed", "hubot", state_reason="not_planned", updated_at=at(30))
    await followed("issues", closed, now=later(seconds=31))
    assert await status(group_id) == "SILENCED"
    assert await changes(group_id) == [
        ("RESOLVED", "github", "closed on GitHub by octocat"),
        ("REOPENED", "github", "reopened on GitHub by octocat"),
        ("SILENCED", "github", "closed on GitHub by hubot"),
    ]
    assert announced == ["RESOLVED", "REOPENED", "SILENCED"]
    row = await issue_of(group_id)
    assert row is not None
    assert (row["state"], row["told_at"]) == ("closed", later(seconds=30))
    assert [(each["handled_at"] is not None, each["payload"]) for each in await stored()] == [
        (True, "{}")
    ] * 3


@pytest.mark.parametrize("reason", ["completed", "duplicate", None, "something new"])
async def test_all_but_not_planned_is_resolved(reason: str | None) -> None:
    _, group_id = await an_error()
    await followed("issues", issues("closed", state_reason=reason))
    assert await status(group_id) == "RESOLVED"


async def test_only_what_was_decided_is_reopened() -> None:
    _, group_id = await an_error()
    for now in ("ACTIVE", "IN_PROGRESS", "REGRESSED", "NEW"):
        await change(group_id, status=now)
        await followed("issues", issues("reopened"))
        assert (await status(group_id), await changes(group_id)) == (now, [])


async def test_what_an_app_did_itself_is_ignored() -> None:
    _, group_id = await an_error()
    await change(group_id, status="REGRESSED", resolved_at=NOW)
    await followed("issues", issues("closed", BOT, updated_at=at(5)))
    assert (await status(group_id), await changes(group_id)) == ("REGRESSED", [])
    row = await issue_of(group_id)
    assert row
    assert (row["state"], row["told_at"]) == ("closed", later(seconds=5))


async def test_a_token_s_user_is_ignored_where_we_asked_for_it_and_heard_where_not() -> None:
    _, group_id = await an_error(kind="token", login="Octocat")
    await ask_of(group_id, "closed", seconds=0)
    await change(group_id, status="REGRESSED", resolved_at=NOW)
    await followed("issues", issues("closed", updated_at=at(1)), now=later(minutes=30))  # ours, told late
    assert await status(group_id) == "REGRESSED"
    await ask_of(group_id, "open", seconds=60)
    await followed(
        "issues", issues("closed", updated_at=at(2)), now=later(minutes=31)
    )  # we asked otherwise since
    assert await status(group_id) == "REGRESSED"
    await followed("issues", issues("closed", updated_at=at(61)), now=later(minutes=32))  # his own doing
    assert await status(group_id) == "RESOLVED"
    await ask_of(group_id, "open", seconds=60)
    await followed(
        "issues", issues("reopened", updated_at=at(60 + 601)), now=later(minutes=33)
    )  # long after we asked
    assert await status(group_id) == "NEW"


async def test_what_a_token_s_user_undoes_and_does_again_by_hand_is_heard() -> None:
    _, group_id = await an_error(kind="token", login="octocat")
    await ask_of(group_id, "closed", seconds=0)
    await change(group_id, status="RESOLVED", resolved_at=NOW)
    for action, seconds, becomes in (
        ("closed", 1, "RESOLVED"),  # ours
        ("reopened", 60, "NEW"),
        ("closed", 1, "NEW"),  # ours, told once more, and late
        ("closed", 120, "RESOLVED"),
        ("reopened", 180, "NEW"),
    ):
        told_of = issues(action, updated_at=at(seconds))
        await followed("issues", told_of, now=later(seconds=seconds + 1))
        assert await status(group_id) == becomes


async def test_old_news_changes_nothing() -> None:
    _, group_id = await an_error()
    await followed("issues", issues("reopened", updated_at=at(20)))
    await followed("issues", issues("closed", updated_at=at(19)))
    assert (await status(group_id), await changes(group_id)) == ("NEW", [])
    row = await issue_of(group_id)
    assert row
    assert (row["state"], row["told_at"]) == ("open", later(seconds=20))


async def test_a_time_far_ahead_does_not_make_all_that_follows_late() -> None:
    _, group_id = await an_error()
    await followed("issues", issues("closed", updated_at="9999-12-31T23:59:59Z"))
    await followed("issues", issues("reopened", updated_at=at(200_000)), now=later(seconds=200_001))
    assert await status(group_id) == "NEW"


async def test_the_issue_of_what_was_merged_away_or_deleted_or_left_says_nothing() -> None:
    stage, group_id = await an_error()
    survivor = await seen(stage.shop, "ValueError")
    await merge(survivor, group_id)
    for action in ("closed", "reopened"):
        await followed("issues", issues(action))
    assert (await status(survivor), await status(group_id), await changes(group_id)) == ("NEW", "NEW", [])
    await change(group_id, merged_into_id=None)
    await fetch("update github_issue set sync_status = 'detached' where group_id = $1", group_id)
    await followed("issues", issues("closed"))
    await fetch("update github_issue set sync_status = 'synced' where group_id = $1", group_id)
    await delete(group_id)
    await followed("issues", issues("closed"))
    assert await changes(group_id) == []


def ours(marker: UUID, **different: Any) -> Json:
    """What an issue of ours looks like."""
    return {
        "body": f"What happened\n\n{markers.line(marker)}\n",
        "user": user(BOT),
        "number": 12,
        **different,
    }


async def marker_of(group_id: UUID) -> UUID:
    row = await issue_of(group_id)
    assert row
    return UUID(str(row["marker"]))


async def test_an_issue_with_our_marker_proves_that_it_was_made() -> None:
    _, group_id = await an_error(number=None)
    marker = await marker_of(group_id)
    for payload in (ours(uuid4()), ours(marker, user=user("octocat"))):  # a stranger's copy is none
        await followed("issues", issues("opened", **payload))
        assert [kind for kind, _ in await actions(group_id)] == ["create"]
    made = issues("opened", BOT, **ours(marker, html_url="javascript:alert(1)"))
    await followed("issues", made, now=later(seconds=9))
    await followed("issues", made, now=later(seconds=19))
    row = await issue_of(group_id)
    assert row
    assert (row["number"], row["state"], row["repository_id"]) == (12, "open", REPOSITORY_ID)
    assert (row["sync_status"], row["next_attempt_at"], row["made_at"]) == ("synced", None, later(seconds=9))
    assert row["url"] == "https://github.com/acme/odoo/issues/12"
    assert await actions(group_id) == []


async def test_an_issue_of_the_repository_that_is_given_up_at_this_moment_is_none_of_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, group_id = await an_error(number=None)
    found, lock = ours(await marker_of(group_id)), timeline.lock

    async def given_up(*given: Any) -> Any:
        await changing_repository.carry_over(stage.project_id, NOW)
        return await lock(*given)

    monkeypatch.setattr(timeline, "lock", given_up)
    await followed("issues", issues("opened", BOT, **found))
    row = await issue_of(group_id) or {}
    assert (row["number"], row["sync_status"]) == (None, "waiting")
    assert [kind for kind, _ in await actions(group_id)] == ["create"]


async def test_what_else_is_to_be_done_becomes_due_when_the_issue_is_there() -> None:
    _, group_id = await an_error(number=None)
    await fetch("update github_issue set attempted_at = $1, attempts = 3, sync_error = 'lost'", NOW)
    await fetch(
        "insert into github_action (group_id, kind, marker, created_at) values ($1, 'label', $2, $3)",
        group_id,
        uuid4(),
        NOW,
    )
    marker = await marker_of(group_id)
    await followed(
        "issues", issues("closed", **ours(marker)), now=later(seconds=9)
    )  # its beginning was not told
    row = await issue_of(group_id)
    assert row
    assert (row["number"], row["sync_status"], row["next_attempt_at"]) == (12, "waiting", later(seconds=9))
    assert (row["attempted_at"], row["attempts"], row["sync_error"]) == (None, 0, None)
    assert [kind for kind, _ in await actions(group_id)] == ["label"]
    assert await status(group_id) == "RESOLVED"


async def test_issues_that_are_gone_are_followed_no_longer() -> None:
    stage, group_id = await an_error()
    other = await seen(stage.shop, "ValueError")
    await fetch("delete from github_issue where group_id = $1", other)
    await issue(other, 2)
    for each in (group_id, other):
        await fetch(
            "insert into github_action (group_id, kind, marker, created_at) values ($1, 'comment', $2, $3)",
            each,
            uuid4(),
            NOW,
        )
    await followed("issues", issues("deleted"))
    moved = {"new_issue": {"number": 34}, "new_repository": repository(99, "acme/else")}
    await followed("issues", issues("transferred", number=2) | {"changes": moved})
    rows = [await issue_of(each) for each in (group_id, other)]
    assert [row and (row["sync_status"], row["sync_error"], row["next_attempt_at"]) for row in rows] == [
        ("detached", "the issue was deleted on GitHub", None),
        ("detached", "the issue was transferred to another repository on GitHub", None),
    ]
    assert rows[1]
    assert (rows[1]["number"], rows[1]["repository_id"]) == (34, 99)
    assert rows[1]["url"] == "https://github.com/acme/else/issues/34"
    assert (await actions(group_id), await actions(other)) == ([], [])


async def connection() -> dict[str, Any]:
    [row] = await fetch("select repository, problem, attempts, retry_at from github_connection")
    return dict(row)


async def test_what_becomes_of_the_repository_is_noted() -> None:
    await an_error()
    install = {"installation": {"id": INSTALLATION}, "sender": user("octocat")}
    ours_, others = repository(), repository(78, "acme/other")
    for bad, good in (
        (("repository", {"action": "archived"}), ("repository", {"action": "unarchived"})),
        (("installation", {"action": "suspend"}), ("installation", {"action": "unsuspend"})),
        (
            ("installation_repositories", {"action": "removed", "repositories_removed": [others, ours_]}),
            ("installation_repositories", {"action": "added", "repositories_added": [ours_]}),
        ),
        (("repository", {"action": "deleted"}), ("installation", {"action": "new_permissions_accepted"})),
        (("installation", {"action": "deleted"}), ("repository", {"action": "unarchived"})),
    ):
        for (event, payload), is_bad in ((bad, True), (good, False)):
            about = {"repository": ours_} if event == "repository" else {}
            await followed(event, install | about | payload)
            noted = await connection()
            assert (noted["problem"] is not None, noted["attempts"] > 0) == (is_bad, is_bad), (event, payload)
            assert noted["retry_at"] == (later(hours=6) if is_bad else None)
    assert (await connection())["repository"] == "acme/odoo"
    for action, name in (("renamed", "acme/erp"), ("transferred", "globex/erp"), ("renamed", "../../user?")):
        await followed("repository", install | {"action": action, "repository": repository(name=name)})
    assert (await connection())["repository"] == "globex/erp"


async def test_two_workers_carry_out_each_telling_once_and_in_order() -> None:
    _, group_id = await an_error()
    for second in range(1, 13):
        payload = issues("closed" if second % 2 else "reopened", updated_at=at(0))  # all in the same second
        await told("issues", payload, now=later(seconds=second))
    while await waits(later(minutes=1)):
        await asyncio.gather(*(carry_out_deliveries(now=later(minutes=1)) for _ in range(3)))
    assert [kind for kind, _, _ in await changes(group_id)] == ["RESOLVED", "REOPENED"] * 6
    assert await carry_out_deliveries(now=later(minutes=1)) == 0


async def test_one_that_another_worker_has_carried_out_meanwhile_is_left_alone() -> None:
    _, group_id = await an_error()
    await told("issues", issues("closed"))
    [seen_before] = await stored()
    assert await carry_out_deliveries(now=NOW) == 1
    await change(group_id, status="REGRESSED")
    assert await deliveries._carry_out(seen_before, NOW) is not None
    assert await status(group_id) == "REGRESSED"


async def test_who_dies_half_way_leaves_it_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    _, group_id = await an_error()
    await told("issues", issues("closed"))
    write = timeline.write

    async def dying(*args: Any, **how: Any) -> Any:
        await write(*args, **how)
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(timeline, "write", dying)
        with pytest.raises(asyncio.CancelledError):
            await carry_out_deliveries(now=NOW)
    assert (await status(group_id), (await stored())[0]["attempts"]) == ("NEW", 0)
    assert await carry_out_deliveries(now=NOW) == 1
    assert await changes(group_id) == [("RESOLVED", "github", "closed on GitHub by octocat")]


async def test_what_is_told_again_after_it_was_done_does_nothing() -> None:
    _, group_id = await an_error()
    for _ in range(2):
        await followed("issues", issues("closed"))
    assert len(await changes(group_id)) == 1


async def test_one_that_cannot_be_carried_out_holds_up_nobody_and_is_given_up() -> None:
    _, group_id = await an_error()
    await told("issues", issues("closed"))
    await fetch('update github_delivery set payload = \'{"type": "issue"}\'')
    await told("issues", issues("closed"), now=later(seconds=1))
    assert await carry_out_deliveries(now=later(seconds=1)) == 2
    assert await status(group_id) == "RESOLVED"
    assert not await waits(later(seconds=14))
    now, tried = later(seconds=15), 1
    while tried < MOST_ATTEMPTS:
        assert await carry_out_deliveries(now=now) == 1
        assert await carry_out_deliveries(now=now) == 0
        tried += 1
        now = NOW + timedelta(seconds=15) * 4 ** (tried - 1)
    row = (await stored())[0]
    assert (row["attempts"], row["payload"], row["handled_at"] is not None) == (MOST_ATTEMPTS, "{}", True)
    assert row["problem"] == "ValidationError, see the log"
    assert not await waits(later(days=30))


async def test_what_was_told_of_a_repository_that_is_no_longer_the_project_s_means_nothing() -> None:
    _, group_id = await an_error()
    await told("issues", issues("closed"))
    await fetch("update github_connection set repository_id = 78")
    assert await carry_out_deliveries(now=NOW) == 1
    await fetch("update github_connection set repository_id = $1", REPOSITORY_ID)
    await told("issues", issues("closed"), now=later(seconds=1))
    await fetch("delete from github_connection")
    assert await carry_out_deliveries(now=later(seconds=1)) == 1
    assert (await status(group_id), await waits(later(days=1))) == ("NEW", False)


async def test_deliveries_are_forgotten_after_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "_PURGED_AT_ONCE", 1)
    await an_error()
    for day in (0, 1, 2):
        await told("issues", issues("closed"), now=later(days=day))
    assert await purge_deliveries(now=later(days=31)) == 2
    assert [row["received_at"] for row in await stored()] == [later(days=2)]


async def test_the_job_is_woken_by_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, Queue]] = []

    async def wake(name: str, queue: Queue) -> None:
        woken.append((name, queue))

    monkeypatch.setattr("app.github.asking.waking.wake", wake)
    await an_error()
    await told("issues", issues("labeled"))
    await told("issues", issues("closed"))
    assert woken == [(DELIVERIES, Queue.QUICK)]
