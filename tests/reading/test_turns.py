"""Whoever asks much at once waits for themselves, and not everybody for them."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from app.reading import turns
from app.reading.groups import count
from app.reading.turns import AT_ONCE, turn
from app.tables.database import DB, fetch_one
from tests.database import NOW

pytestmark = pytest.mark.anyio


async def test_an_organization_has_so_many_turns_and_another_one_its_own() -> None:
    ours, theirs = uuid4(), uuid4()
    enough = asyncio.Event()
    running = most = 0

    async def ask() -> None:
        nonlocal running, most
        async with turn(ours):
            running += 1
            most = max(most, running)
            await enough.wait()
            running -= 1

    asking = [asyncio.create_task(ask()) for _ in range(3 * AT_ONCE)]
    await asyncio.sleep(0)
    async with asyncio.timeout(1), turn(theirs):
        assert running == AT_ONCE
    enough.set()
    await asyncio.gather(*asking)
    assert (running, most) == (0, AT_ONCE)


async def test_a_turn_that_is_given_up_or_fails_is_somebody_elses() -> None:
    ours = uuid4()

    async def hang() -> None:
        async with turn(ours):
            await asyncio.Event().wait()

    hanging = [asyncio.create_task(hang()) for _ in range(2 * AT_ONCE)]
    await asyncio.sleep(0)
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    with pytest.raises(LookupError):
        async with turn(ours):
            raise LookupError
    async with asyncio.timeout(1):
        for _ in range(2 * AT_ONCE):
            async with turn(ours):
                pass


async def test_nobody_is_remembered_who_asks_nothing() -> None:
    async with turn(uuid4()):
        pass
    assert not turns._turns[asyncio.get_running_loop()]


@pytest.mark.usefixtures("database")
async def test_many_searches_leave_connections_to_others() -> None:
    """Twenty counts wait for a lock, and a pool has ten connections: somebody else still gets one."""
    ours = uuid4()
    locking = await asyncpg.connect(DB.config["dsn"])
    try:
        async with locking.transaction():
            await locking.execute("lock table error_group in access exclusive mode")
            counting = [asyncio.create_task(count(ours, now=NOW)) for _ in range(20)]
            await asyncio.sleep(0.1)
            async with asyncio.timeout(5):
                assert await fetch_one("select 1 as one") is not None
            assert not any(task.done() for task in counting)
        assert await asyncio.gather(*counting) == [0] * 20
    finally:
        await locking.close()
