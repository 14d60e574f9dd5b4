"""Apps in the graph: made, changed and deleted, with their keys and numbers, and where errors name them."""

from typing import Any

import pytest
from strawberry.types import ExecutionResult

from app.accounts.roles import Caller
from app.domain.lifecycle import Source
from app.graphql import ids
from app.graphql.context import Context
from app.graphql.schema import schema
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.stage import ask, joined, member, refusal
from tests.reading.sent import add_problem
from tests.reading.stage import add_app, change, seen
from tests.reading.test_grouping_preview import happened
from tests.recording.stage import later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

SETTINGS = """name slug platform ignoreRules { exceptionType message } sampleRate quotaPerMinute inAppInclude
    inAppExclude"""
CREATE = f"""mutation ($input: AppCreateInput!) {{ appCreate(input: $input) {{
    app {{ id number dsn ingestUrl keys {{ key createdAt expiresAt }} project {{ name }} {SETTINGS} }}
    userErrors {{ field code }} }} }}"""
UPDATE = f"""mutation ($input: AppUpdateInput!) {{ appUpdate(input: $input) {{
    app {{ {SETTINGS} }} userErrors {{ field code }} }} }}"""
ROTATE = """mutation ($input: AppRotateKeyInput!) { appRotateKey(input: $input) {
    key app { dsn keys { key expiresAt } } userErrors { field code } } }"""
GIVEN: dict[str, Any] = {
    "name": "Shop front end",
    "slug": "front",
    "platform": "javascript",
    "ignoreRules": [{"exceptionType": "ChunkLoadError", "message": None}],
    "sampleRate": 0.5,
    "quotaPerMinute": 600,
    "inAppInclude": ["/assets/"],
    "inAppExclude": ["/assets/vendor"],
}


async def reached(document: str, caller: Caller, base_url: str, **variables: Any) -> Any:
    """The data, of a server that people reach there."""
    context = Context(caller, NOW, base_url=base_url)
    result = await schema.execute(document, variables, context_value=context)
    assert isinstance(result, ExecutionResult)
    assert result.errors is None, result.errors
    return result.data


async def test_an_app_is_made_with_all_that_an_sdk_needs() -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    wanted = GIVEN | {"projectId": ids.encode("Project", stage.project_id)}
    made = (await reached(CREATE, owner, "https://errors.example/snag", input=wanted))["appCreate"]
    assert made["userErrors"] == []
    app = made["app"]
    assert {name: app[name] for name in GIVEN} == GIVEN
    [key] = app["keys"]
    assert (key["createdAt"], key["expiresAt"], len(key["key"])) == ("2026-11-22T10:00:00Z", None, 32)
    assert app["dsn"] == f"https://{key['key']}@errors.example/snag/{app['number']}"
    assert app["ingestUrl"] == "https://errors.example/snag/v1/ingest"
    assert app["project"] == {"name": "Odoo"}
    least = {"projectId": wanted["projectId"], "name": "Back end"}
    usual = (await ask(CREATE, owner, input=least))["appCreate"]["app"]
    assert (usual["slug"], usual["platform"], usual["sampleRate"]) == ("back-end", "other", 1)
    assert (usual["quotaPerMinute"], usual["ignoreRules"], usual["inAppInclude"]) == (None, [], [])
    listed = await ask(
        "{ apps { totalCount nodes { name } } projects { nodes { apps { nodes { slug } } } } }", owner
    )
    assert listed == {
        "apps": {"totalCount": 2, "nodes": [{"name": "Back end"}, {"name": "Shop front end"}]},
        "projects": {"nodes": [{"apps": {"nodes": [{"slug": "back-end"}, {"slug": "front"}]}}]},
    }


async def test_changes_are_made_as_they_are_given_and_what_is_wrong_is_told_by_its_field() -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    app_id = ids.encode("App", await add_app(stage))
    found = (await ask(UPDATE, owner, input={"id": app_id} | GIVEN))["appUpdate"]
    assert found == {"app": GIVEN, "userErrors": []}
    same: dict[str, Any] = dict.fromkeys(GIVEN)
    found = (await ask(UPDATE, owner, input={"id": app_id} | same))["appUpdate"]
    assert found["app"] == GIVEN | {"quotaPerMinute": None}  # the only one that can be nothing
    for wrong, field, code in (
        ({"platform": "\0"}, ["platform"], "BAD_INPUT"),
        ({"slug": "\ud800"}, ["slug"], "BAD_INPUT"),
        ({"sampleRate": -0.1}, ["sampleRate"], "BAD_INPUT"),
        ({"ignoreRules": [{"message": "*"}]}, ["ignoreRules", "0", "message"], "BAD_INPUT"),
        ({"ignoreRules": [{"exceptionType": "\ud800"}]}, ["ignoreRules", "0", "exceptionType"], "BAD_INPUT"),
        ({"inAppInclude": ["\ud800"]}, ["inAppInclude"], "BAD_INPUT"),
        ({"id": ids.encode("Instance", stage.shop.id)}, ["id"], "NOT_FOUND"),
    ):
        given = {"id": app_id, "name": "New"} | wrong
        found = (await ask(UPDATE, owner, input=given))["appUpdate"]
        assert found == {"app": None, "userErrors": [{"field": field, "code": code}]}
    [row] = await fetch("select name from app")
    assert row["name"] == "Shop front end"


async def test_a_new_key_is_in_the_dsn_at_once_and_the_old_one_has_an_end() -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    wanted = {"projectId": ids.encode("Project", stage.project_id), "name": "App"}
    app = (await ask(CREATE, owner, input=wanted))["appCreate"]["app"]
    found = (await ask(ROTATE, owner, now=later(hours=1), input={"id": app["id"]}))["appRotateKey"]
    assert found["key"] in found["app"]["dsn"]
    assert found["app"]["keys"] == [
        {"key": found["key"], "expiresAt": None},
        {"key": app["keys"][0]["key"], "expiresAt": "2026-11-23T11:00:00Z"},
    ]
    wrong = {"id": app["id"], "graceSeconds": -1}
    refused = (await ask(ROTATE, owner, input=wrong))["appRotateKey"]
    assert refused["userErrors"] == [{"field": ["graceSeconds"], "code": "BAD_INPUT"}]


async def test_a_deleted_app_is_named_by_its_errors_and_nowhere_else() -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    key = await add_app(stage)
    app_id = ids.encode("App", key)
    await change(await seen(stage.shop, "KeyError"), app_id=key, source=Source.EVENT)
    deleted = (
        """mutation ($id: ID!) { appDelete(input: {id: $id}) { deletedAppId userErrors { field code } } }"""
    )
    assert (await ask(deleted, owner, id=app_id))["appDelete"] == {"deletedAppId": app_id, "userErrors": []}
    again = (await ask(deleted, owner, id=app_id))["appDelete"]
    assert again == {"deletedAppId": None, "userErrors": [{"field": ["id"], "code": "NOT_FOUND"}]}
    asked = """query ($id: ID!) { app(id: $id) { id } node(id: $id) { id } apps { totalCount }
        errors { nodes { app { name dsn keys { key } deletedAt } } } }"""
    assert await ask(asked, owner, id=app_id) == {
        "app": None,
        "node": None,
        "apps": {"totalCount": 0},
        "errors": {
            "nodes": [
                {"app": {"name": "Shop app", "dsn": None, "keys": [], "deletedAt": "2026-11-22T10:00:00Z"}}
            ]
        },
    }


async def test_a_page_of_apps_takes_as_many_statements_as_one_app(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    apps = [await add_app(stage) for _ in range(5)]
    for number, key in enumerate(apps):
        await fetch("insert into app_tally values ($1, $2, 'accepted', $3)", key, later(hours=-1), number)
        await change(await seen(stage.shop, f"E{number}"), app_id=key, source=Source.EVENT)
    document = """query ($first: Int) { apps(first: $first) { nodes { dsn keys { key } project { name }
        statistics { accepted ignored buckets { startsAt accepted } } month: statistics(days: 30) { accepted } } }
        errors(first: $first) { nodes { app { name } } } }"""
    noted: list[list[str]] = []
    for first in (1, 5):
        noted.append([])
        with noted_statements(monkeypatch, noted[-1]):
            found = await ask(document, member(stage.organization_id), first=first)
    assert [len(each) for each in noted] == [7, 7]  # apps, keys, projects, twice numbers; groups, their apps
    told = [node["statistics"] for node in found["apps"]["nodes"]]
    assert sorted(each["accepted"] for each in told) == [0, 1, 2, 3, 4]
    assert {len(each["buckets"]) for each in told} == {168}
    assert sorted(node["month"]["accepted"] for node in found["apps"]["nodes"]) == [0, 1, 2, 3, 4]
    wrong = "{ apps { nodes { statistics(days: 91) { accepted } } } }"
    assert await refusal(wrong, member(stage.organization_id)) == "BAD_USER_INPUT"


async def test_what_waits_aside_is_seen_tried_again_and_thrown_away() -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    key = await add_app(stage)
    for number in range(3):
        await add_problem(stage, key, {"message": f"m{number}"}, at=later(seconds=number))
    listed = """{ ingestProblems { totalCount nodes { id problem attempts receivedAt payloadExcerpt app { name } } } }"""
    problems = (await ask(listed, owner))["ingestProblems"]
    newest, middle, oldest = problems["nodes"]
    assert (newest["payloadExcerpt"], newest["attempts"], newest["app"]) == (
        '{"message":"m2"}',
        3,
        {"name": "Shop app"},
    )
    retry = """mutation ($ids: [ID!]!) { ingestProblemRetry(input: {ids: $ids}) {
        retriedIngestProblemIds userErrors { field code } } }"""
    discard = """mutation ($ids: [ID!]!) { ingestProblemDiscard(input: {ids: $ids}) {
        discardedIngestProblemIds userErrors { field code } } }"""
    found = (await ask(retry, owner, ids=[newest["id"], newest["id"]]))["ingestProblemRetry"]
    assert found == {"retriedIngestProblemIds": [newest["id"]], "userErrors": []}
    refused = (await ask(discard, owner, ids=[middle["id"], newest["id"]]))["ingestProblemDiscard"]
    assert refused["userErrors"] == [{"field": ["ids", "1"], "code": "NOT_FOUND"}]
    found = (await ask(discard, owner, ids=[middle["id"]]))["ingestProblemDiscard"]
    assert found == {"discardedIngestProblemIds": [middle["id"]], "userErrors": []}
    left = (await ask(listed, owner))["ingestProblems"]
    assert (left["totalCount"], [node["id"] for node in left["nodes"]]) == (1, [oldest["id"]])
    told = await ask("{ auditEntries { nodes { kind subjectName } } }", owner)
    assert told["auditEntries"]["nodes"] == [{"kind": "EVENT_DISCARDED", "subjectName": "Shop app"}]


async def test_rules_are_tried_out_before_they_are_saved() -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    key = await add_app(stage)
    for number in range(3):
        await happened(
            stage, key, f"e{number}", {"message": f"gateway {'abc'[number]}"}, at=later(hours=-number)
        )
    document = """query ($id: ID!, $rules: [GroupingRuleInput!]!, $first: Int) {
        groupingRulesPreview(projectId: $id, groupingRules: $rules, first: $first) {
            eventCount changedCount rules { index eventCount errorGroups { id } }
            joined { errorGroups { id } } split { parts errorGroup { id } } } }"""
    given: dict[str, Any] = {
        "id": ids.encode("Project", stage.project_id),
        "rules": [{"message": "gateway", "fingerprint": ["gateway"]}, {"type": "x", "fingerprint": ["x"]}],
    }
    found = (await ask(document, owner, **given))["groupingRulesPreview"]
    assert (found["eventCount"], found["changedCount"]) == (3, 3)
    assert [(each["index"], each["eventCount"]) for each in found["rules"]] == [(0, 3), (1, 0)]
    assert [len(each["errorGroups"]) for each in found["joined"]] == [3]
    assert found["split"] == []
    assert len((await ask(document, owner, **given, first=1))["groupingRulesPreview"]["rules"]) == 1
    for wrong in (
        {"first": 0},
        {"first": 51},
        {"rules": [{"fingerprint": ["x"]}]},
        {"rules": [{"message": "\ud800", "fingerprint": ["x"]}]},
    ):
        assert await refusal(document, owner, **given | wrong) == "BAD_USER_INPUT"
    assert await refusal(document, owner, **given | {"id": "nonsense"}) == "NOT_FOUND"


async def test_a_project_has_rules_for_the_events_of_its_apps() -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    document = """mutation ($input: ProjectUpdateInput!) { projectUpdate(input: $input) { project { quotaPerMinute
        groupingRules { type message path module tags { name value } fingerprint }
        scrubbing { enabled sensitiveKeys safeKeys } } userErrors { field code } } }"""
    project_id = ids.encode("Project", stage.project_id)

    async def updated(**given: Any) -> Any:
        return (await ask(document, owner, input={"id": project_id} | given))["projectUpdate"]

    usual: dict[str, Any] = {
        "quotaPerMinute": None,
        "groupingRules": [],
        "scrubbing": {"enabled": True, "sensitiveKeys": [], "safeKeys": []},
    }
    assert (await updated())["project"] == usual
    rule = {
        "type": "*Timeout",
        "message": None,
        "path": None,
        "module": None,
        "tags": [{"name": "shard", "value": "a*"}],
        "fingerprint": ["{{ default }}", "timeout"],
    }
    wanted = {
        "quotaPerMinute": 6000,
        "groupingRules": [rule],
        "scrubbing": {"enabled": False, "sensitiveKeys": ["shop_word"], "safeKeys": ["token_count"]},
    }
    assert await updated(**wanted) == {"project": wanted, "userErrors": []}
    for wrong, field in (
        ({"quotaPerMinute": 0}, ["quotaPerMinute"]),
        ({"groupingRules": [rule, rule | {"fingerprint": []}]}, ["groupingRules", "1", "fingerprint"]),
        ({"groupingRules": [rule] * 101}, ["groupingRules"]),
        ({"scrubbing": {"sensitiveKeys": ["a\0"]}}, ["scrubbing", "sensitiveKeys"]),
        ({"scrubbing": {"safeKeys": ["\ud800"]}}, ["scrubbing", "safeKeys"]),
        ({"scrubbing": {"safeKeys": ["a"] * 101}}, ["scrubbing", "safeKeys"]),
    ):
        found = await updated(**{"name": "New"} | wrong)
        assert found == {"project": None, "userErrors": [{"field": field, "code": "BAD_INPUT"}]}, wrong
    assert (await updated(groupingRules=None))["project"] == wanted
    assert (await updated(quotaPerMinute=None, groupingRules=[], scrubbing=None))["project"] == usual
    told = await ask("{ auditEntries(first: 1) { nodes { kind detail { field } } } }", owner)
    [entry] = told["auditEntries"]["nodes"]
    assert entry["kind"] == "PROJECT_UPDATED"
    assert {each["field"] for each in entry["detail"]} == {"quotaPerMinute", "groupingRules", "scrubbing"}
