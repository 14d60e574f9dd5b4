"""What is written into the lock of the data folder, where it can be written."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from app.embedded.folder import claim


def test_a_disk_without_room_for_the_address_keeps_nobody_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="snaglist-test-"))
    place = claim(folder)
    written = (folder / "lock").read_text()

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    try:
        with monkeypatch.context() as full:
            full.setattr(os, "pwrite", refuse)
            place.note("http://localhost:8000")
        assert (folder / "lock").read_text() == written

        place.note("http://localhost:8000")
        assert (folder / "lock").read_text() == f"{written}http://localhost:8000\n"
    finally:
        place.release()
        shutil.rmtree(folder)
