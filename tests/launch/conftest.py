"""One Snaglist for most tests of this folder, on a data folder below one that is closed to others."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.conftest import temporary_folder
from tests.launch.stage import Snaglist, free_port

SECRETS = {
    "SNAGLIST_SECRET_KEY": "a-key-nobody-must-see-1234567890",
    "SNAGLIST_OWNER_PASSWORD": "correct-horse-battery",
}


class Home:
    """A data folder and a port, and the Snaglist that runs there now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.first = self._start()
        self._now = self.first
        self.everything = [self.first]

    def running(self) -> Snaglist:
        """The one that runs, or another one in its place."""
        if self._now.process.poll() is not None:
            self._now = self._start()
            self.everything.append(self._now)
        return self._now.ready()

    def stop(self) -> None:
        """End the one that runs, if one does."""
        if self._now.process.poll() is None:
            self._now.ready().end()

    def _start(self) -> Snaglist:
        return Snaglist(self.folder, self.port, more=SECRETS)


@pytest.fixture(scope="package")
def home() -> Iterator[Home]:
    with temporary_folder(0o700) as parent:
        made = Home(parent / "data")
        try:
            yield made
        finally:
            for snaglist in made.everything:
                snaglist.destroy()


@pytest.fixture
def snaglist(home: Home) -> Snaglist:
    """A Snaglist that is ready, on a folder that has been used before."""
    return home.running()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A new folder that everybody can reach."""
    with tempfile.TemporaryDirectory(prefix="snaglist-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
