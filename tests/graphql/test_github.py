"""GitHub in the graph: issues of errors, repositories of projects, and what people do about them."""

from collections.abc import Iterator
from typing import Any

import pytest

from app import links
from app.accounts import keys_in_force
from app.accounts.roles import Caller
from app.errors import Unavailable
from app.github.connecting import connect as connecting
from app.github.connecting.check import Checked, Problem
from app.graphql import ids
from app.graphql.masking import shown
from app.tables.database import fetch
from tests.github.found import in_order
from tests.github.stage import actions, connected, issue
from tests.github.stand_in.keys import key_pair
from tests.graphql.stage import answer, ask, joined
from tests.reading.stage import merge, seen
from tests.recording.stage import Stage, later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

CONNECTION = """baseUrl repository repositoryUrl credentialsKind appId login commentsBack webhookUrl problem retryAt
    checkedAt createdAt waiting failed"""
CONNECT = f"""mutation ($input: ProjectConnectGithubInput!) {{ projectConnectGithub(input: $input) {{
    project {{ github {{ {CONNECTION} }} }} webhookUrl webhookSecret userErrors {{ field message code }} }} }}"""
DISCONNECT = """mutation ($id: ID!) { projectDisconnectGithub(input: {projectId: $id}) {
    project { github { login } } userErrors { field code } } }"""
TEST = """mutation ($id: ID!) { projectTestGithub(input: {projectId: $id}) {
    problems repository userErrors { field code } } }"""
ISSUE = "number url state repository syncStatus syncError nextAttemptAt createdAt"
CREATE = f"""mutation ($ids: [ID!]!) {{ errorGroupCreateGithubIssue(input: {{ids: $ids}}) {{
    errorGroups {{ id githubIssue {{ {ISSUE} }} }} userErrors {{ field message code }} }} }}"""
RETRY = CREATE.replace("errorGroupCreateGithubIssue", "errorGroupRetryGithubIssue")
SHOWN_NOW = "2026-11-22T10:00:00Z"
TOKEN = "ghp_that_nobody_may_read"  # noqa: S105  nobody's


@pytest.fixture(autouse=True)
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """GitHub has nothing against it, and this Snaglist is found somewhere."""
    monkeypatch.setattr(links._PLACE, "base_url", "https://snag.acme.test")
    with in_order(monkeypatch):
        yield


async def scene() -> tuple[Stage, Caller, str]:
    """A project, its owner, and its id."""
    stage = await set_up()
    return stage, await joined(stage.organization_id), ids.encode("Project", stage.project_id)


async def test_a_project_is_connected_tried_and_disconnected() -> None:
    _, owner, project_id = await scene()
    assert await ask("{ projects { nodes { github { login } } } }", owner) == {
        "projects": {"nodes": [{"github": None}]}
    }
    given: dict[str, Any] = {"projectId": project_id, "repository": "acme/odoo"}
    found = await answer(CONNECT, owner, input=given | {"credentials": {"token": TOKEN}})
    assert found.data
    made = found.data["projectConnectGithub"]
    assert made["userErrors"] == []
    assert made["webhookUrl"] == "https://snag.acme.test/webhooks/github"
    assert len(made["webhookSecret"]) > 40
    assert made["project"]["github"] == {
        "baseUrl": "https://api.github.com",
        "repository": "acme/odoo",
        "repositoryUrl": "https://github.com/acme/odoo",
        "credentialsKind": "TOKEN",
        "appId": None,
        "login": "snag-bot",
        "commentsBack": False,
        "webhookUrl": "https://snag.acme.test/webhooks/github",
        "problem": None,
        "retryAt": None,
        "checkedAt": SHOWN_NOW,
        "createdAt": SHOWN_NOW,
        "waiting": 0,
        "failed": 0,
    }
    assert TOKEN not in str(found)
    app = {"app": {"id": 12, "privateKey": key_pair().private}}
    different = {"credentials": app, "baseUrl": "https://git.acme.test", "commentsBack": True}
    changed = (await ask(CONNECT, owner, input=given | different))["projectConnectGithub"]
    assert (changed["webhookSecret"], changed["userErrors"]) == (None, [])
    shown = changed["project"]["github"]
    assert (shown["credentialsKind"], shown["appId"], shown["login"]) == ("APP", 12, "snaglist[bot]")
    assert (shown["repositoryUrl"], shown["commentsBack"]) == ("https://git.acme.test/acme/odoo", True)
    tried = (await ask(TEST, owner, id=project_id))["projectTestGithub"]
    assert tried == {"problems": [], "repository": "acme/odoo", "userErrors": []}
    audited = await ask(
        "{ auditEntries { nodes { kind subjectName detail { field before after } } } }", owner
    )
    assert [entry["kind"] for entry in audited["auditEntries"]["nodes"]] == ["GITHUB_CONNECTED"] * 2
    assert TOKEN not in str(audited)
    assert "PRIVATE KEY" not in str(audited)
    gone = (await ask(DISCONNECT, owner, id=project_id))["projectDisconnectGithub"]
    assert gone == {"project": {"github": None}, "userErrors": []}
    refused = [{"field": ["projectId"], "code": "NOT_FOUND"}]
    for given_id in (project_id, "nonsense"):
        again = (await ask(DISCONNECT, owner, id=given_id))["projectDisconnectGithub"]
        assert again == {"project": None, "userErrors": refused}
        tried = (await ask(TEST, owner, id=given_id))["projectTestGithub"]
        assert tried == {"problems": [], "repository": None, "userErrors": refused}
    assert await fetch("select from github_connection") == []


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"repository": "ghp_that\0"}, ["repository"]),
        ({"credentials": None}, ["credentials"]),
        ({"credentials": {"token": "ghp_that nobody"}}, ["credentials", "token"]),
        ({"credentials": {"app": {"id": 1, "privateKey": "ghp_that"}}}, ["credentials", "app", "privateKey"]),
        ({"credentials": {"app": {"id": -1, "privateKey": "ghp_that"}}}, ["credentials", "app", "id"]),
        ({"webhookSecret": "ghp_that"}, ["webhookSecret"]),
        ({"baseUrl": "https://ghp_that@git.acme.test"}, ["baseUrl"]),
        ({"projectId": "ghp_that"}, ["projectId"]),
    ],
    ids=repr,
)
async def test_what_is_wrong_is_told_without_repeating_it(
    different: dict[str, Any], field: list[str]
) -> None:
    _, owner, project_id = await scene()
    given = {"projectId": project_id, "repository": "acme/odoo", "credentials": {"token": TOKEN}}
    found = (await ask(CONNECT, owner, input=given | different))["projectConnectGithub"]
    assert (found["project"], found["webhookSecret"]) == (None, None)
    assert [told["field"] for told in found["userErrors"]] == [field]
    assert "ghp_that" not in str(found)
    assert await fetch("select from github_connection") == []


async def test_what_github_lacks_is_told_and_without_a_key_nothing_is_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, owner, project_id = await scene()
    given = {"projectId": project_id, "repository": "acme/odoo", "credentials": {"token": TOKEN}}
    keys_in_force.use_keys()
    [told] = (await ask(CONNECT, owner, input=given))["projectConnectGithub"]["userErrors"]
    assert (told["field"], told["code"]) == (["credentials"], "BAD_INPUT")

    async def lacking(*_: Any, **__: Any) -> Checked:
        return Checked((Problem("it is archived", "repository"), Problem("issues are turned off")))

    monkeypatch.setattr(connecting, "check", lacking)
    [told] = (await ask(CONNECT, owner, input=given))["projectConnectGithub"]["userErrors"]
    assert (told["field"], told["message"]) == (["repository"], "it is archived; issues are turned off")
    both = given | {"credentials": {"token": TOKEN, "app": {"id": 1, "privateKey": "x"}}}
    assert (await answer(CONNECT, owner, input=both)).errors
    for unreadable in (
        {"app": {"privateKey": "hush"}},
        {"token": ["hush"]},
        "hush",
        {"token": "x", "of": "hush"},
    ):
        found = await answer(CONNECT, owner, input=given | {"credentials": unreadable})
        assert [told for told in map(shown, found.errors or ()) if "credentials" in told["message"]]
        assert "hush" not in str([*map(shown, found.errors or ())])
    assert await fetch("select from github_connection") == []


async def test_issues_are_asked_for_and_shown_for_a_whole_list_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, owner, _ = await scene()
    group_ids = [await seen(stage.shop, name) for name in ("A", "B", "C", "D")]
    unmade, failed, none, merged = group_ids
    await merge(unmade, merged)
    shown_ids = [ids.encode("ErrorGroup", each) for each in group_ids]
    [told] = (await ask(CREATE, owner, ids=shown_ids[:1]))["errorGroupCreateGithubIssue"]["userErrors"]
    assert (told["field"], told["code"]) == (["ids", "0"], "BAD_INPUT")
    assert "connect it first" in told["message"]
    await connected(stage)
    await issue(failed, 2, sync_status="failed", sync_error="too long", next_attempt_at=later(hours=6))
    asked = (await ask(CREATE, owner, ids=[shown_ids[3]]))["errorGroupCreateGithubIssue"]
    assert asked["userErrors"] == []
    [shown] = asked["errorGroups"]
    assert shown["id"] == shown_ids[0]
    assert shown["githubIssue"] == {
        "number": None,
        "url": None,
        "state": None,
        "repository": "acme/odoo",
        "syncStatus": "WAITING",
        "syncError": None,
        "nextAttemptAt": SHOWN_NOW,
        "createdAt": SHOWN_NOW,
    }
    assert await actions(unmade) == [("create", {})]
    counted: list[str] = []
    with noted_statements(monkeypatch, counted):
        found = await ask("{ errors { nodes { id githubIssue { state syncStatus syncError } } } }", owner)
    assert len(counted) == 2
    shown_by_id = {node["id"]: node["githubIssue"] for node in found["errors"]["nodes"]}
    assert shown_by_id == {
        shown_ids[0]: {"state": None, "syncStatus": "WAITING", "syncError": None},
        shown_ids[1]: {"state": "OPEN", "syncStatus": "FAILED", "syncError": "too long"},
        shown_ids[2]: None,
    }
    retried = (await ask(RETRY, owner, ids=shown_ids[1:2]))["errorGroupRetryGithubIssue"]
    assert retried["errorGroups"][0]["githubIssue"]["syncStatus"] == "WAITING"
    refused = (await ask(RETRY, owner, ids=[shown_ids[1], shown_ids[2], "nonsense"]))[
        "errorGroupRetryGithubIssue"
    ]
    assert (refused["errorGroups"], [each["field"] for each in refused["userErrors"]]) == ([], [["ids", "2"]])
    refused = (await ask(RETRY, owner, ids=shown_ids[1:3]))["errorGroupRetryGithubIssue"]
    assert [(each["field"], each["code"]) for each in refused["userErrors"]] == [(["ids", "1"], "BAD_INPUT")]
    assert await actions(none) == []


async def test_repositories_of_many_projects_are_read_at_once_and_settings_are_the_projects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, owner, project_id = await scene()
    await ask('mutation { projectCreate(input: {name: "Other"}) { project { id } } }', owner)
    group_id = await seen(stage.shop, "A")
    await connected(stage)
    await issue(group_id, None, sync_status="capped", next_attempt_at=later(hours=9), sync_error="enough")
    counted: list[str] = []
    document = (
        "{ projects { nodes { name githubThreshold githubDailyCap github { repository waiting failed } } } }"
    )
    with noted_statements(monkeypatch, counted):
        found = await ask(document, owner)
    assert len(counted) == 2
    assert found["projects"]["nodes"] == [
        {
            "name": "Odoo",
            "githubThreshold": 1,
            "githubDailyCap": 20,
            "github": {"repository": "acme/odoo", "waiting": 1, "failed": 0},
        },
        {"name": "Other", "githubThreshold": 1, "githubDailyCap": 20, "github": None},
    ]
    update = """mutation ($input: ProjectUpdateInput!) { projectUpdate(input: $input) {
        project { githubThreshold githubDailyCap } userErrors { field code } } }"""
    for wrong in ({"githubThreshold": 0}, {"githubDailyCap": -1}, {"githubDailyCap": 1001}):
        refused = (await ask(update, owner, input={"id": project_id} | wrong))["projectUpdate"]
        assert refused["userErrors"] == [{"field": list(wrong), "code": "BAD_INPUT"}]
    changed = (await ask(update, owner, input={"id": project_id, "githubThreshold": 5}))["projectUpdate"]
    assert changed["project"] == {"githubThreshold": 5, "githubDailyCap": 20}
    [row] = await fetch("select sync_status, next_attempt_at, sync_error from github_issue")
    assert tuple(row) == ("capped", later(hours=9), "enough")
    await ask(update, owner, input={"id": project_id, "githubDailyCap": 0})
    [row] = await fetch("select sync_status, next_attempt_at, sync_error from github_issue")
    assert tuple(row) == ("waiting", later(), None)


async def test_where_redis_is_away_it_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, owner, _ = await scene()
    group_id = await seen(stage.shop, "A")
    await connected(stage)

    async def away(*_: Any) -> None:
        raise Unavailable("Redis is away")

    monkeypatch.setattr("app.github.asking.waking.wake", away)
    asked = await ask(CREATE, owner, ids=[ids.encode("ErrorGroup", group_id)])
    assert asked["errorGroupCreateGithubIssue"]["userErrors"] == []
    assert await actions(group_id) == [("create", {})]
