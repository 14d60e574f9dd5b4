"""What tests of what is stored stand on."""

from collections.abc import AsyncIterator, Iterator

import pytest

from app.embedded import Server
from app.live import connection
from tests import database as databases
from tests import valkey as valkeys


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Tests that are coroutines run on asyncio, as Snaglist does."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server on which databases can be made."""
    with databases.server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated(postgres_server: str) -> Iterator[str]:
    """The URL of this process's migrated database, for `database` and for templates."""
    with databases.database(postgres_server) as url:
        databases.prepare(url)
        yield url


@pytest.fixture
async def database(migrated: str) -> AsyncIterator[str]:
    """A migrated, empty database with the process's pool open on it."""
    async with databases.pool(migrated) as url:
        yield url
        await databases.empty()


@pytest.fixture
def bare_database(postgres_server: str) -> Iterator[str]:
    """The URL of a database of one test's own with nothing in it."""
    with databases.database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """The URL of a Valkey or Redis."""
    with valkeys.server() as url:
        yield url


@pytest.fixture
async def valkey(valkey_server: str) -> AsyncIterator[str]:
    """An empty Valkey with this process connected to it."""
    connection.connect(valkey_server)
    await connection.client().flushdb()
    yield valkey_server
    await connection.close()


@pytest.fixture
async def own_valkey() -> AsyncIterator[Server]:
    """A Valkey of one test's own, which it may kill, with this process connected to it."""
    with valkeys.own_server() as started:
        connection.connect(started.url)
        yield started
        await connection.close()
