"""The demo is made once, whoever asks and however often, and its logs grow by whole records."""

import asyncio
import json
import os
import re
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from app.accounts.roles import Role
from app.demo import fill
from app.demo.fill import grow, set_up
from app.demo.logs import SERVERS, past
from app.projects.delete_instance import delete_instance
from app.scanning.scan_instance import due, scan
from app.tables.database import fetch
from tests.accounts import stage as accounts
from tests.database import NOW
from tests.recording.stage import later

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

RECORD = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ [A-Z]+ \S+ [\w.]+: ")


async def organization() -> UUID:
    return (await accounts.set_up(Role.OWNER)).organization_id


async def made() -> list[tuple[Any, ...]]:
    """Every instance with its project."""
    rows = await fetch(
        """
        select p.name, p.slug, i.name, i.slug, i.environment, i.error_detection_enabled, i.source::text
        from instance as i join project as p on p.id = i.project_id order by i.slug
        """
    )
    return [tuple(row) for row in rows]


def logs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


async def test_a_demo_is_a_project_with_two_instances_and_a_week_of_logs(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "demo"

    await set_up(await organization(), folder, now=NOW)

    paths = [json.dumps({"path": str(folder / name)}) for name in ("shop.log", "warehouse.log")]
    assert await made() == [
        ("Demo", "demo", "Shop", "shop", "PRODUCTION", None, paths[0]),
        ("Demo", "demo", "Warehouse", "warehouse", "STAGING", True, paths[1]),
    ]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    for server in SERVERS:
        text = b"".join(piece.text for piece in past(server, NOW, Random(server.name)))
        assert logs(folder)[f"{server.name}.log"] == text


async def test_a_second_time_nothing_is_made(tmp_path: Path) -> None:
    organization_id = await organization()
    await set_up(organization_id, tmp_path, now=NOW)
    with (tmp_path / "shop.log").open("ab") as log:
        log.write(b"grown\n")
    before = await made(), logs(tmp_path)

    await set_up(organization_id, tmp_path, now=later(days=1))

    assert (await made(), logs(tmp_path)) == before


async def test_several_at_once_make_one(tmp_path: Path) -> None:
    organization_id = await organization()

    await asyncio.gather(*(set_up(organization_id, tmp_path, now=NOW) for _ in range(5)))

    assert len(await made()) == 2
    assert len(await fetch("select from project")) == 1
    assert set(logs(tmp_path)) == {"shop.log", "warehouse.log"}


async def test_what_a_crash_left_unmade_is_made_later(tmp_path: Path) -> None:
    organization_id = await organization()
    (tmp_path / ".shop.log.part").write_bytes(b"half of a hist")
    await set_up(organization_id, tmp_path, now=NOW)
    whole = await made(), logs(tmp_path)
    await fetch("delete from instance where slug = 'warehouse'")
    (tmp_path / "warehouse.log").unlink()

    await set_up(organization_id, tmp_path, now=NOW)

    assert (await made(), logs(tmp_path)) == whole


async def test_what_somebody_deleted_stays_deleted(tmp_path: Path) -> None:
    organization_id = await organization()
    await set_up(organization_id, tmp_path, now=NOW)
    [row] = await fetch("select id from instance where slug = 'shop'")
    await delete_instance(organization_id, row["id"], now=NOW)
    await set_up(organization_id, tmp_path, now=NOW)
    assert len(await made()) == 2

    await fetch("update project set deleted_at = $1", NOW)
    await fetch("delete from instance")
    await set_up(organization_id, tmp_path, now=NOW)
    assert (await made(), len(await fetch("select from project"))) == ([], 1)


async def test_the_first_scan_finds_all_that_went_wrong_in_the_past(tmp_path: Path) -> None:
    organization_id = await organization()
    await set_up(organization_id, tmp_path, now=NOW)
    pieces = [piece for server in SERVERS for piece in past(server, NOW, Random(server.name))]
    mishaps = [piece.mishap for piece in pieces if piece.mishap]

    scans = [await scan(instance_id, now=later(hours=1)) for instance_id in await due(NOW, 10)]

    assert len(scans) == 2
    assert sum(done.detections for done in scans) == len(mishaps)
    assert sum(done.new_groups for done in scans) == len({mishap.name for mishap in mishaps})
    [hours] = await fetch("select sum(total_count) as total, count(distinct hour) as hours from hourly_count")
    assert (hours["total"], hours["hours"] > 100) == (len(mishaps), True)
    [versions] = await fetch("select array_agg(distinct odoo_version) as known from instance")
    assert versions["known"] == ["17.0"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "PAUSE", (0.0, 0.0))


def ticking() -> Iterator[datetime]:
    second = 0
    while True:
        second += 1
        yield NOW + timedelta(seconds=second)


async def grown(folder: Path, steps: int) -> None:
    """Let the logs grow by so many pieces."""
    clock, left, done = ticking(), steps, asyncio.Event()

    def tick() -> datetime:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()
        return next(clock)

    growing = asyncio.create_task(grow(folder, tick, Random(3)))
    await done.wait()
    growing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await growing


@pytest.mark.usefixtures("quick")
async def test_logs_grow_by_whole_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    original = os.write

    def noting(file: int, text: bytes) -> int:
        written.append(text)
        return original(file, text)

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", noting)
        await grown(tmp_path, 200)

    pieces = [text for text in written if b"INFO" in text]
    assert len(pieces) in (199, 200)
    assert all(RECORD.match(text) and text.endswith(b"\n") for text in pieces)
    assert sum(len(text) for text in pieces) == sum(len(text) for text in logs(tmp_path).values())
    assert set(logs(tmp_path)) == {"shop.log", "warehouse.log"}


@pytest.mark.usefixtures("quick")
async def test_a_large_log_is_rotated_and_one_old_file_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "LARGEST", 10_000)

    await grown(tmp_path, 1500)

    kept = logs(tmp_path)
    assert set(kept) == {"shop.log", "shop.log.1", "warehouse.log", "warehouse.log.1"}
    assert all(RECORD.match(text) and text.endswith(b"\n") for text in kept.values())
    assert all(len(text) < 20_000 for text in kept.values())
    assert all(len(kept[name]) > 10_000 for name in ("shop.log.1", "warehouse.log.1"))


@pytest.mark.usefixtures("quick")
async def test_a_log_that_cannot_be_written_is_told_once_and_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "gone"
    for server in SERVERS:
        (folder / f"{server.name}.log").mkdir(parents=True)
    await grown(folder, 30)
    assert {record.message for record in caplog.records} == {"the demo's log cannot be written"}
    for server in SERVERS:
        (folder / f"{server.name}.log").rmdir()
    await grown(folder, 30)
    assert set(logs(folder)) == {"shop.log", "warehouse.log"}
