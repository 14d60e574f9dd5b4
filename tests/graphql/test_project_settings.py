"""A project's settings and priorities in the graph."""

from typing import Any

import pytest

from app.graphql import ids
from app.recording.settle_priorities import settle_priorities
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.stage import answer, ask, joined
from tests.reading.stage import seen
from tests.recording.stage import later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

SETTINGS = """name slug timeZone cooldownSeconds autoResolveDays retentionDays regressWithoutVersion alertFrequency
    priorityWeights { occurrences { over points } users { over points } production regressed firstSeen }"""
UPDATE = f"""mutation ($input: ProjectUpdateInput!) {{
    projectUpdate(input: $input) {{ project {{ {SETTINGS} }} userErrors {{ field message code }} }} }}"""
USUAL = {
    "occurrences": [{"over": 1000, "points": 10}, {"over": 100, "points": 5}, {"over": 10, "points": 2}],
    "users": [{"over": 100, "points": 10}, {"over": 10, "points": 5}],
    "production": 5,
    "regressed": 8,
    "firstSeen": 3,
}


async def test_settings_are_changed_as_they_are_given() -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    project_id = ids.encode("Project", stage.project_id)
    found = (await ask(UPDATE, owner, input={"id": project_id, "name": None}))["projectUpdate"]
    assert found["userErrors"] == []
    assert found["project"]["name"] == "Odoo"
    assert found["project"]["priorityWeights"] == USUAL
    wanted: dict[str, Any] = {
        "name": "Shop",
        "slug": "shop",
        "timeZone": "Europe/Berlin",
        "cooldownSeconds": 60,
        "autoResolveDays": 4,
        "retentionDays": 30,
        "regressWithoutVersion": True,
        "alertFrequency": "NONE",
        "priorityWeights": {"users": [{"over": 5, "points": 1}, {"over": 50, "points": 2}], "production": 0},
    }
    found = (await ask(UPDATE, owner, input={"id": project_id} | wanted))["projectUpdate"]
    weights = USUAL | {"users": [{"over": 50, "points": 2}, {"over": 5, "points": 1}], "production": 0}
    assert found == {"project": wanted | {"priorityWeights": weights}, "userErrors": []}
    found = (await ask(UPDATE, owner, input={"id": project_id, "priorityWeights": None}))["projectUpdate"]
    assert found["project"] == wanted | {"priorityWeights": USUAL}


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"name": "\0"}, ["name"], "BAD_INPUT"),
        ({"slug": "other"}, ["slug"], "TAKEN"),
        ({"retentionDays": 2**31 - 1}, ["retentionDays"], "BAD_INPUT"),
        (
            {"priorityWeights": {"users": [{"over": -1, "points": 1}]}},
            ["priorityWeights", "users"],
            "BAD_INPUT",
        ),
        ({"id": "nonsense"}, ["id"], "NOT_FOUND"),
    ],
    ids=repr,
)
async def test_what_is_wrong_is_told_and_nothing_changes(
    wrong: dict[str, Any], field: list[str], code: str
) -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    await ask('mutation { projectCreate(input: {name: "Other"}) { project { id } } }', owner)
    before = await fetch("select * from project order by id")
    given = {"id": ids.encode("Project", stage.project_id), "autoResolveDays": 9} | wrong
    found = (await ask(UPDATE, owner, input=given))["projectUpdate"]
    assert found["project"] is None
    assert [(told["field"], told["code"]) for told in found["userErrors"]] == [(field, code)]
    assert await fetch("select * from project order by id") == before


async def test_a_deleted_project_is_gone_with_its_errors() -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    error_id = ids.encode("ErrorGroup", await seen(stage.shop, "KeyError"))
    project_id = ids.encode("Project", stage.project_id)
    document = """mutation ($id: ID!) {
        projectDelete(input: {id: $id}) { deletedProjectId userErrors { field code } } }"""
    found = await ask(document, owner, id=project_id)
    assert found["projectDelete"] == {"deletedProjectId": project_id, "userErrors": []}
    left = """query ($p: ID!, $e: ID!) { node(id: $p) { id } error(id: $e) { id } errors { totalCount }
        instances { totalCount } }"""
    assert await ask(left, owner, p=project_id, e=error_id) == {
        "node": None,
        "error": None,
        "errors": {"totalCount": 0},
        "instances": {"totalCount": 0},
    }
    for given in (project_id, "\ud800", ids.encode("Instance", stage.project_id)):
        found = await ask(document, owner, id=given)
        assert found["projectDelete"]["userErrors"] == [{"field": ["id"], "code": "NOT_FOUND"}]


async def test_errors_tell_why_they_have_their_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    owner = await joined(stage.organization_id)
    await seen(stage.shop, "KeyError", *(later(milliseconds=n) for n in range(1001)))
    await seen(stage.shop, "TypeError")
    told: list[str] = []
    document = """{ errors(orderBy: {field: PRIORITY, direction: DESC}) {
        nodes { title priority priorityReasons { code points message } } } }"""
    with noted_statements(monkeypatch, told):
        first, second = (await ask(document, owner))["errors"]["nodes"]
    assert len(told) == 2
    assert (first["title"], first["priority"]) == ("KeyError: 'partner_id'", "P1")
    assert first["priorityReasons"] == [
        {"code": "OCCURRENCES", "points": 10, "message": "more than 1,000 occurrences in 24 hours: 1,001"},
        {"code": "PRODUCTION", "points": 5, "message": "seen in production"},
        {"code": "FIRST_SEEN", "points": 3, "message": "first seen within 24 hours"},
    ]
    assert (second["priority"], [reason["points"] for reason in second["priorityReasons"]]) == ("P3", [5, 3])
    weights = {"id": ids.encode("Project", stage.project_id), "priorityWeights": {"production": 20}}
    assert not (await answer(UPDATE, owner, input=weights)).errors
    await settle_priorities(now=NOW)
    nodes = (await ask(document, owner))["errors"]["nodes"]
    assert [node["priority"] for node in nodes] == ["P0", "P0"]
