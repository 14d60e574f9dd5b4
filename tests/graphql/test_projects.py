"""Projects and instances: looked at, made, changed, deleted."""

from typing import Any
from uuid import uuid4

import pytest

from app.graphql import ids
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.stage import ask, member, refusal
from tests.reading.stage import seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

PROJECT_CREATE = """
mutation Make($input: ProjectCreateInput!) {
  projectCreate(input: $input) {
    project {
      id name slug timeZone cooldownSeconds autoResolveDays retentionDays alertFrequency createdAt
      instances { totalCount }
    }
    userErrors { field message code }
  }
}
"""
INSTANCE = """
fragment Whole on Instance {
  __typename id name slug environment source { localFile { path } } errorDetectionEnabled isDetecting
  errorIgnorePatterns addonFolders odooVersion commitSha createdAt lastScanAt lastScanStatus lastScanError
  lastCompleteAt scanLagSeconds project { slug }
}
"""
INSTANCE_CREATE = (
    """
mutation Make($input: InstanceCreateInput!) {
  instanceCreate(input: $input) { instance { ...Whole } userErrors { field code } }
}
"""
    + INSTANCE
)
INSTANCE_UPDATE = (
    """
mutation Change($input: InstanceUpdateInput!) {
  instanceUpdate(input: $input) { instance { ...Whole } userErrors { field code } }
}
"""
    + INSTANCE
)
INSTANCE_DELETE = """
mutation Delete($input: InstanceDeleteInput!) {
  instanceDelete(input: $input) { deletedInstanceId userErrors { field code } }
}
"""
LOG = {"localFile": {"path": "/var/log/odoo/odoo.log"}}


async def everything() -> list[list[dict[str, Any]]]:
    """All that is stored of projects and instances, to see that nothing changed."""
    tables = ("project", "instance", "scan_state")
    return [
        [dict(row) for row in await fetch(f"select * from {table} order by 1")]  # noqa: S608  named above
        for table in tables
    ]


async def make_instance(stage: Stage, **different: Any) -> Any:
    """What making a shop in Paris comes to."""
    given = {
        "projectId": ids.encode("Project", stage.project_id),
        "name": "Paris",
        "source": LOG,
        **different,
    }
    made = await ask(INSTANCE_CREATE, member(stage.organization_id), input=given)
    return made["instanceCreate"]


async def change_instance(stage: Stage, **changes: Any) -> Any:
    """What changing the shop comes to."""
    given = {"id": ids.encode("Instance", stage.shop.id), **changes}
    made = await ask(INSTANCE_UPDATE, member(stage.organization_id), input=given)
    return made["instanceUpdate"]


async def test_a_project_is_made_and_found_by_its_slug() -> None:
    stage = await set_up()
    admin = member(stage.organization_id)
    given = {"name": " Øl & Måned ", "timeZone": "Europe/Oslo"}
    made = (await ask(PROJECT_CREATE, admin, input=given))["projectCreate"]
    assert made["userErrors"] == []
    project = made["project"]
    assert {name: value for name, value in project.items() if name != "id"} == {
        "name": "Øl & Måned",
        "slug": "l-maned",
        "timeZone": "Europe/Oslo",
        "cooldownSeconds": 300,
        "autoResolveDays": 3,
        "retentionDays": 90,
        "alertFrequency": "DAILY",
        "createdAt": "2026-11-22T10:00:00Z",
        "instances": {"totalCount": 0},
    }
    document = "query P($slug: String!) { project(slug: $slug) { id timeZone } projects { nodes { slug } totalCount } }"
    assert await ask(document, admin, slug="l-maned") == {
        "project": {"id": project["id"], "timeZone": "Europe/Oslo"},
        "projects": {"nodes": [{"slug": "odoo"}, {"slug": "l-maned"}], "totalCount": 2},
    }
    stranger = member((await set_up()).organization_id)
    assert (await ask(document, stranger, slug="l-maned"))["project"] is None


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"name": ""}, "name", "BAD_INPUT"),
        ({"name": "x" * 201}, "name", "BAD_INPUT"),
        ({"name": "a\0b"}, "name", "BAD_INPUT"),
        ({"name": "New", "slug": "Not a slug"}, "slug", "BAD_INPUT"),
        ({"name": "New", "slug": "odoo"}, "slug", "TAKEN"),
        ({"name": "New", "timeZone": "Mars/Olympus"}, "timeZone", "BAD_INPUT"),
        ({"name": "New", "timeZone": ""}, "timeZone", "BAD_INPUT"),
    ],
)
async def test_a_project_that_cannot_be_is_refused_as_data(given: Any, field: str, code: str) -> None:
    stage = await set_up()
    before = await everything()
    made = (await ask(PROJECT_CREATE, member(stage.organization_id), input=given))["projectCreate"]
    assert made["project"] is None
    [error] = made["userErrors"]
    assert (error["field"], error["code"]) == ([field], code)
    assert len(error["message"]) > 10
    assert await everything() == before


async def test_an_instance_is_made_and_shown_as_it_was_given() -> None:
    stage = await set_up()
    made = await make_instance(
        stage, environment="STAGING", errorIgnorePatterns=["noise"], addonFolders=["/opt/addons"]
    )
    expected = {
        "__typename": "Instance",
        "name": "Paris",
        "slug": "paris",
        "environment": "STAGING",
        "source": LOG,
        "errorDetectionEnabled": None,
        "isDetecting": False,
        "errorIgnorePatterns": ["noise"],
        "addonFolders": ["/opt/addons"],
        "odooVersion": None,
        "commitSha": None,
        "createdAt": "2026-11-22T10:00:00Z",
        "lastScanAt": None,
        "lastScanStatus": None,
        "lastScanError": None,
        "lastCompleteAt": None,
        "scanLagSeconds": None,
        "project": {"slug": "odoo"},
    }
    global_id = made["instance"].pop("id")
    assert made == {"instance": expected, "userErrors": []}
    document = "query I($id: ID!) { instance(id: $id) { ...Whole } }" + INSTANCE
    found = await ask(document, member(stage.organization_id), id=global_id)
    assert found["instance"] == {**expected, "id": global_id}


async def test_an_instance_in_production_is_scanned_unless_it_is_said_otherwise() -> None:
    stage = await set_up()
    for enabled, is_detecting in ((None, True), (True, True), (False, False)):
        made = (await make_instance(stage, errorDetectionEnabled=enabled))["instance"]
        assert (made["environment"], made["errorDetectionEnabled"], made["isDetecting"]) == (
            "PRODUCTION",
            enabled,
            is_detecting,
        )


BAD_INSTANCES: list[tuple[dict[str, Any], list[str], str]] = [
    ({"name": " "}, ["name"], "BAD_INPUT"),
    ({"slug": "-"}, ["slug"], "BAD_INPUT"),
    ({"slug": "warehouse"}, ["slug"], "TAKEN"),
    ({"source": {"localFile": {"path": "odoo.log"}}}, ["source", "localFile", "path"], "BAD_INPUT"),
    ({"source": {"localFile": {"path": "/a\0b"}}}, ["source", "localFile", "path"], "BAD_INPUT"),
    ({"errorIgnorePatterns": [""]}, ["errorIgnorePatterns"], "BAD_INPUT"),
    ({"addonFolders": ["here"]}, ["addonFolders"], "BAD_INPUT"),
]


@pytest.mark.parametrize(("given", "field", "code"), BAD_INSTANCES)
async def test_an_instance_that_cannot_be_is_refused_as_data(given: Any, field: list[str], code: str) -> None:
    stage = await set_up()
    before = await everything()
    refused = {"instance": None, "userErrors": [{"field": field, "code": code}]}
    assert await make_instance(stage, **given) == refused
    assert await change_instance(stage, **given) == refused
    assert await everything() == before


async def test_an_instance_needs_a_project_of_the_organization() -> None:
    stage, other = await set_up(), await set_up()
    before = await everything()
    for project in (
        ids.encode("Project", other.project_id),
        ids.encode("Project", uuid4()),
        ids.encode("Instance", stage.project_id),
        str(stage.project_id),
        "",
    ):
        made = await make_instance(stage, projectId=project)
        assert made == {"instance": None, "userErrors": [{"field": ["projectId"], "code": "NOT_FOUND"}]}
    assert await everything() == before


async def test_a_source_is_exactly_one_thing() -> None:
    stage = await set_up()
    before = await everything()
    sources: list[Any] = [{}, {"localFile": None}, None, {"localFile": {}}, {"ssh": None}]
    sources.append(LOG | {"localDocker": {"container": "odoo"}})
    for source in sources:
        given = {"projectId": ids.encode("Project", stage.project_id), "name": "Paris", "source": source}
        assert (
            await refusal(INSTANCE_CREATE, member(stage.organization_id), input=given) == "BAD_USER_INPUT"
        ), source
    assert await everything() == before


async def test_only_what_is_given_changes() -> None:
    stage = await set_up()
    first = (await change_instance(stage))["instance"]
    assert (first["name"], first["environment"], first["source"]) == (
        "shop",
        "PRODUCTION",
        {"localFile": None},
    )
    changes: list[tuple[str, Any]] = [
        ("name", "Paris"),
        ("slug", "paris"),
        ("environment", "DEVELOPMENT"),
        ("source", LOG),
        ("errorIgnorePatterns", ["a", "b"]),
        ("addonFolders", ["/opt"]),
        ("errorIgnorePatterns", []),
    ]
    for name, value in changes:
        changed = await change_instance(stage, **{name: value})
        first = {**first, name: value, "isDetecting": name == "name" or name == "slug"}
        assert changed == {"instance": first, "userErrors": []}, name
    for name in {name for name, _ in changes}:  # null changes nothing
        assert await change_instance(stage, **{name: None}) == {"instance": first, "userErrors": []}, name


async def test_detection_has_three_values() -> None:
    stage = await set_up()
    for enabled, is_detecting in ((False, False), (True, True), (None, True)):
        changed = (await change_instance(stage, errorDetectionEnabled=enabled))["instance"]
        assert (changed["errorDetectionEnabled"], changed["isDetecting"]) == (enabled, is_detecting)
    await change_instance(stage, errorDetectionEnabled=False)
    assert (await change_instance(stage, name="Paris"))["instance"]["errorDetectionEnabled"] is False


async def test_all_changes_are_made_or_none() -> None:
    stage = await set_up()
    before = await everything()
    changed = await change_instance(stage, name="Paris", environment="STAGING", slug="warehouse")
    assert changed == {"instance": None, "userErrors": [{"field": ["slug"], "code": "TAKEN"}]}
    assert await everything() == before


async def test_an_instance_that_is_not_theirs_can_be_neither_changed_nor_deleted() -> None:
    stage, other = await set_up(), await set_up()
    before = await everything()
    owner = member(stage.organization_id)
    not_found = [{"field": ["id"], "code": "NOT_FOUND"}]
    for global_id in (
        ids.encode("Instance", other.shop.id),
        ids.encode("Instance", uuid4()),
        ids.encode("Project", stage.shop.id),
        str(stage.shop.id),
        "",
    ):
        changed = await change_instance(stage, id=global_id, name="Mine")
        assert changed == {"instance": None, "userErrors": not_found}
        deleted = await ask(INSTANCE_DELETE, owner, input={"id": global_id})
        assert deleted["instanceDelete"] == {"deletedInstanceId": None, "userErrors": not_found}
    assert await everything() == before


async def test_a_deleted_instance_is_gone_but_not_what_was_found_in_it() -> None:
    stage = await set_up()
    owner = member(stage.organization_id)
    await seen(stage.shop, "any")
    global_id = ids.encode("Instance", stage.shop.id)
    deleted = await ask(INSTANCE_DELETE, owner, input={"id": global_id})
    assert deleted["instanceDelete"] == {"deletedInstanceId": global_id, "userErrors": []}
    document = """
    {
        instances { totalCount nodes { slug } }
        errors { nodes { affectedInstances { slug instance { id isDetecting deletedAt } } latestOccurrence { instance { slug } } } }
    }
    """
    assert await ask(document, owner) == {
        "instances": {"totalCount": 1, "nodes": [{"slug": "warehouse"}]},
        "errors": {
            "nodes": [
                {
                    "affectedInstances": [
                        {
                            "slug": "shop",
                            "instance": {
                                "id": global_id,
                                "isDetecting": False,
                                "deletedAt": "2026-11-22T10:00:00Z",
                            },
                        }
                    ],
                    "latestOccurrence": {"instance": {"slug": "shop"}},
                }
            ]
        },
    }
    again = await ask(INSTANCE_DELETE, owner, input={"id": global_id})
    assert again["instanceDelete"]["userErrors"] == [{"field": ["id"], "code": "NOT_FOUND"}]
    assert (await make_instance(stage, slug="shop"))["userErrors"] == []


async def test_instances_come_in_pages_of_one_project_or_of_all() -> None:
    stage = await set_up()
    owner = member(stage.organization_id)
    given = {"name": "Second"}
    second = (await ask(PROJECT_CREATE, owner, input=given))["projectCreate"]["project"]["id"]
    await make_instance(stage, projectId=second)
    document = """
    query I($project: ID, $first: Int, $after: String) {
        instances(projectId: $project, first: $first, after: $after) {
            totalCount nodes { slug project { name } } pageInfo { hasNextPage endCursor }
        }
    }
    """
    whole = (await ask(document, owner))["instances"]
    assert [node["slug"] for node in whole["nodes"]] == ["paris", "shop", "warehouse"]
    assert whole["nodes"][0]["project"] == {"name": "Second"}
    page = (await ask(document, owner, first=2))["instances"]
    assert (page["totalCount"], page["nodes"]) == (3, whole["nodes"][:2])
    rest = (await ask(document, owner, first=2, after=page["pageInfo"]["endCursor"]))["instances"]
    assert (rest["nodes"], rest["pageInfo"]["hasNextPage"]) == (whole["nodes"][2:], False)
    of_second = (await ask(document, owner, project=second))["instances"]
    assert (of_second["totalCount"], of_second["nodes"]) == (1, whole["nodes"][:1])
    for nowhere in ("nonsense", ids.encode("Instance", stage.project_id), ids.encode("Project", uuid4())):
        assert (await ask(document, owner, project=nowhere))["instances"]["totalCount"] == 0
    nested = "query P { projects { nodes { slug instances(first: 1) { totalCount nodes { slug } } } } }"
    assert (await ask(nested, owner))["projects"]["nodes"] == [
        {"slug": "odoo", "instances": {"totalCount": 2, "nodes": [{"slug": "shop"}]}},
        {"slug": "second", "instances": {"totalCount": 1, "nodes": [{"slug": "paris"}]}},
    ]


async def test_an_instance_tells_how_its_last_scan_went() -> None:
    stage = await set_up()
    await fetch(
        """
        insert into scan_state (instance_id, due_at, last_scan_at, last_scan_status, last_scan_error, last_complete_at, lag_seconds)
        values ($1, $2, $2, 'FAILED', 'there is no such file', $3, 90.5)
        """,
        stage.shop.id,
        NOW,
        later(seconds=-90.5),
    )
    document = "{ instances(first: 1) { nodes { lastScanAt lastScanStatus lastScanError lastCompleteAt scanLagSeconds } } }"
    [shown] = (await ask(document, member(stage.organization_id)))["instances"]["nodes"]
    assert shown == {
        "lastScanAt": "2026-11-22T10:00:00Z",
        "lastScanStatus": "FAILED",
        "lastScanError": "there is no such file",
        "lastCompleteAt": "2026-11-22T09:58:29.500000Z",
        "scanLagSeconds": 90.5,
    }


async def test_several_mutations_of_one_document_see_what_those_before_them_did() -> None:
    stage = await set_up()
    document = """
    mutation Twice($shop: ID!) {
        a: instanceUpdate(input: {id: $shop, name: "first"}) { instance { name project { instances { nodes { name } } } } }
        b: instanceUpdate(input: {id: $shop, name: "second"}) { instance { name project { instances { nodes { name } } } } }
        c: instanceDelete(input: {id: $shop}) { userErrors { code } }
        d: instanceUpdate(input: {id: $shop, name: "third"}) { userErrors { code } }
    }
    """
    found = await ask(document, member(stage.organization_id), shop=ids.encode("Instance", stage.shop.id))
    assert [found[name]["instance"]["name"] for name in "ab"] == ["first", "second"]
    assert [node["name"] for node in found["b"]["instance"]["project"]["instances"]["nodes"]] == [
        "second",
        "warehouse",
    ]
    assert (found["c"]["userErrors"], found["d"]["userErrors"]) == ([], [{"code": "NOT_FOUND"}])
