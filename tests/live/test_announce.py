"""Announcing: after the commit, to whoever watches and to the workers, and at no cost where Redis is away."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from uuid import uuid4

import pytest

from app.accounts.actors import Actor
from app.embedded import Server
from app.errors import NotFound
from app.live import keys, untold
from app.live.announce import Counted, announce
from app.live.bus import read
from app.live.connection import client
from app.tables.database import fetch, fetch_one, transaction
from app.timeline import Change
from app.triage.add_comment import add_comment
from app.triage.delete_comment import delete_comment
from app.triage.edit_comment import edit_comment
from app.triage.merge import merge
from tests.recording.stage import later, recorded, set_up, sighting
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
        assert message.status_before is None
    [job] = await client().zrange(keys.queue("quick"), 0, -1)
    assert job.startswith(b"snaglist:react:")


@pytest.mark.usefixtures("valkey")
async def test_counts_are_told_with_what_was_stored_and_no_job_follows() -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop), sighting(stage.shop), sighting(stage.shop, "Other")])
    cursor = (await read(stage.organization_id, None)).cursor

    again = await recorded([sighting(stage.shop), sighting(stage.shop, at=later(hours=1))])
    await announce(again.changes, again.groups)

    [message] = (await read(stage.organization_id, cursor)).messages
    [newest] = await fetch("select id from occurrence order by occurred_at desc limit 1")
    group = await fetch_one("select id from error_group where title like 'KeyError%'")
    assert group
    assert (message.kind, message.group_id, message.change_id) == ("COUNTED", group["id"], 0)
    assert message.occurrence_ids == (newest["id"],)
    assert not await client().exists(keys.queue("quick"))


@pytest.mark.usefixtures("valkey")
async def test_what_a_status_was_before_is_told() -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop)])
    cursor = (await read(stage.organization_id, None)).cursor
    done = await recorded([sighting(stage.shop, at=later(hours=1))])
    await announce(done.changes, done.groups)
    told = (await read(stage.organization_id, cursor)).messages
    assert [(message.kind, message.status_before) for message in told] == [
        ("ACTIVATED", "NEW"),
        ("COUNTED", None),
    ]


@pytest.mark.usefixtures("valkey")
async def test_of_a_storm_the_newest_occurrences_are_told() -> None:
    organization_id, ids = uuid4(), tuple(uuid4() for _ in range(300))
    cursor = (await read(organization_id, None)).cursor
    await announce([], [Counted(organization_id, uuid4(), ids)])
    [message] = (await read(organization_id, cursor)).messages
    assert (message.occurrence_ids, message.more) == (ids[-100:], True)


@pytest.mark.usefixtures("valkey")
async def test_comments_are_told_with_the_group_that_shows_them() -> None:
    stage = await set_up()
    await recorded([sighting(stage.shop, "A"), sighting(stage.shop, "B", at=later(hours=1))])
    kept, gone = [group["id"] for group in await stage.groups("id")]
    by = Actor("person", uuid4())
    mine = await add_comment(stage.organization_id, by, gone, "seen", now=later())
    await merge(stage.organization_id, kept, [gone], by, now=later())
    cursor = (await read(stage.organization_id, None)).cursor

    await add_comment(stage.organization_id, by, kept, "so", now=later())
    await edit_comment(stage.organization_id, by, mine, "seen twice", now=later())
    await delete_comment(stage.organization_id, by, mine, moderates=False, now=later())
    for refused in (
        add_comment(stage.organization_id, by, uuid4(), "so", now=later()),
        edit_comment(stage.organization_id, by, mine, "seen thrice", now=later()),
        delete_comment(stage.organization_id, by, mine, moderates=True, now=later()),
    ):
        with pytest.raises(NotFound):
            await refused

    told = (await read(stage.organization_id, cursor)).messages
    assert [(message.kind, message.group_id) for message in told] == [("COMMENTED", kept)] * 3


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
    assert [record.getMessage() for record in caplog.records if record.name == "app.live.connection"] == [
        "changes were not announced"
    ]
    assert [row["change_id"] for row in await fetch("select change_id from outbox order by id")] == [
        change.id for change in changes
    ]


async def test_without_a_connection_the_caller_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    await announce(await changed())
    assert "changes were not announced" in caplog.text


async def test_a_redis_that_hung_tells_later_that_something_was_missed(
    own_valkey: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.live.connection.LONGEST_WISH", 0.2)
    monkeypatch.setattr(untold, "PAUSE", 0.05)
    organization_id = uuid4()
    cursor = (await read(organization_id, None)).cursor
    process = own_valkey.process
    assert process
    os.kill(process.pid, signal.SIGSTOP)
    try:
        await announce([], [Counted(organization_id, uuid4())])
    finally:
        os.kill(process.pid, signal.SIGCONT)
    async with asyncio.timeout(10):
        while not (heard := await read(organization_id, cursor, block_ms=1_000)).refetch:
            cursor = heard.cursor  # what was under way as it hung comes first
