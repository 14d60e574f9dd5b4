"""Instances with how their last scan went, and those on which errors were seen."""

import json
from uuid import uuid4

import pytest

from app.reading.instances import (
    LISTED,
    Affected,
    Instance,
    affected,
    count_instances,
    instance,
    instances,
    instances_by_id,
)
from app.reading.pages import Window
from app.tables.database import fetch
from tests.database import NOW
from tests.reading.stage import delete, fingerprint_of, merge, seen
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_every_column_is_in_its_place() -> None:
    stage = await set_up()
    await fetch(
        """
        update instance set source = $2, source_secrets = 'secret', environment = 'STAGING', odoo_version = '17.0',
            commit_sha = 'abc', error_ignore_patterns = '{a,b}', addon_folders = '{/c}' where id = $1
        """,
        stage.shop.id,
        json.dumps({"path": "/var/log/odoo.log"}),
    )
    await fetch(
        "insert into scan_state values ($1, '{}', $2, $3, 'FAILED', 'no such file', $4, 1.5, 2)",
        stage.shop.id,
        NOW,
        later(minutes=-1),
        later(hours=-1),
    )
    shown = await instance(stage.organization_id, stage.shop.id)
    assert shown == Instance(
        id=stage.shop.id,
        project_id=stage.project_id,
        name="shop",
        slug="shop",
        environment="STAGING",
        source_kind="file",
        source={"path": "/var/log/odoo.log"},
        error_detection_enabled=None,
        is_detecting=False,
        error_ignore_patterns=["a", "b"],
        addon_folders=["/c"],
        odoo_version="17.0",
        commit_sha="abc",
        created_at=NOW,
        deleted_at=None,
        last_scan_at=later(minutes=-1),
        last_scan_status="FAILED",
        last_scan_error="no such file",
        last_complete_at=later(hours=-1),
        lag_seconds=1.5,
    )
    assert await instances_by_id(stage.organization_id, [stage.shop.id]) == {stage.shop.id: shown}
    assert "secret" not in repr(shown)


@pytest.mark.parametrize(
    ("environment", "enabled", "is_detecting"),
    [
        ("PRODUCTION", None, True),
        ("STAGING", None, False),
        ("DEVELOPMENT", None, False),
        ("PRODUCTION", False, False),
        ("STAGING", True, True),
    ],
)
async def test_detection_is_on_off_or_as_the_environment_has_it(
    environment: str, enabled: bool | None, is_detecting: bool
) -> None:
    stage = await set_up()
    await fetch("update instance set environment = $1, error_detection_enabled = $2", environment, enabled)
    shown = await instance(stage.organization_id, stage.shop.id)
    assert shown
    assert (shown.error_detection_enabled, shown.is_detecting) == (enabled, is_detecting)


async def test_instances_are_listed_by_name_and_by_project() -> None:
    stage, other = await set_up(), await set_up()
    await fetch(
        "update project set organization_id = $1, slug = 'other' where id = $2",
        stage.organization_id,
        other.project_id,
    )
    await fetch("update instance set organization_id = $1", stage.organization_id)

    every = await instances(stage.organization_id)
    theirs = await instances(stage.organization_id, Window(first=1), project_id=other.project_id)

    assert [each.name for each in every.nodes] == ["shop", "shop", "warehouse", "warehouse"]
    assert [each.id for each in theirs.nodes] == [other.shop.id]
    assert theirs.has_next
    assert await count_instances(stage.organization_id) == 4
    assert await count_instances(stage.organization_id, project_id=other.project_id) == 2
    assert await count_instances(stage.organization_id, project_id=uuid4()) == 0


@pytest.mark.parametrize("table", ["instance", "project"])
async def test_what_is_deleted_is_not_there(table: str) -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await fetch(f"update {table} set deleted_at = now()")  # noqa: S608  named above

    assert (await instances(stage.organization_id)).nodes == []
    assert await count_instances(stage.organization_id) == 0
    assert await instance(stage.organization_id, stage.shop.id) is None
    assert await instances_by_id(stage.organization_id, [stage.shop.id]) == {}
    named = await instances_by_id(stage.organization_id, [stage.shop.id], with_deleted=True)
    assert named[stage.shop.id].name == "shop"
    assert not named[stage.shop.id].is_detecting
    assert named[stage.shop.id].deleted_at is not None
    found = (await affected(stage.organization_id, [group_id]))[group_id]
    assert (found.count, [each.instance.name for each in found.instances]) == (1, ["shop"])


async def test_affected_instances_come_most_counted_first_with_their_times() -> None:
    stage = await set_up()
    primary = await seen(stage.shop, "KeyError", later(hours=-9))
    secondary = await seen(stage.shop, "ValueError", later(hours=-1), later(hours=-2))
    await seen(stage.warehouse, "KeyError", later(hours=-5), later(hours=-4))
    alone = await seen(stage.warehouse, "TypeError")
    await merge(primary, secondary)

    found = await affected(stage.organization_id, [primary, secondary, alone])

    assert [
        (each.instance.name, each.total_count, each.first_seen_at, each.last_seen_at)
        for each in found[primary].instances
    ] == [("shop", 3, later(hours=-9), later(hours=-1)), ("warehouse", 2, later(hours=-5), later(hours=-4))]
    assert found[primary].count == 2
    assert found[secondary] == Affected([], 0)
    assert (found[alone].count, found[alone].instances[0].instance.id) == (1, stage.warehouse.id)
    await delete(primary)
    assert (await affected(stage.organization_id, [primary]))[primary] == Affected([], 0)


async def test_a_hundred_are_listed_and_all_are_counted() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await fetch(
        """
        with made as (
            insert into instance (id, organization_id, project_id, name, slug, environment, source_kind, source, created_at)
            select gen_random_uuid(), $1, $2, 'i' || n, 'i' || n, 'STAGING', 'file', '{}', $3
            from generate_series(2, 151) as n
            returning id, substr(name, 2)::int as n
        )
        insert into affected_instance select $4, id, n, $3, $3 from made
        """,
        stage.organization_id,
        stage.project_id,
        NOW,
        await fingerprint_of(group_id),
    )
    found = (await affected(stage.organization_id, [group_id]))[group_id]
    assert found.count == 151
    assert [each.total_count for each in found.instances] == list(range(151, 151 - LISTED, -1))
