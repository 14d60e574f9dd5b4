"""Partitions: which there are, that they may be made twice and at once, and that rows find them."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.tables import partitions
from app.tables.database import DB, fetch, transaction
from tests.database import NOW

pytestmark = pytest.mark.anyio


def test_a_day_and_a_month_are_those_of_utc() -> None:
    at = datetime.fromisoformat("2026-12-01T00:30:00+02:00")
    assert partitions.day("event", at) == (
        "event",
        datetime(2026, 11, 30, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
    )
    assert partitions.month(at).name == "hourly_count_202611"
    assert partitions.day("event", at).name == "event_20261130"


@pytest.mark.parametrize(("month", "days"), [(2, 28), (11, 30), (12, 31)])
def test_months_have_their_length(month: int, days: int) -> None:
    part = partitions.month(datetime(2026, month, 28, tzinfo=UTC))
    assert part.end - part.start == timedelta(days=days)


async def attached(table: str) -> list[str]:
    rows = await fetch(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::text::regclass order by 1",
        table,
    )
    return [row["name"] for row in rows]


@pytest.mark.usefixtures("database")
async def test_making_them_twice_makes_them_once() -> None:
    await partitions.make_partitions(NOW)
    before = await attached("occurrence")
    await asyncio.gather(*(partitions.make_partitions(NOW) for _ in range(3)))
    assert await attached("occurrence") == before
    assert {f"occurrence_202611{day}" for day in range(21, 30)} <= set(before)
    assert {"hourly_count_202611"} <= set(await attached("hourly_count"))


@pytest.mark.usefixtures("database")
async def test_several_may_make_the_same_at_once() -> None:
    year = NOW.replace(year=2031)
    await asyncio.gather(*(partitions.make_partitions(year) for _ in range(5)))
    assert len([name for name in await attached("event") if name.startswith("event_2031")]) == 9


@pytest.mark.usefixtures("database")
async def test_making_one_locks_nobody_out() -> None:
    wanted = partitions.month(NOW.replace(year=2032))
    async with transaction():
        await partitions.ensure([wanted])
        reading = asyncio.create_task(_from_outside("select count(*) from hourly_count"))
        writing = asyncio.create_task(_from_outside("delete from hourly_count"))
        await asyncio.wait_for(asyncio.gather(reading, writing), timeout=5)
    assert wanted.name in await attached("hourly_count")


async def _from_outside(sql: str) -> None:
    assert DB.pool
    async with DB.pool.acquire() as connection:
        await connection.fetch(sql)
