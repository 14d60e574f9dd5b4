"""What follows each kind of change on the issues that groups have."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.accounts.actors import SYSTEM, Actor
from app.domain.lifecycle import Source
from app.reactions import react
from app.recording.auto_resolve import auto_resolve
from app.recording.sightings import Reported
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from app.triage.assign import assign
from app.triage.claim import claim
from app.triage.delete import delete
from app.triage.merge import merge
from app.triage.mute import mute
from app.triage.reopen import reopen
from app.triage.resolve import resolve
from app.triage.silence import silence
from app.triage.unmerge import unmerge
from app.triage.unmute import unmute
from tests.database import NOW
from tests.github.stage import actions, carried_out, connected, issue, issue_of
from tests.reading.stage import add_app, seen
from tests.recording.stage import Stage, later, noted_statements, recorded, set_up, sighting
from tests.triage.stage import join

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

COMPLETED = ("state", {"state": "closed", "state_reason": "completed"})
NOT_PLANNED = ("state", {"state": "closed", "state_reason": "not_planned"})
DUPLICATE = ("state", {"state": "closed", "state_reason": "duplicate"})
OPENED = ("state", {"state": "open", "state_reason": "reopened"})
LABEL = ("label", {"labels": ["regression"]})
GITHUB = Actor("github")


def comment(about: str, by: str | None = "Ada", reason: str | None = None, **more: Any) -> tuple[str, Any]:
    return ("comment", {"about": about, "by": by, "reason": reason} | more)


def resolved(by: str | None = "Ada", **more: Any) -> tuple[str, Any]:
    return comment("resolved", by, **({"version": None, "in_next": False} | more))


async def reacted() -> None:
    while await react(now=NOW):
        pass


async def issued(count: int = 1) -> tuple[Stage, Actor, list[UUID]]:
    """A connected project, one of its people, and its errors, whose issues are made and open."""
    stage = await set_up()
    groups = [await seen(stage.shop, f"Error{n}", later(minutes=-n - 2)) for n in range(count)]
    await connected(stage)
    for number, group_id in enumerate(groups, 1):
        await issue(group_id, number)
    await reacted()
    return stage, Actor("person", await join(stage.organization_id, "Ada")), groups


async def test_resolving_comments_and_closes_and_reopening_opens() -> None:
    stage, ada, [one, two] = await issued(2)
    its = stage.organization_id
    await resolve(its, [one, two], ada, reason="shipped", now=NOW)
    await reacted()
    for group_id in (one, two):
        assert await actions(group_id) == [resolved(reason="shipped"), COMPLETED]
        row = await issue_of(group_id)
        assert row
        assert (row["sync_status"], row["next_attempt_at"]) == ("waiting", NOW)
    await carried_out(one, two)
    await reopen(its, [one], ada, reason="no", now=NOW)
    await reacted()
    assert await actions(one) == [comment("reopened", reason="no"), OPENED]
    assert await actions(two) == []


async def test_silencing_closes_otherwise_and_claiming_brings_back() -> None:
    stage, ada, [group_id] = await issued()
    its = stage.organization_id
    await silence(its, [group_id], ada, now=NOW)
    await reacted()
    assert await actions(group_id) == [comment("silenced"), NOT_PLANNED]
    await carried_out(group_id)
    await claim(its, [group_id], ada, now=NOW)
    await reacted()
    assert await actions(group_id) == [comment("reopened"), OPENED]
    await carried_out(group_id)
    await resolve(its, [group_id], ada, now=NOW)
    await reacted()
    await carried_out(group_id)
    await silence(its, [group_id], ada, now=NOW)
    await reacted()
    assert await actions(group_id) == [comment("silenced"), NOT_PLANNED], "closed already, for another reason"


async def test_what_changes_nothing_there_asks_for_nothing() -> None:
    stage, ada, [group_id] = await issued()
    its = stage.organization_id
    before = await issue_of(group_id)
    await seen(stage.shop, "Error0", NOW)  # ACTIVATED
    await claim(its, [group_id], ada, now=NOW)
    await assign(its, [group_id], ada, membership_id=ada.id, now=NOW)
    await mute(its, [group_id], ada, now=NOW)
    await unmute(its, [group_id], ada, now=NOW)
    await reopen(its, [group_id], ada, now=NOW)  # of what was claimed
    await reacted()
    assert await actions(group_id) == []
    after = await issue_of(group_id)
    assert before
    assert after
    assert after | {"followed_change_id": None} == before | {"followed_change_id": None}


async def test_an_error_that_is_quiet_says_for_how_long() -> None:
    _, _, [group_id] = await issued()
    await fetch("update instance set error_detection_enabled = false")
    await fetch("update project set auto_resolve_days = 5")
    assert await auto_resolve(now=later(days=6)) == 1
    await fetch("update project set auto_resolve_days = 9")
    await reacted()
    assert await actions(group_id) == [("comment", {"about": "auto_resolved", "days": 5}), COMPLETED]


async def test_what_comes_back_is_opened_labelled_and_told() -> None:
    stage, ada, [group_id] = await issued()
    await resolve(stage.organization_id, [group_id], ada, now=NOW)
    await reacted()
    await carried_out(group_id)
    at = later(minutes=1)
    await seen(stage.warehouse, "Error0", at)
    await reacted()
    told = {"about": "regressed", "at": at.isoformat(), "where": "warehouse", "version": None}
    assert await actions(group_id) == [OPENED, LABEL, ("comment", told)]


async def test_what_comes_back_in_an_app_names_the_version() -> None:
    stage = await set_up()
    await connected(stage)
    app_id = await add_app(stage)
    app = replace(stage.shop, id=app_id, scope_id=app_id, source=Source.EVENT)

    def heard(version: str) -> Any:
        brought = Reported(uuid7(NOW), f"session {version}", "a user", version, "iOS", ())
        return replace(sighting(app, at=later(seconds=1)), reported=brought)

    await recorded([heard("1.1")])
    [group] = await stage.groups("id")
    group_id: UUID = group["id"]
    await reacted()
    await carried_out(group_id)
    ada = Actor("person", await join(stage.organization_id, "Ada"))
    await resolve(stage.organization_id, [group_id], ada, in_version="1.2", now=NOW)
    await reacted()
    assert await actions(group_id) == [resolved(version="1.2"), COMPLETED]
    await carried_out(group_id)
    await recorded([heard("1.3")])
    await reacted()
    state, label, (_, told) = await actions(group_id)
    assert (state, label) == (OPENED, LABEL)
    [name] = await fetch("select name from app")
    assert (told["where"], told["version"]) == (name[0], "1.3")
    await carried_out(group_id)
    await fetch(
        "insert into app_version (organization_id, app_id, version, first_seen_at) values ($1, $2, '1.9', $3)"
        " on conflict do nothing",
        stage.organization_id,
        app_id,
        NOW,
    )
    await resolve(stage.organization_id, [group_id], ada, in_next=True, now=NOW)
    await reacted()
    assert (await actions(group_id))[0] == resolved(in_next=True)


async def test_merges_close_as_duplicates_and_unmerging_opens() -> None:
    stage, ada, [one, two, three, four] = await issued(4)
    its = stage.organization_id
    await merge(its, two, [three], ada, now=NOW)
    await reacted()
    assert await actions(two) == [comment("merged", group_ids=[str(three)])]
    assert await actions(three) == [comment("merged_into", group_id=str(two)), DUPLICATE]
    await carried_out(two, three)

    await merge(its, one, [two, four], ada, reason="same", now=NOW)
    await reacted()
    assert await actions(one) == [comment("merged", reason="same", group_ids=[str(two), str(four)])]
    for each in (two, four):
        assert await actions(each) == [comment("merged_into", reason="same", group_id=str(one)), DUPLICATE]
    assert await actions(three) == [], "it is closed already"
    await carried_out(one, two, four)

    await resolve(its, [one], ada, now=NOW)
    await reacted()
    await carried_out(one)
    await fetch("update error_group set status = 'SILENCED' where id = $1", four)
    await unmerge(its, one, None, ada, reason="not so", now=NOW)
    await reacted()
    for each in (two, three):
        assert await actions(each) == [comment("unmerged", reason="not so"), OPENED]
    assert await actions(four) == [], "silenced before, and closed"
    assert await actions(one) == []


async def test_a_merge_that_brings_back_what_was_resolved_opens_its_issue() -> None:
    stage, ada, [one, two] = await issued(2)
    await resolve(stage.organization_id, [one], ada, now=NOW)
    await reacted()
    await carried_out(one)
    await seen(stage.shop, "Error1", later(minutes=5))
    await merge(stage.organization_id, one, [two], ada, now=later(minutes=6))
    await reacted()
    assert await actions(one) == [comment("merged", group_ids=[str(two)]), OPENED]


async def test_deleting_closes_what_was_merged_into_it_is_closed_already() -> None:
    stage, ada, [one, two, three] = await issued(3)
    its = stage.organization_id
    await merge(its, one, [two], ada, now=NOW)
    await reacted()
    await carried_out(one, two)
    await delete(its, [one], ada, now=NOW)
    await reacted()
    assert await actions(one) == [comment("deleted"), NOT_PLANNED]
    assert await actions(two) == []
    await delete(its, [three], ada, now=NOW)
    await fetch("update project set deleted_at = $1", NOW)
    await reacted()
    assert await actions(three) == [], "its whole project is gone"


async def test_without_a_repository_only_the_state_is_kept() -> None:
    stage, ada, [one, two] = await issued(2)
    await fetch("delete from github_connection")
    await resolve(stage.organization_id, [one], ada, now=NOW)
    await delete(stage.organization_id, [two], ada, now=NOW)
    await reacted()
    assert await actions(one) == [COMPLETED]
    assert await actions(two) == []


async def test_muted_errors_are_kept_in_step() -> None:
    stage, ada, [group_id] = await issued()
    await mute(stage.organization_id, [group_id], ada, now=NOW)
    await resolve(stage.organization_id, [group_id], ada, now=NOW)
    await reacted()
    assert await actions(group_id) == [resolved(), COMPLETED]


async def test_what_github_told_is_not_told_back() -> None:
    stage, ada, [group_id] = await issued()
    its = stage.organization_id
    await fetch("update github_issue set state = 'closed'")
    await resolve(its, [group_id], GITHUB, reason="closed by octocat", now=NOW)
    await reacted()
    assert await actions(group_id) == []
    await fetch("update github_issue set state = 'open'")
    await reopen(its, [group_id], GITHUB, now=NOW)
    await reacted()
    assert await actions(group_id) == []

    # Ada's closing waits to be written; meanwhile somebody opens the issue there, which is newer.
    await resolve(its, [group_id], ada, now=NOW)
    await reacted()
    await reopen(its, [group_id], GITHUB, now=NOW)
    await reacted()
    assert await actions(group_id) == [resolved(), COMPLETED, OPENED]
    await carried_out(group_id)

    # Both before anybody looked: the issue is open as it was.
    await resolve(its, [group_id], ada, now=NOW)
    await reopen(its, [group_id], GITHUB, now=NOW)
    await reacted()
    assert await actions(group_id) == [resolved()]


async def test_late_news_of_an_earlier_state_keeps_nothing_from_being_asked() -> None:
    stage, ada, [one, two] = await issued(2)
    await fetch("update github_issue set state = 'closed'")  # told late, after it was opened again
    await delete(stage.organization_id, [one], ada, now=NOW)
    await resolve(stage.organization_id, [two], ada, now=NOW)
    await reacted()
    assert await actions(one) == [comment("deleted"), NOT_PLANNED]
    await carried_out(two)
    await fetch("update github_issue set state = 'open'")
    await reopen(stage.organization_id, [two], ada, now=NOW)
    await reacted()
    assert await actions(two) == [comment("reopened"), OPENED]


async def test_of_many_changes_each_is_told_and_the_last_one_counts() -> None:
    stage, ada, [one, two] = await issued(2)
    its = stage.organization_id
    for verb in (resolve, reopen, silence):
        await verb(its, [one], ada, now=NOW)
    for verb in (resolve, reopen):
        await verb(its, [two], SYSTEM if verb is reopen else ada, now=NOW)
    await reacted()
    assert await actions(one) == [resolved(), comment("reopened"), comment("silenced"), NOT_PLANNED]
    assert await actions(two) == [resolved(), comment("reopened", None), OPENED]


Verb = Callable[..., Awaitable[Any]]


@pytest.mark.parametrize("verb", [resolve, silence, delete])
async def test_groups_without_an_issue_cost_two_looks(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, ada, _ = await issued()
    others = [await seen(stage.shop, f"Other{n}") for n in range(9)]
    await fetch("delete from github_action")
    await fetch("delete from github_issue")
    await fetch("delete from outbox")
    await verb(stage.organization_id, others, ada, now=NOW)
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        assert await react(now=NOW) == 9
    assert len([sql for sql in told if "github" in sql]) == 1
    assert await fetch("select from github_action") == []


async def test_many_changes_take_no_more_statements_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, ada, groups = await issued(12)

    async def statements(ids: list[UUID]) -> int:
        await resolve(stage.organization_id, ids, ada, now=NOW)
        told: list[str] = []
        with noted_statements(monkeypatch, told):
            await react(now=NOW)
        assert [await actions(each) for each in ids] == [[resolved(), COMPLETED]] * len(ids)
        return len(told)

    assert await statements(groups[:1]) == await statements(groups[1:])


async def test_an_issue_that_nobody_has_begun_to_make_is_made_as_the_group_is_then() -> None:
    stage, ada, [group_id] = await issued()
    its = stage.organization_id
    await fetch("delete from github_issue")
    await issue(group_id, None, sync_status="capped", next_attempt_at=later(days=1))
    await resolve(its, [group_id], ada, now=NOW)
    await reacted()
    assert await actions(group_id) == [("create", {}), resolved(), COMPLETED]
    await reopen(its, [group_id], ada, now=NOW)
    await reacted()
    assert await actions(group_id) == [("create", {})]

    # From the first attempt on it may be there.
    await fetch("update github_issue set attempted_at = $1", NOW)
    for verb in (resolve, reopen):
        await verb(its, [group_id], ada, now=NOW)
        await reacted()
    assert await actions(group_id) == [("create", {}), resolved(), COMPLETED, comment("reopened"), OPENED]
    row = await issue_of(group_id)
    assert row
    assert (row["sync_status"], row["next_attempt_at"]) == ("capped", later(days=1))


async def test_an_issue_that_is_no_longer_followed_stays_as_it_is() -> None:
    stage, ada, [group_id] = await issued()
    await fetch("update github_issue set sync_status = 'detached'")
    await resolve(stage.organization_id, [group_id], ada, now=NOW)
    await reacted()
    assert await actions(group_id) == []
    row = await issue_of(group_id)
    assert row
    assert (row["sync_status"], row["next_attempt_at"]) == ("detached", None)


async def test_what_a_newer_snaglist_wrote_hinders_nothing() -> None:
    stage, ada, [group_id] = await issued()
    await fetch(
        "insert into group_change (organization_id, group_id, kind, at, actor_kind, detail, status_before, status_after)"
        " values ($1, $2, 'PAINTED', $3, 'system', $4, 'NEW', 'NEW')",
        stage.organization_id,
        group_id,
        NOW,
        json.dumps({"colour": "red"}),
    )
    await resolve(stage.organization_id, [group_id], ada, now=NOW)
    await reacted()
    assert await actions(group_id) == [resolved(), COMPLETED]
