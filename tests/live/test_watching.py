"""Watching: each hears all that happens, together and once in the pace, whoever comes, goes, or is slow."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.live import bus, reader, watching
from app.live.bus import Message, publish
from app.live.watching import Hub, News, Watch
from tests.live.watches import ACME, hub, missed, opened, quiet, soon, told, until

pytestmark = pytest.mark.anyio


def watched(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is asked of the bus from now on."""
    asked: list[Any] = []
    original = bus.read

    async def noting(*given: Any, **more: Any) -> bus.Heard:
        asked.append(given)
        return await original(*given, **more)

    monkeypatch.setattr(reader, "read", noting)
    return asked


@pytest.mark.usefixtures("valkey")
async def test_a_watch_hears_of_the_present_first_and_then_of_all_that_happens() -> None:
    await publish(opened(1))
    async with hub() as running, running.watch(ACME, None) as watch:
        first = await soon(watch)
        assert (first.touched, first.refetch) == ({}, False)
        await publish(opened(2, 3))
        news = await soon(watch)
        assert told(news) == [2, 3]
        assert news.touched[UUID(int=2)].kinds == {"OPENED"}
        await publish(opened(4, organization_id=uuid4()))
        assert await quiet(watch)
    async with hub() as another, another.watch(ACME, first.cursor) as watch:
        assert told(await soon(watch)) == [2, 3], "a cursor is good at every server"


@pytest.mark.usefixtures("valkey")
async def test_what_happens_to_a_group_is_told_together() -> None:
    group_id, stored = UUID(int=1), [uuid4() for _ in range(30)]
    async with hub(pace=0.3) as running, running.watch(ACME, None) as watch:
        await soon(watch)
        began = time.monotonic()
        heard: list[News] = []
        for number, occurrence_id in enumerate(stored, 1):
            await publish(
                [
                    Message(ACME, "REGRESSED", group_id, number, "RESOLVED"),
                    Message(ACME, "COUNTED", group_id, occurrence_ids=(occurrence_id,)),
                ]
            )
            await asyncio.sleep(0.02)
        while told(*heard) != [*range(1, 31)]:
            heard.append(await soon(watch))
        assert len(heard) <= (time.monotonic() - began) / 0.3 + 1, "once in its pace"
        touched = [news.touched[group_id] for news in heard]
        assert all(one.kinds == {"REGRESSED", "COUNTED"} for one in touched)
        assert all(one.statuses_before == {"RESOLVED"} for one in touched)
        assert [one for news in touched for one in news.occurrence_ids] == stored


@pytest.mark.usefixtures("valkey")
async def test_whoever_comes_back_hears_what_was_missed() -> None:
    async with hub() as running:
        async with running.watch(ACME, None) as watch:
            cursor = (await soon(watch)).cursor
        await publish(opened(1))
        await publish(opened(2))
        async with running.watch(ACME, None) as other, running.watch(ACME, cursor) as watch:
            assert told(await soon(watch)) == [1, 2]
            assert told(await soon(other)) == []
            await publish(opened(3))
            assert told(*await until(watch, 3)) == told(*await until(other, 3)) == [3]
            cursor = (await _last(watch, publish(opened(4)))).cursor
        async with running.watch(ACME, cursor) as watch:
            assert await soon(watch) == News(cursor), "nothing was missed"


async def _last(watch: Watch, telling: Any) -> News:
    await telling
    return (await until(watch, 4))[-1]


@pytest.mark.usefixtures("valkey")
async def test_nothing_falls_between_what_was_missed_and_what_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "ENTRIES", 3)
    chance = random.Random(7)
    everything = range(1, 401)

    async def tell() -> None:
        for number in everything:
            await publish(opened(number))
            await asyncio.sleep(chance.random() * 0.005)

    async def come_and_go(running: Hub, after: str) -> None:
        heard: list[News] = []
        while told(*heard) != [*everything]:
            async with running.watch(ACME, after) as watch:
                for _ in range(chance.randrange(4)):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(chance.random() * 0.1):
                            heard.append(await watch.next())
                            after = heard[-1].cursor
            await asyncio.sleep(chance.random() * 0.05)

    async with hub(pace=0.02) as one, hub(pace=0.01) as two:
        async with one.watch(ACME, None) as watch:
            start = (await soon(watch)).cursor
        async with asyncio.timeout(30):
            coming = [come_and_go(running, start) for running in (one, one, one, two)]
            await asyncio.gather(tell(), *coming)


@pytest.mark.usefixtures("valkey")
async def test_many_who_watch_cost_one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = watched(monkeypatch)
    before = asyncio.all_tasks()
    async with hub() as running:
        async with AsyncExitStack() as stack:
            watches = [await stack.enter_async_context(running.watch(ACME, None)) for _ in range(500)]
            await asyncio.gather(*(soon(watch) for watch in watches))
            await publish(opened(1))
            first, *others = await asyncio.gather(*(soon(watch) for watch in watches))
            assert told(first) == [1]
            assert all(news is first for news in others), "one and the same"
            assert len(asyncio.all_tasks() - before) == 1
        assert len(asked) <= 3
        assert asyncio.all_tasks() == before, "the reader ends with the last one who watches"
        async with running.watch(ACME, None) as watch:
            await soon(watch)
            await publish(opened(2))
            assert told(await soon(watch)) == [2]


@pytest.mark.usefixtures("valkey")
async def test_who_is_slow_hears_all_at_once_and_who_is_too_slow_is_told_so() -> None:
    async with (
        hub() as running,
        running.watch(ACME, None) as slow,
        running.watch(ACME, None) as other,
        running.watch(ACME, None) as quick,
    ):
        for watch in (slow, other, quick):
            await soon(watch)
        for number in range(1, 4):
            await publish(opened(number))
            await until(quick, number)
        held = await soon(slow)
        assert told(held) == [1, 2, 3]
        assert await soon(other) is held, "who is as slow holds the same"
        for first in range(10, 1510, 500):
            await publish(opened(*range(first, first + 500)))
            await until(quick, *range(first, first + 500))
        assert slow.held is not None
        assert not slow.held.touched, "nothing is held for who holds too much"
        after = (await missed(slow)).cursor
        await publish(opened(9))
        assert told(await soon(slow)) == [9]
    async with hub() as running, running.watch(ACME, after) as watch:
        assert told(await soon(watch)) == [9]


@pytest.mark.usefixtures("valkey")
async def test_where_nothing_happens_a_cursor_comes_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "QUIET", 0.2)
    async with hub() as running, running.watch(ACME, None) as watch:
        first = await soon(watch)
        assert [await soon(watch) for _ in range(2)] == [News(first.cursor)] * 2


@pytest.mark.usefixtures("valkey")
async def test_who_is_cut_off_while_waiting_loses_nothing() -> None:
    heard: list[News] = []

    async def tell() -> None:
        for number in range(1, 51):
            await publish(opened(number))
            await asyncio.sleep(0.005)

    async with hub(pace=0.01) as running, running.watch(ACME, None) as watch:
        telling = asyncio.create_task(tell())
        chance = random.Random(3)
        async with asyncio.timeout(10):
            while told(*heard) != [*range(1, 51)]:
                with suppress(TimeoutError):
                    async with asyncio.timeout(chance.random() * 0.02):
                        heard.append(await watch.next())
        await telling


@pytest.mark.usefixtures("valkey")
async def test_more_organizations_than_may_wait_in_redis_are_heard_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "WAITING_IN_REDIS", 1)
    organizations: Sequence[UUID] = [uuid4() for _ in range(3)]
    async with hub() as running, AsyncExitStack() as stack:
        watches = [await stack.enter_async_context(running.watch(one, None)) for one in organizations]
        for watch in watches:
            await soon(watch)
        for number, one in enumerate(organizations, 1):
            await publish(opened(number, organization_id=one))
        assert [told(await soon(watch)) for watch in watches] == [[1], [2], [3]]
        assert await quiet(watches[2])


@pytest.mark.usefixtures("valkey")
async def test_what_happens_while_somebody_reads_what_was_missed_is_told_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with hub() as running, running.watch(ACME, None) as other:
        start = (await soon(other)).cursor
        await publish(opened(1))
        await until(other, 1)
        original = reader.gathered

        async def slowly(*given: Any) -> News:
            await publish(opened(2))
            await until(other, 2)
            news = await original(*given)
            await publish(opened(3))
            await until(other, 3)
            return news

        monkeypatch.setattr(watching, "gathered", slowly)
        async with running.watch(ACME, start) as late:
            first = await soon(late)
            assert told(first) == [1, 2, 3]
            await publish(opened(4))
            assert told(*await until(late, 4)) == [4]
        monkeypatch.setattr(watching, "gathered", original)
        async with running.watch(ACME, first.cursor) as again:
            assert told(await soon(again)) == [4]
