"""The history of an error as the graph tells it: who did what, why, and how it was meant."""

from typing import Any
from uuid import UUID

import pytest

from app.accounts.roles import TokenKind
from app.graphql import ids
from app.tables.database import fetch
from app.triage.merge import merge
from tests.graphql.stage import ask, joined
from tests.graphql.test_error_group_verbs import done, gid
from tests.recording.stage import Stage, later
from tests.triage.stage import ROBOT, errors

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

HISTORY = """
query H($id: ID!) { error(id: $id) { history { nodes {
    kind actorKind actorName reason statusBefore statusAfter seenAt resolvedInVersion resolvedInNextVersion
    muteUntil muteAfterOccurrences assigneeName assignee { name } otherErrorIds
} } } }
"""


async def told(stage: Stage, group: UUID) -> list[dict[str, Any]]:
    """The history, oldest first, each entry without what is null, empty or false."""
    found = await ask(HISTORY, await joined(stage.organization_id), id=gid(group))
    return [
        {name: value for name, value in entry.items() if value}
        for entry in reversed(found["error"]["history"]["nodes"])
    ]


async def test_the_history_tells_who_did_what_and_why() -> None:
    stage, [group, other] = await errors(2)
    ann = await joined(stage.organization_id)
    robot = await joined(stage.organization_id, kind=TokenKind.AGENT)
    member = ids.encode("Member", ann.membership_id or ids.NOBODY)
    await done("Assign", robot, [group], memberId=member, reason="who knows it best")
    await done("Mute", ann, [group], until="2026-11-23T10:00:00Z", afterOccurrences=7)
    await done("Resolve", robot, [group], inVersion="1.10")
    await merge(stage.organization_id, group, [other], ROBOT, now=later(minutes=1))

    by_ann = {"actorKind": "PERSON", "actorName": "Ann", "statusBefore": "ACTIVE", "statusAfter": "ACTIVE"}
    by_robot = {"actorKind": "AGENT", "actorName": "robot", "statusBefore": "ACTIVE"}
    given = {
        "kind": "ASSIGNED",
        "reason": "who knows it best",
        "assigneeName": "Ann",
        "statusAfter": "ACTIVE",
    }
    mute = {"kind": "MUTED", "muteUntil": "2026-11-23T10:00:00Z", "muteAfterOccurrences": 7}
    resolution = {"kind": "RESOLVED", "resolvedInVersion": "1.10", "statusAfter": "RESOLVED"}
    first = by_robot | given | {"assignee": {"name": "Ann"}}
    found = await told(stage, group)
    assert found[:3] == [first, by_ann | mute, by_robot | resolution]
    assert (found[3]["kind"], found[3]["otherErrorIds"]) == ("MERGED", [gid(other)])
    assert (await told(stage, other))[-1]["otherErrorIds"] == [gid(group)]

    # Names outlive those who had them.
    await fetch("delete from membership where id = $1", ann.membership_id)
    await fetch("update access_token set revoked_at = now(), name = 'another' where id = $1", robot.token_id)
    assert (await told(stage, group))[:2] == [by_robot | given, by_ann | mute]


async def test_the_history_tells_what_the_log_brought_about() -> None:
    stage, [group] = await errors(1)
    await fetch(
        """
        insert into group_change (organization_id, group_id, kind, at, actor_kind, detail)
        values ($1, $2, 'REGRESSED', now(), 'system', '{"seen_at": "2026-11-22T09:00:00+00:00", "origin_id": "x"}')
        """,
        stage.organization_id,
        group,
    )
    assert await told(stage, group) == [
        {"kind": "REGRESSED", "actorKind": "SYSTEM", "seenAt": "2026-11-22T09:00:00Z"}
    ]
