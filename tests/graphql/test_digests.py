"""Digests in the graph: what the next one would say, and whether one wants them."""

import pytest

from app.accounts.roles import Role, Scope, TokenKind
from app.graphql import ids
from app.tables.database import fetch
from tests.alerts.digests.stage import happened
from tests.graphql.stage import ask, joined, refusal
from tests.recording.stage import later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

PREVIEW = "query ($id: ID!) { digestPreview(projectId: $id) }"
OPT_OUT = """
mutation ($id: ID!, $out: Boolean!) {
  projectDigestOptOut(input: {projectId: $id, optedOut: $out}) {
    project { digestOptedOut } userErrors { field code }
  }
}
"""
OPTED_OUT = "{ projects { nodes { digestOptedOut } } }"


async def test_a_preview_is_a_page_of_what_was_not_told_yet() -> None:
    stage = await set_up()
    viewer = await joined(stage.organization_id, Role.VIEWER)
    await happened(stage, "KeyError", later(hours=1))
    project_id = ids.encode("Project", stage.project_id)
    page = (await ask(PREVIEW, viewer, later(hours=2), id=project_id))["digestPreview"]
    assert page.startswith("<!doctype html>")
    assert "KeyError" in page
    for wrong in ("x", ids.encode("Instance", stage.project_id)):
        assert await refusal(PREVIEW, viewer, id=wrong) == "NOT_FOUND"


async def test_members_opt_out_and_in_each_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    one, other = [await joined(stage.organization_id, Role.VIEWER) for _ in range(2)]
    project_id = ids.encode("Project", stage.project_id)
    for out in (True, True, False, True):
        done = (await ask(OPT_OUT, one, id=project_id, out=out))["projectDigestOptOut"]
        assert done == {"project": {"digestOptedOut": out}, "userErrors": []}
    shown: list[str] = []
    await fetch(
        "insert into project (id, organization_id, name, slug, created_at) select gen_random_uuid(), organization_id, 'Zoo', 'zoo', created_at from project"
    )
    with noted_statements(monkeypatch, shown):
        found = await ask(OPTED_OUT, one)
    assert found["projects"]["nodes"] == [{"digestOptedOut": True}, {"digestOptedOut": False}]
    assert len([statement for statement in shown if "digest_opt_out" in statement]) == 1
    assert (await ask(OPTED_OUT, other))["projects"]["nodes"][0] == {"digestOptedOut": False}


async def test_agents_and_narrowed_tokens_opt_nobody_out() -> None:
    stage = await set_up()
    project_id = ids.encode("Project", stage.project_id)
    agent = await joined(stage.organization_id, Role.DEVELOPER, kind=TokenKind.AGENT)
    reader = await joined(stage.organization_id, Role.OWNER, {Scope.ISSUES_READ})
    for caller in (agent, reader):
        assert await refusal(OPT_OUT, caller, id=project_id, out=True) == "FORBIDDEN"
        assert (await ask(OPTED_OUT, caller))["projects"]["nodes"] == [{"digestOptedOut": False}]
    owner = await joined(stage.organization_id)
    for wrong in ("x", ids.encode("Project", stage.organization_id)):
        done = (await ask(OPT_OUT, owner, id=wrong, out=True))["projectDigestOptOut"]
        assert done == {"project": None, "userErrors": [{"field": ["projectId"], "code": "NOT_FOUND"}]}
    assert await fetch("select from digest_opt_out") == []
