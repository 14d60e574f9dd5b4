"""One Snaglist for all journeys of a module."""

from collections.abc import Iterator

import pytest

from tests.running import Running, running

PASSWORD = "correct horse"  # noqa: S105  of the owner here


@pytest.fixture(scope="module")
def snaglist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("journey") / "data"
    with running(data, SNAGLIST_OWNER_PASSWORD=PASSWORD) as snaglist:
        yield snaglist
