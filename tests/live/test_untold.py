"""What could not be told is told later, whatever fails meanwhile."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from app.errors import Unavailable
from app.live import untold
from app.live.untold import Untold

pytestmark = pytest.mark.anyio


async def test_it_is_tried_again_after_any_failure(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(untold, "PAUSE", 0.0)
    monkeypatch.setattr(untold, "REST", 0.0)
    failures: list[Exception] = [Unavailable("away"), ValueError("a bug"), TimeoutError()]
    organization_id, told = uuid4(), asyncio.Event()

    async def tell(organization_ids: Sequence[UUID]) -> None:
        assert organization_ids == [organization_id]
        if failures:
            raise failures.pop(0)
        told.set()

    Untold(tell).remember([organization_id])
    async with asyncio.timeout(5):
        await told.wait()
    [bug] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert bug.exc_info
    assert "a bug" in str(bug.exc_info[1])
