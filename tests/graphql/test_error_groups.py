"""One error and what hangs below it: occurrences, history, timelines, what it was merged into."""

from typing import Any
from uuid import UUID

import pytest

from app.domain.enrichment import Enrichment
from app.domain.lifecycle import MoveKind
from app.graphql import ids
from app.recording.sightings import Description, Detail, ShownException, ShownFrame
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.stage import ask, member, refusal
from tests.reading.stage import change, delete, merge, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

TOLD = Description(
    "ValidationError: no partner",
    "no partner",
    "odoo.exceptions.ValidationError",
    Detail(
        (
            ShownException("KeyError", "'partner_id'", (ShownFrame("a.py", 7, None, "sale", True, "x = y"),)),
            ShownException(
                "odoo.exceptions.ValidationError",
                "no partner\nat all",
                (
                    ShownFrame("/odoo/api.py", 401, "call_kw", None, False, None),
                    ShownFrame("b.py", 9, "write", "sale", True, "raise ValidationError"),
                ),
            ),
        ),
        ("line before",),
        ("line after", "and another"),
        Enrichment("Send mails", 10**17, "sale.order", "shop", "/web", "write", 7),
    ),
)


async def shown(caller_of: Stage, group_id: UUID, fields: str, **variables: Any) -> Any:
    """The fields of an error, as an owner sees it."""
    document = f"query One($id: ID!) {{ error(id: $id) {{ {fields} }} }}"
    found = await ask(
        document, member(caller_of.organization_id), id=ids.encode("ErrorGroup", group_id), **variables
    )
    return found["error"]


async def test_an_occurrence_tells_all_that_was_found_out() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "any", later(minutes=-5), describe=lambda: TOLD)
    fields = """
    latestOccurrence {
        __typename errorId occurredAt receivedAt sessionId userId appVersion environment message traceback
        instance { slug } frames { path line function module inApp contextLine }
        exceptions { type message frames { path } } contextBefore contextAfter
        cronJobName serverActionId odooModel databaseName httpUrl aclOperation aclUid
    }
    """
    assert (await shown(stage, group_id, fields))["latestOccurrence"] == {
        "__typename": "Occurrence",
        "errorId": ids.encode("ErrorGroup", group_id),
        "occurredAt": "2026-11-22T09:55:00Z",
        "receivedAt": "2026-11-22T10:00:00Z",
        "sessionId": None,
        "userId": None,
        "appVersion": None,
        "environment": "PRODUCTION",
        "message": "no partner",
        "traceback": "\n".join(
            (
                "Traceback (most recent call last):",
                '  File "a.py", line 7, in ?',
                "    x = y",
                "KeyError: 'partner_id'",
                "",
                "Traceback (most recent call last):",
                '  File "/odoo/api.py", line 401, in call_kw',
                '  File "b.py", line 9, in write',
                "    raise ValidationError",
                "odoo.exceptions.ValidationError: no partner",
                "at all",
            )
        ),
        "instance": {"slug": "shop"},
        "frames": [
            {
                "path": "/odoo/api.py",
                "line": 401,
                "function": "call_kw",
                "module": None,
                "inApp": False,
                "contextLine": None,
            },
            {
                "path": "b.py",
                "line": 9,
                "function": "write",
                "module": "sale",
                "inApp": True,
                "contextLine": "raise ValidationError",
            },
        ],
        "exceptions": [
            {"type": "KeyError", "message": "'partner_id'", "frames": [{"path": "a.py"}]},
            {
                "type": "odoo.exceptions.ValidationError",
                "message": "no partner\nat all",
                "frames": [{"path": "/odoo/api.py"}, {"path": "b.py"}],
            },
        ],
        "contextBefore": ["line before"],
        "contextAfter": ["line after", "and another"],
        "cronJobName": "Send mails",
        "serverActionId": 10**17,
        "odooModel": "sale.order",
        "databaseName": "shop",
        "httpUrl": "/web",
        "aclOperation": "write",
        "aclUid": 7,
    }


async def test_an_occurrence_without_an_exception_has_no_traceback_and_no_frames() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "any", describe=lambda: Description("a line", "a line"))
    fields = "latestOccurrence { traceback frames { path } exceptions { type } contextBefore aclUid }"
    assert (await shown(stage, group_id, fields))["latestOccurrence"] == {
        "traceback": None,
        "frames": [],
        "exceptions": [],
        "contextBefore": [],
        "aclUid": None,
    }


async def test_a_damaged_detail_costs_the_detail_only() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "any")
    await fetch("update occurrence set detail = 'no zstd'")
    found = await shown(stage, group_id, "latestOccurrence { message traceback frames { path } }")
    assert found["latestOccurrence"] == {"message": "'partner_id'", "traceback": None, "frames": []}


async def test_occurrences_come_in_pages_the_newest_first() -> None:
    stage = await set_up(cooldown_seconds=0)
    group_id = await seen(stage.shop, "any", *(later(hours=-hours) for hours in range(3)))
    fields = """
    all: occurrences { totalCount nodes { id occurredAt } }
    one: occurrences(first: 1) { edges { cursor node { occurredAt } } pageInfo { hasNextPage endCursor } }
    end: occurrences(last: 1) { nodes { occurredAt } }
    """
    found = await shown(stage, group_id, fields)
    times = ["2026-11-22T10:00:00Z", "2026-11-22T09:00:00Z", "2026-11-22T08:00:00Z"]
    assert found["all"]["totalCount"] == 3
    assert [node["occurredAt"] for node in found["all"]["nodes"]] == times
    [edge] = found["one"]["edges"]
    assert edge["node"]["occurredAt"] == times[0]
    assert found["one"]["pageInfo"] == {"hasNextPage": True, "endCursor": edge["cursor"]}
    assert found["end"]["nodes"] == [{"occurredAt": times[2]}]
    rest = await shown(
        stage, group_id, f'occurrences(after: "{edge["cursor"]}") {{ nodes {{ occurredAt }} }}'
    )
    assert [node["occurredAt"] for node in rest["occurrences"]["nodes"]] == times[1:]


async def test_a_cursor_of_another_list_is_refused() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "any", NOW, later(minutes=-20))
    found = await shown(stage, group_id, "history { pageInfo { endCursor } } occurrences { totalCount }")
    document = (
        "query Q($id: ID!, $after: String) { error(id: $id) { occurrences(after: $after) { totalCount } } }"
    )
    global_id = ids.encode("ErrorGroup", group_id)
    viewer = member(stage.organization_id)
    for after in (found["history"]["pageInfo"]["endCursor"], "nonsense"):
        assert await refusal(document, viewer, after=after, id=global_id) == "BAD_USER_INPUT"


async def test_history_tells_each_change_the_newest_first() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "any", later(minutes=-20), later(minutes=-1))
    fields = """
    history { totalCount nodes { __typename errorId kind at actorKind statusBefore statusAfter reason } }
    first: history(first: 1) { edges { cursor node { kind } } pageInfo { hasNextPage hasPreviousPage } }
    """
    found = await shown(stage, group_id, fields)
    common = {
        "__typename": "ErrorHistoryEntry",
        "errorId": ids.encode("ErrorGroup", group_id),
        "at": "2026-11-22T10:00:00Z",
        "actorKind": "SYSTEM",
        "reason": None,
    }
    assert found["history"]["totalCount"] == 2
    assert found["history"]["nodes"] == [
        {**common, "kind": "ACTIVATED", "statusBefore": "NEW", "statusAfter": "ACTIVE"},
        {**common, "kind": "OPENED", "statusBefore": None, "statusAfter": "NEW"},
    ]
    [edge] = found["first"]["edges"]
    assert edge["node"] == {"kind": "ACTIVATED"}
    assert found["first"]["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
    rest = await shown(stage, group_id, f'history(after: "{edge["cursor"]}") {{ nodes {{ kind }} }}')
    assert rest["history"]["nodes"] == [{"kind": "OPENED"}]


@pytest.mark.parametrize("kind", MoveKind)
async def test_every_kind_of_change_can_be_shown(kind: MoveKind) -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "any")
    await fetch("update group_change set kind = $1, actor_kind = 'agent'", kind)
    found = await shown(stage, group_id, "history { nodes { kind actorKind } }")
    assert found["history"]["nodes"] == [{"kind": kind, "actorKind": "AGENT"}]


async def test_sparklines_of_several_lengths_stand_side_by_side() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "any", NOW, later(days=-2, hours=-3), later(hours=-1))
    document = """
    query Q($days: Int) { errors { nodes { ...Lines } edges { node { longest: sparkline(days: 90) } } } }
    fragment Lines on ErrorGroup {
        sparkline day: sparkline(days: 1) same: sparkline(days: $days) ... on ErrorGroup { null: sparkline(days: null) }
    }
    """
    for days in (3, None):
        errors = (await ask(document, member(stage.organization_id), days=days))["errors"]
        [found] = errors["nodes"]
        week = [0] * 116 + [1] + [0] * 49 + [1, 1]
        assert len(week) == 168
        assert found == {
            "sparkline": week,
            "day": week[-24:],
            "same": week[-24 * (days or 7) :],
            "null": week,
        }
        assert errors["edges"] == [{"node": {"longest": [0] * (24 * 83) + week}}]
    # Read for one error alone, they are the same.
    assert await shown(stage, group_id, "sparkline day: sparkline(days: 1)") == {
        "sparkline": week,
        "day": week[-24:],
    }


@pytest.mark.parametrize("days", [0, -1, 91, 2**31 - 1])
async def test_days_that_make_no_sense_are_refused(days: int) -> None:
    stage = await set_up()
    viewer = member(stage.organization_id)
    group_id = await seen(stage.shop, "any")
    for field in ("sparkline(days: $days)", "timeline(days: $days) { buckets { count } }"):
        many = f"query Q($days: Int) {{ errors {{ nodes {{ {field} }} }} }}"
        one = f"query Q($days: Int, $id: ID!) {{ error(id: $id) {{ {field} }} }}"
        assert await refusal(many, viewer, days=days) == "BAD_USER_INPUT"
        assert (
            await refusal(one, viewer, days=days, id=ids.encode("ErrorGroup", group_id)) == "BAD_USER_INPUT"
        )


async def test_a_timeline_counts_by_hours_or_days_on_one_instance_or_all() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "any", NOW, later(hours=-1), later(days=-8))
    await seen(stage.warehouse, "any", NOW)
    fields = """
    day: timeline(days: 1) { buckets { startsAt count } }
    week: timeline { buckets { count } }
    month: timeline(days: 30) { buckets { startsAt count } }
    warehouse: timeline(days: 1, instanceId: "WAREHOUSE") { buckets { count } }
    nowhere: timeline(days: 1, instanceId: "nonsense") { buckets { count } }
    """.replace("WAREHOUSE", ids.encode("Instance", stage.warehouse.id))
    found = await shown(stage, group_id, fields)
    day = found["day"]["buckets"]
    assert (len(day), day[0]["startsAt"], day[-1]) == (
        24,
        "2026-11-21T11:00:00Z",
        {"startsAt": "2026-11-22T10:00:00Z", "count": 2},
    )
    assert [bucket["count"] for bucket in day] == [0] * 22 + [1, 2]
    assert [bucket["count"] for bucket in found["week"]["buckets"]] == [0] * 166 + [1, 2]
    assert [bucket["count"] for bucket in found["month"]["buckets"]] == [0] * 21 + [1] + [0] * 7 + [3]
    assert found["month"]["buckets"][0]["startsAt"] == "2026-10-24T00:00:00Z"
    assert [bucket["count"] for bucket in found["warehouse"]["buckets"]] == [0] * 23 + [1]
    assert [bucket["count"] for bucket in found["nowhere"]["buckets"]] == [0] * 24


async def test_affected_instances_have_the_most_affected_first_and_deleted_ones_too() -> None:
    stage = await set_up()
    group_id = await seen(stage.warehouse, "any", NOW, later(minutes=-1))
    await seen(stage.shop, "any", later(minutes=-2))
    await fetch("update instance set deleted_at = $2 where id = $1", stage.warehouse.id, NOW)
    found = await shown(stage, group_id, "affectedInstances { name totalCount } affectedInstanceCount")
    assert found == {
        "affectedInstances": [
            {"name": "warehouse", "totalCount": 2},
            {"name": "shop", "totalCount": 1},
        ],
        "affectedInstanceCount": 2,
    }


async def test_a_mute_that_ran_out_is_none() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "any")
    await change(group_id, muted_at=NOW, mute_until=later(hours=1))
    fields = "muted muteUntil"
    assert await shown(stage, group_id, fields, now=NOW) == {
        "muted": True,
        "muteUntil": "2026-11-22T11:00:00Z",
    }
    assert await shown(stage, group_id, fields, now=later(hours=1)) == {"muted": False, "muteUntil": None}


async def test_an_error_is_found_although_lists_hide_it_and_says_where_it_went() -> None:
    stage = await set_up()
    primary, other = await seen(stage.shop, "primary"), await seen(stage.shop, "other")
    await change(primary, status="SILENCED")
    await merge(primary, other)
    found = await shown(stage, other, "status mergedInto { id status mergedInto { id } }")
    assert found == {
        "status": "NEW",
        "mergedInto": {"id": ids.encode("ErrorGroup", primary), "status": "SILENCED", "mergedInto": None},
    }


async def test_a_deleted_error_is_not_there() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "gone")
    await delete(group_id)
    assert await shown(stage, group_id, "id") is None


async def test_the_numbers_above_the_list_can_be_asked_for_a_part_of_it() -> None:
    stage, other = await set_up(), await set_up()
    await seen(stage.shop, "one")
    await seen(stage.warehouse, "two", severity="high", kind="database")
    await seen(stage.warehouse, "old", later(days=-2))
    await change(await seen(stage.shop, "done"), status="RESOLVED")
    await change(await seen(stage.shop, "muted"), muted_at=NOW)
    await seen(other.shop, "theirs")
    document = """
    query Q($filter: ErrorStatsFilter) {
        errorStats(filter: $filter) { totalActive newLast24h critical githubIssuesThisWeek }
    }
    """
    viewer = member(stage.organization_id)
    for filter_, numbers in (
        (None, (3, 3, 2)),
        ({}, (3, 3, 2)),
        ({"projectId": ids.encode("Project", stage.project_id)}, (3, 3, 2)),
        ({"instanceId": ids.encode("Instance", stage.shop.id)}, (1, 2, 1)),
        ({"instanceId": ids.encode("Instance", other.shop.id)}, (0, 0, 0)),
        ({"projectId": ids.encode("Project", other.project_id)}, (0, 0, 0)),
        ({"projectId": "nonsense"}, (0, 0, 0)),
    ):
        found = (await ask(document, viewer, filter=filter_))["errorStats"]
        assert tuple(found.values()) == (*numbers, 0), filter_
