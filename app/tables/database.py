"""The database: one engine and one pool a process, transactions that always end, and SQL by hand for hot paths.

Piccolo 1.38 leaves a connection out of the pool for good when a BEGIN is cut off or a COMMIT fails, and takes the
task's next transaction for a nested one, which is none at all; `_Transaction` mends this. Its engine connects when it
is constructed; ours does not.
"""

import asyncio
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, Final, Literal

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from app.errors import Unavailable

COMMAND_TIMEOUT: Final = 60
"""Seconds after which a statement is given up."""
_NOT_YET: Final = "the database is not connected yet"


class _Transaction(PostgresTransaction):
    __slots__ = ()

    async def __aenter__(self) -> PostgresTransaction:
        try:
            return await super().__aenter__()
        except BaseException:
            if hasattr(self, "connection"):
                with suppress(asyncpg.InterfaceError):  # it died, and has gone back by itself
                    self.connection.terminate()  # nobody knows whether it is in a transaction
            raise

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> Literal[False]:
        if self._parent:
            return False
        try:
            if exception is not None and not self._rolled_back:
                await self.rollback()  # type: ignore[no-untyped-call]
            elif exception is None and not self._committed and not self._rolled_back:
                await self.commit()  # type: ignore[no-untyped-call]
        finally:
            self.engine.current_transaction.reset(self.context)
            await asyncio.shield(self._give_back())
        return False

    async def _give_back(self) -> None:
        if self.engine.pool:
            with suppress(asyncpg.InternalClientError):  # it died, and has gone back by itself
                await self.engine.pool.release(self.connection)
        else:
            await self.connection.close()


class Engine(PostgresEngine):
    """Piccolo's engine, mended."""

    async def prep_database(self) -> None:
        """The migrations do what is needed."""

    async def check_version(self) -> None:
        """The first migration needs what PostgreSQL 15 has, and says so itself."""

    def transaction(self, allow_nested: bool = True) -> PostgresTransaction:
        """A transaction as Piccolo asks for it; our own code asks `transaction()` below."""
        return _Transaction(engine=self, allow_nested=allow_nested)


DB: Final = Engine(config={"dsn": os.environ.get("DATABASE_URL", "postgresql:///snaglist")}, extensions=())


def transaction() -> _Transaction:
    """A transaction of its own. Raises TransactionError inside of another one: it would be no savepoint.

    Unavailable: the pool is not open. Piccolo would connect to whatever the environment named as this was imported.
    """
    if DB.pool is None:
        raise Unavailable(_NOT_YET)
    return _Transaction(engine=DB, allow_nested=False)


_SETTINGS: Final = {
    # A statement is planned for its values: which index is the right one depends on how rare they are.
    "plan_cache_mode": "force_custom_plan",
    # Both begin to pay where a statement takes longer than ours may, and cost each that is mistaken for one.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}


async def open_pool(url: str, *, size: int = 10) -> None:
    """Connect this process to the database. Raises OSError or asyncpg.PostgresError where it is away."""
    DB.config["dsn"] = url
    DB.pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        command_timeout=COMMAND_TIMEOUT,
        server_settings=dict(_SETTINGS),
        reset=_as_it_is,
    )


async def _as_it_is(connection: asyncpg.Connection) -> None:
    """Give a connection back as it is. asyncpg would send a statement of its own each time, which takes as long as ours.

    There is nothing to take back: settings and locks of ours end with their transactions, and nobody listens.
    """


async def close_pool() -> None:
    """Close every connection, those in use after five seconds; nothing happens where there is no pool."""
    pool, DB.pool = DB.pool, None
    if pool is None:
        return
    try:
        await asyncio.wait_for(pool.close(), timeout=5)
    except TimeoutError:
        pool.terminate()


async def fetch(sql: str, *values: object) -> list[asyncpg.Record]:
    """The rows of a statement with places `$1`, `$2` ..., in the task's transaction if it is in one.

    Unavailable: the pool is not open.
    """
    current = DB.current_transaction.get()
    connected = current.connection if current else DB.pool
    if connected is None:
        raise Unavailable(_NOT_YET)
    rows: list[asyncpg.Record] = await connected.fetch(sql, *values)
    return rows


async def copy_in(table: str, columns: Sequence[str], rows: Collection[Sequence[object]]) -> None:
    """Append rows to a table by COPY, in the task's transaction: for many rows far less work than a statement.

    `rows`: of each the values of the `columns`. RuntimeError: there is no transaction, without which a part of them
    might stay.
    """
    current = DB.current_transaction.get()
    if current is None:
        raise RuntimeError("rows are copied inside of a transaction, whose end is its caller's")
    if rows:
        await current.connection.copy_records_to_table(table, columns=columns, records=rows)


async def fetch_one(sql: str, *values: object) -> asyncpg.Record | None:
    """The first row of a statement, None where it has none."""
    rows = await fetch(sql, *values)
    return rows[0] if rows else None
