"""Keys of apps: found, refused, remembered for a second."""

import asyncio
from datetime import timedelta
from time import monotonic

import pytest

from app.errors import Unauthenticated, Unavailable
from app.ingest import keys as rooms
from app.ingest.keys import Keys
from app.tables.database import DB, fetch
from tests.database import NOW
from tests.ingest.senders import KEY, an_app, clock, hanging
from tests.recording.stage import noted_statements

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def is_refused(keys: Keys, key: str = KEY) -> bool:
    try:
        await keys.find(key)
    except Unauthenticated:
        return True
    return False


async def test_a_key_leads_to_its_app_and_to_the_quotas() -> None:
    app = await an_app()
    assert await Keys(clock()).find(KEY) == app
    await fetch("update app set quota_per_minute = 7")
    await fetch("update project set quota_per_minute = 9")
    found = await Keys(clock()).find(KEY)
    assert (found.quota, found.project_quota) == (7, 9)


@pytest.mark.parametrize("table", ["app", "project"])
async def test_what_is_deleted_has_no_keys(table: str) -> None:
    await an_app()
    await fetch(f"update {table} set deleted_at = $1", NOW)  # noqa: S608  one of two
    assert await is_refused(Keys(clock()))


async def test_a_key_is_good_until_its_time_is_over_and_no_longer() -> None:
    time = clock()
    keys = Keys(time)
    app = await an_app(expires_at=NOW + timedelta(seconds=0.5))
    assert await keys.find(KEY) == app
    time.set(NOW + timedelta(seconds=0.499))
    assert await keys.find(KEY) == app
    time.set(NOW + timedelta(seconds=0.5))
    assert await is_refused(keys)


async def test_what_was_found_is_remembered_for_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    time = clock()
    keys = Keys(time)
    app = await an_app()
    asked: list[str] = []
    with noted_statements(monkeypatch, asked):
        assert [await keys.find(KEY) for _ in range(3)] == [app] * 3
        assert await is_refused(keys, "f" * 32)
        assert await is_refused(keys, "f" * 32)
    assert len(asked) == 2
    await an_app("till", "f" * 32)
    await fetch("delete from app_key where key = $1", KEY)
    time.set(NOW + timedelta(seconds=0.999))
    assert await keys.find(KEY) == app
    assert await is_refused(keys, "f" * 32)
    time.set(NOW + timedelta(seconds=1))
    assert await is_refused(keys)
    assert await keys.find("f" * 32)
    time.set(NOW - timedelta(days=1))  # a clock that was put right
    assert await is_refused(keys)


async def test_those_who_ask_at_the_same_time_ask_once_and_one_who_goes_takes_nobody_with_him(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = Keys(clock())
    app = await an_app()
    asked: list[str] = []
    with noted_statements(monkeypatch, asked):
        first = asyncio.create_task(keys.find(KEY))
        await asyncio.sleep(0)
        rest = asyncio.gather(*(keys.find(KEY) for _ in range(20)))
        first.cancel()
        assert await rest == [app] * 20
    assert len(asked) == 1


@pytest.mark.parametrize("key", ["", "a\0b", "\ud800", "ключ", "a b\n", "a" * 201])
async def test_what_can_be_no_key_is_refused_without_asking(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    with noted_statements(monkeypatch, asked):
        assert await is_refused(Keys(clock()), key)
    assert not asked


async def test_a_flood_of_wrong_keys_takes_no_memory_and_forgets_no_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rooms, "MOST_REMEMBERED", 5)
    keys = Keys(clock())
    app = await an_app()
    await keys.find(KEY)
    for n in range(20):
        assert await is_refused(keys, f"{n:032}")
    asked: list[str] = []
    with noted_statements(monkeypatch, asked):
        assert await keys.find(KEY) == app
        assert await is_refused(keys, f"{19:032}")
        assert not asked
        assert await is_refused(keys, f"{0:032}")
    assert len(asked) == 1


async def test_a_database_that_is_away_is_told_as_such_and_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = await an_app()
    time = clock()
    keys = Keys(time)
    with monkeypatch.context() as away:
        away.setattr(DB, "pool", None)
        answers = await asyncio.gather(keys.find(KEY), keys.find(KEY), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    assert answers[0] is not answers[1]
    assert await keys.find(KEY) == app
    with monkeypatch.context() as away:
        away.setattr(DB, "pool", None)
        assert await keys.find(KEY) == app
        time.set(NOW + timedelta(seconds=1))
        with pytest.raises(Unavailable):
            await keys.find(KEY)


async def test_a_pool_that_is_used_up_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "LONGEST_SEARCH", 0.05)
    assert DB.pool
    taken = [await DB.pool.acquire() for _ in range(DB.pool.get_max_size())]
    with pytest.raises(Unavailable):
        await Keys(clock()).find(KEY)
    for connection in taken:
        await DB.pool.release(connection)


async def test_a_database_that_hangs_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "LONGEST_SEARCH", 0.2)
    app = await an_app()
    begun = monotonic()
    async with hanging():
        with pytest.raises(Unavailable):
            await asyncio.wait_for(Keys(clock()).find(KEY), 10)
        assert monotonic() - begun < 2
    assert await Keys(clock()).find(KEY) == app
