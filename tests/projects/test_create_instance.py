"""Instances are made in a project of one's own, and are due at once."""

import asyncio
import json
from contextvars import Context
from typing import Any
from uuid import uuid4

import pytest

from app.domain.log_source import local_file
from app.errors import BadInput, NotFound, Taken
from app.projects.create_instance import create_instance
from app.scanning.scan_instance import due
from app.tables.database import fetch, transaction
from tests.database import NOW
from tests.projects.stage import HALF, everything, one, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_an_instance_is_made_as_it_was_asked_for_and_is_due() -> None:
    stage = await set_up()
    wanted = stage.instance(
        name=" Depot ",
        slug="nord",
        environment="STAGING",
        source=local_file("/var/log/mit Umlaut ä/odoo.log"),
        error_detection_enabled=True,
        error_ignore_patterns=("Lock wait", "ä"),
        addon_folders=("/opt/addons",),
    )

    made = await create_instance(stage.organization_id, wanted, now=NOW)

    row = await one("instance", "id", made)
    assert (row["organization_id"], row["project_id"]) == (stage.organization_id, stage.project_id)
    assert (row["name"], row["slug"], row["environment"]) == ("Depot", "nord", "STAGING")
    assert (row["source_kind"], json.loads(row["source"])) == (
        "file",
        {"path": "/var/log/mit Umlaut ä/odoo.log"},
    )
    assert (row["error_detection_enabled"], row["created_at"], row["deleted_at"]) == (True, NOW, None)
    assert (row["error_ignore_patterns"], row["addon_folders"]) == (["Lock wait", "ä"], ["/opt/addons"])
    state = await one("scan_state", "instance_id", made)
    assert (state["due_at"], state["position"], state["failures"]) == (NOW, "{}", 0)
    assert made in await due(NOW, 10)


async def test_what_is_not_said_is_production_and_inherits() -> None:
    stage = await set_up()

    made = await create_instance(stage.organization_id, stage.instance(name="Shop"), now=NOW)

    row = await one("instance", "id", made)
    assert (row["slug"], row["environment"], row["error_detection_enabled"]) == ("shop-2", "PRODUCTION", None)
    assert (row["error_ignore_patterns"], row["addon_folders"]) == ([], [])


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"name": "\0"}, "name"),
        ({"name": HALF}, "name"),
        ({"slug": "No"}, "slug"),
        ({"environment": "TEST"}, "environment"),
        ({"source": local_file("odoo.log")}, "source.localFile.path"),
        ({"source": local_file("/\0")}, "source.localFile.path"),
        ({"error_ignore_patterns": [HALF]}, "errorIgnorePatterns"),
        ({"addon_folders": ["addons"]}, "addonFolders"),
    ],
)
async def test_an_instance_that_nobody_can_have_is_refused(different: dict[str, Any], field: str) -> None:
    stage = await set_up()
    before = await everything()

    with pytest.raises(BadInput) as refused:
        await create_instance(stage.organization_id, stage.instance(**different), now=NOW)

    assert refused.value.field == field
    assert await everything() == before


async def test_a_slug_in_use_is_taken_in_its_project_alone() -> None:
    stage = await set_up()
    before = await everything()

    with pytest.raises(Taken) as refused:
        await create_instance(stage.organization_id, stage.instance(slug="shop"), now=NOW)

    assert refused.value.field == "slug"
    assert await everything() == before


@pytest.mark.parametrize("whose", ["nobody's", "another organization's", "deleted"])
async def test_a_project_that_is_not_there_gets_none(whose: str) -> None:
    stage = await set_up()
    if whose == "deleted":
        await fetch("update project set deleted_at = $2 where id = $1", stage.project_id, NOW)
    ids = {
        "nobody's": uuid4(),
        "another organization's": stage.others_project_id,
        "deleted": stage.project_id,
    }
    before = await everything()

    for slug in (None, "shop", "new"):
        wanted = stage.instance(project_id=ids[whose], slug=slug)
        with pytest.raises(NotFound, match="there is no such project") as refused:
            await create_instance(stage.organization_id, wanted, now=NOW)
        assert refused.value.field == "projectId"

    assert await everything() == before


async def test_a_project_that_is_being_deleted_takes_nothing_new() -> None:
    stage = await set_up()
    async with transaction():
        await fetch("update project set deleted_at = $2 where id = $1", stage.project_id, NOW)
        making = asyncio.create_task(
            create_instance(stage.organization_id, stage.instance(slug="new"), now=NOW), context=Context()
        )
        await asyncio.sleep(0.2)
    with pytest.raises(NotFound):
        await making
    assert await fetch("select from instance where slug = 'new'") == []


async def test_of_many_at_once_with_one_slug_one_gets_it() -> None:
    stage = await set_up()

    done = await asyncio.gather(
        *(create_instance(stage.organization_id, stage.instance(slug="new"), now=NOW) for _ in range(8)),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in done) == ["Taken"] * 7 + ["UUID"]
    assert len((await everything())["scan_state"]) == 1


async def test_many_at_once_with_one_name_are_numbered() -> None:
    stage = await set_up()

    await asyncio.gather(
        *(create_instance(stage.organization_id, stage.instance(), now=NOW) for _ in range(5))
    )

    rows = await fetch("select slug from instance where name = 'Depot' order by slug")
    assert [row["slug"] for row in rows] == ["depot", "depot-2", "depot-3", "depot-4", "depot-5"]
