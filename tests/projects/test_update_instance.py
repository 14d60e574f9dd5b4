"""An instance is changed as a whole or not at all, and is scanned with its new settings at once."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.log_source import local_file
from app.errors import BadInput, NotFound, SourceUnreadable, Taken
from app.projects import update_instance as updating
from app.projects.create_instance import create_instance
from app.projects.update_instance import InstanceChanges, update_instance
from app.scanning.scan_instance import due, scan
from app.tables.database import fetch, transaction
from tests.database import NOW
from tests.projects.stage import HALF, everything, one, set_up
from tests.recording.stage import later

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ERROR = b"2026-11-22 09:59:58,000 7 ERROR shop odoo.addons.cart.models.cart: no cart \n"


def written(log: Path, text: bytes) -> None:
    """A log that has been quiet for a day, whatever day it is: its last record is whole."""
    log.write_bytes(text)
    os.utime(log, (later(days=-1).timestamp(),) * 2)


async def test_every_setting_can_be_changed() -> None:
    stage = await set_up()
    changes = InstanceChanges(
        "Nord", "nord", "STAGING", local_file("/n.log"), True, ("Lock wait",), ("/opt/addons",)
    )
    before = await one("instance", "id", stage.shop_id)

    await update_instance(stage.organization_id, stage.shop_id, changes, now=NOW)

    row = await one("instance", "id", stage.shop_id)
    changed = {key: value for key, value in row.items() if value != before[key]}
    assert json.loads(changed.pop("source")) == {"path": "/n.log"}
    assert changed == {
        "name": "Nord",
        "slug": "nord",
        "environment": "STAGING",
        "error_detection_enabled": True,
        "error_ignore_patterns": ["Lock wait"],
        "addon_folders": ["/opt/addons"],
    }


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        (InstanceChanges(name="Nord"), "name", "Nord"),
        (InstanceChanges(slug="nord"), "slug", "nord"),
        (InstanceChanges(environment="STAGING"), "environment", "STAGING"),
        (InstanceChanges(source=local_file("/n.log")), "source", '{"path": "/n.log"}'),
        (InstanceChanges(error_detection_enabled=False), "error_detection_enabled", False),
        (InstanceChanges(error_detection_enabled=None), "error_detection_enabled", None),
        (InstanceChanges(error_ignore_patterns=()), "error_ignore_patterns", []),
        (InstanceChanges(addon_folders=()), "addon_folders", []),
    ],
)
async def test_what_is_not_said_stays(changes: InstanceChanges, column: str, value: object) -> None:
    stage = await set_up()
    wanted = stage.instance(
        error_detection_enabled=True, error_ignore_patterns=["Lock wait"], addon_folders=["/opt/addons"]
    )
    made = await create_instance(stage.organization_id, wanted, now=NOW)
    before = await one("instance", "id", made)
    assert before[column] != value

    await update_instance(stage.organization_id, made, changes, now=NOW)

    assert await one("instance", "id", made) == before | {column: value}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"slug": "-"}, "slug"),
        ({"environment": ""}, "environment"),
        ({"source": local_file("")}, "source.localFile.path"),
        ({"error_ignore_patterns": [""]}, "errorIgnorePatterns"),
        ({"addon_folders": [f"/{HALF}"]}, "addonFolders"),
    ],
)
async def test_a_change_that_nobody_can_have_changes_nothing(changes: dict[str, Any], field: str) -> None:
    stage = await set_up()
    good: dict[str, Any] = {"name": "Nord", "error_detection_enabled": False}
    wanted = InstanceChanges(**good | changes)
    before = await everything()

    with pytest.raises(BadInput) as refused:
        await update_instance(stage.organization_id, stage.shop_id, wanted, now=NOW)

    assert refused.value.field == field
    assert await everything() == before


async def test_a_slug_in_use_is_taken_and_changes_nothing() -> None:
    stage = await set_up()
    changes = InstanceChanges(name="Nord", slug="warehouse")
    before = await everything()

    with pytest.raises(Taken) as refused:
        await update_instance(stage.organization_id, stage.shop_id, changes, now=NOW)

    assert refused.value.field == "slug"
    assert await everything() == before
    await update_instance(stage.organization_id, stage.shop_id, InstanceChanges(slug="shop"), now=NOW)


async def test_of_two_at_once_that_want_one_slug_one_gets_it() -> None:
    stage = await set_up()
    changes = InstanceChanges(slug="nord")

    done = await asyncio.gather(
        *(
            update_instance(stage.organization_id, instance_id, changes, now=NOW)
            for instance_id in (stage.shop_id, stage.warehouse_id)
        ),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in done) == ["NoneType", "Taken"]


@pytest.mark.parametrize("whose", ["nobody's", "another organization's", "deleted", "of a deleted project"])
async def test_an_instance_that_is_not_there_cannot_be_changed(whose: str) -> None:
    stage = await set_up()
    instance_id = {"nobody's": uuid4(), "another organization's": stage.others_shop_id}.get(
        whose, stage.shop_id
    )
    if whose == "deleted":
        await fetch("update instance set deleted_at = $2 where id = $1", stage.shop_id, NOW)
    if whose == "of a deleted project":
        await fetch("update project set deleted_at = $2 where id = $1", stage.project_id, NOW)
    before = await everything()

    with pytest.raises(NotFound, match="there is no such instance"):
        await update_instance(stage.organization_id, instance_id, InstanceChanges(name="Nord"), now=NOW)

    assert await everything() == before


async def test_a_mended_path_is_scanned_at_once_after_many_failures(tmp_path: Path) -> None:
    stage = await set_up()
    log = tmp_path / "odoo.log"
    written(log, ERROR)
    wrong = InstanceChanges(source=local_file(str(tmp_path / "typo.log")))
    await update_instance(stage.organization_id, stage.shop_id, wrong, now=NOW)
    for _ in range(5):
        with pytest.raises(SourceUnreadable):
            await scan(stage.shop_id, now=NOW)
    assert stage.shop_id not in await due(later(minutes=10), 10)

    right = InstanceChanges(source=local_file(str(log)))
    await update_instance(stage.organization_id, stage.shop_id, right, now=later(minutes=10))

    assert stage.shop_id in await due(later(minutes=10), 10)
    assert (await one("scan_state", "instance_id", stage.shop_id))["failures"] == 0
    assert (await scan(stage.shop_id, now=later(hours=1))).bytes_read == len(ERROR)


async def test_a_log_at_another_path_is_read_from_its_begin(tmp_path: Path) -> None:
    stage = await set_up()
    for name in ("old.log", "new.log"):
        written(tmp_path / name, ERROR * 3)
        source = local_file(str(tmp_path / name))
        await update_instance(stage.organization_id, stage.shop_id, InstanceChanges(source=source), now=NOW)
        assert (await scan(stage.shop_id, now=later(hours=1))).detections == 3


async def test_a_change_waits_for_no_batch_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    monkeypatch.setattr(updating, "WAIT", 0.2)
    await fetch("insert into scan_state (instance_id, due_at) values ($1, $2)", stage.shop_id, later(hours=1))

    async def hanging() -> None:
        async with transaction():
            await fetch("select from scan_state where instance_id = $1 for update", stage.shop_id)
            is_held.set()
            await go_on.wait()

    is_held, go_on = asyncio.Event(), asyncio.Event()
    scanning = asyncio.create_task(hanging())
    await is_held.wait()
    await update_instance(stage.organization_id, stage.shop_id, InstanceChanges(name="Nord"), now=NOW)
    assert (await one("instance", "id", stage.shop_id))["name"] == "Nord"
    go_on.set()
    await scanning
