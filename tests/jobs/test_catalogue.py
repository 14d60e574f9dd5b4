"""The jobs, run by hand: what each does, and what is told instead of raised."""

import asyncio
import logging
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.errors import BadInput
from app.jobs import catalogue
from app.jobs.catalogue import JOBS, Run
from app.jobs.starting import queued, run_here
from app.live import keys
from app.live.connection import client
from app.live.queue import Queue, wake
from app.scanning.scan_instance import Scanned
from app.tables.database import fetch
from tests.database import NOW
from tests.recording.stage import Stage, later, recorded, set_up, sighting
from tests.scanning.test_scan_instance import append, counts, watched, worded

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "valkey")]


async def one_due(path: Path) -> Stage:
    """A stage with one instance that may be scanned."""
    stage = await watched(path)
    await fetch("update instance set deleted_at = $1 where id = $2", NOW, stage.warehouse.id)
    await fetch("update project set retention_days = 3650")
    return stage


async def test_scan_scans_what_is_due_here_and_now(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await one_due(path)
    append(path, worded(1, "apple"), worded(2, "birch"))
    await run_here("scan", now=later(days=1))
    assert await counts(stage) == {"apple": 1, "birch": 1}
    append(path, worded(3, "apple"))
    await run_here("scan", now=later(days=1, seconds=59))
    assert (await counts(stage))["apple"] == 1
    await run_here("scan", now=later(days=1, seconds=61))
    assert (await counts(stage))["apple"] == 2


async def test_scan_queues_one_job_for_each_instance_that_is_due(tmp_path: Path) -> None:
    stage = await one_due(tmp_path / "odoo.log")
    for _ in range(2):
        await JOBS["scan"].run(Run(NOW, (), queued))
    entries = await client().zrange(keys.queue(Queue.SCAN), 0, -1)
    assert entries == [f"snaglist:scan-instance:{stage.shop.id}".encode()]
    await JOBS["scan"].run(Run(later(days=-1), (), queued))


async def test_scan_instance_goes_on_until_all_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [Scanned(2, 1, 10, True), Scanned(1, 0, 10, True), Scanned(4, 1, 5, False)]
    times = []

    async def some(*_: Any, now: Any, **__: Any) -> Scanned:
        times.append(now)
        await asyncio.sleep(0.01)
        return answers.pop(0)

    monkeypatch.setattr(catalogue, "scan", some)
    caplog.set_level(logging.INFO)
    await run_here("scan-instance", str(uuid4()), now=NOW)
    assert answers == []
    assert NOW <= times[0] < times[1] < times[2] < later(seconds=10), "the time goes on while it scans"
    [told] = [record for record in caplog.records if record.name == "app.jobs.catalogue"]
    assert (told.detections, told.bytes_read, told.is_behind) == (7, 25, False)  # type: ignore[attr-defined]
    answers = [Scanned(is_behind=True)] * 3
    monkeypatch.setattr(catalogue, "SPARE", Queue.SCAN.timeout - timedelta(milliseconds=15))
    await run_here("scan-instance", str(uuid4()), now=NOW)
    assert len(answers) < 3, "it ends when its time is up, and leaves the rest to the next"
    assert tmp_path


async def test_what_is_expected_is_told_and_not_raised(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await one_due(tmp_path / "nothing.log")
    caplog.set_level(logging.INFO)
    await run_here("scan-instance", str(uuid4()), now=NOW)
    await run_here("scan-instance", str(stage.shop.id), now=NOW)
    told = [
        (record.levelno, record.reason)  # type: ignore[attr-defined]
        for record in caplog.records
        if record.name == "app.jobs.catalogue"
    ]
    assert [level for level, _ in told] == [logging.INFO, logging.WARNING]
    assert told[0][1] == "there is no such instance"
    assert "there is no file" in told[1][1]


@pytest.mark.parametrize("arguments", [(), ("seven",), (str(uuid4()), "x"), ("\0",)])
async def test_scan_instance_wants_an_id(arguments: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="one argument"):
        await run_here("scan-instance", *arguments, now=NOW)


async def test_react_and_sweep_empty_the_outbox() -> None:
    stage = await set_up()
    for name, error in (("react", "A"), ("sweep", "B")):
        await recorded([sighting(stage.shop, error)])
        await run_here(name, now=later(minutes=1))
        assert await fetch("select from outbox") == []


async def test_react_has_begun_before_it_looks() -> None:
    await wake("react", Queue.QUICK)
    await run_here("react", now=NOW)
    await wake("react", Queue.QUICK)
    assert await client().zcard(keys.queue(Queue.QUICK)) == 2


async def test_auto_resolve_ends_what_is_quiet_and_a_scan_brings_it_back(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await one_due(path)

    async def scanned(at: datetime, *lines_at: datetime) -> str:
        """The status after a scan that finds such lines, in a file that was quiet for long."""
        for line_at in lines_at:
            line = worded(1, "apple").replace(b"2026-03-01 00:00:01,001", f"{line_at:%F %T},000".encode())
            append(path, line)
        os.utime(path, (NOW.timestamp(),) * 2)
        await run_here("scan", now=at)
        return str((await stage.group("status"))["status"])

    at = later(days=3, minutes=5)
    assert await scanned(later(minutes=5), NOW, NOW) == "ACTIVE"
    await run_here("auto-resolve", now=at)
    assert await stage.group("status") == {"status": "ACTIVE"}, "nobody listened meanwhile"
    assert await scanned(at) == "ACTIVE"
    await run_here("auto-resolve", now=at)
    assert await stage.group("status, resolved_at") == {"status": "RESOLVED", "resolved_at": at}
    assert await scanned(later(days=3, minutes=7), later(days=3)) == "RESOLVED", "late"
    assert await scanned(later(days=3, minutes=9), later(days=3, minutes=8)) == "REGRESSED"
    assert await scanned(later(days=3, minutes=11), later(days=3, minutes=10)) == "ACTIVE"
    assert await stage.group("total_count, count_at_resolve") == {"total_count": 5, "count_at_resolve": 2}
    assert [kind for kind, _, _ in await stage.history()] == [
        "OPENED",
        "ACTIVATED",
        "RESOLVED",
        "REGRESSED",
        "ACTIVATED",
    ]
    assert JOBS["auto-resolve"].every == timedelta(hours=1)


async def test_partitions_are_made_for_the_days_to_come() -> None:
    await fetch("drop table occurrence_20261129")
    await run_here("partitions", now=NOW)
    [row] = await fetch("select to_regclass('occurrence_20261129') is not null as is_there")
    assert row["is_there"]


async def test_a_job_that_nobody_knows_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        await run_here("paint", now=NOW)
    with pytest.raises(KeyError):
        await queued("paint")


async def test_retention_removes_what_is_too_old(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    stage = await set_up(retention_days=30)
    for days in (60, 59, 58):
        at = later(days=-days)
        await recorded([sighting(stage.shop, "A", at)], now=at)
    await run_here("retention", now=NOW)
    assert await fetch("select count(*) from occurrence") == [(0,)]
    assert await fetch("select count(*) from kept_occurrence") == [(2,)]
    [told] = [record for record in caplog.records if record.name == "app.jobs.catalogue"]
    assert (told.kept, "occurrence_20260923" in told.dropped) == (2, True)  # type: ignore[attr-defined]
    assert JOBS["retention"].every == timedelta(days=1)
