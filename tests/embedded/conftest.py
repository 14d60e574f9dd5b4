"""Data folders for the tests: the database is made once for each user, and copied."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.embedded.stage import Who, ourselves, somebody, supervised


@pytest.fixture(params=["us", "an ordinary user"])
def who(request: pytest.FixtureRequest) -> Who:
    """Us, root or not, and if we are root an ordinary user too."""
    chosen = ourselves() if request.param == "us" else somebody()
    if chosen is None:
        pytest.skip("we are an ordinary user, or no other one can reach this checkout")
    return chosen


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A new folder that everybody can reach."""
    with temporary_folder(0o755) as folder:
        yield folder


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A new folder that is closed to others, as root's home is."""
    with temporary_folder(0o700) as folder:
        yield folder


@pytest.fixture(scope="session")
def template() -> Iterator[Callable[[Who], Path]]:
    """The data folder of a user who has started and stopped the servers once."""
    with temporary_folder(0o755) as parent:

        def made(who: Who) -> Path:
            folder = parent / str(who.uid) / "data"
            if not folder.exists():
                folder.parent.mkdir()
                who.own(folder.parent)
                with supervised(folder, who) as (supervisor, _):
                    supervisor.stop()
            return folder

        yield made


@pytest.fixture
def data_of(template: Callable[[Who], Path], open_folder: Path) -> Callable[[Who], Path]:
    """A user's data folder with a database in it."""

    def copied(who: Who) -> Path:
        subprocess.run(["cp", "-a", template(who), open_folder / "data"], check=True)
        return open_folder / "data"

    return copied


@pytest.fixture
def data(template: Callable[[Who], Path], closed_folder: Path) -> Path:
    """Our data folder with a database in it, below a folder that is closed to others."""
    subprocess.run(["cp", "-a", template(ourselves()), closed_folder / "data"], check=True)
    return closed_folder / "data"


@contextmanager
def temporary_folder(mode: int) -> Iterator[Path]:
    """A new folder: in memory, where there is room for programs and many databases."""
    memory = Path("/dev/shm")  # noqa: S108
    room = memory.is_dir() and shutil.disk_usage(memory).free > 2_000_000_000
    fits = room and not os.statvfs(memory).f_flag & os.ST_NOEXEC
    folder = Path(tempfile.mkdtemp(prefix="snaglist-test-", dir=memory if fits else None))
    folder.chmod(mode)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
