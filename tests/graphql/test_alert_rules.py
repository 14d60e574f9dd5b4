"""Alert rules in the graph: made, shown, changed, tried and deleted, and what one would have said."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from app.accounts import keys_in_force
from app.accounts.roles import Caller
from app.graphql import ids
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.stage import ask, joined, refusal
from tests.reading.alerting import add_pending, add_rule
from tests.reading.stage import add_app, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

RULE = """
    id name enabled quietSeconds lastFiredAt pending pendingDueAt createdAt updatedAt project { slug }
    condition { kind count windowSeconds factor priority }
    filter { environments severities modules instanceIds appIds releases tags { key value } assigneeIds }
    channels { kind label }
"""
ERRORS = "userErrors { field code message }"
CREATE = f"mutation C($input: AlertRuleCreateInput!) {{ done: alertRuleCreate(input: $input) {{ alertRule {{ {RULE} }} webhookSecrets {ERRORS} }} }}"
UPDATE = f"mutation U($input: AlertRuleUpdateInput!) {{ done: alertRuleUpdate(input: $input) {{ alertRule {{ {RULE} }} webhookSecrets {ERRORS} }} }}"
DELETE = f"mutation D($input: AlertRuleDeleteInput!) {{ done: alertRuleDelete(input: $input) {{ deletedAlertRuleId {ERRORS} }} }}"
TEST = f"mutation T($input: AlertRuleTestInput!) {{ done: alertRuleTest(input: $input) {{ deliveries {{ kind status target rule {{ id }} }} {ERRORS} }} }}"
LIST = f"query L($id: ID) {{ alertRules(projectId: $id, first: 10) {{ totalCount nodes {{ {RULE} }} }} }}"
PREVIEW = """
query P($input: AlertRulePreviewInput!) {
    alertRulePreview(input: $input) {
        total messageCount isEstimate note days { startsAt count messageCount } examples { title }
    }
}
"""
MAIL = {"email": {"addresses": ["ann@acme.test"]}}


@pytest.fixture(autouse=True)
def key() -> Iterator[None]:
    """A key for channels."""
    keys_in_force.use_keys("a key of tests alone")
    yield
    keys_in_force.use_keys()


def shown(at: datetime) -> str:
    """The time, as the graph has it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def project(stage: Stage) -> str:
    return ids.encode("Project", stage.project_id)


async def stood() -> tuple[Stage, Caller]:
    stage = await set_up()
    return stage, await joined(stage.organization_id)


async def made(stage: Stage, owner: Caller, **different: Any) -> dict[str, Any]:
    """What making a rule answers."""
    usual = {
        "projectId": project(stage),
        "name": "New",
        "condition": {"kind": "OPENED"},
        "channels": [MAIL],
    }
    found: dict[str, Any] = (await ask(CREATE, owner, input=usual | different))["done"]
    return found


async def test_a_rule_is_made_listed_changed_and_deleted() -> None:
    stage, owner = await stood()
    app_id = await add_app(stage)
    wanted = {
        "environments": ["PRODUCTION"],
        "severities": ["CRITICAL"],
        "modules": ["sale"],
        "instanceIds": [ids.encode("Instance", stage.shop.id)],
        "appIds": [ids.encode("App", app_id)],
        "releases": ["1.2"],
        "tags": [{"key": "shop", "value": "berlin"}],
        "assigneeIds": [ids.encode("Member", owner.membership_id or UUID(int=0))],
    }
    hook = {"webhook": {"url": "https://hooks.example.com/hidden"}}
    slack = {"apprise": {"url": "slack://TokenAAAA1/TokenBBBB2/hiddenhiddenhiddenhidde4/#shop"}}
    found = await made(
        stage,
        owner,
        name="Urgent",
        condition={"kind": "PRIORITY", "priority": "P1"},
        filter=wanted,
        channels=[MAIL, hook, slack],
        quietSeconds=60,
    )
    assert found["userErrors"] == []
    [secret] = found["webhookSecrets"]
    rule = found["alertRule"]
    assert len(secret) > 30
    assert "hidden" not in str(found)
    assert rule | {"id": ""} == {
        "id": "",
        "name": "Urgent",
        "enabled": True,
        "quietSeconds": 60,
        "lastFiredAt": None,
        "pending": 0,
        "pendingDueAt": None,
        "createdAt": shown(NOW),
        "updatedAt": shown(NOW),
        "project": {"slug": "odoo"},
        "condition": {
            "kind": "PRIORITY",
            "count": None,
            "windowSeconds": None,
            "factor": None,
            "priority": "P1",
        },
        "filter": wanted,
        "channels": [
            {"kind": "EMAIL", "label": "ann@acme.test"},
            {"kind": "WEBHOOK", "label": "https://hooks.example.com/…"},
            {"kind": "APPRISE", "label": "Slack"},
        ],
    }
    listed = (await ask(LIST, owner, id=project(stage)))["alertRules"]
    assert listed == {"totalCount": 1, "nodes": [rule]}

    changes = {"id": rule["id"], "condition": {"kind": "SPIKE"}, "filter": None, "name": None}
    changed = (await ask(UPDATE, owner, later(hours=1), input=changes))["done"]
    assert (changed["userErrors"], changed["webhookSecrets"]) == ([], [])
    after = changed["alertRule"]
    assert after["condition"] == {
        "kind": "SPIKE",
        "count": 20,
        "windowSeconds": None,
        "factor": 3.0,
        "priority": None,
    }
    assert not any(after["filter"].values())
    assert (after["name"], after["channels"]) == ("Urgent", rule["channels"])
    assert after["updatedAt"] == shown(later(hours=1))

    deleted = (await ask(DELETE, owner, input={"id": rule["id"]}))["done"]
    assert deleted == {"deletedAlertRuleId": rule["id"], "userErrors": []}
    assert (await ask(LIST, owner))["alertRules"] == {"totalCount": 0, "nodes": []}
    kinds = "{ auditEntries { nodes { kind subjectType subjectId } } }"
    entries = (await ask(kinds, owner))["auditEntries"]["nodes"]
    assert [entry["kind"] for entry in entries] == [
        "ALERT_RULE_DELETED",
        "ALERT_RULE_UPDATED",
        "ALERT_RULE_CREATED",
    ]
    assert {(entry["subjectType"], entry["subjectId"]) for entry in entries} == {("AlertRule", rule["id"])}


async def test_what_a_rule_has_found_is_shown() -> None:
    stage, owner = await stood()
    rule_id = await add_rule(stage, last_fired_at=NOW)
    await add_pending(rule_id, 7, later(minutes=3))
    [rule] = (await ask(LIST, owner))["alertRules"]["nodes"]
    assert rule["lastFiredAt"] == shown(NOW)
    assert (rule["pending"], rule["pendingDueAt"]) == (7, shown(later(minutes=3)))
    await fetch("""update alert_rule set condition = '{"kind": "NEW_MOON"}', filters = '{"planets": []}'""")
    [rule] = (await ask(LIST, owner))["alertRules"]["nodes"]
    assert (rule["condition"], rule["filter"]) == (None, None)


NONE = "Tm90aGluZzox"
REFUSED: list[tuple[dict[str, Any], list[str], str]] = [
    ({"projectId": NONE}, ["projectId"], "NOT_FOUND"),
    ({"name": "\0"}, ["name"], "BAD_INPUT"),
    ({"name": "\ud800"}, ["name"], "BAD_INPUT"),
    ({"condition": {"kind": "FREQUENCY", "count": 3}}, ["condition", "windowSeconds"], "BAD_INPUT"),
    ({"condition": {"kind": "OPENED", "priority": "P0"}}, ["condition", "priority"], "BAD_INPUT"),
    ({"condition": {"kind": "SPIKE", "factor": 1e300}}, ["condition", "factor"], "BAD_INPUT"),
    ({"filter": {"instanceIds": [NONE]}}, ["filter", "instanceIds"], "NOT_FOUND"),
    ({"filter": {"appIds": [""]}}, ["filter", "appIds"], "NOT_FOUND"),
    ({"filter": {"assigneeIds": [NONE] * 51}}, ["filter", "assigneeIds"], "BAD_INPUT"),
    ({"filter": {"releases": ["\ud800"]}}, ["filter", "releases"], "BAD_INPUT"),
    ({"filter": {"environments": ["x" * 201]}}, ["filter", "environments"], "BAD_INPUT"),
    ({"quietSeconds": 604_801}, ["quietSeconds"], "BAD_INPUT"),
    ({"channels": []}, ["channels"], "BAD_INPUT"),
    ({"channels": [{"webhook": {"url": "\0"}}]}, ["channels", "0", "webhook", "url"], "BAD_INPUT"),
    ({"channels": [{"apprise": {"url": "nothing://x"}}]}, ["channels", "0", "apprise", "url"], "BAD_INPUT"),
    (
        {"channels": [MAIL, {"email": {"addresses": ["a@\ud800"]}}]},
        ["channels", "1", "email", "addresses"],
        "BAD_INPUT",
    ),
]


@pytest.mark.parametrize(("different", "path", "code"), REFUSED, ids=lambda each: str(each)[:40])
async def test_what_is_to_be_put_right_is_named_and_nothing_is_changed(
    different: dict[str, Any], path: list[str], code: str
) -> None:
    stage, owner = await stood()
    found = await made(stage, owner, **different)
    assert (found["alertRule"], found["webhookSecrets"]) == (None, [])
    assert [(error["field"], error["code"]) for error in found["userErrors"]] == [(path, code)]
    assert await fetch("select from alert_rule") == []

    if "projectId" in different:
        return
    rule = (await made(stage, owner))["alertRule"]
    changed = (await ask(UPDATE, owner, input={"id": rule["id"]} | different))["done"]
    assert (changed["alertRule"], changed["webhookSecrets"]) == (None, [])
    assert [(error["field"], error["code"]) for error in changed["userErrors"]] == [(path, code)]
    assert (await ask(LIST, owner))["alertRules"]["nodes"] == [rule]

    asked = {"projectId": project(stage), "condition": {"kind": "OPENED"}} | different
    if asked.keys() <= {"projectId", "condition", "filter", "quietSeconds"}:
        assert await refusal(PREVIEW, owner, input=asked) in ("BAD_USER_INPUT", "NOT_FOUND")


@pytest.mark.parametrize("document", [UPDATE, DELETE, TEST])
async def test_rules_that_are_not_there_and_those_of_others_look_the_same(document: str) -> None:
    stage, owner = await stood()
    strangers, stranger = await stood()
    theirs = (await made(strangers, stranger))["alertRule"]
    for global_id in (theirs["id"], NONE, "", project(stage), "\ud800"):
        found = (await ask(document, owner, input={"id": global_id}))["done"]
        assert [(error["field"], error["code"]) for error in found["userErrors"]] == [(["id"], "NOT_FOUND")]
        assert not any(value for name, value in found.items() if name != "userErrors")
    assert (await ask(LIST, stranger))["alertRules"]["nodes"] == [theirs]
    assert (await ask(LIST, owner, id=project(strangers)))["alertRules"]["nodes"] == []
    assert await fetch("select from delivery") == []


async def test_a_rule_is_tried() -> None:
    stage, owner = await stood()
    rule = (await made(stage, owner))["alertRule"]
    found = (await ask(TEST, owner, input={"id": rule["id"]}))["done"]
    told = {"kind": "TEST", "status": "WAITING", "target": "ann@acme.test", "rule": {"id": rule["id"]}}
    assert found == {"deliveries": [told], "userErrors": []}


async def test_channels_are_given_anew_and_their_secrets_shown_once() -> None:
    stage, owner = await stood()
    rule = (await made(stage, owner))["alertRule"]
    channels = [
        {"webhook": {"url": f"https://{name}.example.com", "secret": secret}}
        for name, secret in (("a", None), ("b", "given secret of b"), ("c", None))
    ]
    found = (await ask(UPDATE, owner, input={"id": rule["id"], "channels": channels}))["done"]
    assert len(found["webhookSecrets"]) == 2
    assert "given secret" not in str(found)
    labels = [channel["label"] for channel in found["alertRule"]["channels"]]
    assert labels == [f"https://{name}.example.com/…" for name in "abc"]


async def test_what_a_rule_would_have_said_is_told_before_it_is_saved() -> None:
    stage, owner = await stood()
    for place in range(22):
        await seen(stage.shop, f"E{place}", now=later(minutes=-place))
    asked = {"projectId": project(stage), "condition": {"kind": "OPENED"}, "quietSeconds": 600}
    found = (await ask(PREVIEW, owner, input=asked))["alertRulePreview"]
    assert (found["total"], found["messageCount"], found["isEstimate"]) == (22, 3, False)
    assert [day["count"] for day in found["days"]] == [0, 0, 0, 0, 0, 0, 22]
    assert found["days"][0]["startsAt"] == shown(later(days=-6, hours=-10))
    assert len(found["examples"]) == 20
    assert found["examples"][0]["title"].startswith("E0")

    asked["condition"] = {"kind": "SCAN_FAILING"}
    untold = (await ask(PREVIEW, owner, input=asked))["alertRulePreview"]
    assert (untold["total"], untold["messageCount"], untold["days"], untold["examples"]) == (
        None,
        None,
        [],
        [],
    )
    assert "cannot be told" in untold["note"]
