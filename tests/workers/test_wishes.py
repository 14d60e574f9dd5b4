"""From a commit to what follows it: no wish is lost, though jobs begin and end all the while, and no sweep helps."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime

import pytest

from app.domain.lifecycle import MoveKind
from app.live.announce import announce
from app.reactions import REACTIONS
from app.tables.database import fetch
from app.timeline import Pending
from tests.recording.stage import recorded, set_up, sighting
from tests.workers.stage import serving, until

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "valkey")]


async def test_no_wish_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()

    async def slow(_: Sequence[Pending], __: datetime) -> None:
        await asyncio.sleep(random.random() * 0.02)

    async def commit(number: int) -> None:
        for part in range(10):
            await asyncio.sleep(random.random() * 0.1)
            await announce((await recorded([sighting(stage.shop, f"E{number}.{part}")])).changes)

    async def is_done() -> bool:
        return not await fetch("select from outbox")

    monkeypatch.setitem(REACTIONS, MoveKind.OPENED, (slow,))
    async with serving(), serving():
        for number in range(5):
            await asyncio.gather(*(commit(10 * number + part) for part in range(6)))
            await until(is_done, 3)
