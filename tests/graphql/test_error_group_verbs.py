"""What people do with errors, through the graph: what it answers, and what it refuses and names."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts.roles import Caller, Role
from app.graphql import ids
from app.tables.database import fetch
from app.triage.merge import merge
from tests.graphql.stage import answer, ask, joined
from tests.reading.stage import add_app, change
from tests.recording.stage import later, noted_statements, set_up
from tests.triage.stage import ROBOT, errors, everything

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

FIELDS = "userErrors { field message code }"
MUTATIONS = {
    "Claim": "errorGroups { id status }",
    "Resolve": "errorGroups { id status resolvedAt resolvedInVersion resolvedInNextVersion countSinceResolved }",
    "Reopen": "errorGroups { id status resolvedAt countSinceResolved }",
    "Silence": "errorGroups { id status }",
    "Mute": "errorGroups { id muted muteUntil muteUntilCount totalCount }",
    "Unmute": "errorGroups { id muted muteUntil muteUntilCount }",
    "Assign": "errorGroups { id assignee { id name } }",
    "Delete": "deletedErrorGroupIds",
}


def gid(group_id: UUID) -> str:
    return ids.encode("ErrorGroup", group_id)


async def do(verb: str, caller: Caller, groups: list[Any], **more: Any) -> dict[str, Any]:
    """What a mutation answers."""
    document = f"""
    mutation Do($input: ErrorGroup{verb}Input!) {{
        errorGroup{verb}(input: $input) {{ {MUTATIONS[verb]} {FIELDS} }}
    }}"""
    given = [gid(each) if isinstance(each, UUID) else each for each in groups]
    if verb == "Assign":
        more = {"memberId": None} | more
    found = await ask(document, caller, input={"ids": given, **more})
    payload: dict[str, Any] = found[f"errorGroup{verb}"]
    return payload


async def done(verb: str, caller: Caller, groups: list[UUID], **more: Any) -> list[dict[str, Any]]:
    """The groups after a mutation that went well, each without its id: in the order given."""
    payload = await do(verb, caller, groups, **more)
    assert payload["userErrors"] == []
    shown: list[dict[str, Any]] = payload["errorGroups"]
    assert [each.pop("id") for each in shown] == [gid(group_id) for group_id in groups]
    return shown


async def refused(verb: str, caller: Caller, groups: list[Any], **more: Any) -> list[tuple[str, Any]]:
    """Codes and fields of what a mutation refused; nothing was changed."""
    before = await everything()
    payload = await do(verb, caller, groups, **more)
    assert await everything() == before
    told = payload.pop("userErrors")
    assert list(payload.values()) == [[]]
    assert all(each["message"] for each in told)
    return [(each["code"], each["field"]) for each in told]


async def test_errors_are_claimed_resolved_reopened_and_silenced() -> None:
    stage, [one, two] = await errors(2)
    ann = await joined(stage.organization_id, Role.DEVELOPER)
    assert await done("Claim", ann, [two, one]) == [{"status": "IN_PROGRESS"}] * 2
    resolved = {
        "status": "RESOLVED",
        "resolvedAt": "2026-11-22T10:00:00Z",
        "resolvedInVersion": "1.10",
        "resolvedInNextVersion": False,
        "countSinceResolved": 0,
    }
    assert await done("Resolve", ann, [one, two], inVersion="1.10") == [resolved] * 2
    again = {"status": "NEW", "resolvedAt": None, "countSinceResolved": None}
    assert await done("Reopen", ann, [two]) == [again]
    assert await done("Silence", ann, [two, one]) == [{"status": "SILENCED"}] * 2
    assert await done("Silence", ann, [two]) == [{"status": "SILENCED"}]


async def test_an_error_of_an_app_is_resolved_in_the_next_version() -> None:
    stage, [group] = await errors(1)
    app_id = await add_app(stage)
    await change(group, app_id=app_id, source="EVENT")
    ann = await joined(stage.organization_id)
    assert await refused("Resolve", ann, [group], inNextVersion=True) == [("BAD_INPUT", ["inNextVersion"])]
    await fetch("insert into app_version values ($1, '1.9', $2, now())", app_id, stage.organization_id)
    [shown] = await done("Resolve", ann, [group], inNextVersion=True)
    assert (shown["resolvedInVersion"], shown["resolvedInNextVersion"]) == ("1.9", True)


async def test_errors_are_muted_and_unmuted() -> None:
    stage, [group] = await errors(1)
    ann = await joined(stage.organization_id)
    for given, until, count in (
        ({}, None, None),
        ({"until": "2026-11-23T00:00:00+01:00"}, "2026-11-22T23:00:00Z", None),
        ({"afterOccurrences": 1_000_000_000}, None, 1_000_000_002),
        ({"until": "9999-12-31T23:59:59Z", "afterOccurrences": 1}, "9999-12-31T23:59:59Z", 3),
    ):
        [shown] = await done("Mute", ann, [group], **given)
        assert shown == {"muted": True, "muteUntil": until, "muteUntilCount": count, "totalCount": 2}
    nothing = {"muted": False, "muteUntil": None, "muteUntilCount": None}
    assert await done("Unmute", ann, [group]) == [nothing]
    assert await done("Unmute", ann, [group]) == [nothing]


async def test_errors_are_assigned_to_a_member_and_to_nobody() -> None:
    stage, groups = await errors(2)
    ann = await joined(stage.organization_id)
    member = ids.encode("Member", ann.membership_id or ids.NOBODY)
    theirs = {"assignee": {"id": member, "name": "Ann"}}
    assert await done("Assign", ann, groups, memberId=member) == [theirs] * 2
    assert await done("Assign", ann, groups[:1], memberId=None) == [{"assignee": None}]
    stranger = await joined((await set_up()).organization_id)
    for nobody in (stranger.membership_id, uuid4(), ann.person_id):
        wrong = ids.encode("Member", nobody or ids.NOBODY)
        assert await refused("Assign", ann, groups, memberId=wrong) == [("NOT_FOUND", ["memberId"])]
    for malformed in ("", "\0", gid(groups[0]), str(ann.membership_id)):
        assert await refused("Assign", ann, groups, memberId=malformed) == [("NOT_FOUND", ["memberId"])]


async def test_to_whom_an_error_is_given_must_be_said() -> None:
    stage, [group] = await errors(1)
    ann = await joined(stage.organization_id)
    await change(group, assignee_id=ann.membership_id)
    document = f'mutation {{ errorGroupAssign(input: {{ids: ["{gid(group)}"]}}) {{ errorGroups {{ id }} {FIELDS} }} }}'
    found = (await ask(document, ann))["errorGroupAssign"]
    assert (found["errorGroups"], found["userErrors"][0]["field"]) == ([], ["memberId"])
    assert await fetch("select from error_group where assignee_id is not null")


async def test_deleted_errors_are_named_and_gone() -> None:
    stage, [survivor, merged, other, kept] = await errors(4)
    await merge(stage.organization_id, survivor, [merged], ROBOT, now=later(minutes=-1))
    ann = await joined(stage.organization_id)
    assert await refused("Delete", ann, [other, merged]) == [("INVALID_TRANSITION", ["ids", "1"])]
    payload = await do("Delete", ann, [other, survivor, other])
    assert payload == {
        "deletedErrorGroupIds": [gid(other), gid(survivor), gid(merged)],
        "userErrors": [],
    }
    asked = "query E($id: ID!) { error(id: $id) { id } node(id: $id) { id } }"
    for group in (other, survivor, merged):
        assert await ask(asked, ann, id=gid(group)) == {"error": None, "node": None}
    listed = await ask("{ errors { nodes { id } totalCount } }", ann)
    assert listed["errors"] == {"nodes": [{"id": gid(kept)}], "totalCount": 1}
    assert await refused("Delete", ann, [kept, other]) == [("NOT_FOUND", ["ids", "1"])]


@pytest.mark.parametrize("verb", MUTATIONS)
async def test_each_id_at_fault_is_named_and_nothing_is_changed(verb: str) -> None:
    stage, [group] = await errors(1)
    strangers, [foreign] = await errors(1)
    ann = await joined(stage.organization_id)
    bad = [
        foreign,
        uuid4(),
        "",
        "nonsense",
        "\0",
        "\ud800",
        str(group),
        "A" * 9999,
        ids.encode("Member", group),
    ]
    told = await refused(verb, ann, [bad[0], group, *bad[1:], bad[1]])
    assert told == [("NOT_FOUND", ["ids", str(place)]) for place in (0, *range(2, 11))]
    assert await refused(verb, ann, []) == [("BAD_INPUT", ["ids"])]
    for many in ([uuid4() for _ in range(101)], [f"x{n}" for n in range(101)]):
        assert await refused(verb, ann, many) == [("BAD_INPUT", ["ids"])]
    assert await refused(verb, ann, [group], reason="ü" * 1001) == [("BAD_INPUT", ["reason"])]
    # The other way round, the strangers' error is theirs.
    stranger = await joined(strangers.organization_id)
    assert await refused(verb, stranger, [group, foreign]) == [("NOT_FOUND", ["ids", "0"])]


async def test_a_forbidden_step_is_told_with_its_place() -> None:
    stage, groups = await errors(4)
    ann = await joined(stage.organization_id)
    await done("Resolve", ann, [groups[1], groups[3]])
    told = [("INVALID_TRANSITION", ["ids", "1"]), ("INVALID_TRANSITION", ["ids", "3"])]
    assert await refused("Claim", ann, list(groups)) == told
    assert await refused("Reopen", ann, [groups[1], groups[0]]) == [("INVALID_TRANSITION", ["ids", "1"])]


@pytest.mark.parametrize(
    ("verb", "given", "field"),
    [
        ("Mute", {"until": "2026-11-22T10:00:00Z"}, "until"),
        ("Mute", {"until": "0001-01-01T00:00:00Z"}, "until"),
        ("Mute", {"afterOccurrences": 0}, "afterOccurrences"),
        ("Mute", {"afterOccurrences": 1_000_000_001}, "afterOccurrences"),
        ("Resolve", {"inVersion": "nonsense"}, "inVersion"),
        ("Resolve", {"inVersion": "\0"}, "inVersion"),
        ("Resolve", {"inVersion": "1." * 500}, "inVersion"),
        ("Resolve", {"inVersion": "1.0", "inNextVersion": True}, "inNextVersion"),
    ],
)
async def test_what_makes_no_sense_is_data(verb: str, given: dict[str, Any], field: str) -> None:
    stage, [group] = await errors(1)
    ann = await joined(stage.organization_id)
    assert await refused(verb, ann, [group], **given) == [("BAD_INPUT", [field])]


async def test_what_was_merged_away_stands_for_the_group_that_it_went_into() -> None:
    stage, [survivor, merged, other] = await errors(3)
    await merge(stage.organization_id, survivor, [merged], ROBOT, now=later(minutes=-1))
    ann = await joined(stage.organization_id)
    payload = await do("Claim", ann, [merged, other, survivor])
    assert payload["errorGroups"] == [
        {"id": gid(survivor), "status": "IN_PROGRESS"},
        {"id": gid(other), "status": "IN_PROGRESS"},
    ]


async def test_a_hundred_errors_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, groups = await errors(5)
    ann = await joined(stage.organization_id)
    told: list[list[str]] = [[], []]
    for some, statements in zip((groups[:1], groups), told, strict=True):
        with noted_statements(monkeypatch, statements):
            await done("Assign", ann, some, memberId=ids.encode("Member", ann.membership_id or ids.NOBODY))
    assert len(told[0]) == len(told[1])


async def test_wrong_types_are_refused_before_anything_is_done() -> None:
    stage, [group] = await errors(1)
    ann = await joined(stage.organization_id)
    before = await everything()
    for verb, given in (
        ("Mute", 'until: "tomorrow"'),
        ("Mute", "afterOccurrences: 99999999999"),
        ("Mute", "afterOccurrences: 1.5"),
        ("Resolve", "inNextVersion: null"),
        ("Claim", "force: true"),
    ):
        selected = MUTATIONS[verb]
        document = (
            f'mutation {{ errorGroup{verb}(input: {{ids: ["{gid(group)}"], {given}}}) {{ {selected} }} }}'
        )
        assert (await answer(document, ann)).errors
    assert await everything() == before
