"""What was sent, waits or failed, as a front end lists it and has it tried again."""

from typing import Any

import pytest

from app.accounts.roles import Role
from app.graphql import ids
from app.tables.database import fetch
from tests.graphql.stage import ask, joined
from tests.reading.told import add_delivery
from tests.recording.stage import later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

LIST = """query ($project: ID, $status: DeliveryStatus, $first: Int, $after: String) {
    deliveries(projectId: $project, status: $status, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { id title status } } }"""
WHOLE = """... on Delivery { id kind target title status attempts error nextAttemptAt createdAt sentAt rule { name }
    project { slug } member { name } }"""
RETRY = """mutation ($ids: [ID!]!) { deliveryRetry(input: {ids: $ids}) {
    deliveries { id status attempts nextAttemptAt } userErrors { field code } } }"""


async def test_they_are_listed_by_project_and_status_and_tell_neither_what_they_say_nor_secrets() -> None:
    stage, other = await set_up(), await set_up()
    admin = await joined(stage.organization_id, Role.ADMIN)
    await add_delivery(other, status="failed")
    failed = await add_delivery(stage, status="failed")
    waiting, newest = [await add_delivery(stage, created_at=later(minutes=n)) for n in (1, 2)]
    sent = await add_delivery(stage, status="sent", created_at=later(minutes=3))
    keys = {
        name: ids.encode("Delivery", each)
        for name, each in zip("fwns", (failed, waiting, newest, sent), strict=True)
    }

    async def listed(**wanted: Any) -> str:
        page = (await ask(LIST, admin, **wanted))["deliveries"]
        names = {key: name for name, key in keys.items()}
        assert page["totalCount"] >= len(page["nodes"])
        return "".join(names[node["id"]] for node in page["nodes"])

    assert await listed() == "snwf"
    assert await listed(status="WAITING") == "nw"
    assert await listed(status="FAILED") == "f"
    assert await listed(project=ids.encode("Project", stage.project_id), status="SENT") == "s"
    assert await listed(project=ids.encode("Project", other.project_id)) == ""
    assert await listed(project="nonsense") == ""
    first = (await ask(LIST, admin, first=3))["deliveries"]
    assert first["pageInfo"]["hasNextPage"]
    assert await listed(after=first["pageInfo"]["endCursor"]) == "f"

    shown = (await ask(f"query ($id: ID!) {{ node(id: $id) {{ {WHOLE} }} }}", admin, id=keys["w"]))["node"]
    assert shown == {
        "id": keys["w"],
        "kind": "TEST",
        "target": "https://hooks.example.com/…",
        "title": "a secret title",
        "status": "WAITING",
        "attempts": 10,
        "error": "the receiver answered 500",
        "nextAttemptAt": "2026-11-22T10:01:00Z",
        "createdAt": "2026-11-22T10:01:00Z",
        "sentAt": None,
        "rule": None,
        "project": {"slug": "odoo"},
        "member": None,
    }


async def test_dead_letters_are_tried_again_all_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    admin = await joined(stage.organization_id, Role.ADMIN)
    failed = [await add_delivery(stage, status="failed", created_at=later(minutes=-n)) for n in range(5)]
    waiting = await add_delivery(stage, created_at=later(hours=2))
    keys = [ids.encode("Delivery", each) for each in (*failed, waiting)]
    sent = ids.encode("Delivery", await add_delivery(stage, status="sent"))
    refused = (await ask(RETRY, admin, ids=[keys[0], sent]))["deliveryRetry"]
    assert refused == {"deliveries": [], "userErrors": [{"field": ["ids", "1"], "code": "NOT_FOUND"}]}
    refused = (await ask(RETRY, admin, ids=[]))["deliveryRetry"]
    assert refused["userErrors"] == [{"field": ["ids"], "code": "BAD_INPUT"}]
    rows = await fetch("select from delivery where status = 'failed' and attempts = 10")
    assert len(rows) == 5, "nothing was changed"
    statements: list[str] = []
    with noted_statements(monkeypatch, statements):
        done = (await ask(RETRY, admin, now=later(minutes=5), ids=[*keys, keys[0]]))["deliveryRetry"]
    assert done == {
        "deliveries": [
            {"id": key, "status": "WAITING", "attempts": 0, "nextAttemptAt": "2026-11-22T10:05:00Z"}
            for key in keys
        ],
        "userErrors": [],
    }
    assert len([sql for sql in statements if "delivery" in sql]) == 3
