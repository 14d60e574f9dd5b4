"""Lists of errors: what a group shows, every filter and order, pages, and what strangers see of it."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts.roles import Caller
from app.graphql import ids
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.stage import ask, member, refusal
from tests.reading.stage import (
    add_app,
    add_group,
    add_occurrence,
    change,
    delete,
    fingerprint_of,
    merge,
    seen,
)
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

TITLES = """
query Titles($filter: ErrorFilter, $orderBy: ErrorOrder, $first: Int, $after: String, $last: Int, $before: String) {
  errors(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    nodes { title }
    edges { cursor node { title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""


async def titles(caller: Caller, **variables: Any) -> list[str]:
    """The titles of the errors that are shown, without what all of them end with; the total is the same."""
    errors = (await ask(TITLES, caller, **variables))["errors"]
    assert [edge["node"] for edge in errors["edges"]] == errors["nodes"]
    shown = [node["title"].removesuffix(": 'partner_id'") for node in errors["nodes"]]
    assert errors["totalCount"] == len(shown)
    return shown


async def test_a_group_shows_everything_that_is_known_about_it() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "odoo.exceptions.UserError", NOW, later(minutes=-90))
    await change(group_id, odoo_version="17.0", commit_sha="abc123")
    document = """
    { errors { nodes {
        __typename id source kind title exceptionType message module severity priority status muted muteUntil isDev
        totalCount occurrenceCount userCount countSinceResolved firstSeenAt lastSeenAt resolvedAt resolvedInVersion
        odooVersion commitSha affectedInstanceCount sparkline(days: 1)
        project { id name slug }
        affectedInstances { name slug totalCount firstSeenAt lastSeenAt instance { id } }
    } } }
    """
    assert (await ask(document, member(stage.organization_id)))["errors"]["nodes"] == [
        {
            "__typename": "ErrorGroup",
            "id": ids.encode("ErrorGroup", group_id),
            "source": "LOG",
            "kind": "TRACEBACK",
            "title": "odoo.exceptions.UserError: 'partner_id'",
            "exceptionType": "odoo.exceptions.UserError",
            "message": "'partner_id'",
            "module": "sale",
            "severity": "CRITICAL",
            "priority": "P3",
            "status": "ACTIVE",
            "muted": False,
            "muteUntil": None,
            "isDev": False,
            "totalCount": 2,
            "occurrenceCount": 2,
            "userCount": 0,
            "countSinceResolved": None,
            "firstSeenAt": "2026-11-22T08:30:00Z",
            "lastSeenAt": "2026-11-22T10:00:00Z",
            "resolvedAt": None,
            "resolvedInVersion": None,
            "odooVersion": "17.0",
            "commitSha": "abc123",
            "affectedInstanceCount": 1,
            "sparkline": [0] * 21 + [1, 0, 1],
            "project": {"id": ids.encode("Project", stage.project_id), "name": "Odoo", "slug": "odoo"},
            "affectedInstances": [
                {
                    "name": "shop",
                    "slug": "shop",
                    "totalCount": 2,
                    "firstSeenAt": "2026-11-22T08:30:00Z",
                    "lastSeenAt": "2026-11-22T10:00:00Z",
                    "instance": {"id": ids.encode("Instance", stage.shop.id)},
                }
            ],
        }
    ]


class Shelf:
    """A stage with an error of each sort, each seen last at another time: alpha now, beta an hour ago, and so on."""

    def __init__(self, stage: Stage, app_id: UUID, groups: dict[str, UUID]) -> None:
        self.stage, self.app_id, self.groups = stage, app_id, groups
        self.viewer = member(stage.organization_id)


async def shelf() -> Shelf:
    """
    alpha   LOG traceback, critical, sale, shop, twice          beta     LOG database, high, stock, warehouse, once
    gamma   LOG warning, medium, shop, P1, resolved             delta    EVENT message, medium, dev, of an app, P0
    silent  LOG, silenced                                       muted    LOG, muted for ever
    """
    stage = await set_up()
    app_id = await add_app(stage)
    groups = {
        "alpha": await seen(stage.shop, "alpha", NOW, later(minutes=-10)),
        "beta": await seen(
            stage.warehouse, "beta", later(hours=-1), kind="database", severity="high", module="stock_account"
        ),
        "gamma": await seen(
            stage.shop, "gamma", later(hours=-2), kind="warning", severity="medium", module=None
        ),
        "delta": await add_group(
            stage,
            title="delta",
            source="EVENT",
            kind="MESSAGE",
            severity=1,
            priority=0,
            is_dev=True,
            app_id=app_id,
            message="disk 100% full",
            first_seen_at=later(days=-30),
            last_seen_at=later(days=-20),
            total_count=40,
        ),
        "silent": await seen(stage.warehouse, "silent", later(hours=-4)),
        "muted": await seen(stage.warehouse, "muted", later(hours=-5)),
    }
    await add_occurrence(
        stage, groups["delta"], app_id=app_id, app_version="1.10.0", environment="iOS", occurred_at=NOW
    )
    await fetch(
        "insert into fingerprint_tag values ($1, 'locale', 'de', 1, $2)",
        await fingerprint_of(groups["delta"]),
        NOW,
    )
    await change(groups["gamma"], status="RESOLVED", priority=1)
    await change(groups["silent"], status="SILENCED")
    await change(groups["muted"], muted_at=NOW)
    return Shelf(stage, app_id, groups)


SHOWN = ["alpha", "beta", "gamma", "delta"]
FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, SHOWN),
    ({"severity": ["HIGH", "CRITICAL"]}, ["alpha", "beta"]),
    ({"severity": []}, []),
    ({"severity": None}, SHOWN),
    ({"status": ["RESOLVED"]}, ["gamma"]),
    ({"status": ["SILENCED", "RESOLVED"]}, ["gamma", "silent"]),
    ({"source": "EVENT"}, ["delta"]),
    ({"kind": ["DATABASE", "WARNING"]}, ["beta", "gamma"]),
    ({"module": "STOCK"}, ["beta"]),
    ({"module": "st%k"}, []),
    ({"instanceId": "warehouse"}, ["beta"]),
    ({"appId": "app"}, ["delta"]),
    ({"projectId": "project"}, SHOWN),
    ({"isDev": True}, ["delta"]),
    ({"isDev": False}, ["alpha", "beta", "gamma"]),
    ({"assigneeId": "nobody"}, []),
    ({"priority": ["P0", "P1"]}, ["gamma", "delta"]),
    ({"search": "BET"}, ["beta"]),
    ({"search": "100% f"}, ["delta"]),
    ({"search": "100_ f"}, []),
    ({"search": "\0"}, []),
    ({"release": "1.10.0"}, ["delta"]),
    ({"release": "1.1"}, []),
    ({"environment": "PRODUCTION"}, ["alpha", "beta", "gamma"]),
    ({"environment": "iOS"}, ["delta"]),
    ({"tag": {"key": "locale", "value": "de"}}, ["delta"]),
    ({"tag": {"key": "locale", "value": "fr"}}, []),
    ({"since": "2026-11-22T09:00:00Z"}, ["alpha", "beta"]),
    ({"until": "2026-11-22T08:00:00+00:00"}, ["gamma", "delta"]),
    ({"since": "2026-11-02T12:00:00+02:00", "until": "2026-11-02T10:00:00Z"}, ["delta"]),
    ({"showMuted": True}, [*SHOWN[:3], "muted", "delta"]),
    ({"showMuted": True, "status": ["NEW"], "module": "sale"}, ["muted"]),
]


async def test_each_filter_lets_through_what_it_says() -> None:
    shelved = await shelf()
    named = {
        "warehouse": ids.encode("Instance", shelved.stage.warehouse.id),
        "app": ids.encode("App", shelved.app_id),
        "project": ids.encode("Project", shelved.stage.project_id),
        "nobody": ids.encode("Member", uuid4()),
    }
    for wanted, expected in FILTERS:
        given = {
            name: named[value] if isinstance(value, str) and name.endswith("Id") else value
            for name, value in wanted.items()
        }
        assert await titles(shelved.viewer, filter=given) == expected, wanted


async def test_every_filter_has_its_case() -> None:
    asked = await ask('{ __type(name: "ErrorFilter") { inputFields { name } } }', member(uuid4()))
    assert {field["name"] for field in asked["__type"]["inputFields"]} == {
        name for wanted, _ in FILTERS for name in wanted
    }


async def test_an_id_that_means_nothing_matches_nothing() -> None:
    shelved = await shelf()
    stage, other = shelved.stage, await set_up()
    for name in ("instanceId", "appId", "projectId", "assigneeId"):
        for meaningless in (
            "",
            "shop",
            "\0",
            "ü",
            str(stage.shop.id),
            ids.encode("ErrorGroup", stage.shop.id),
            ids.encode(name.removesuffix("Id").capitalize(), uuid4()),
            ids.encode("Instance", other.shop.id),
            ids.encode("Project", other.project_id),
        ):
            assert await titles(shelved.viewer, filter={name: meaningless}) == [], (name, meaningless)


ORDERS: list[tuple[str, list[str]]] = [
    ("LAST_SEEN", ["alpha", "beta", "gamma", "delta"]),
    ("FIRST_SEEN", ["alpha", "beta", "gamma", "delta"]),
    ("TOTAL_COUNT", ["delta", "alpha", "gamma", "beta"]),
    ("SEVERITY", ["alpha", "beta", "delta", "gamma"]),
    ("PRIORITY", ["delta", "gamma", "alpha", "beta"]),
]


@pytest.mark.parametrize(("field", "most_serious_first"), ORDERS)
async def test_each_order_has_the_most_serious_first_or_last(
    field: str, most_serious_first: list[str]
) -> None:
    shelved = await shelf()
    falling = await titles(shelved.viewer, orderBy={"field": field})
    assert falling == await titles(shelved.viewer, orderBy={"field": field, "direction": "DESC"})
    assert await titles(shelved.viewer, orderBy={"field": field, "direction": "ASC"}) == falling[::-1]
    # Two that are alike in what is compared stand in the order of their ids, which chance makes.
    alike = {"TOTAL_COUNT": {"beta", "gamma"}, "SEVERITY": {"gamma", "delta"}, "PRIORITY": {"alpha", "beta"}}
    tied = alike.get(field, set())
    assert [name for name in falling if name not in tied] == [
        name for name in most_serious_first if name not in tied
    ]
    assert {falling.index(name) for name in tied} == {most_serious_first.index(name) for name in tied}


async def test_without_an_order_the_last_seen_comes_first() -> None:
    shelved = await shelf()
    assert await titles(shelved.viewer) == await titles(shelved.viewer, orderBy={}) == ORDERS[0][1]


@pytest.mark.parametrize("field", [field for field, _ in ORDERS])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_pages_show_each_error_once_forwards_and_backwards(field: str, direction: str) -> None:
    stage = await set_up()
    viewer = member(stage.organization_id)
    for number in range(5):
        await seen(stage.shop, f"error {number}", later(hours=-(number // 2)))
    order = {"field": field, "direction": direction}
    [whole] = [(await ask(TITLES, viewer, orderBy=order))["errors"]["nodes"]]
    forwards: list[Any] = []
    sizes: list[int] = []
    after = None
    while after is not None or not sizes:
        page = (await ask(TITLES, viewer, orderBy=order, first=2, after=after))["errors"]
        forwards += page["nodes"]
        sizes.append(len(page["nodes"]))
        assert page["totalCount"] == 5
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
    assert (forwards, sizes) == (whole, [2, 2, 1])
    last = (await ask(TITLES, viewer, orderBy=order, last=2))["errors"]
    before = last["pageInfo"]["startCursor"]
    assert (last["nodes"], last["pageInfo"]["hasNextPage"]) == (whole[3:], False)
    middle = (await ask(TITLES, viewer, orderBy=order, last=2, before=before))["errors"]
    assert middle["nodes"] == whole[1:3]
    assert (middle["pageInfo"]["hasPreviousPage"], middle["pageInfo"]["hasNextPage"]) == (True, True)


async def test_an_empty_page_has_no_cursors() -> None:
    stage = await set_up()
    assert (await ask(TITLES, member(stage.organization_id)))["errors"] == {
        "nodes": [],
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        "totalCount": 0,
    }


async def test_a_window_that_makes_no_sense_is_refused() -> None:
    shelved = await shelf()
    whole = (await ask(TITLES, shelved.viewer))["errors"]
    by_count = (await ask(TITLES, shelved.viewer, orderBy={"field": "TOTAL_COUNT"}))["errors"]
    cursor, other = whole["pageInfo"]["endCursor"], by_count["pageInfo"]["endCursor"]
    for window in (
        {"first": 0},
        {"first": -1},
        {"first": 101},
        {"last": 0},
        {"first": 1, "last": 1},
        {"after": ""},
        {"after": "nonsense"},
        {"after": "\0"},
        {"after": cursor[:-3]},
        {"before": other},
        {"after": cursor, "orderBy": {"field": "LAST_SEEN", "direction": "ASC"}},
        {"after": ids.encode("ErrorGroup", shelved.groups["alpha"])},
    ):
        assert await refusal(TITLES, shelved.viewer, **window) == "BAD_USER_INPUT", window


async def test_input_that_is_no_input_is_refused_by_the_graph() -> None:
    viewer = member(uuid4())
    for filter_ in (
        {"severity": ["FATAL"]},
        {"since": "2026-11-22T10:00:00"},
        {"since": "yesterday"},
        {"since": 1763805600},
        {"tag": {"key": "locale"}},
        {"showMuted": None},
        {"colour": "red"},
    ):
        assert await refusal(TITLES, viewer, filter=filter_) == "BAD_USER_INPUT", filter_
    assert await refusal(TITLES, viewer, first=2**31) == "BAD_USER_INPUT"


async def test_a_long_text_to_search_for_is_refused() -> None:
    stage = await set_up()
    viewer = member(stage.organization_id)
    assert await refusal(TITLES, viewer, filter={"search": "x" * 1001}) == "BAD_USER_INPUT"
    assert await titles(viewer, filter={"search": "x" * 1000}) == []


async def test_another_organization_sees_its_own_errors_only() -> None:
    ours, theirs = await set_up(), await set_up()
    await seen(ours.shop, "ours")
    await seen(theirs.shop, "theirs")
    assert await titles(member(ours.organization_id)) == ["ours"]
    assert await titles(member(theirs.organization_id)) == ["theirs"]
    [[cursor]] = [
        [edge["cursor"] for edge in (await ask(TITLES, member(theirs.organization_id)))["errors"]["edges"]]
    ]
    foreign = (await ask(TITLES, member(ours.organization_id), before=cursor))["errors"]
    assert {node["title"] for node in foreign["nodes"]} <= {"ours: 'partner_id'"}


async def test_what_was_merged_away_or_deleted_is_in_no_list() -> None:
    stage = await set_up()
    primary, other = await seen(stage.shop, "primary"), await seen(stage.shop, "other", later(minutes=-1))
    await delete(await seen(stage.shop, "gone"))
    await merge(primary, other)
    assert await titles(member(stage.organization_id), filter={"showMuted": True}) == ["primary"]


async def test_counts_beyond_32_bits_are_numbers() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "often")
    await change(group_id, total_count=2**40 + 1, count_at_resolve=1, user_count=2**33)
    document = "{ errors { nodes { totalCount userCount countSinceResolved } } }"
    [shown] = (await ask(document, member(stage.organization_id)))["errors"]["nodes"]
    assert shown == {"totalCount": 2**40 + 1, "userCount": 2**33, "countSinceResolved": 2**40}
