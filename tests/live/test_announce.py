"""Announcing: after the commit, to whoever watches and to the workers, and at no cost where Redis is away."""

import os
import signal
import time
from collections.abc import Sequence

import pytest

from app.embedded import Server
from app.live import keys
from app.live.announce import announce
from app.live.bus import read
from app.live.connection import client
from app.tables.database import fetch, transaction
from app.timeline import Change
from tests.recording.stage import recorded, set_up, sighting
from tests.valkey import kill

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def changed() -> Sequence[Change]:
    """Changes that were committed, in two organizations."""
    return [
        change
        for stage in (await set_up(), await set_up())
        for change in (await recorded([sighting(stage.shop)])).changes
    ]


@pytest.mark.usefixtures("valkey")
async def test_those_who_watch_and_the_workers_are_told() -> None:
    changes = await changed()
    organizations = [change.entry.organization_id for change in changes]
    cursors = [(await read(one, None)).cursor for one in organizations]

    await announce(changes)

    for change, cursor in zip(changes, cursors, strict=True):
        [message] = (await read(change.entry.organization_id, cursor)).messages
        assert (message.kind, message.change_id) == ("OPENED", change.id)
        assert message.group_id == change.entry.move.group_id
    [job] = await client().zrange(keys.queue("quick"), 0, -1)
    assert job.startswith(b"snaglist:react:")


@pytest.mark.usefixtures("valkey")
async def test_without_changes_nobody_is_told() -> None:
    await announce([])
    assert await client().dbsize() == 0


@pytest.mark.usefixtures("valkey")
async def test_what_is_not_committed_is_not_told() -> None:
    changes = await changed()
    async with transaction():
        with pytest.raises(RuntimeError, match="not committed"):
            await announce(changes)
    assert await client().dbsize() == 0


@pytest.mark.parametrize("how", ["gone", "hangs", "refuses"])
async def test_a_redis_that_is_away_costs_the_caller_little(
    own_valkey: Server, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    changes = await changed()
    process = own_valkey.process
    assert process
    if how == "gone":
        kill(own_valkey)
    elif how == "hangs":
        os.kill(process.pid, signal.SIGSTOP)
    else:
        await client().config_set("maxmemory", "1")
    began = time.monotonic()
    try:
        await announce(changes)
    finally:
        if how == "hangs":
            os.kill(process.pid, signal.SIGCONT)
    assert time.monotonic() - began < 4
    [warning] = [record for record in caplog.records if record.name == "app.live.announce"]
    assert warning.getMessage() == "changes were not announced"
    assert [row["change_id"] for row in await fetch("select change_id from outbox order by id")] == [
        change.id for change in changes
    ]


async def test_without_a_connection_the_caller_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    await announce(await changed())
    assert "changes were not announced" in caplog.text
