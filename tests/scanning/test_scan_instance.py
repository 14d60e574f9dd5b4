"""Scans of an instance on a real database: exactly once, one at a time, and what is said of them on the instance."""

import asyncio
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextvars import Context
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from app.errors import AlreadyScanning, NotFound, SourceUnreadable
from app.live.announce import Counted, announce
from app.live.bus import read
from app.recording.details import unpack
from app.recording.record import Recorded
from app.scanning import scan_instance
from app.scanning.batch import Batch, read_batch
from app.scanning.log_file import LogFile
from app.scanning.scan_instance import Scanned, due, scan
from app.scanning.source import Bounds
from app.tables.database import fetch, fetch_one
from app.timeline import Change
from tests.recording.stage import Stage, set_up
from tests.scanning.endless_scan import BOUNDS
from tests.scanning.test_log_file import QUIET, error

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ROUNDS = int(os.environ.get("SNAGLIST_CHAOS_ROUNDS", "6"))
WORDS = ("apple", "birch", "cedar", "daisy", "elder", "fern", "grass", "hazel")


def clock() -> datetime:
    return datetime.fromtimestamp(time(), UTC)


def later() -> datetime:
    """When the log has been quiet for long."""
    return clock() + timedelta(hours=1)


async def watched(path: Path, **columns: Any) -> Stage:
    """A stage whose shop writes its log to the path."""
    stage = await set_up()
    for name, value in {"source": msgspec.json.encode({"path": str(path)}).decode(), **columns}.items():
        await fetch(f"update instance set {name} = $2 where id = $1", stage.shop.id, value)  # noqa: S608
    return stage


async def state(stage: Stage) -> asyncpg.Record:
    """What is said of the scans of the shop."""
    found = await fetch_one("select * from scan_state where instance_id = $1", stage.shop.id)
    assert found
    return found


async def counts(stage: Stage) -> dict[str, int]:
    """The total count of each group, by the last word of its title."""
    groups = await stage.groups("title, total_count")
    return {group["title"].rpartition(" ")[2]: group["total_count"] for group in groups}


def append(path: Path, *texts: bytes) -> None:
    with path.open("ab") as file:
        file.write(b"".join(texts))


def worded(number: int, word: str) -> bytes:
    """One of a few errors."""
    return error(number).partition(b"it failed")[0] + f"it failed with {word}\n".encode()


async def test_a_scan_records_what_is_new_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    append(path, QUIET, worded(1, "apple"), worded(2, "apple"), worded(3, "birch"), QUIET)
    now = later()

    done = await scan(stage.shop.id, now=now)

    assert (done.detections, done.new_groups, done.is_behind) == (3, 2, False)
    assert done.bytes_read == path.stat().st_size
    assert [change.entry.move.kind for change in done.changes] == ["OPENED", "ACTIVATED", "OPENED"]
    assert await counts(stage) == {"apple": 2, "birch": 1}
    said = await state(stage)
    assert (said["last_scan_status"], said["last_scan_error"], said["failures"]) == ("OK", None, 0)
    assert (said["last_scan_at"], said["last_complete_at"], said["lag_seconds"]) == (now, now, 0)
    assert said["due_at"] == now + timedelta(minutes=1)
    assert await scan(stage.shop.id, now=now) == Scanned()


async def test_a_scan_leaves_the_rest_to_the_next_which_is_due_at_once(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    append(path, *(worded(number, "apple") for number in range(30_000)))
    bounds = Bounds(scan=300_000, batch=150_000)
    now = later()

    first = await scan(stage.shop.id, now=now, bounds=bounds)

    said = await state(stage)
    assert first.is_behind
    assert 300_000 <= first.bytes_read < 1_000_000
    assert (said["last_scan_status"], said["last_complete_at"], said["due_at"]) == ("BEHIND", None, now)
    assert stage.shop.id in await due(now, 10)
    while (await scan(stage.shop.id, now=now, bounds=bounds)).is_behind:
        pass
    assert await counts(stage) == {"apple": 30_000}


async def test_rules_and_version_are_the_instances_own(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path, error_ignore_patterns=["with birch"], odoo_version="16.0")
    start = b"2026-03-01 08:00:00,001 7 INFO ? odoo: Odoo version 17.0\n"
    append(path, worded(1, "apple"), worded(2, "birch"), start, worded(3, "cedar"))

    await scan(stage.shop.id, now=later())

    assert set(await counts(stage)) == {"apple", "cedar"}
    kept = await fetch("select detail from occurrence order by id")
    assert sorted(str(unpack(row["detail"]).odoo_version) for row in kept) == ["16.0", "17.0"]
    row = await fetch_one("select odoo_version from instance where id = $1", stage.shop.id)
    assert row
    assert row["odoo_version"] == "17.0"


async def test_text_that_no_database_takes_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    bad = b"\x00\xff\xfe\xed\xa0\x80"
    append(
        path,
        QUIET[:-1] + bad + b"\n",
        b"2026-03-01 08:00:00,002 7 ERROR sh\x00\xffop odoo.addons.sale" + bad + b": no" + bad + b"\n",
        b"Traceback (most recent call last):\n",
        b'  File "/mnt/extra-addons/ca' + bad + b"rt/models/" + bad + b'.py", line 12, in to' + bad + b"\n",
        b"    return " + bad + b"\n" + bad + b"Error" + bad + b": " + bad + b"\n",
        bad + b" | " + worded(3, "apple")[:-1] + bad + b"\n",
        worded(4, "apple")[:-1] + bad + b"\n",
        bad * 100,
    )

    done = await scan(stage.shop.id, now=later())

    assert done.detections >= 2
    assert sum((await counts(stage)).values()) == done.detections


@pytest.mark.usefixtures("valkey")
async def test_changes_are_announced_after_each_batch_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    words = [f"{first}{second}" for first in WORDS for second in WORDS]
    append(path, *(worded(number, words[number // 40]) for number in range(40 * len(words))))
    announced: list[int] = []
    stored: list[UUID] = []
    batches = 0

    async def watching(changes: Sequence[Change], counted: Sequence[Counted]) -> None:
        nonlocal batches
        batches += 1
        others = asyncio.create_task(fetch("select id from group_change order by id"), context=Context())
        rows = await others
        announced.extend(change.id for change in changes)
        assert [row["id"] for row in rows] == announced, "all that is committed, and nothing else"
        stored.extend(occurrence_id for group in counted for occurrence_id in group.occurrence_ids)
        await announce(changes, counted)

    cursor = (await read(stage.organization_id, None)).cursor
    monkeypatch.setattr(scan_instance, "announce", watching)
    done = await scan(stage.shop.id, now=later(), bounds=Bounds(batch=20_000, sightings=50))

    assert batches > 2
    assert announced == [change.id for change in done.changes]
    heard = await read(stage.organization_id, cursor, limit=1000)
    assert [message.change_id for message in heard.messages if message.change_id] == announced
    counted = [message for message in heard.messages if message.kind == "COUNTED"]
    assert [one for message in counted for one in message.occurrence_ids] == stored
    rows = await fetch("select id from occurrence")
    assert sorted(stored) == sorted(row["id"] for row in rows)
    assert {message.group_id for message in counted} == {row["id"] for row in await stage.groups("id")}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ({"path": "/nowhere/odoo.log"}, "there is no file /nowhere/odoo.log"),
        ({"path": "/"}, "/ is a folder, not a file"),
        ({"path": "a\udcff\0b"}, "embedded null byte"),
        ({"path": 7}, "does not say where its log is"),
        ({}, "does not say where its log is"),
    ],
)
async def test_a_source_that_cannot_be_read_is_told_on_the_instance_and_backs_off(
    source: dict[str, Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await set_up()
    path = source.get("path")
    if isinstance(path, str) and "\0" in path:  # jsonb takes no such path; another source may give one
        monkeypatch.setattr(scan_instance, "source_of", lambda _, bounds: LogFile(path, bounds))
    else:
        source_text = msgspec.json.encode(source).decode()
        await fetch("update instance set source = $2 where id = $1", stage.shop.id, source_text)
    now = clock()
    waits = []
    for failures in range(1, 8):
        with pytest.raises(SourceUnreadable, match=why):
            await scan(stage.shop.id, now=now)
        said = await state(stage)
        assert (said["last_scan_status"], said["failures"], said["last_scan_at"]) == ("FAILED", failures, now)
        assert why in said["last_scan_error"]
        waits.append((said["due_at"] - now).total_seconds() / 60)
    assert waits == [1, 2, 4, 8, 16, 30, 30]


async def test_a_source_that_comes_back_is_well_again(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    with pytest.raises(SourceUnreadable):
        await scan(stage.shop.id, now=clock())
    append(path, worded(1, "apple"))
    await scan(stage.shop.id, now=later())
    said = await state(stage)
    assert (said["last_scan_status"], said["last_scan_error"], said["failures"]) == ("OK", None, 0)
    assert await counts(stage) == {"apple": 1}


async def test_an_instance_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        await scan(uuid4(), now=clock())


async def test_what_cannot_be_recorded_moves_no_position(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    append(path, worded(1, "apple"))

    async def broken(*_: object, **__: object) -> Recorded:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(scan_instance, "record", broken)
        with pytest.raises(ZeroDivisionError):
            await scan(stage.shop.id, now=later())
    said = await state(stage)
    assert (said["position"], said["last_scan_status"]) == ("{}", "FAILED")
    assert said["last_scan_error"] == "unexpected: ZeroDivisionError"
    await scan(stage.shop.id, now=later())
    assert await counts(stage) == {"apple": 1}


async def test_a_second_scan_at_the_same_time_is_refused_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    append(path, worded(1, "apple"))
    loop, reading, go_on = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def slow(*values: Any, **more: Any) -> Batch:
        loop.call_soon_threadsafe(reading.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()
        return read_batch(*values, **more)

    monkeypatch.setattr(scan_instance, "read_batch", slow)
    first = asyncio.create_task(scan(stage.shop.id, now=later()))
    await reading.wait()
    with pytest.raises(AlreadyScanning, match="already being scanned"):
        await scan(stage.shop.id, now=later())
    go_on.set()
    assert (await first).detections == 1
    assert (await state(stage))["last_scan_status"] == "OK"


async def test_many_scans_at_once_count_exactly(tmp_path: Path) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    append(path, *(worded(number, "apple") for number in range(3000)))

    async def one() -> int:
        try:
            return (await scan(stage.shop.id, now=later(), bounds=Bounds(batch=20_000))).detections
        except AlreadyScanning:
            return 0

    done = await asyncio.gather(*(one() for _ in range(6)))
    rest = await scan(stage.shop.id, now=later())
    assert sum(done) + rest.detections == 3000
    assert await counts(stage) == {"apple": 3000}


async def test_only_instances_with_detection_enabled_are_due_the_longest_waiting_first() -> None:
    stage = await set_up()
    now = clock()
    shop, warehouse = stage.shop.id, stage.warehouse.id

    async def change(column: str, value: object) -> None:
        await fetch(f"update instance set {column} = $1 where id = $2", value, shop)  # noqa: S608

    await fetch("insert into scan_state (instance_id, due_at) values ($1, $2)", shop, now)
    assert await due(now, 10) == [warehouse, shop]
    assert await due(now, 1) == [warehouse]
    assert await due(now - timedelta(seconds=1), 10) == [warehouse]
    await change("environment", "STAGING")
    assert await due(now, 10) == [warehouse]
    await change("error_detection_enabled", True)
    assert await due(now, 10) == [warehouse, shop]
    await change("environment", "PRODUCTION")
    await change("error_detection_enabled", False)
    assert await due(now, 10) == [warehouse]
    await change("error_detection_enabled", None)
    await change("deleted_at", now)
    assert await due(now, 10) == [warehouse]
    await fetch("update project set deleted_at = $1", now)
    assert await due(now, 10) == []


@pytest.mark.timeout(60 + 6 * ROUNDS)
async def test_scanners_killed_at_any_moment_lose_and_double_nothing(tmp_path: Path, database: str) -> None:
    """Two processes scan one instance, and one of them dies in each round, while the log grows and rotates."""
    chance = random.Random(ROUNDS)
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    await fetch("update project set retention_days = 3650")
    path.touch()
    await scan(stage.shop.id, now=clock(), bounds=BOUNDS)
    writer = _Writer(path, chance)
    writing = asyncio.create_task(writer.write())
    lives = [_start(database, stage) for _ in range(2)]
    seen = [0]
    try:
        for number in range(ROUNDS):
            life = lives.pop(0)
            assert life.stdout
            await asyncio.to_thread(life.stdout.readline)
            if number % 2:
                await _more_than(seen[-1], stage)
            await asyncio.sleep(chance.random() * 0.5)
            lives.append(_start(database, stage))
            life.kill()
            life.communicate()
            seen.append(sum((await counts(stage)).values()))
    finally:
        writing.cancel()
        for life in lives:
            life.kill()
            life.communicate()
    while await _is_behind(stage):
        pass
    assert await counts(stage) == writer.truth
    [sums] = await fetch(
        """
        select (select sum(total_count) from fingerprint) as fingerprints,
            (select sum(total_count) from hourly_count) as hours,
            (select sum(total_count) from affected_instance) as instances
        """
    )
    assert set(sums.values()) == {sum(writer.truth.values())}
    assert writer.rotations > ROUNDS / 4
    assert len(set(seen)) > ROUNDS / 3, "the scanners got on between their deaths"


async def _is_behind(stage: Stage) -> bool:
    """Scan; whether there is more. Who was killed in the middle of a scan keeps its turn until its lease is over."""
    try:
        return (await scan(stage.shop.id, now=later())).is_behind
    except AlreadyScanning:
        await asyncio.sleep(0.5)
        return True


async def _more_than(count: int, stage: Stage) -> None:
    """Wait until the scanners got on, as a busy machine lets them only now and then."""
    async with asyncio.timeout(30):
        while sum((await counts(stage)).values()) <= count:  # noqa: ASYNC110  what is awaited is elsewhere
            await asyncio.sleep(0.05)


class _Writer:
    """An Odoo that goes wrong in a few ways, and whose log is rotated now and then by either method."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        self._path = path
        self._chance = chance
        self._number = 0
        self.rotations = 0
        self.truth = dict.fromkeys(WORDS, 0)

    async def write(self) -> None:
        """Go on until cancelled; what is counted has been written then."""
        chance = self._chance
        while True:
            text = self._text(chance.randint(1, 60))
            cut = chance.randint(0, len(text))
            append(self._path, text[:cut])
            try:
                await asyncio.sleep(chance.random() * 0.03)
            finally:
                append(self._path, text[cut:])
            if chance.random() < 0.04:
                self.rotations += 1
                await asyncio.sleep(0.02)
                _rotate(self._path, self._path.with_name(f"odoo.log.{5000 - self.rotations}"), chance)
                await asyncio.sleep(0.02)

    def _text(self, count: int) -> bytes:
        text = b""
        for _ in range(count):
            self._number += 1
            word = self._chance.choice(WORDS)
            self.truth[word] += 1
            text += worded(self._number, word) + QUIET * self._chance.randint(0, 3)
        return text


def _start(database: str, stage: Stage) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.scanning.endless_scan", database, str(stage.shop.id)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


def _rotate(path: Path, to: Path, chance: random.Random) -> None:
    if chance.random() < 0.5:
        shutil.copyfile(path, to)
        os.truncate(path, 0)
    else:
        path.rename(to)
        if chance.random() < 0.5:
            path.touch()
