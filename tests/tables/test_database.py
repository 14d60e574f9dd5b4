"""Transactions end as they should, also where the server ends them."""

import asyncio

import asyncpg
import pytest
from piccolo.engine.postgres import PostgresTransaction

from app.errors import Unavailable
from app.tables.absence import why_away
from app.tables.database import DB, copy_in, fetch, fetch_one, transaction
from tests.database import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def _leave_a_dead_transaction() -> None:
    async with transaction():
        row = await fetch_one("select pg_backend_pid() as pid")
        assert row
        assert DB.pool
        async with DB.pool.acquire() as other:
            await other.execute("select pg_terminate_backend($1)", row["pid"])
        await asyncio.sleep(0.1)  # the end of the connection is noticed


async def test_a_transaction_whose_connection_died_is_told_as_away_and_leaves_the_pool_whole() -> None:
    assert DB.pool
    for _ in range(DB.pool.get_max_size() + 1):
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)) as caught:
            await _leave_a_dead_transaction()
        assert why_away(caught.value)
        assert not DB.transaction_exists()
    assert await fetch("select 1")


async def test_a_connection_that_dies_while_it_is_given_back_harms_nobody() -> None:
    loop = asyncio.get_running_loop()
    async with transaction() as current:
        await fetch("select 1")
        await current.commit()  # type: ignore[no-untyped-call]
        # One step after next: between the pool's look at the connection and its holder's.
        loop.call_soon(loop.call_soon, current.connection.terminate)
    assert await fetch("select 1")


async def test_a_transaction_that_is_cut_off_as_it_begins_takes_no_connection_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert DB.pool
    with monkeypatch.context() as slow:
        slow.setattr(PostgresTransaction, "begin", lambda _: asyncio.sleep(60))
        for _ in range(DB.pool.get_max_size() + 1):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02), transaction():
                    pass
            assert not DB.transaction_exists()
    async with asyncio.timeout(5), transaction():
        assert await fetch("select 1")


async def test_rows_are_copied_in_a_transaction_and_go_with_it() -> None:
    columns, rows = ("fingerprint_id", "session_id", "first_seen_at"), [(1, "a", NOW), (2, "b", NOW)]
    with pytest.raises(RuntimeError):
        await copy_in("fingerprint_session", columns, rows)
    async with transaction() as current:
        await copy_in("fingerprint_session", columns, rows)
        assert len(await fetch("select from fingerprint_session")) == 2
        await current.rollback()  # type: ignore[no-untyped-call]
    assert await fetch("select from fingerprint_session") == []


async def test_a_statement_is_all_that_is_sent() -> None:
    assert DB.pool
    sent: list[str] = []
    async with DB.pool.acquire() as held:
        held.add_query_logger(lambda told: sent.append(told.query))
        number = DB.pool.get_size()
    for _ in range(number):
        await fetch("select 1")
    assert set(sent) == {"select 1"}


async def test_before_there_is_a_pool_nothing_is_asked_of_whatever_database_there_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(DB, "pool", None)
    with pytest.raises(Unavailable, match="not connected yet"):
        async with transaction():
            pass
    with pytest.raises(Unavailable, match="not connected yet"):
        await fetch("select")
