"""Valkey for the tests: one server for a run, emptied for each test, and servers of their own for those that kill it.

`SNAGLIST_TEST_REDIS_URL` names a server, and a database in it that may be emptied, to use instead of the embedded one.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import embedded


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server for the whole run."""
    if named := os.environ.get("SNAGLIST_TEST_REDIS_URL"):
        yield named
        return
    with own_server() as started:
        yield started.url


@contextmanager
def own_server() -> Iterator[embedded.Server]:
    """A server that may be killed and started again."""
    folder = Path(tempfile.mkdtemp(prefix="snaglist-test-"))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "data", postgres=False) as servers:
            assert servers.valkey
            yield servers.valkey
    finally:
        shutil.rmtree(folder)


def kill(started: embedded.Server) -> None:
    """End it as a crash would."""
    assert started.process
    started.process.kill()
    started.process.wait()
