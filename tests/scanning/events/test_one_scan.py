"""One scan in a process: who asks meanwhile is told so at once, and nothing that came before is left."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest

from app.scanning.events import one_scan
from app.scanning.events.issue_scan import issue_scan
from tests.database import NOW
from tests.scanning.events.stage import crash, put, waiting, with_app

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def scan(goes_on: Callable[[], bool] = lambda: True) -> int | None:
    return await one_scan.scan(now=lambda: NOW, goes_on=goes_on)


class Held:
    """A scan that has looked at the inbox for the last time, and has not ended; `times`: how often one began."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.times = 0
        self.has_looked = asyncio.Event()
        self.may_end = asyncio.Event()
        self._failure = failure

    async def __call__(self, *, now: Callable[[], datetime], goes_on: Callable[[], bool]) -> int:
        self.times += 1
        count = await issue_scan(now=now, goes_on=goes_on)
        self.has_looked.set()
        await self.may_end.wait()
        if self._failure and self.times == 1:
            raise self._failure
        return count


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    held = Held()
    monkeypatch.setattr(one_scan, "issue_scan", held)
    return held


async def test_a_scan_that_is_asked_for_while_one_runs_is_done_by_that_one(held: Held) -> None:
    _, app = await with_app()
    await put(app, crash())
    first = asyncio.create_task(scan())
    await held.has_looked.wait()

    await put(app, crash(), crash())
    assert await scan() is None
    assert await scan() is None
    held.may_end.set()

    assert await first == 3
    assert held.times == 2  # once more for both
    assert await waiting() == []


async def test_who_comes_when_it_has_ended_scans_by_himself(held: Held) -> None:
    _, app = await with_app()
    held.may_end.set()
    assert await scan() == 0
    await put(app, crash())
    assert await scan() == 1


async def test_a_scan_without_time_does_not_look_again(held: Held) -> None:
    _, app = await with_app()
    first = asyncio.create_task(scan(lambda: not held.has_looked.is_set()))
    await held.has_looked.wait()
    ids = await put(app, crash())
    assert await scan() is None
    held.may_end.set()
    assert await first == 0
    assert await waiting() == ids
    assert await scan() == 1


async def test_a_scan_that_fails_or_is_cut_off_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    _, app = await with_app()
    held = Held(OSError("the database is away"))
    monkeypatch.setattr(one_scan, "issue_scan", held)
    held.may_end.set()
    with pytest.raises(OSError, match="away"):
        await scan()

    held.may_end.clear()
    held.has_looked.clear()
    cut_off = asyncio.create_task(scan())
    await held.has_looked.wait()
    cut_off.cancel()
    await asyncio.wait([cut_off])

    held.may_end.set()
    await put(app, crash())
    assert await scan() == 1
