"""The button that scans a log: what it finds, what it cannot read, and what happens while somebody else scans."""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from app.errors import AlreadyScanning, SourceUnreadable
from app.graphql import ids
from app.graphql.mutations import instance_scan
from app.scanning.scan_instance import Scanned
from app.scanning.source import Bounds
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.stage import answer, ask, member
from tests.recording.stage import Stage, set_up
from tests.scanning.test_log_file import error

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

SCAN = """
mutation Scan($input: InstanceScanInput!) {
  instanceScan(input: $input) {
    detections newGroups bytesRead isBehind instance { slug lastScanStatus lastScanError } userErrors { field message code }
  }
}
"""


async def watched(path: Path) -> Stage:
    """A stage whose shop writes its log to the path."""
    stage = await set_up()
    source = msgspec.json.encode({"path": str(path)}).decode()
    await fetch("update instance set source = $2 where id = $1", stage.shop.id, source)
    return stage


def write(path: Path, *texts: bytes) -> None:
    """Append; the log has been quiet since."""
    with path.open("ab") as file:
        file.write(b"".join(texts))
    quiet_since = (NOW - timedelta(minutes=1)).timestamp()
    os.utime(path, (quiet_since, quiet_since))


async def scanned(stage: Stage, instance_id: str | None = None) -> Any:
    """What pressing the button comes to."""
    given = {"id": instance_id if instance_id is not None else ids.encode("Instance", stage.shop.id)}
    return (await ask(SCAN, member(stage.organization_id), input=given))["instanceScan"]


async def test_whoever_presses_the_button_sees_the_errors_of_the_log(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    write(path, error(1), error(2), error(3, "it broke"))
    size = path.stat().st_size
    assert await scanned(stage) == {
        "detections": 3,
        "newGroups": 2,
        "bytesRead": size,
        "isBehind": False,
        "instance": {"slug": "shop", "lastScanStatus": "OK", "lastScanError": None},
        "userErrors": [],
    }
    write(path, error(4))
    assert {name: value for name, value in (await scanned(stage)).items() if isinstance(value, int)} == {
        "detections": 1,
        "newGroups": 0,
        "bytesRead": path.stat().st_size - size,
        "isBehind": False,
    }
    document = (
        "{ errors(orderBy: {field: TOTAL_COUNT}) { nodes { totalCount status affectedInstanceCount } } }"
    )
    assert (await ask(document, member(stage.organization_id)))["errors"]["nodes"] == [
        {"totalCount": 3, "status": "ACTIVE", "affectedInstanceCount": 1},
        {"totalCount": 1, "status": "NEW", "affectedInstanceCount": 1},
    ]


async def test_a_log_that_cannot_be_read_is_told_as_data_and_on_the_instance(tmp_path: Path) -> None:
    path = tmp_path / "missing.log"
    stage = await watched(path)
    payload = await scanned(stage)
    [told] = payload["userErrors"]
    assert (told["field"], told["code"]) == (["id"], "SOURCE_UNREADABLE")
    assert payload["instance"] == {
        "slug": "shop",
        "lastScanStatus": "FAILED",
        "lastScanError": told["message"],
    }
    assert (payload["detections"], payload["bytesRead"]) == (0, 0)
    write(path, error(1))
    payload = await scanned(stage)
    assert (payload["detections"], payload["instance"]["lastScanError"], payload["userErrors"]) == (
        1,
        None,
        [],
    )


async def test_an_instance_that_is_not_theirs_is_not_scanned(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage, stranger = await watched(path), await set_up()
    write(path, error(1))
    for global_id in (
        ids.encode("Instance", stage.shop.id),
        ids.encode("Instance", uuid4()),
        ids.encode("Project", stranger.shop.id),
        "",
    ):
        payload = await scanned(stranger, global_id)
        assert (payload["instance"], payload["detections"]) == (None, 0)
        assert [told["code"] for told in payload["userErrors"]] == ["NOT_FOUND"]
    assert await stage.groups() == []
    assert await fetch("select from scan_state") == []


def answering(monkeypatch: pytest.MonkeyPatch, *outcomes: Scanned | Exception) -> list[datetime]:
    """Have scans end so, one after the other, the last one again and again; their times are noted."""
    times: list[datetime] = []

    async def scan(_instance_id: UUID, *, now: datetime, bounds: Bounds) -> Scanned:
        times.append(now)
        outcome = outcomes[min(len(times), len(outcomes)) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(instance_scan, "scan", scan)
    monkeypatch.setattr(instance_scan, "PAUSE", 0.01)
    return times


BEHIND = Scanned(detections=5, new_groups=1, bytes_read=2**33, is_behind=True)


async def test_it_goes_on_until_the_end_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    times = answering(monkeypatch, BEHIND, BEHIND, Scanned(detections=1, bytes_read=7))
    payload = await scanned(stage)
    assert (payload["detections"], payload["newGroups"], payload["bytesRead"]) == (11, 2, 2**34 + 7)
    assert (payload["isBehind"], payload["userErrors"], len(times)) == (False, [], 3)


async def test_a_log_without_end_is_left_to_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    times = answering(monkeypatch, BEHIND)
    payload = await scanned(stage)
    assert (payload["detections"], payload["isBehind"], len(times)) == (50, True, 10)


async def test_what_was_found_before_a_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    answering(monkeypatch, BEHIND, SourceUnreadable("the log is a folder now"))
    payload = await scanned(stage)
    assert payload["detections"] == 5
    assert payload["userErrors"] == [
        {"field": ["id"], "message": "the log is a folder now", "code": "SOURCE_UNREADABLE"}
    ]


async def test_the_end_of_somebody_elses_scan_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    busy = AlreadyScanning("the instance is already being scanned")
    times = answering(monkeypatch, busy, busy, busy, Scanned(detections=2))
    payload = await scanned(stage)
    assert (payload["detections"], payload["userErrors"], len(times)) == (2, [], 4)
    assert NOW <= times[0] < times[1] < times[2] < times[3] < NOW + timedelta(seconds=10)


async def test_the_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    times = answering(monkeypatch, AlreadyScanning("the instance is already being scanned"))
    monkeypatch.setattr(instance_scan, "PATIENCE", 0.1)
    payload = await scanned(stage)
    assert [told["code"] for told in payload["userErrors"]] == ["ALREADY_SCANNING"]
    assert payload["instance"]["slug"] == "shop"
    assert len(times) > 2


async def test_a_scan_of_another_process_is_waited_for(tmp_path: Path, database: str) -> None:
    """The other one holds the lock that scans take; its end lets this one in."""
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    write(path, error(1))
    assert (await scanned(stage))["detections"] == 1
    write(path, error(2))
    other = await asyncpg.connect(database)
    try:
        async with other.transaction():
            await other.execute("select from scan_state for update")
            pressed = asyncio.create_task(scanned(stage))
            await asyncio.sleep(0.5)
            assert not pressed.done()
    finally:
        await other.close()
    assert (await pressed)["detections"] == 1


async def test_two_who_press_at_once_count_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    write(path, *(error(number) for number in range(500)))
    payloads = await asyncio.gather(*(scanned(stage) for _ in range(3)))
    assert [payload["userErrors"] for payload in payloads] == [[], [], []]
    assert sum(payload["detections"] for payload in payloads) == 500
    assert (await stage.group("total_count"))["total_count"] == 500


async def test_an_unexpected_failure_is_no_user_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    answering(monkeypatch, RuntimeError("a defect"))
    given = {"id": ids.encode("Instance", stage.shop.id)}
    found = await answer(SCAN, member(stage.organization_id), input=given)
    assert found.data is None
    assert found.errors is not None
    [told] = found.errors
    assert isinstance(told.original_error, RuntimeError)
