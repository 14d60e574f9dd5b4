"""The server that the tests of a file share; what they stored is gone after each."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.config import from_environment
from tests import database as databases
from tests.ingest.doors.stage import App, an_app, listening


@pytest.fixture(scope="module")
async def listener(migrated: str, valkey_server: str) -> AsyncIterator[str]:
    """The URL of a server with a database and Redis."""
    async with listening(from_environment({"DATABASE_URL": migrated, "REDIS_URL": valkey_server})) as url:
        yield url


@pytest.fixture
async def app(listener: str) -> AsyncIterator[App]:
    """An app of that server."""
    yield await an_app(listener)
    await databases.empty()


@pytest.fixture
async def client(listener: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that server."""
    async with httpx.AsyncClient(base_url=listener, timeout=20) as client:
        yield client
