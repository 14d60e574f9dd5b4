"""Merging in the graph: what a client sees of it, and what it is told to put right."""

from typing import Any

import pytest

from app.accounts.roles import Caller
from app.graphql import ids
from tests.graphql.stage import ask, joined, refusal
from tests.reading.stage import seen
from tests.recording.stage import later, noted_statements, recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

MERGE = """
mutation Merge($input: ErrorGroupMergeInput!) {
  errorGroupMerge(input: $input) {
    errorGroups { id title totalCount mergedInto { id } mergedGroups { id mergedInto { id } } }
    userErrors { field code message }
  }
}
"""
UNMERGE = """
mutation Unmerge($input: ErrorGroupUnmergeInput!) {
  errorGroupUnmerge(input: $input) {
    errorGroups { id title totalCount mergedInto { id } } userErrors { field code message }
  }
}
"""
FINGERPRINTS = """
query Fingerprints($id: ID!) {
  error(id: $id) {
    history { nodes { kind reason } }
    fingerprints { id version reason totalCount firstSeenAt lastSeenAt isOwn homeGroup { id title } }
  }
}
"""
SIMILAR = """
query Similar($id: ID!, $first: Int) { error(id: $id) { similar(first: $first) { errorGroup { id title } score ground reason } } }
"""


async def three() -> tuple[Caller, list[str]]:
    """Somebody who may merge, and three errors that were seen twice each."""
    stage = await set_up()
    groups = [await seen(stage.shop, f"Error{n}", later(minutes=-n), later(hours=-n - 1)) for n in range(3)]
    return await joined(stage.organization_id), [ids.encode("ErrorGroup", each) for each in groups]


async def merged(caller: Caller, **given: Any) -> Any:
    return (await ask(MERGE, caller, input=given))["errorGroupMerge"]


async def unmerged(caller: Caller, **given: Any) -> Any:
    return (await ask(UNMERGE, caller, input=given))["errorGroupUnmerge"]


async def test_errors_become_one_and_part_again() -> None:
    caller, [first, second, third] = await three()

    told = await merged(caller, primaryId=first, secondaryIds=[second, third], reason="the same cause")
    assert told["userErrors"] == []
    shown, *others = told["errorGroups"]
    assert [(each["id"], each["mergedInto"]["id"]) for each in others] == [(second, first), (third, first)]
    assert (shown["id"], shown["title"], shown["totalCount"]) == (first, "Error0: 'partner_id'", 6)
    assert {each["id"] for each in shown["mergedGroups"]} == {second, third}
    assert all(each["mergedInto"] == {"id": first} for each in shown["mergedGroups"])
    listed = await ask("{ errors { nodes { id } totalCount } }", caller)
    assert listed["errors"] == {"nodes": [{"id": first}], "totalCount": 1}
    old = await ask("query ($id: ID!) { error(id: $id) { mergedInto { id } } }", caller, id=second)
    assert old["error"] == {"mergedInto": {"id": first}}

    shown = (await ask(FINGERPRINTS, caller, id=first))["error"]
    assert {"kind": "MERGED", "reason": "the same cause"} in shown["history"]["nodes"]
    own, *others = shown["fingerprints"]
    assert (own["isOwn"], own["homeGroup"]["id"], own["totalCount"], own["version"]) == (True, first, 2, 1)
    assert own["reason"] == "v1 traceback\ntype Error0"
    assert own["lastSeenAt"] == "2026-11-22T10:00:00Z"
    assert [each["homeGroup"]["id"] for each in others] == [second, third]

    told = await unmerged(caller, id=first, fingerprintIds=[others[0]["id"]])
    assert told == {
        "errorGroups": [
            {"id": first, "title": "Error0: 'partner_id'", "totalCount": 4, "mergedInto": None},
            {"id": second, "title": "Error1: 'partner_id'", "totalCount": 2, "mergedInto": None},
        ],
        "userErrors": [],
    }
    told = await unmerged(caller, id=first, all=True)
    assert [each["id"] for each in told["errorGroups"]] == [first, third]
    told = await unmerged(caller, id=first, all=True)
    assert [(each["id"], each["totalCount"]) for each in told["errorGroups"]] == [(first, 2)]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"primaryId": "nonsense\0", "secondaryIds": [2]}, ["primaryId"], "NOT_FOUND"),
        ({"primaryId": 1, "secondaryIds": []}, ["secondaryIds"], "BAD_INPUT"),
        ({"primaryId": 1, "secondaryIds": [2] * 51}, ["secondaryIds"], "BAD_INPUT"),
        ({"primaryId": 1, "secondaryIds": [2, 1]}, ["secondaryIds", "1"], "BAD_INPUT"),
        ({"primaryId": 1, "secondaryIds": [2, 2]}, ["secondaryIds", "1"], "BAD_INPUT"),
        ({"primaryId": 1, "secondaryIds": [2, "\ud800"]}, ["secondaryIds", "1"], "NOT_FOUND"),
        ({"primaryId": 1, "secondaryIds": [2], "reason": "x" * 1001}, ["reason"], "BAD_INPUT"),
    ],
)
async def test_what_cannot_be_merged_is_told_with_its_place(
    given: dict[str, Any], field: list[str], code: str
) -> None:
    caller, groups = await three()
    named = {1: groups[0], 2: groups[1]}
    told = await merged(
        caller,
        **given
        | {
            "primaryId": named.get(given["primaryId"], given["primaryId"]),
            "secondaryIds": [named.get(each, each) for each in given["secondaryIds"]],
        },
    )
    assert told["errorGroups"] == []
    [wrong] = told["userErrors"]
    assert (wrong["field"], wrong["code"]) == (field, code)
    assert (await ask("{ errors { totalCount } }", caller))["errors"] == {"totalCount": 3}


async def test_what_cannot_be_taken_apart_is_told_with_its_place() -> None:
    caller, [first, second, _] = await three()
    await merged(caller, primaryId=first, secondaryIds=[second])
    own, other = [each["id"] for each in (await ask(FINGERPRINTS, caller, id=first))["error"]["fingerprints"]]
    huge = ids.encode("ErrorFingerprint", 10**19 - 1)
    for given, field, code in (
        ({"id": "x", "all": True}, ["id"], "NOT_FOUND"),
        ({"id": second, "all": True}, ["id"], "BAD_INPUT"),
        ({"id": first}, ["fingerprintIds"], "BAD_INPUT"),
        ({"id": first, "all": False}, ["fingerprintIds"], "BAD_INPUT"),
        ({"id": first, "all": True, "fingerprintIds": [other]}, ["fingerprintIds"], "BAD_INPUT"),
        ({"id": first, "fingerprintIds": []}, ["fingerprintIds"], "BAD_INPUT"),
        ({"id": first, "fingerprintIds": [other, own]}, ["fingerprintIds", "1"], "BAD_INPUT"),
        ({"id": first, "fingerprintIds": [other, huge]}, ["fingerprintIds", "1"], "NOT_FOUND"),
        ({"id": first, "fingerprintIds": [first]}, ["fingerprintIds", "0"], "NOT_FOUND"),
    ):
        told = await unmerged(caller, **given)
        [wrong] = told["userErrors"]
        assert (wrong["field"], wrong["code"], told["errorGroups"]) == (field, code, []), given
    assert len((await ask(FINGERPRINTS, caller, id=first))["error"]["fingerprints"]) == 2


async def test_similar_errors_are_shown_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    caller = await joined(stage.organization_id)
    frames = "\nframe sale/order.py confirm\nframe sale/order.py check\nframe sale/line.py price"
    groups = []
    for name in ("KeyError", "KeyError\nframe sale/wizard.py run", "ValueError"):
        heard = sighting(stage.shop, name)
        fingerprint = type(heard.fingerprint)(
            1, heard.fingerprint.digest, f"v1 traceback\ntype {name}{frames}"
        )
        await recorded([sighting(stage.shop, name, fingerprint=fingerprint)])
        groups.append(ids.encode("ErrorGroup", await seen(stage.shop, name, fingerprint=fingerprint)))

    shown = await ask(SIMILAR, caller, id=groups[0], first=None)
    [only] = shown["error"]["similar"]
    assert only["errorGroup"]["id"] == groups[1]
    assert (only["ground"], only["reason"]) == ("FRAMES", "KeyError in both, 3 of 4 frames in common")
    assert 0 < only["score"] < 1
    assert (await ask(SIMILAR, caller, id=groups[2], first=20))["error"] == {"similar": []}
    for first in (0, 21, -1):
        assert await refusal(SIMILAR, caller, id=groups[0], first=first) == "BAD_USER_INPUT"

    noted: list[str] = []
    document = "{ errors { nodes { similar { errorGroup { title } } fingerprints { id homeGroup { id } } mergedGroups { id } } } }"
    with noted_statements(monkeypatch, noted):
        assert len((await ask(document, caller))["errors"]["nodes"]) == 3
    # The list; those asked about and their likes; the groups of these and of fingerprints; fingerprints; tombstones.
    assert len(noted) <= 7, noted
