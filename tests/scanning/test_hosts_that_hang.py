"""Slow and dead hosts: they delay nobody else, their instances back off, and they are well again by themselves."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from app.errors import SourceUnreadable
from app.jobs.catalogue import JOBS, Run
from app.jobs.starting import queued
from app.live.queue import Queue
from app.scanning import batch as batches
from app.scanning import scan_instance, scan_state
from app.scanning.instance_source import source_of
from app.scanning.log_file import LogFile, LogStream
from app.scanning.scan_instance import due, scan
from app.scanning.source import Bounds, Source, Stream
from app.tables.database import DB, fetch
from tests.recording.stage import Stage, set_up
from tests.scanning.test_log_file import QUIET
from tests.scanning.test_scan_instance import append, clock, later, watched, worded
from tests.workers.stage import serving, until

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


class Hanging:
    """A source whose host does not answer until it is `well`, whenever that is asked: at once or with its log half read."""

    def __init__(self, path: str, bounds: Bounds, *, is_midway: bool) -> None:
        self._file = LogFile(path, bounds)
        self._is_midway = is_midway
        self.well = threading.Event()
        self.waiting = 0

    @contextmanager
    def open(self, position: str, *, now: datetime) -> Iterator[Stream]:
        if not self._is_midway:
            self.wait()
        with self._file.open(position, now=now) as stream:
            if self._is_midway:
                true, stream.read = stream.read, lambda size: self.read(true(1000))  # type: ignore[method-assign]
            yield stream

    def read(self, text: bytes) -> bytes:
        self.wait()
        return text

    def wait(self) -> None:
        self.waiting += 1
        self.well.wait()
        self.waiting -= 1


class Hosts:
    """The instances of a test, some of which hang."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self._folder = folder
        self.hanging: dict[UUID, Hanging] = {}
        self.healthy: list[UUID] = []

    async def add(self, *, hangs: bool, is_midway: bool = False) -> None:
        """An instance whose log has an error."""
        instance_id = uuid4()
        path = self._folder / f"{instance_id}.log"
        append(path, QUIET, worded(1, f"word{len(self.healthy) + len(self.hanging)}"), QUIET)
        await fetch(
            """
            insert into instance (id, organization_id, project_id, name, slug, environment, source_kind, source,
                created_at) values ($1, $2, $3, 'Shop', $4, 'PRODUCTION', 'file', $5, $6)
            """,
            instance_id,
            self.stage.organization_id,
            self.stage.project_id,
            f"s{instance_id.hex}",
            msgspec.json.encode({"path": str(path)}).decode(),
            clock(),
        )
        if hangs:
            self.hanging[instance_id] = Hanging(str(path), Bounds(), is_midway=is_midway)
        else:
            self.healthy.append(instance_id)

    def source(self, row: asyncpg.Record, bounds: Bounds) -> Source:
        """As `source_of`."""
        return self.hanging.get(row["id"]) or source_of(row, bounds)

    async def are_scanned(self, ids: list[UUID]) -> bool:
        """Whether each was, with success."""
        rows = await fetch(
            "select instance_id from scan_state where last_scan_status = 'OK' and instance_id = any($1)", ids
        )
        return len(rows) == len(ids)


@pytest.fixture
async def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hosts]:
    """No instances yet; those that hang are well at the end."""
    stage = await set_up()
    await fetch("delete from instance")
    made = Hosts(stage, tmp_path)
    monkeypatch.setattr(scan_instance, "source_of", made.source)
    yield made
    for source in made.hanging.values():
        source.well.set()


@pytest.mark.usefixtures("valkey")
async def test_hosts_that_hang_delay_nobody_and_are_well_again_by_themselves(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_instance, "LONGEST_READ", 3.0)
    monkeypatch.setattr(scan_instance, "SIGN_OF_LIFE", 0.5)
    for number in range(5):
        await hosts.add(hangs=True, is_midway=number % 2 == 1)
    for _ in range(5):
        await hosts.add(hangs=False)
    async with serving(Queue.SCAN):
        began = monotonic()
        await JOBS["scan"].run(Run(clock(), (), queued))
        await until(lambda: hosts.are_scanned(hosts.healthy))
        took = monotonic() - began
        assert took < 2
        assert all(source.waiting for source in hosts.hanging.values()), "they were first"
        await until(_is_nobody_connected)
        assert not set(await due(clock(), 100)), "none is queued a second time"

        async def have_failed() -> bool:
            return len(await fetch("select from scan_state where last_scan_status = 'FAILED'")) == 5

        await until(have_failed)
        for row in await fetch("select * from scan_state where last_scan_status = 'FAILED'"):
            assert "within 3 seconds" in row["last_scan_error"]
            assert row["due_at"] > row["last_scan_at"]
            assert row["scanning_until"] is None
        for source in hosts.hanging.values():
            source.well.set()
        await until(_is_nobody_reading)
        await JOBS["scan"].run(Run(later(), (), queued))
        await until(lambda: hosts.are_scanned([*hosts.hanging, *hosts.healthy]))
    [row] = await fetch("select sum(total_count) as total from error_group")
    assert row["total"] == 10


async def test_a_host_that_never_answers_costs_one_thread_however_often_it_is_tried(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_instance, "LONGEST_READ", 0.1)
    await hosts.add(hangs=True)
    [(instance_id, source)] = hosts.hanging.items()
    before = threading.active_count()
    with pytest.raises(SourceUnreadable, match="could not be read within"):
        await scan(instance_id, now=clock())
    for _ in range(5):
        with pytest.raises(SourceUnreadable, match="hangs and cannot be ended"):
            await scan(instance_id, now=clock())
    assert threading.active_count() == before + 1
    source.well.set()
    monkeypatch.setattr(scan_instance, "LONGEST_READ", 10.0)
    await until(_is_nobody_reading)
    assert (await scan(instance_id, now=later())).detections == 1


async def test_a_host_that_hangs_in_the_old_log_does_not_keep_the_new_one_from_being_read(
    hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_instance, "SIGN_OF_LIFE", 0.1)
    await hosts.add(hangs=True)
    [instance_id] = hosts.hanging
    old = asyncio.create_task(scan(instance_id, now=clock()))
    await until(lambda: _is(hosts.hanging[instance_id].waiting))
    append(tmp_path / "new.log", worded(1, "apple"))
    source = msgspec.json.encode({"path": str(tmp_path / "new.log")}).decode()
    await fetch("update instance set source = $1", source)
    kept = hosts.hanging.pop(instance_id)
    try:
        with pytest.raises(scan_state.Overtaken):
            await asyncio.wait_for(old, 2)
        assert (await scan(instance_id, now=later())).detections == 1
    finally:
        kept.well.set()


async def test_a_slow_host_is_read_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes too long for one batch is not begun again and again."""
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", *(worded(number, "apple") for number in range(1000)))
    monkeypatch.setattr(batches, "_LONGEST", 0.02)
    monkeypatch.setattr(batches, "_PIECE", 2000)
    true = LogStream.read

    def slowly(self: LogStream, size: int) -> bytes:
        threading.Event().wait(0.005)
        return true(self, size)

    monkeypatch.setattr(LogStream, "read", slowly)
    seen = []

    async def moved(*values: Any, **more: Any) -> bool:
        seen.append(1)
        return await move(*values, **more)

    move = scan_state.move
    monkeypatch.setattr(scan_state, "move", moved)
    assert (await scan(stage.shop.id, now=later())).detections == 1000
    assert len(seen) > 3


async def test_a_source_of_another_kind_begins_anew(tmp_path: Path) -> None:
    """The position of the one means nothing to the other."""
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", worded(1, "apple"))
    for position in ('{"container": "odoo", "id": "1"}', '{"path": 7}', "[]", '"x"', "null", "7"):
        await fetch(
            "insert into scan_state (instance_id, due_at, position) values ($1, $2, $3)"
            " on conflict (instance_id) do update set position = $3",
            stage.shop.id,
            clock(),
            position,
        )
        assert (await scan(stage.shop.id, now=clock() + timedelta(hours=1))).detections == 1


async def _is(value: object) -> object:
    return value


async def _is_nobody_connected() -> bool:
    """Whether all of the pool's connections are free."""
    assert DB.pool
    return bool(DB.pool.get_idle_size() == DB.pool.get_size())


async def _is_nobody_reading() -> bool:
    """Whether all threads that read, or were left behind, have come to an end."""
    return not [thread for thread in threading.enumerate() if thread.name == "reading"]
