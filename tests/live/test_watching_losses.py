"""Watching, where something is lost, dies or ends: nobody misses anything without being told so."""

import asyncio
import os
import signal
from uuid import uuid4

import pytest

from app.embedded import Server
from app.errors import Unavailable
from app.live import reader, watching
from app.live.bus import publish
from app.live.connection import client
from app.live.watching import Hub
from tests.live.watches import ACME, PACE, hub, missed, opened, quiet, soon, told, until
from tests.valkey import kill

pytestmark = pytest.mark.anyio


@pytest.mark.usefixtures("valkey")
async def test_who_missed_too_much_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "ENTRIES", 2)
    monkeypatch.setattr(reader, "MOST_MISSED", 100)
    async with hub() as running, running.watch(ACME, None) as watch:
        start = (await soon(watch)).cursor
        await publish(opened(*range(1, 161)))
        await missed(watch)
        async with running.watch(ACME, start) as late:
            news = await soon(late)
            assert (news.refetch, news.touched) == (True, {})
            await publish(opened(500))
            assert told(await soon(late)) == [500]
        async with running.watch(ACME, news.cursor) as again:
            assert told(await soon(again)) == [500]


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize("how", ["garbage", "trimmed", "lost", "many"])
async def test_a_cursor_that_means_nothing_any_more(how: str) -> None:
    async with hub() as running, running.watch(ACME, None) as watch:
        await soon(watch)
        await publish(opened(1))
        after = (await until(watch, 1))[-1].cursor
        await publish(opened(2))
        await until(watch, 2)
        if how == "garbage":
            after = "\0 nonsense"
        elif how == "trimmed":
            await client().xtrim(f"snaglist:changes:{ACME}", maxlen=1, approximate=False)
        elif how == "lost":
            await client().flushdb()
            await missed(watch)
        else:
            await publish(opened(*range(1, 1002)))
            await missed(watch)
        async with running.watch(ACME, after) as late:
            assert (await soon(late)).refetch
            await publish(opened(3))
            assert told(*await until(late, 3)) == told(*await until(watch, 3))


async def test_a_redis_that_dies_is_waited_for(
    own_valkey: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watching, "PAUSE", 0.05)
    monkeypatch.setattr(reader, "PAUSE", 0.05)
    async with hub() as running, running.watch(ACME, None) as watch:
        await soon(watch)
        await publish(opened(1))
        cursor = (await until(watch, 1))[-1].cursor
        for number in range(2, 4):
            kill(own_valkey)
            assert await quiet(watch)
            async with running.watch(ACME, cursor) as late:
                assert await quiet(late)
                own_valkey.restart()
                assert (await missed(late)).cursor.partition(".")[0] != cursor.partition(".")[0]
            await missed(watch)
            await publish(opened(number))
            assert told(*await until(watch, number)) == [number]
    warnings = [record.getMessage() for record in caplog.records if record.name == "app.live.reader"]
    assert warnings.count("nothing is heard") <= 4, "it is said once each time"


async def test_a_redis_that_hangs_loses_nothing(own_valkey: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PAUSE", 0.05)
    process = own_valkey.process
    assert process
    async with hub() as running, running.watch(ACME, None) as watch:
        await soon(watch)
        os.kill(process.pid, signal.SIGSTOP)
        telling = asyncio.create_task(publish(opened(1)))
        await asyncio.sleep(0.5)
        os.kill(process.pid, signal.SIGCONT)
        await telling
        assert told(*await until(watch, 1)) == [1]


async def test_a_redis_that_is_not_there_yet(own_valkey: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PAUSE", 0.05)
    kill(own_valkey)
    async with hub() as running, running.watch(ACME, None) as watch, running.watch(ACME, "old") as late:
        assert await quiet(watch)
        assert await quiet(late)
        own_valkey.restart()
        assert not (await soon(watch)).refetch
        assert (await soon(late)).refetch
        await publish(opened(1))
        assert told(*await until(watch, 1)) == [1]


@pytest.mark.usefixtures("valkey")
async def test_the_end_of_a_server_ends_its_watches() -> None:
    running = Hub(PACE)
    with pytest.raises(Unavailable):
        async with running.watch(ACME, None):
            pass
    await running.start()
    before = asyncio.all_tasks()
    async with running.watch(ACME, None) as watch, running.watch(uuid4(), "old") as late:
        await soon(watch)
        waiting = asyncio.create_task(watch.next())
        await asyncio.sleep(0.05)
        async with asyncio.timeout(1):
            await running.stop()
            for ended in (waiting, late.next()):
                with pytest.raises(Unavailable):
                    await ended
        with pytest.raises(Unavailable):
            async with running.watch(ACME, None):
                pass
    assert asyncio.all_tasks() == before


@pytest.mark.usefixtures("valkey")
async def test_who_has_to_fetch_all_anew_is_given_the_time_to() -> None:
    async with hub() as running, running.watch(ACME, None) as watch:
        await soon(watch)
        await publish(opened(*range(1, 1002)))
        await missed(watch)
        await publish(opened(*range(1, 1002)))
        assert await quiet(watch)
        await missed(watch)


@pytest.mark.usefixtures("valkey")
async def test_a_reader_that_fails_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reader, "QUIET", 0.1)
    async with hub() as running, running.watch(ACME, None) as watch:
        await soon(watch)
        with monkeypatch.context() as patched:
            patched.setattr(reader, "of", None)
            await publish(opened(1))
            await asyncio.sleep(0.2)
        assert told(*await until(watch, 1)) == [1]
    assert "news cannot be read" in caplog.text
