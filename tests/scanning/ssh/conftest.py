"""A real sshd for the tests of a module, and connections for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.scanning.ssh.connections import Connections
from tests.scanning.ssh.stage import Server, connections, sshd


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the PATH of the server."""
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="module")
def server(programs: Path) -> Iterator[Server]:
    """A running sshd."""
    with sshd(programs) as running:
        yield running


@pytest.fixture
def pool() -> Iterator[Connections]:
    """Connections of this test's own."""
    with connections() as made:
        yield made
