"""Retention while others read and record, while it is cut off anywhere, and many times at once."""

import asyncio
from typing import Any

import asyncpg
import pytest

from app.recording import expiry, kept, retention
from app.recording.retention import retain
from app.tables import partitions
from app.tables.database import DB, fetch, transaction
from tests.database import NOW
from tests.recording.retained import days_ago, names, retained, room, seen_ago, shape, times_of
from tests.recording.stage import recorded, set_up, sighting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_a_reader_in_the_way_is_waited_for_and_reads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "PATIENCE", (30, 30, 30))
    monkeypatch.setattr(partitions, "PAUSE", 0.01)
    stage = await set_up(retention_days=30)
    await seen_ago(stage, "Old", 50)
    at = days_ago(45)
    await room(at)
    assert DB.pool
    async with DB.pool.acquire() as reader, reader.transaction():
        assert await reader.fetch("select count(*) from occurrence") == [(1,)]
        dropping = asyncio.create_task(partitions.drop(partitions.day("occurrence", at), _always))
        assert await asyncio.wait_for(times_of(stage, "Old"), timeout=5) == [days_ago(50)], (
            "others get on meanwhile"
        )
        assert not await dropping
        assert "occurrence_20261008" in await names("occurrence")
    assert await partitions.drop(partitions.day("occurrence", at), _always)
    assert "occurrence_20261008" not in await names("occurrence")


async def _always() -> bool:
    return True


async def test_what_is_in_use_is_dropped_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "PATIENCE", (10,))
    monkeypatch.setattr(partitions, "PAUSE", 0.0)
    stage = await set_up(retention_days=30)
    await seen_ago(stage, "Old", 50, 49, 48)
    assert DB.pool
    async with DB.pool.acquire() as reader, reader.transaction():
        await reader.fetch("select count(*) from occurrence")
        done = await retain(now=NOW)
        assert not done.is_complete
        assert not [name for name in done.dropped if name.startswith("occurrence")]
        assert await times_of(stage, "Old") == [days_ago(48), days_ago(49), days_ago(50)]
    await retained()
    assert await times_of(stage, "Old") == [days_ago(48), days_ago(50)]


async def test_a_reader_finds_every_kept_occurrence_once_while_they_move() -> None:
    stage = await set_up(retention_days=30)
    for error in ("A", "B", "C", "D"):
        await seen_ago(stage, error, 50, 49, 48)
    done = asyncio.create_task(retained())
    looked = 0
    while not done.done():
        for error in ("A", "D"):
            found = await times_of(stage, error)
            assert found[0] == days_ago(48)
            assert found[-1] == days_ago(50)
            assert len(found) == len(set(found))
            looked += 1
    await done
    assert looked > 4


async def test_a_run_that_is_cut_off_anywhere_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each statement of a run fails once, the one after the other, until a run comes through."""
    monkeypatch.setattr(kept, "AT_ONCE", 1)
    monkeypatch.setattr(expiry, "AT_ONCE", 2)
    short, long = await set_up(retention_days=10), await set_up(retention_days=30)
    await seen_ago(short, "A", 40, 39, 15, 14, 13)
    await seen_ago(long, "B", 40, 39, 38, 1)
    await seen_ago(long, "C", 39.9, 39.8)
    before = await shape()
    original = asyncpg.Connection.fetch
    left, cuts = 0, 0

    async def failing(self: Any, sql: str, *values: object, **more: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise ConnectionResetError
        return await original(self, sql, *values, **more)

    for place in range(1, 1000):
        with monkeypatch.context() as patched:
            patched.setattr(asyncpg.Connection, "fetch", failing)
            left = place
            try:
                await retained()
            except ConnectionResetError:
                cuts += 1
            else:
                if left > 0:
                    break
        for stage, error, times in ((short, "A", (40, 13)), (long, "B", (40, 1)), (long, "C", (39.9, 39.8))):
            found = await times_of(stage, error)
            assert (found[-1], found[0]) == (days_ago(times[0]), days_ago(times[1]))
            assert len(found) == len(set(found))
    assert cuts > 20
    assert await shape() == before
    assert await times_of(short, "A") == [days_ago(13), days_ago(40)]
    assert await times_of(long, "B") == [days_ago(1), days_ago(40)]


async def test_several_runs_at_once_do_what_one_does() -> None:
    stage = await set_up(retention_days=30)
    await seen_ago(stage, "A", 50, 49, 48, 1)
    before = await shape()
    await asyncio.gather(*(retain(now=NOW) for _ in range(4)))
    await retained()
    assert await times_of(stage, "A") == [days_ago(1), days_ago(50)]
    assert await shape() == before
    assert not {name for name in await names("occurrence") if name < "occurrence_20261023"}


async def test_a_run_ends_where_another_one_is_at_work_or_its_time_is_up() -> None:
    stage = await set_up(retention_days=30)
    await seen_ago(stage, "A", 50)
    assert DB.pool
    async with DB.pool.acquire() as other, other.transaction():
        await other.execute("select pg_advisory_xact_lock($1)", retention.LOCK)
        assert not (await retain(now=NOW)).is_complete
    assert not (await retain(now=NOW, goes_on=lambda: False)).is_complete
    assert "occurrence_20261003" in await names("occurrence")


async def test_a_project_that_begins_to_keep_more_at_that_moment_loses_no_month(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partitions, "PAUSE", 0.01)
    stage = await set_up(retention_days=365)
    await recorded([sighting(stage.shop, "Old", days_ago(80))])
    await fetch("update project set retention_days = 30")
    month = partitions.month(days_ago(80))
    is_asked = asyncio.Event()

    async def is_due() -> bool:
        is_asked.set()
        return await retention._is_due(NOW, month, retention.LATE)

    async with transaction():
        await fetch("update project set retention_days = 365")
        dropping = asyncio.create_task(_outside(partitions.drop(month, is_due)))
        await is_asked.wait()
    assert not await dropping
    assert month.name in await names("hourly_count")
    await recorded([sighting(stage.shop, "Old", days_ago(80))])
    assert (await stage.group("total_count"))["total_count"] == 2


async def _outside(work: Any) -> Any:
    DB.current_transaction.set(None)
    return await work


async def test_recorders_and_retention_at_once_lose_nothing() -> None:
    stage = await set_up(retention_days=30, cooldown_seconds=0)
    for error in ("A", "B"):
        await seen_ago(stage, error, 60, 59, 58, 40)
    is_over = asyncio.Event()
    total = 8

    async def recording() -> None:
        nonlocal total
        while not is_over.is_set():
            batch = [sighting(stage.shop, error, days_ago(days)) for error in "AB" for days in (35, 29, 1)]
            await recorded(batch, now=NOW)
            total += len(batch)

    recorder = asyncio.create_task(recording())
    done = await retained()
    is_over.set()
    await recorder

    days = ("20260923", "20260924", "20260925", "20261013")
    assert {f"occurrence_{day}" for day in days} <= set(done.dropped)
    assert sum(group["total_count"] for group in await stage.groups()) == total
    for error in ("A", "B"):
        times = await times_of(stage, error)
        assert times[0] == days_ago(1)
        assert times[-1] == days_ago(60)
    [[hours]] = await fetch("select sum(total_count) from hourly_count where hour >= $1", days_ago(30))
    assert hours == (total - 8) / 6 * 4
