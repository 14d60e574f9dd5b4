"""Statistics of what was refused, and what is forgotten with time."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest

from app.domain.events.event import Outcome
from app.ingest import purge, tallies
from app.ingest.inbox import Inbox
from app.ingest.purge import purge_client_events, purge_tallies
from app.tables.database import DB, fetch, transaction
from tests.database import NOW
from tests.ingest.senders import an_app, clock, kept_ids, sent, tallied

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture(autouse=True)
def nothing_noted() -> Iterator[None]:
    """What is left of other tests."""
    tallies._noted.clear()
    yield
    tallies._noted.clear()


async def test_what_is_noted_is_added_up_by_app_hour_and_outcome() -> None:
    app, other = await an_app(), await an_app("till", "f" * 32)
    tallies.note(app.id, Outcome.REJECTED)
    tallies.note(app.id, Outcome.OVER_QUOTA, 5)
    tallies.note(other.id, Outcome.REJECTED, 2)
    tallies.note(app.id, Outcome.REJECTED, 3)
    assert not await fetch("select from app_tally")
    await tallies.flush(NOW + timedelta(minutes=59))
    await tallies.flush(NOW + timedelta(minutes=59))
    assert await tallied(app.id) == {"rejected": 4, "over_quota": 5}
    assert await tallied(other.id) == {"rejected": 2}
    tallies.note(app.id, Outcome.REJECTED)
    await tallies.flush(NOW + timedelta(minutes=60))
    rows = await fetch(
        "select hour, total_count from app_tally where outcome = 'rejected' and app_id = $1 order by 1",
        app.id,
    )
    assert [tuple(row) for row in rows] == [(NOW, 4), (NOW + timedelta(hours=1), 1)]


async def test_an_app_that_is_gone_harms_nobody() -> None:
    app = await an_app()
    tallies.note(uuid4(), Outcome.REJECTED)
    tallies.note(app.id, Outcome.REJECTED)
    await tallies.flush(NOW)
    assert await tallied(app.id) == {"rejected": 1}


async def test_what_cannot_be_written_waits_within_bounds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tallies, "MOST_NOTED", 3)
    app = await an_app()
    tallies.note(app.id, Outcome.REJECTED, 2)
    with monkeypatch.context() as away:
        away.setattr(DB, "pool", None)
        await tallies.flush(NOW)
        for _ in range(10):
            tallies.note(uuid4(), Outcome.REJECTED)
        tallies.note(app.id, Outcome.REJECTED)
    assert [record.message for record in caplog.records] == ["statistics of apps could not be written"]
    assert len(tallies._noted) == 3
    await tallies.flush(NOW)
    assert await tallied(app.id) == {"rejected": 3}


async def test_an_inbox_that_is_open_writes_them_by_itself_and_when_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tallies, "EVERY", 0.02)
    app = await an_app()
    inbox = Inbox(clock())
    inbox.start()
    tallies.note(app.id, Outcome.REJECTED)
    async with asyncio.timeout(20):
        while not await tallied(app.id):  # noqa: ASYNC110  the database tells nobody
            await asyncio.sleep(0.01)
    tallies.note(app.id, Outcome.NOT_KEPT)
    await inbox.stop()
    assert await tallied(app.id) == {"rejected": 1, "not_kept": 1}


async def test_ids_of_events_are_forgotten_after_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "PAGES", 1)
    app = await an_app()
    time = clock(NOW - timedelta(days=1))
    inbox = Inbox(time)
    inbox.start()
    await inbox.append(app, [sent(f"old-{n}") for n in range(400)])
    time.set(NOW)
    await inbox.append(app, [sent(f"new-{n}") for n in range(400)])
    at = NOW + timedelta(days=29)
    assert await purge_client_events(at) == 0
    asked = count()
    stopped = await purge_client_events(at + timedelta(seconds=1), lambda: next(asked) < 3)
    assert 0 < stopped < 400
    assert await purge_client_events(at + timedelta(seconds=1)) == 400 - stopped
    assert await purge_client_events(at + timedelta(seconds=1)) == 0
    assert len(await inbox.append(app, [sent("old-1"), sent("new-1")])) == 1
    await inbox.stop()
    assert len(await kept_ids(app)) == 801


async def test_statistics_are_forgotten_after_ninety_days() -> None:
    app = await an_app()
    for hour in (datetime(2026, 8, 24, 9, tzinfo=UTC), datetime(2026, 8, 24, 10, tzinfo=UTC)):
        tallies.note(app.id, Outcome.REJECTED)
        await tallies.flush(hour)
    assert await purge_tallies(NOW) == 1
    rows = await fetch("select hour from app_tally")
    assert [row["hour"] for row in rows] == [datetime(2026, 8, 24, 10, tzinfo=UTC)]


async def test_the_purge_reads_a_piece_and_not_the_whole_table() -> None:
    async with transaction():
        await fetch(
            "set local enable_seqscan = off"
        )  # of a table that is nearly empty all of it is read in any case
        plan = await fetch(
            "explain delete from client_event_0 where received_at < now() and ctid >= '(5,0)' and ctid < '(9,0)'"
        )
    assert any("Tid Range Scan" in line[0] for line in plan)
