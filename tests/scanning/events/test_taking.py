"""What a batch takes out of the inbox: everything in the end, whatever the clocks of servers say."""

from datetime import timedelta

import pytest

from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.scanning.events.stage import crash, put, scanned, with_app

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_what_a_server_received_whose_clock_is_hours_behind_is_scanned_too() -> None:
    stage, app = await with_app()
    await put(app, crash())
    [behind] = await put(app, crash(), received_at=NOW - timedelta(hours=30))
    after_all = uuid7(NOW + timedelta(hours=1))
    await fetch("update event set id = $2 where id = $1", behind, after_all)
    await fetch("update inbox set event_id = $2 where event_id = $1", behind, after_all)

    assert await scanned() == 2

    assert await fetch("select from inbox") == []
    assert await stage.group("total_count") == {"total_count": 2}
