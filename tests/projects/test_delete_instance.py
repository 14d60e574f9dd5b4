"""A deleted instance is gone for everybody, at any moment, and what was found in it stays."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.log_source import local_file
from app.errors import NotFound
from app.projects.create_instance import create_instance
from app.projects.delete_instance import delete_instance
from app.projects.update_instance import InstanceChanges, update_instance
from app.scanning import scan_instance
from app.scanning.batch import Batch, read_batch
from app.scanning.scan_instance import due, scan
from app.tables.database import fetch, fetch_one
from tests.database import NOW
from tests.projects.stage import everything, one, set_up
from tests.projects.test_update_instance import ERROR, written
from tests.recording.stage import later

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_a_deleted_instance_is_not_scanned_and_its_slug_is_free() -> None:
    stage = await set_up()

    await delete_instance(stage.organization_id, stage.shop_id, now=NOW)

    assert (await one("instance", "id", stage.shop_id))["deleted_at"] == NOW
    assert stage.shop_id not in await due(NOW, 10)
    with pytest.raises(NotFound):
        await scan(stage.shop_id, now=NOW)
    await create_instance(stage.organization_id, stage.instance(slug="shop"), now=NOW)


async def test_a_second_time_there_is_none() -> None:
    stage = await set_up()

    done = await asyncio.gather(
        *(delete_instance(stage.organization_id, stage.shop_id, now=later(hours=hour)) for hour in range(4)),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in done) == ["NoneType"] + ["NotFound"] * 3
    before = await everything()
    with pytest.raises(NotFound):
        await delete_instance(stage.organization_id, stage.shop_id, now=later(days=1))
    assert await everything() == before


@pytest.mark.parametrize("whose", ["nobody's", "another organization's", "of a deleted project"])
async def test_an_instance_that_is_not_there_cannot_be_deleted(whose: str) -> None:
    stage = await set_up()
    instance_id = {"nobody's": uuid4(), "another organization's": stage.others_shop_id}.get(
        whose, stage.shop_id
    )
    if whose == "of a deleted project":
        await fetch("update project set deleted_at = $2 where id = $1", stage.project_id, NOW)
    before = await everything()

    with pytest.raises(NotFound, match="there is no such instance"):
        await delete_instance(stage.organization_id, instance_id, now=NOW)

    assert await everything() == before


async def test_a_scan_at_that_moment_ends_without_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    log = tmp_path / "odoo.log"
    written(log, ERROR * 3)
    source = InstanceChanges(source=local_file(str(log)))
    await update_instance(stage.organization_id, stage.shop_id, source, now=NOW)
    loop, reading, go_on = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def slow(*values: Any, **more: Any) -> Batch:
        loop.call_soon_threadsafe(reading.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()
        return read_batch(*values, **more)

    monkeypatch.setattr(scan_instance, "read_batch", slow)
    scanning = asyncio.create_task(scan(stage.shop_id, now=later(hours=1)))
    await reading.wait()
    await delete_instance(stage.organization_id, stage.shop_id, now=NOW)
    go_on.set()

    assert (await scanning).detections == 3
    group = await fetch_one("select total_count from error_group where project_id = $1", stage.project_id)
    assert group
    assert group["total_count"] == 3
    assert stage.shop_id not in await due(later(days=1), 10)
