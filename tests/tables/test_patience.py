"""Who waits for the database no longer than he can leaves nothing behind that complains later."""

import asyncio
import gc
from typing import Any

import pytest

from app.tables.patience import within

pytestmark = pytest.mark.anyio


async def test_a_question_that_fails_as_its_caller_is_cut_off_fails_quietly() -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

    callers: list[asyncio.Task[None]] = []

    async def fail() -> None:
        callers[0].cancel()
        raise ValueError("too late")

    callers.append(asyncio.create_task(within(1, fail())))
    with pytest.raises(asyncio.CancelledError):
        await callers[0]
    callers.clear()
    gc.collect()
    await asyncio.sleep(0)

    assert told == []
