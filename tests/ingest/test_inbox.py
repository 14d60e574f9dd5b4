"""The inbox keeps what it acknowledges, once, whatever goes wrong on the way."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import asyncpg
import pytest

from app.domain.events.event import Format, Level, Outcome
from app.errors import BadInput, Overloaded, Unauthenticated, Unavailable
from app.ingest import inbox as inboxes
from app.ingest import tallies, wishes, writing
from app.ingest.inbox import Inbox
from app.ingest.keys import IngestApp
from app.ingest.writing import NewEvent
from app.live import keys
from app.live.connection import client
from app.live.queue import ISSUE_SCAN, Queue, wake
from app.tables import partitions
from app.tables.database import DB, fetch, transaction
from app.tables.identifiers import made_within
from app.tables.payloads import unpack
from tests.database import NOW
from tests.ingest.senders import an_app, clock, hanging, kept_ids, sent, tallied

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """An inbox that is open, whose clock stands at NOW."""
    async with opened() as one:
        yield one


@asynccontextmanager
async def opened() -> AsyncIterator[Inbox]:
    one = Inbox(clock(NOW + timedelta(microseconds=1234)))
    one.start()
    try:
        yield one
    finally:
        await one.stop()


@asynccontextmanager
async def held(app: IngestApp, client_event_id: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody has written this id and does not commit: whoever writes it too has to wait."""
    connection = await asyncpg.connect(DB.config["dsn"])
    try:
        await connection.execute("begin")
        await connection.execute(
            "insert into client_event (app_id, client_event_id, received_at) values ($1, $2, $3)",
            app.id,
            client_event_id,
            NOW,
        )
        yield connection
    finally:
        await connection.close()


async def blocked() -> int:
    """The backend that waits for `held`, as soon as it does."""
    while True:
        rows = await fetch(
            """
            select pid from pg_stat_activity
            where wait_event_type = 'Lock' and query like '%client_event%' and datname = current_database()
            """
        )
        if rows:
            pid: int = rows[0]["pid"]
            return pid
        await asyncio.sleep(0.005)


async def commits() -> int:
    """How many transactions wrote the events that are there."""
    [row] = await fetch("select count(distinct xmin::text) as n from event")
    return int(row["n"])


async def count(table: str) -> int:
    [row] = await fetch(f"select count(*) as n from {table}")  # noqa: S608  the tests name it
    return int(row["n"])


async def results(*appends: Any) -> list[Any]:
    return await asyncio.gather(*appends, return_exceptions=True)


async def test_an_event_is_kept_as_it_came_with_the_time_of_its_id(inbox: Inbox) -> None:
    app = await an_app()
    full = sent("a-1", level=Level.FATAL, occurred_at=NOW - timedelta(hours=1), session_id="s-1")
    bare = NewEvent(None, Format.SENTRY, b"packed elsewhere", None, None, None)
    assert await inbox.append(app, [full, bare]) == ()
    rows = [dict(row) for row in await fetch("select * from event order by id")]
    received_at = NOW + timedelta(milliseconds=1)
    for row in rows:
        start, end = made_within(row["id"])
        assert start <= row["received_at"] < end
        assert (row["id"].version, row["id"].variant) == (7, "specified in RFC 4122")
        assert (row["received_at"], row["app_id"]) == (received_at, app.id)
        assert (row["organization_id"], row["project_id"]) == (app.organization_id, app.project_id)
    told = [(row["level"], row["occurred_at"], row["session_id"], row["format"]) for row in rows]
    assert told == [(50, NOW - timedelta(hours=1), "s-1", 1), (None, received_at, None, 2)]
    assert unpack(rows[0]["payload"]) == b'{"message": "no stock"}'
    assert rows[1]["payload"] == b"packed elsewhere"
    assert await kept_ids(app) == ["", "a-1"]
    assert await tallied(app.id) == {"accepted": 2}


async def test_requests_that_come_together_share_commits_and_keep_their_order(inbox: Inbox) -> None:
    apps = [await an_app("shop"), await an_app("till", key="f" * 32)]
    duplicates = await asyncio.gather(
        *(inbox.append(apps[n % 2], [sent(f"{n:03}-{part}") for part in range(3)]) for n in range(100))
    )
    assert duplicates == [()] * 100
    assert await commits() == inbox.commits <= 2
    for place, app in enumerate(apps):
        assert await kept_ids(app, in_order=True) == [
            f"{n:03}-{part}" for n in range(place, 100, 2) for part in range(3)
        ]
        assert await tallied(app.id) == {"accepted": 150}


async def test_requests_that_come_while_a_commit_is_on_its_way_gather_for_the_next_up_to_its_bounds(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await an_app()
    monkeypatch.setattr(inboxes, "MOST_EVENTS", 10)
    async with held(app, "slow") as other:
        first = asyncio.create_task(inbox.append(app, [sent("slow")]))
        await blocked()
        rest = [asyncio.create_task(inbox.append(app, [sent()] * size)) for size in (4, 4, 4, 4, 4, 25)]
        await asyncio.sleep(0)
        await other.execute("rollback")
        assert await asyncio.gather(first, *rest) == [()] * 7
    # One alone, two of four twice, the fifth, and the one that is too large for company.
    assert await commits() == inbox.commits == 5
    assert await count("event") == 46


async def test_duplicates_are_found_in_a_request_in_a_commit_and_in_the_days_before(inbox: Inbox) -> None:
    app, other = await an_app(), await an_app("till", key="f" * 32)
    assert await inbox.append(app, [sent("a"), sent("b"), sent("a"), sent(), sent("a")]) == (2, 4)
    assert await inbox.append(app, [sent("c"), sent("b"), sent(), sent("A")]) == (1,)
    together = await results(
        inbox.append(app, [sent("d"), sent("a")]),
        inbox.append(app, [sent("e"), sent("d"), sent("f"), sent("e")]),
        inbox.append(other, [sent("a"), sent("d")]),
    )
    assert together == [(1,), (1, 3), ()]
    assert await kept_ids(app) == ["", "", "A", "a", "b", "c", "d", "e", "f"]
    assert await kept_ids(other) == ["a", "d"]
    assert await tallied(app.id) == {"accepted": 9, "duplicate": 6}
    assert await tallied(other.id) == {"accepted": 2}
    assert await inbox.append(app, [sent("a"), sent("e")]) == (0, 1)
    assert await tallied(app.id) == {"accepted": 9, "duplicate": 8}


async def test_two_servers_that_get_the_same_events_in_opposite_order_keep_each_once() -> None:
    app, other = await an_app(), await an_app("till", key="f" * 32)
    [before] = await fetch("select deadlocks from pg_stat_database where datname = current_database()")
    names = [f"id-{n}" for n in range(120)]
    async with opened() as one, opened() as two:
        for part in range(4):
            forth = [sent(f"{name}-{part}") for name in names]
            back = forth[::-1]
            answers = await asyncio.gather(
                one.append(app, forth),
                two.append(other, back),
                one.append(other, forth),
                two.append(app, back),
            )
            assert [len(answers[0]) + len(answers[3]), len(answers[1]) + len(answers[2])] == [120, 120]
    for each in (app, other):
        found = await kept_ids(each)
        assert len(found) == len(set(found)) == 480
        assert await tallied(each.id) == {"accepted": 480, "duplicate": 480}
    [after] = await fetch("select deadlocks from pg_stat_database where datname = current_database()")
    assert before == after


@pytest.mark.parametrize(
    ("poison", "failure"),
    [
        (sent("x", session_id="a\0b"), BadInput),
        (sent("x\ud800"), BadInput),
        (sent(secrets.token_hex(10_000)), BadInput),
        (sent("x", level=99_999), BadInput),
        (sent("x", occurred_at="yesterday"), BadInput),
    ],
    ids=["NUL", "surrogate", "too long", "number", "no time"],
)
async def test_what_cannot_be_kept_is_refused_alone(
    inbox: Inbox, poison: NewEvent, failure: type[Exception]
) -> None:
    app = await an_app()
    before, bad, after = await results(
        inbox.append(app, [sent("a")]),
        inbox.append(app, [sent("b"), poison]),
        inbox.append(
            app, [sent("b"), sent("x"), sent("a")]
        ),  # which would be a duplicate of what was not kept
    )
    assert (before, after) == ((), (2,))
    assert isinstance(bad, failure)
    assert await kept_ids(app) == ["a", "b", "x"]
    assert await count("client_event") == await count("inbox") == 3
    assert await tallied(app.id) == {"accepted": 3, "duplicate": 1}
    assert await inbox.append(app, [sent("y")]) == ()


async def test_an_app_that_was_deleted_meanwhile_fails_alone(inbox: Inbox) -> None:
    app, gone = await an_app(), await an_app("till", key="f" * 32)
    await fetch("delete from app where id = $1", gone.id)
    refused, kept = await results(inbox.append(gone, [sent("a")]), inbox.append(app, [sent("a")]))
    assert isinstance(refused, Unauthenticated)
    assert kept == ()
    assert await kept_ids(gone) == []
    assert await count("client_event") == 1


async def test_a_connection_that_is_lost_in_the_middle_leaves_nothing_and_the_retry_is_kept_once(
    inbox: Inbox,
) -> None:
    app = await an_app()
    async with held(app, "b") as other:
        first = asyncio.create_task(inbox.append(app, [sent("a"), sent("b"), sent("c")]))
        pid = await blocked()
        second = asyncio.create_task(inbox.append(app, [sent("d")]))
        await asyncio.sleep(0)
        await fetch("select pg_terminate_backend($1)", pid)
        lost, waited = await results(first, second)
        assert isinstance(lost, Unavailable)
        assert isinstance(waited, Unavailable)
        assert [await count(table) for table in ("event", "inbox", "client_event", "app_tally")] == [0] * 4
        await other.execute("rollback")
    assert await inbox.append(app, [sent("a"), sent("b"), sent("c")]) == ()
    assert await inbox.append(app, [sent("a"), sent("d")]) == (0,)
    assert await kept_ids(app) == ["a", "b", "c", "d"]
    assert await tallied(app.id) == {"accepted": 4, "duplicate": 1}


async def test_a_commit_that_takes_too_long_is_given_up_by_the_database(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await an_app()
    monkeypatch.setattr(writing, "LONGEST_COMMIT", 0.1)
    async with held(app, "a") as other:
        with pytest.raises(Unavailable):
            await inbox.append(app, [sent("a"), sent("b")])
        await other.execute("rollback")
    assert await inbox.append(app, [sent("a"), sent("b")]) == ()
    assert await kept_ids(app) == ["a", "b"]


async def test_a_commit_without_an_answer_is_told_as_unknown_and_the_retry_is_kept_once(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await an_app()
    async with held(app, "a") as other:
        monkeypatch.setattr(writing, "LONGEST_ANSWER", 0.1)
        with pytest.raises(Unavailable, match="not known"):
            await inbox.append(app, [sent("a")])
        monkeypatch.undo()
        again = asyncio.create_task(inbox.append(app, [sent("a")]))
        await asyncio.sleep(0)
        await other.execute("rollback")
        await again
    assert await kept_ids(app) == ["a"]


async def test_a_database_that_is_away_is_told_at_once_and_is_found_again(
    inbox: Inbox, postgres_server: str
) -> None:
    app = await an_app()
    assert await inbox.append(app, [sent("a")]) == ()
    admin = await asyncpg.connect(postgres_server)
    [name] = await fetch("select current_database()")
    try:
        await admin.execute(f"alter database {name[0]} allow_connections false")
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name[0]
        )
        async with asyncio.timeout(2):
            for _ in range(2):
                answers = await results(*(inbox.append(app, [sent(f"b-{n}")]) for n in range(50)))
                assert all(isinstance(answer, Unavailable) for answer in answers)
            tallies.note(app.id, Outcome.REJECTED)
            await tallies.flush(NOW)
    finally:
        await admin.execute(f"alter database {name[0]} allow_connections true")
        await admin.close()
    assert await inbox.append(app, [sent("b-1"), sent("a")]) == (1,)
    assert await kept_ids(app) == ["a", "b-1"]
    await tallies.flush(NOW)
    assert await tallied(app.id) == {"accepted": 2, "duplicate": 1, "rejected": 1}


async def test_a_database_that_hangs_is_waited_for_shortly(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    app = await an_app()
    gone = asyncio.Event()
    monkeypatch.setattr(writing, "LONGEST_CONNECTING", 0.2)
    listening = await asyncio.start_server(hang, "127.0.0.1")
    host, port = listening.sockets[0].getsockname()
    with monkeypatch.context() as changed:
        changed.setitem(DB.config, "dsn", f"postgresql://{host}:{port}/x?sslmode=disable")
        async with asyncio.timeout(2):
            answers = await results(*(inbox.append(app, [sent()]) for _ in range(5)))
    assert all(isinstance(answer, Unavailable) for answer in answers)
    gone.set()
    listening.close()
    assert await inbox.append(app, [sent("a")]) == ()
    assert await kept_ids(app) == ["a"]


async def test_a_database_that_hangs_before_it_is_written_to_is_waited_for_shortly(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LONGEST_CONNECTING", 0.2)
    app = await an_app()
    begun = monotonic()
    async with AsyncExitStack() as until:

        async def hangs(_: object) -> None:
            await until.enter_async_context(hanging())
            await fetch("select 1")

        with monkeypatch.context() as midway:
            midway.setattr(partitions, "ensure", hangs)
            with pytest.raises(Unavailable):
                await asyncio.wait_for(inbox.append(app, [sent("first")]), 10)
        assert monotonic() - begun < 2
    assert await inbox.append(app, [sent("first")]) == ()
    assert await kept_ids(app) == ["first"]


async def test_too_much_is_refused_before_it_is_taken(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    app = await an_app()
    monkeypatch.setattr(inboxes, "MOST_EVENTS_WAITING", 5)
    monkeypatch.setattr(inboxes, "MOST_BYTES_WAITING", 1000)
    async with held(app, "a") as other:
        first = asyncio.create_task(inbox.append(app, [sent("a")]))
        await blocked()
        waiting = asyncio.create_task(inbox.append(app, [sent("b"), sent("c"), sent("d")]))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as refused:
            await inbox.append(app, [sent("e"), sent("f"), sent("g")])
        assert refused.value.retry_after == 1
        with pytest.raises(Overloaded):
            await inbox.append(app, [sent("h", payload=bytes(1000))])
        fits = asyncio.create_task(inbox.append(app, [sent("i")]))
        await asyncio.sleep(0)
        await other.execute("rollback")
        assert await results(first, waiting, fits) == [(), (), ()]
    assert await kept_ids(app) == ["a", "b", "c", "d", "i"]
    # One alone may be as large as it likes.
    assert await inbox.append(app, [sent(payload=bytes(2000)) for _ in range(7)]) == ()
    await tallies.flush(NOW)
    assert await tallied(app.id) == {"accepted": 12, "overload": 4}


async def test_a_client_that_goes_takes_nobody_with_it(inbox: Inbox) -> None:
    app = await an_app()
    async with held(app, "a") as other:
        written = asyncio.create_task(inbox.append(app, [sent("a")]))
        await blocked()
        queued = asyncio.create_task(inbox.append(app, [sent("b")]))
        stays = asyncio.create_task(inbox.append(app, [sent("c")]))
        await asyncio.sleep(0)
        written.cancel()
        queued.cancel()
        await asyncio.wait([written, queued])
        await other.execute("rollback")
        assert await stays == ()
    assert await kept_ids(app) == ["a", "c"]


async def test_what_waits_when_the_server_ends_is_written_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    app = await an_app()
    async with opened() as one:
        last = asyncio.create_task(one.append(app, [sent("a")]))
        await asyncio.sleep(0)
        await one.stop()
        assert await last == ()
        with pytest.raises(Unavailable):
            await one.append(app, [sent("b")])
    monkeypatch.setattr(inboxes, "LONGEST_END", 0.1)
    async with opened() as one, held(app, "c"):
        unknown = asyncio.create_task(one.append(app, [sent("c")]))
        await blocked()
        waiting = asyncio.create_task(one.append(app, [sent("d")]))
        await asyncio.sleep(0)
        await one.stop()
        answers = await results(unknown, waiting)
        assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    assert {"a"} <= set(await kept_ids(app)) <= {"a", "c"}  # the database may have kept what it was told


async def test_the_partition_of_a_new_day_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    app = await an_app()
    asked: list[object] = []
    original = partitions.ensure

    async def noted(wanted: Any) -> None:
        asked.append(wanted)
        await original(wanted)

    monkeypatch.setattr(partitions, "ensure", noted)
    time = clock(datetime(2031, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC))
    one = Inbox(time)
    one.start()
    try:
        for _ in range(3):
            await one.append(app, [sent()])
        time.set(time() + timedelta(microseconds=1))
        await one.append(app, [sent()])
        rows = await fetch("select tableoid::regclass::text as name from event order by received_at")
        assert [row["name"] for row in rows] == ["event_20310301"] * 3 + ["event_20310302"]
        assert len(asked) == 2
    finally:
        await one.stop()
        await fetch("drop table event_20310301, event_20310302")


async def test_the_scan_is_woken_after_the_commit_once_a_second_at_most(
    inbox: Inbox, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await an_app()
    asked: list[str] = []
    original = wake

    async def noted(job: str, queue: Queue) -> None:
        asked.append(job)
        await original(job, queue)

    monkeypatch.setattr(wishes, "wake", noted)
    for n in range(20):
        await inbox.append(app, [sent(f"a-{n}")])
    await inbox.stop()  # what came since the first wish is asked for
    assert asked == [ISSUE_SCAN] * 2
    assert await client().zcard(keys.queue(Queue.SCAN)) == 1


async def test_a_redis_that_is_away_delays_nobody_and_is_told_once(
    inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    app = await an_app()
    for n in range(3):
        assert await inbox.append(app, [sent(f"a-{n}")]) == ()
    await inbox.stop()
    assert [record.message for record in caplog.records] == ["the scan of events could not be woken"]


async def test_an_inbox_called_inside_of_a_transaction_writes_in_its_own(inbox: Inbox) -> None:
    app = await an_app()
    async with transaction() as current:
        await inbox.append(app, [sent("a")])
        await current.rollback()  # type: ignore[no-untyped-call]
    assert await kept_ids(app) == ["a"]
