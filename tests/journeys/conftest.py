"""One Snaglist for all journeys of a module: all of its processes, or for the events of apps a server in this one."""

from collections.abc import AsyncIterator, Iterator

import pytest

from app.config import from_environment
from tests import database as databases
from tests.ingest.doors.stage import listening
from tests.journeys.shop import Shop, opened
from tests.running import Running, running

PASSWORD = "correct horse"  # noqa: S105  of the owner here


@pytest.fixture(scope="module")
def snaglist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("journey") / "data"
    with running(data, SNAGLIST_OWNER_PASSWORD=PASSWORD) as snaglist:
        yield snaglist


@pytest.fixture(scope="module")
async def listener(migrated: str, valkey_server: str) -> AsyncIterator[str]:
    """The URL of a server; scans are made when a test asks for one."""
    async with listening(from_environment({"DATABASE_URL": migrated, "REDIS_URL": valkey_server})) as url:
        yield url


@pytest.fixture
async def shop(listener: str) -> AsyncIterator[Shop]:
    """A shop whose app has sent nothing yet."""
    async with opened(listener) as shop:
        yield shop
    await databases.empty()
