"""PostgreSQL for the tests: one server for a run, one migrated database in it, emptied after each test.

Making a database from the template takes 40 times as long as emptying one, so that only the tests of
migrations have their own. `SNAGLIST_TEST_DATABASE_URL` names a server to use instead of the embedded one.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from app import embedded
from app.tables.database import close_pool, fetch, open_pool
from app.tables.migrate import migrate
from app.tables.partitions import make_partitions

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
"""When the tests of what is stored take place."""


@contextmanager
def server() -> Iterator[str]:
    """The URL of a database server on which databases can be made."""
    if named := os.environ.get("SNAGLIST_TEST_DATABASE_URL"):
        yield named
        return
    folder = Path(tempfile.mkdtemp(prefix="snaglist-test-"))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "data", valkey=False) as servers:
            assert servers.postgres
            yield servers.postgres.url
    finally:
        shutil.rmtree(folder)


@contextmanager
def database(server_url: str, template: str | None = None) -> Iterator[str]:
    """The URL of a new database on the server, empty or a copy of the template's; gone afterwards."""
    name = f"snaglist_test_{uuid4().hex}"
    source = urlsplit(template).path[1:] if template else "template0"
    asyncio.run(_command(server_url, f"create database {name} template {source}"))
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        asyncio.run(_command(server_url, f"drop database {name} with (force)"))


def prepare(url: str) -> None:
    """Bring the database to the newest migration, with partitions around `NOW`."""

    async def run() -> None:
        async with pool(url):
            await migrate()
            await make_partitions(NOW)

    asyncio.run(run())


@asynccontextmanager
async def pool(url: str) -> AsyncIterator[str]:
    """The process's pool of connections, open on this database."""
    await open_pool(url)
    try:
        yield url
    finally:
        await close_pool()


async def empty() -> None:
    """Take every row out of every table but the list of migrations."""
    await fetch(_EMPTY)


_EMPTY = """
do $$
declare
    its_name text;
begin
    -- The tenants go first, and take most with them.
    for its_name in
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
            and relname <> 'migration'
        order by relname <> 'organization', relname
    loop
        execute format('delete from %I', its_name);
    end loop;
end $$
"""


async def _command(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
