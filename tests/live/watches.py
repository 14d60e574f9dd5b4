"""Watches, for the tests of watching: what is told to them, and what they hear."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

from app.live.bus import Message
from app.live.watching import Hub, News, Watch

ACME = uuid4()
PACE = 0.05


def opened(*numbers: int, organization_id: UUID = ACME) -> list[Message]:
    """New groups, each with the id of its change."""
    return [Message(organization_id, "OPENED", UUID(int=number), number) for number in numbers]


def told(*news: News) -> list[int]:
    """The changes that the news name; it is an error that any was missed."""
    assert not any(one.refetch for one in news)
    return sorted(
        {change for one in news for touched in one.touched.values() for change in touched.change_ids}
    )


async def until(watch: Watch, *numbers: int) -> list[News]:
    """The news in which these changes, and no others, are told."""
    heard: list[News] = []
    async with asyncio.timeout(10):
        while told(*heard) != sorted(numbers):
            heard.append(await watch.next())
    return heard


async def missed(watch: Watch) -> News:
    """The next news that say that something was missed."""
    async with asyncio.timeout(10):
        while not (news := await watch.next()).refetch:
            pass
    assert not news.touched
    return news


async def soon(watch: Watch) -> News:
    """The next news, which are there at once."""
    async with asyncio.timeout(5):
        return await watch.next()


async def quiet(watch: Watch) -> bool:
    """Whether nothing is told for a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PACE * 4):
            await watch.next()
            return False
    return True


@asynccontextmanager
async def hub(pace: float = PACE) -> AsyncIterator[Hub]:
    """A hub that runs, as a server has one."""
    running = Hub(pace)
    await running.start()
    yield running
    await running.stop()
