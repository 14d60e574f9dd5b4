"""Processes of workers as they run in earnest: started, asked, killed, stopped, and left without their servers."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.accounts import keys_in_force
from app.config import BAD_CONFIGURATION
from app.domain.log_source import FileLog, LogSource, Machine
from app.embedded import Server
from app.jobs.starting import queued
from app.live.connection import client
from app.projects.source_columns import source_columns
from app.tables.database import fetch
from tests.recording.stage import Stage
from tests.scanning.ssh.stage import key, public, sshd
from tests.scanning.test_scan_instance import append, counts, watched, worded
from tests.valkey import kill
from tests.workers.stage import ROOT, process, said, until

pytestmark = pytest.mark.anyio

ROUNDS = int(os.environ.get("SNAGLIST_CHAOS_ROUNDS", "6"))
RECORDS = 15_000
WORDS = ("apple", "birch", "cedar")
HASTY = "tests.workers.hasty"


async def long_log(path: Path) -> Stage:
    """A stage whose only instance has a log that takes some seconds to scan in small batches."""
    stage = await watched(path)
    await fetch("update instance set deleted_at = now() where id = $1", stage.warehouse.id)
    await fetch("update project set retention_days = 3650")
    write(path, RECORDS)
    return stage


def write(path: Path, records: int) -> None:
    append(path, *(worded(number, WORDS[number % len(WORDS)]) for number in range(records)))
    os.utime(path, (0, 0))  # it has been quiet for long


async def total(stage: Stage) -> int:
    return sum((await counts(stage)).values())


async def all_are_counted(stage: Stage, count: int) -> None:
    """Wait until so many are, however slow the machine is, as long as they become more."""
    counted = 0
    while counted < count:
        before = counted
        await until(lambda before=before: _is_above(total(stage), before), 30)  # type: ignore[misc]
        counted = await total(stage)
        await asyncio.sleep(0.1)


async def test_a_process_scans_what_is_due_reacts_and_ends_in_time(
    tmp_path: Path, database: str, valkey: str
) -> None:
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", *(worded(number, "apple") for number in range(10)))
    with process(database, valkey) as worker:
        said(worker, "serving")
        await until(lambda: total(stage))
        await until(lambda: _is_empty("outbox"))
        assert not await _is_empty("job_run")
        check = [sys.executable, "-m", "workers", "--check"]
        environment = {**os.environ, "REDIS_URL": valkey}
        assert (await asyncio.to_thread(subprocess.run, check, cwd=ROOT, env=environment)).returncode == 0
        worker.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert await asyncio.to_thread(worker.wait, 10) == 0
        assert time.monotonic() - began < 7
    await client().flushdb()
    assert (
        await asyncio.to_thread(subprocess.run, check, cwd=ROOT, env=environment, stderr=-3)
    ).returncode == 1


async def test_a_process_that_stops_says_goodbye_to_the_machines_it_has_read_from(
    tmp_path: Path, database: str, valkey: str
) -> None:
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", *(worded(number, "apple") for number in range(10)))
    with sshd() as server:
        machine = Machine(
            "127.0.0.1", server.user, server.port, public(server.host_key), key(server.key).text
        )
        keys_in_force.use_keys("s" * 43)  # those of the process
        columns = source_columns(LogSource(FileLog(str(tmp_path / "odoo.log")), machine), stage.shop.id)
        keys_in_force.use_keys()
        await fetch(
            "update instance set source_kind = $2, source = $3, source_secrets = $4 where id = $1",
            stage.shop.id,
            *columns,
        )
        with process(database, valkey) as worker:
            await until(lambda: total(stage), 20)
            worker.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(worker.wait, 7) == 0
        log = server.folder / "sshd.log"
        assert server.connection_count() == 1
        assert "Received disconnect from 127.0.0.1" in log.read_text(), "not just a connection that broke off"


async def test_a_long_scan_is_cut_off_when_told_and_taken_up_by_another(
    tmp_path: Path, database: str, valkey: str
) -> None:
    stage = await long_log(tmp_path / "odoo.log")
    await queued("scan-instance", str(stage.shop.id))
    with process(database, valkey, "--queue", "scan", module=HASTY) as first:
        await until(lambda: total(stage))
        began = time.monotonic()
        first.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(first.wait, 10) == 0
        assert time.monotonic() - began < 7
    done = await total(stage)
    assert 0 < done < RECORDS - 1000, "it was cut off"
    with process(database, valkey, module=HASTY):
        await all_are_counted(stage, RECORDS)
    assert set((await counts(stage)).values()) == {RECORDS // len(WORDS)}


@pytest.mark.timeout(180 + 6 * ROUNDS)
async def test_processes_killed_at_any_moment_lose_and_double_nothing(
    tmp_path: Path, database: str, valkey: str
) -> None:
    stage = await long_log(tmp_path / "odoo.log")
    written, died_at_work = RECORDS, 0
    with ExitStack() as lives:
        workers = [lives.enter_context(process(database, valkey, module=HASTY)) for _ in range(2)]
        for _ in range(3):
            said(workers[-1], "serving")
            before = await total(stage)
            write(tmp_path / "odoo.log", RECORDS)
            written += RECORDS
            await queued("scan-instance", str(stage.shop.id))
            # The lease of who was killed ends after 10 s.
            await until(lambda before=before: _is_above(total(stage), before), 60)  # type: ignore[misc]
            workers.append(lives.enter_context(process(database, valkey, module=HASTY)))
            workers.pop(0).kill()
            died_at_work += await total(stage) < written
        await all_are_counted(stage, written)
    assert set((await counts(stage)).values()) == {written // len(WORDS)}
    assert died_at_work


async def test_a_process_outlives_a_redis_that_is_killed(
    tmp_path: Path, database: str, own_valkey: Server
) -> None:
    path = tmp_path / "odoo.log"
    stage = await watched(path)
    with process(database, own_valkey.url, module=HASTY) as worker:
        said(worker, "serving")
        append(path, worded(1, "apple"))
        kill(own_valkey)
        await asyncio.sleep(3)
        assert worker.poll() is None
        own_valkey.restart()
        await fetch("update scan_state set due_at = now() - interval '1 hour'")
        await queued("scan-instance", str(stage.shop.id))
        await until(lambda: total(stage), 15)
        assert worker.poll() is None


async def test_a_process_may_be_told_to_stop_while_everything_is_away() -> None:
    with process("postgresql:///nothing?host=/nowhere", "unix:///nowhere/valkey.sock") as worker:
        said(worker, "waiting for the database")
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 5) == 0


async def test_a_process_that_is_told_to_stop_while_redis_is_away_ends_in_time(
    database: str, own_valkey: Server
) -> None:
    with process(database, own_valkey.url) as worker:
        said(worker, "serving")
        kill(own_valkey)
        await asyncio.sleep(1)
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 7) == 0


@pytest.mark.parametrize("variables", [{"PORT": "none"}, {"REDIS_URL": "http://a"}, {"REDIS_URL": ""}])
async def test_settings_that_make_no_sense_end_it(variables: dict[str, str]) -> None:
    with process(database="postgresql:///a", valkey="redis://a", **variables) as worker:
        said(worker, "snaglist-worker: ")
        assert await asyncio.to_thread(worker.wait, 5) == BAD_CONFIGURATION


def test_a_worker_loads_nothing_of_the_web() -> None:
    loaded = "import sys, workers.__main__; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    printed = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "'asyncpg'" in printed.stdout
    for name in ("strawberry", "starlette", "uvicorn", "graphql", "typer", "pydantic"):
        assert f"'{name}'" not in printed.stdout


async def _is_empty(table: str) -> bool:
    return not await fetch(f"select from {table} limit 1")


async def _is_above(number: Awaitable[int], least: int) -> bool:
    return await number > least
