"""The scan of events alone: what waits in the inbox becomes history, by one process as a worker is one.

Small error events of our own API, 500 messages with numbers and ids in them that vary, 5,000 sessions; first in turn, so
that each session has one message, then at random, then with users and a release, which are counted too. Against OwlMetry's scan of such events and against a plain COPY of
their payloads into a bare table. There must be exactly 500 groups, each with exactly its sessions.
SNAGLIST_BENCH_SCANNED asks for other numbers than 20,000 (100,000 is the full scale).
"""

import asyncio
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter, process_time, time
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import msgspec

from app.domain.events.event import Format, Level
from app.ingest.keys import IngestApp
from app.ingest.writing import NewEvent, Request, Writer
from app.live import connection
from app.memory import collect_seldom
from app.projects.create_app import NewApp, create_app
from app.scanning.events.issue_scan import issue_scan
from app.tables.database import DB, close_pool, fetch, open_pool
from app.tables.migrate import migrate
from app.tables.partitions import make_partitions
from app.tables.payloads import pack
from benches.costs import cpu
from benches.event_load import MESSAGES, SESSIONS, payload

SCANNED = int(os.environ.get("SNAGLIST_BENCH_SCANNED", "20000"))
GOAL, OWLMETRY = 15_000, 735
"""Events a second."""
_BATCH = 1_000


def measure(database: str, redis: str) -> None:
    """Print how fast events are scanned, in a database of their own on the server."""
    asyncio.run(_measure(database, redis))


async def _measure(database: str, redis: str) -> None:
    name = f"scan_{uuid4().hex}"
    admin = await asyncpg.connect(database)
    await admin.execute(f"create database {name}")
    await admin.close()
    await open_pool(urlunsplit(urlsplit(database)._replace(path=f"/{name}")))
    connection.connect(redis)
    collect_seldom()  # as a worker does
    try:
        await migrate()
        await make_partitions(_now())
        await _compare("in turn", lambda number: number % SESSIONS)
        chance = random.Random(6)
        await _compare("at random", lambda _: chance.randrange(SESSIONS))
        await _compare(
            "at random, with users and a release", lambda _: chance.randrange(SESSIONS), is_full=True
        )
    finally:
        await connection.close()
        await close_pool()


async def _compare(how: str, session: Callable[[int], int], *, is_full: bool = False) -> None:
    app = await _app()
    sessions, payloads = await _fill(app, session, is_full)
    copied = await _copy(payloads)
    before, start = cpu(os.getpid()), perf_counter()
    used = process_time()
    count = await issue_scan(now=_now, goes_on=lambda: True)
    seconds, used = perf_counter() - start, process_time() - used
    postgres = cpu(os.getpid())["PostgreSQL"] - before["PostgreSQL"]
    assert count == SCANNED, count
    await _check(app, sessions)
    print(
        f"scan of {SCANNED:,} events, {MESSAGES} messages, {SESSIONS:,} sessions {how}: {SCANNED / seconds:,.0f}/s ="
        f" {SCANNED / seconds / GOAL:.2f} of the goal ({GOAL:,}), {SCANNED / seconds / OWLMETRY:.0f} times OwlMetry's,"
        f" {copied / seconds:.2f} of a plain COPY of the payloads\n"
        f"  microseconds of CPU for each: scan {1e6 * used / SCANNED:.0f}, PostgreSQL {1e6 * postgres / SCANNED:.0f}",
        flush=True,
    )


async def _app() -> IngestApp:
    """An app of an organization of its own."""
    organization_id, project_id = uuid4(), uuid4()
    await fetch(
        "insert into organization values ($1, 'Bench', $2, $3)", organization_id, organization_id.hex, _now()
    )
    await fetch(
        "insert into project (id, organization_id, name, slug, created_at) values ($1, $2, 'Shop', 'shop', $3)",
        *(project_id, organization_id, _now()),
    )
    app_id = await create_app(organization_id, NewApp(project_id, "Web shop"), now=_now())
    [row] = await fetch("select number from app where id = $1", app_id)
    return IngestApp(app_id, row["number"], organization_id, project_id, None, None)


async def _fill(
    app: IngestApp, session: Callable[[int], int], is_full: bool
) -> tuple[dict[int, set[int]], list[bytes]]:
    """Put events into the inbox as the door does; the sessions of each message, and the payloads, come out."""
    chance = random.Random()
    writer, sessions, payloads = Writer(), defaultdict[int, set[int]](set), list[bytes]()
    for first in range(0, SCANNED, _BATCH):
        events = []
        for number in range(first, min(first + _BATCH, SCANNED)):
            one = session(number)
            sessions[number % MESSAGES].add(one)
            said = payload(number, chance, one, is_full=is_full)
            packed = pack(msgspec.json.encode(said))
            payloads.append(packed)
            events.append(NewEvent(said["id"], Format.OWN, packed, Level.ERROR, None, said["session_id"]))
        assert await writer.write([Request(app, events)], now=_now()) == [()]
    await writer.close()
    return sessions, payloads


async def _copy(payloads: list[bytes]) -> float:
    """Seconds in which the payloads are copied into a table without an index."""
    await fetch("drop table if exists bare")
    await fetch("create table bare (payload bytea)")
    assert DB.pool
    start = perf_counter()
    async with DB.pool.acquire() as connection:
        await connection.copy_records_to_table("bare", records=[(packed,) for packed in payloads])
    return perf_counter() - start


async def _check(app: IngestApp, sessions: dict[int, set[int]]) -> None:
    """Every message is one group, with all its events and sessions."""
    rows = await fetch(
        "select total_count, session_count from error_group where organization_id = $1", app.organization_id
    )
    assert len(rows) == MESSAGES, len(rows)
    assert sum(row["total_count"] for row in rows) == SCANNED
    found = Counter(row["session_count"] for row in rows)
    assert found == Counter(len(ids) for ids in sessions.values()), found
    [left] = await fetch("select count(*) from inbox")
    assert left["count"] == 0, left


def _now() -> datetime:
    return datetime.fromtimestamp(time(), UTC)
