"""The verbs on real groups: what they write, once, in order, and for all or none."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts.actors import Actor
from app.errors import BadInput, InvalidTransition, NotFound, SnaglistError
from app.tables.database import fetch
from app.timeline import Change
from app.triage import choose
from app.triage.assign import assign
from app.triage.choose import Refused
from app.triage.claim import claim
from app.triage.delete import delete
from app.triage.mute import mute
from app.triage.reopen import reopen
from app.triage.resolve import resolve
from app.triage.silence import silence
from app.triage.unmute import unmute
from tests.database import NOW
from tests.reading.stage import merge
from tests.recording.stage import later, noted_statements, recorded, set_up, sighting
from tests.triage.stage import ROBOT, errors, everything, join, kinds, standing, steps

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

Verb = Callable[..., Awaitable[list[Change]]]

VERBS: list[tuple[Verb, dict[str, Any], str]] = [
    (claim, {}, "CLAIMED"),
    (resolve, {}, "RESOLVED"),
    (silence, {}, "SILENCED"),
    (mute, {}, "MUTED"),
    (assign, {"membership_id": None}, "ASSIGNED"),
    (delete, {}, "DELETED"),
    (reopen, {}, "REOPENED"),
    (unmute, {}, "UNMUTED"),
]
"""The last two need something to take back."""
each_verb = pytest.mark.parametrize(
    ("verb", "more", "kind"), VERBS, ids=[verb.__name__ for verb, _, _ in VERBS]
)


async def ready(organization_id: UUID, groups: list[UUID]) -> None:
    """Bring groups to where each verb changes something: in progress, and assigned; muted ones are for unmute."""
    await claim(organization_id, groups, ROBOT, now=NOW)
    member = await join(organization_id)
    await assign(organization_id, groups, ROBOT, membership_id=member, now=NOW)


async def prepared(verb: Verb, organization_id: UUID, groups: list[UUID]) -> None:
    if verb is not claim:
        await ready(organization_id, groups)
    if verb is unmute:
        await mute(organization_id, groups, ROBOT, now=NOW)
    await fetch("delete from group_change")


@each_verb
async def test_each_verb_writes_one_row_for_each_group_with_who_and_why(
    verb: Verb, more: dict[str, Any], kind: str
) -> None:
    stage, groups = await errors(3)
    await prepared(verb, stage.organization_id, groups)
    ann = Actor("person", await join(stage.organization_id, "Ann Lee"))
    named = [groups[1], groups[0], groups[1]]  # one of them twice

    changes = await verb(stage.organization_id, named, ann, reason=" too\0 loud ", now=later(hours=1), **more)

    assert [change.entry.move.group_id for change in changes] == [groups[1], groups[0]]
    for group_id in groups[:2]:
        [step] = await steps(group_id)
        assert (step["kind"], step["reason"], step["at"]) == (kind, "too\ufffd loud", later(hours=1))
        assert (step["actor_kind"], step["actor_id"], step["actor_name"]) == ("person", ann.id, "Ann Lee")
        assert step["status_after"] == await standing(group_id)
    assert await kinds(groups[2]) == []


@pytest.mark.parametrize(
    ("verb", "more"), [(verb, more) for verb, more, _ in VERBS if verb is not delete]
)  # what is deleted is not there
async def test_asking_for_what_is_so_already_changes_nothing(verb: Verb, more: dict[str, Any]) -> None:
    stage, groups = await errors(2)
    await prepared(verb, stage.organization_id, groups)
    await verb(stage.organization_id, groups[:1], ROBOT, now=NOW, **more)
    before = await everything()

    assert (
        await verb(stage.organization_id, groups[:1], ROBOT, now=later(hours=1), reason="again", **more) == []
    )
    assert await everything() == before
    # And of two, one of which is so already, the other one changes.
    [change] = await verb(stage.organization_id, groups, ROBOT, now=later(hours=1), **more)
    assert change.entry.move.group_id == groups[1]


@each_verb
async def test_ids_that_mean_nothing_change_nothing_and_each_is_named(
    verb: Verb, more: dict[str, Any], kind: str
) -> None:
    stage, [group, gone] = await errors(2)
    strangers = await set_up()
    await recorded([sighting(strangers.shop)])
    foreign = (await strangers.group("id"))["id"]
    await delete(stage.organization_id, [gone], ROBOT, now=NOW)
    await prepared(verb, stage.organization_id, [group])
    before = await everything()

    with pytest.raises(Refused) as refused:
        await verb(stage.organization_id, [uuid4(), group, foreign, gone], ROBOT, now=NOW, **more)

    assert [(type(each), each.field) for each in refused.value.failures] == [
        (NotFound, "ids.0"),
        (NotFound, "ids.2"),
        (NotFound, "ids.3"),
    ]
    assert await everything() == before


@each_verb
async def test_none_and_too_many_and_a_long_reason_are_refused(
    verb: Verb, more: dict[str, Any], kind: str
) -> None:
    stage, [group] = await errors(1)
    await prepared(verb, stage.organization_id, [group])
    before = await everything()
    bad: list[tuple[list[UUID], str, str]] = [
        ([], "", "ids"),
        ([group, *(uuid4() for _ in range(100))], "", "ids"),
        ([group], "x" * 1001, "reason"),
    ]
    for ids, reason, field in bad:
        with pytest.raises(BadInput) as refused:
            await verb(stage.organization_id, ids, ROBOT, reason=reason, now=NOW, **more)
        assert (type(refused.value), refused.value.field) == (BadInput, field)
    assert await everything() == before


@each_verb
async def test_a_hundred_groups_take_as_many_statements_as_one(
    verb: Verb, more: dict[str, Any], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop, f"Error{n % 101}", later(seconds=n)) for n in range(202)])
    groups = [group["id"] for group in await stage.groups("id")]
    await prepared(verb, stage.organization_id, groups[:100])
    await prepared(verb, stage.organization_id, groups[100:])
    told: list[list[str]] = [[], []]
    for some, statements in zip((groups[:100], groups[100:]), told, strict=True):
        with noted_statements(monkeypatch, statements):
            changes = await verb(stage.organization_id, some, ROBOT, now=NOW, **more)
        assert len(changes) == len(some)
    assert len(told[0]) == len(told[1]) <= 9


async def test_one_forbidden_step_refuses_all_and_each_is_named() -> None:
    stage, groups = await errors(4)
    await resolve(stage.organization_id, groups[1:3], ROBOT, now=NOW)
    before = await everything()

    with pytest.raises(Refused) as refused:
        await claim(stage.organization_id, groups, ROBOT, now=NOW)

    assert [(type(each), each.field, each.message) for each in refused.value.failures] == [
        (InvalidTransition, "ids.1", "an error that is resolved cannot be claimed"),
        (InvalidTransition, "ids.2", "an error that is resolved cannot be claimed"),
    ]
    assert await everything() == before


async def test_what_was_merged_away_stands_for_the_group_that_it_went_into() -> None:
    stage, [survivor, merged, other] = await errors(3)
    await merge(survivor, merged)

    changes = await claim(stage.organization_id, [merged, other, survivor], ROBOT, now=NOW)

    assert [change.entry.move.group_id for change in changes] == [survivor, other]
    assert (await standing(survivor), await standing(merged)) == ("IN_PROGRESS", "ACTIVE")
    await resolve(stage.organization_id, [survivor], ROBOT, now=NOW)
    with pytest.raises(Refused) as refused:
        await claim(stage.organization_id, [other, merged], ROBOT, now=NOW)
    assert [each.field for each in refused.value.failures] == ["ids.1"]


async def test_a_secret_in_a_reason_is_not_kept() -> None:
    stage, [group] = await errors(1)
    await claim(stage.organization_id, [group], ROBOT, reason="see postgres://me:hunter2@db/x", now=NOW)
    [step] = await steps(group)
    assert "hunter2" not in step["reason"]
    assert step["reason"].startswith("see postgres://")


async def test_groups_are_assigned_to_members_and_to_nobody() -> None:
    stage, [group, other] = await errors(2)
    ann, ben = await join(stage.organization_id, "Ann"), await join(stage.organization_id, "Ben")
    for member in (ann, ben, None):
        await assign(stage.organization_id, [group], ROBOT, membership_id=member, now=NOW)
        assert await standing(group, "assignee_id") == member
    assert [step["detail"] for step in await steps(group)] == [
        {"assignee_id": str(ann), "assignee_name": "Ann"},
        {"assignee_id": str(ben), "assignee_name": "Ben"},
        {"assignee_id": None, "assignee_name": None},
    ]
    # Who is removed has nothing to do any more.
    await assign(stage.organization_id, [other], ROBOT, membership_id=ann, now=NOW)
    await fetch("delete from membership where id = $1", ann)
    assert await standing(other, "assignee_id") is None


async def test_strangers_and_people_who_left_are_given_nothing() -> None:
    stage, [group] = await errors(1)
    left = await join(stage.organization_id)
    await fetch("delete from membership where id = $1", left)
    before = await everything()
    for member in (left, uuid4(), await join((await set_up()).organization_id)):
        with pytest.raises(NotFound) as refused:
            await assign(stage.organization_id, [group], ROBOT, membership_id=member, now=NOW)
        assert refused.value.field == "memberId"
    assert await everything() == before


async def test_a_reopened_group_is_as_one_that_was_never_resolved() -> None:
    stage, [group] = await errors(1)
    await resolve(stage.organization_id, [group], ROBOT, in_version="1.2", now=NOW)
    await reopen(stage.organization_id, [group], ROBOT, now=later(minutes=1))

    columns = "status, resolved_at, resolved_in_version, resolved_in_next, count_at_resolve"
    assert await standing(group, columns) == ("NEW", None, None, False, None)
    await recorded([sighting(stage.shop, "Error0", later(minutes=-1))], now=later(minutes=2))
    assert await standing(group) == "ACTIVE"  # nothing is late any more


async def test_a_group_of_a_log_comes_back_after_the_moment_of_its_resolution() -> None:
    stage, [group] = await errors(1)
    await resolve(stage.organization_id, [group], ROBOT, now=NOW)
    for minutes, status in ((-1, "RESOLVED"), (0, "RESOLVED"), (1, "REGRESSED"), (2, "ACTIVE")):
        await recorded([sighting(stage.shop, "Error0", later(minutes=minutes))], now=later(minutes=9))
        assert await standing(group) == status
    assert await standing(group, "total_count - count_at_resolve") == 4


async def test_a_verb_is_told_after_its_commit_and_only_if_something_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, [group] = await errors(1)
    told: list[tuple[list[Change], str]] = []

    async def noting(changes: list[Change]) -> None:
        told.append((changes, await standing(group)))

    monkeypatch.setattr("app.triage.claim.announce", noting)
    changes = await claim(stage.organization_id, [group], ROBOT, now=NOW)
    assert told == [(changes, "IN_PROGRESS")]
    with pytest.raises(SnaglistError):
        await claim(stage.organization_id, [uuid4()], ROBOT, now=NOW)
    assert len(told) == 1


async def test_groups_that_are_merged_all_the_time_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, [group] = await errors(1)
    before = await everything()
    monkeypatch.setattr(choose, "_stand", lambda *_: False)
    with pytest.raises(SnaglistError) as refused:
        await claim(stage.organization_id, [group], ROBOT, now=NOW + timedelta(1))
    assert refused.value.code == "UNAVAILABLE"
    assert await everything() == before
