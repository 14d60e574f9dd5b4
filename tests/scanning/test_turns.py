"""Turns at an instance: one scanner at a time, none that outlives its scanner, and a position that nobody else moved."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.errors import AlreadyScanning, NotFound, SourceUnreadable
from app.projects.delete_instance import delete_instance
from app.scanning import scan_instance, scan_state
from app.scanning.batch import Batch, read_batch
from app.scanning.scan_instance import Scanned, due, scan
from app.scanning.source import Bounds
from app.tables.database import fetch
from tests.recording.stage import Stage
from tests.scanning.test_log_file import QUIET
from tests.scanning.test_scan_instance import append, clock, counts, later, state, watched, worded
from tests.workers.stage import until

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ROOT = Path(__file__).parents[2]


class Reading:
    """A batch that is being read and does not come; `go_on` lets it."""

    def __init__(self, scanning: "asyncio.Task[Scanned]", go_on: asyncio.Event) -> None:
        self.scanning = scanning
        self.go_on = go_on


@asynccontextmanager
async def reading(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    *,
    behind: int = 0,
    bounds: Bounds = Bounds(),  # noqa: B008  frozen
) -> AsyncIterator[Reading]:
    """A scan that is in the midst of reading a batch, the first one or a later one."""
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    calls = 0

    def slow(*values: Any, **more: Any) -> Batch:
        nonlocal calls
        calls += 1
        batch = read_batch(*values, **more)
        if calls == behind + 1:
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()
        return batch

    with monkeypatch.context() as patched:
        patched.setattr(scan_instance, "read_batch", slow)
        scanning = asyncio.create_task(scan(stage.shop.id, now=later(), bounds=bounds))
        await begun.wait()
    try:
        yield Reading(scanning, go_on)
    finally:
        go_on.set()
        await asyncio.wait([scanning])


async def test_no_transaction_and_no_lock_is_held_while_a_log_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", worded(1, "apple"))
    async with reading(stage, monkeypatch):
        await fetch("select from scan_state for update nowait")
        await fetch("select from instance for update nowait")
        [row] = await fetch(
            "select count(*) from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()"
        )
        assert row["count"] == 0
    assert await counts(stage) == {"apple": 1}


async def test_a_position_that_somebody_else_moved_is_not_moved_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the turn, which should keep others away, does not."""
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", worded(1, "apple"))
    async with reading(stage, monkeypatch) as first:
        await fetch("update scan_state set scanning_until = null, scanner = null")
        append(tmp_path / "odoo.log", worded(2, "birch"))
        assert (await scan(stage.shop.id, now=later())).detections == 2
        said = await state(stage)
        first.go_on.set()
        with pytest.raises(AlreadyScanning, match="by somebody else"):
            await first.scanning
    assert await counts(stage) == {"apple": 1, "birch": 1}
    assert await state(stage) == said


async def test_a_scan_that_was_overtaken_behind_its_first_batch_just_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", *(worded(number, "apple") for number in range(3000)))
    async with reading(stage, monkeypatch, behind=1, bounds=Bounds(batch=20_000)) as first:
        await fetch("update scan_state set scanning_until = null")
        rest = await scan(stage.shop.id, now=later())
        first.go_on.set()
        assert 0 < (await first.scanning).detections == 3000 - rest.detections
    assert await counts(stage) == {"apple": 3000}


@pytest.mark.parametrize("step", range(40))
async def test_a_turn_that_is_lost_at_any_statement_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Another scanner comes before each statement of a scan in turn, and finds no lease in its way."""
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", *(worded(number, "apple") for number in range(2000)))
    statements = 0
    bounds = Bounds(batch=20_000)

    async def watching(fetched: Callable[..., Awaitable[Any]], sql: str, *values: object) -> Any:
        nonlocal statements
        statements += 1
        is_in_transaction = (
            sql == scan_state._MOVE or "no key update" in sql or sql.startswith("update instance")
        )
        if statements == step + 1 and not is_in_transaction:
            await fetch("update scan_state set scanning_until = null")
            await scan(stage.shop.id, now=later(), bounds=Bounds(batch=20_000, scan=100_000))
        return await fetched(sql, *values)

    for name in ("fetch", "fetch_one"):
        true = getattr(scan_state, name)
        monkeypatch.setattr(scan_state, name, lambda sql, *values, true=true: watching(true, sql, *values))
    with suppress(AlreadyScanning):
        await scan(stage.shop.id, now=later(), bounds=bounds)
    while (await scan(stage.shop.id, now=later())).is_behind:
        pass
    assert await counts(stage) == {"apple": 2000}


async def test_a_slow_reader_keeps_its_turn_and_a_dead_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_state, "LEASE", timedelta(seconds=0.5))
    monkeypatch.setattr(scan_instance, "SIGN_OF_LIFE", 0.1)
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", worded(1, "apple"))
    async with reading(stage, monkeypatch) as slow:
        await asyncio.sleep(1)
        with pytest.raises(AlreadyScanning):
            await scan(stage.shop.id, now=later())
        assert stage.shop.id not in await due(later(), 10)
        slow.go_on.set()
        assert (await slow.scanning).detections == 1
    async with reading(stage, monkeypatch):
        monkeypatch.setattr(scan_instance, "SIGN_OF_LIFE", 60)
    append(tmp_path / "odoo.log", worded(2, "apple"))
    await fetch("update scan_state set scanning_until = clock_timestamp() + interval '0.5 s'")
    with pytest.raises(AlreadyScanning):
        await scan(stage.shop.id, now=later())
    await asyncio.sleep(0.6)
    assert (await scan(stage.shop.id, now=later())).detections == 1


async def test_a_turn_from_before_the_clock_was_set_back_is_over(tmp_path: Path) -> None:
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", worded(1, "apple"))
    await scan(stage.shop.id, now=clock())
    await fetch("update scan_state set scanning_until = clock_timestamp() + interval '1 hour'")
    assert stage.shop.id in await due(later(), 10)
    assert not (await scan(stage.shop.id, now=later())).is_behind


@pytest.mark.parametrize("is_whole", [True, False])
async def test_a_scanner_killed_between_reading_and_recording_leaves_no_trace_but_its_turn(
    tmp_path: Path, database: str, is_whole: bool
) -> None:
    """`is_whole`: within the transaction, of which nothing stays either."""
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", worded(1, "apple"), worded(2, "birch"))
    place = "record" if is_whole else "transaction"
    words = [sys.executable, "-m", "tests.scanning.dying_scan", database, str(stage.shop.id), place]
    done = await asyncio.to_thread(subprocess.run, words, cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    said = await state(stage)
    assert (said["position"], said["last_scan_at"], await counts(stage)) == ("{}", None, {})
    with pytest.raises(AlreadyScanning):
        await scan(stage.shop.id, now=later())
    await fetch("update scan_state set scanning_until = scanning_until - $1::interval", scan_state.LEASE)
    assert (await scan(stage.shop.id, now=later())).detections == 2
    assert await counts(stage) == {"apple": 1, "birch": 1}


async def test_a_scan_that_is_called_off_gives_its_turn_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", worded(1, "apple"))
    async with reading(stage, monkeypatch) as first:
        first.scanning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first.scanning
        said = await state(stage)
        assert (said["scanning_until"], said["failures"], said["position"]) == (None, 0, "{}")
        assert (await scan(stage.shop.id, now=later())).detections == 1
    assert await counts(stage) == {"apple": 1}


async def test_a_log_that_was_exchanged_in_mid_scan_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await watched(tmp_path / "old.log")
    append(tmp_path / "old.log", worded(1, "apple"))
    append(tmp_path / "new.log", worded(2, "birch"))
    source = msgspec.json.encode({"path": str(tmp_path / "new.log")}).decode()
    async with reading(stage, monkeypatch) as first:
        await fetch("update instance set source = $2 where id = $1", stage.shop.id, source)
        first.go_on.set()
        with pytest.raises(AlreadyScanning):
            await first.scanning
    assert (await state(stage))["position"] == "{}"
    assert (await state(stage))["last_scan_status"] is None
    assert (await scan(stage.shop.id, now=later())).detections == 1
    assert await counts(stage) == {"birch": 1}


async def test_an_old_source_that_fails_is_not_held_against_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await watched(tmp_path / "odoo.log")

    async def changed(*_: object) -> None:
        await fetch('update instance set source = \'{"path": "/elsewhere"}\' where id = $1', stage.shop.id)
        raise SourceUnreadable("the old one")

    monkeypatch.setattr(scan_instance, "aside", lambda *_, **__: changed())
    with pytest.raises(SourceUnreadable, match="the old one"):
        await scan(stage.shop.id, now=later())
    said = await state(stage)
    assert (said["failures"], said["last_scan_status"], said["scanning_until"]) == (0, None, None)


@pytest.mark.parametrize(
    "change",
    ["error_detection_enabled = false", "environment = 'STAGING'", "error_ignore_patterns = '{apple}'"],
)
async def test_a_change_of_settings_in_mid_scan_ends_it_behind_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", *(worded(number, "apple") for number in range(3000)))
    async with reading(stage, monkeypatch, behind=1, bounds=Bounds(batch=20_000)) as first:
        before = sum((await counts(stage)).values())
        await fetch(f"update instance set {change} where id = $1", stage.shop.id)  # noqa: S608
        first.go_on.set()
        done = await first.scanning
    assert before < done.detections == sum((await counts(stage)).values()) < 3000
    said = await state(stage)
    assert (said["due_at"], said["scanning_until"]) == (said["last_scan_at"], None)


async def test_reading_for_an_instance_that_is_deleted_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_instance, "SIGN_OF_LIFE", 0.05)
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", worded(1, "apple"))
    async with reading(stage, monkeypatch) as first:
        await delete_instance(stage.organization_id, stage.shop.id, now=clock())
        with pytest.raises(AlreadyScanning):
            await asyncio.wait_for(first.scanning, 2)
    with pytest.raises(NotFound):
        await scan(stage.shop.id, now=later())
    assert await counts(stage) == {}


async def test_a_database_that_is_away_while_a_host_is_waited_for_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_instance, "SIGN_OF_LIFE", 0.05)
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", worded(1, "apple"), QUIET)
    away = 0

    async def refused(_: object) -> bool:
        nonlocal away
        away += 1
        raise ConnectionRefusedError

    monkeypatch.setattr(scan_state, "is_kept", refused)
    async with reading(stage, monkeypatch) as first:
        await asyncio.sleep(0.3)
        first.go_on.set()
        assert (await first.scanning).detections == 1
    assert away > 1


async def test_two_processes_at_once_count_once(tmp_path: Path, database: str) -> None:
    stage = await watched(tmp_path / "odoo.log")
    append(tmp_path / "odoo.log", *(worded(number, "apple") for number in range(4000)))

    async def is_counted() -> bool:
        return (await counts(stage)).get("apple", 0) >= 4000

    lives = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.scanning.endless_scan", database, str(stage.shop.id), cwd=ROOT
        )
        for _ in range(2)
    ]
    try:
        await until(is_counted, 20)
        await asyncio.sleep(0.3)
    finally:
        for life in lives:
            life.kill()
            await life.wait()
    assert await counts(stage) == {"apple": 4000}
