"""The secret key's file: made once, whole, for its owner alone, and never written over."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from app.accounts.secret_key import load_or_make
from app.errors import ConfigurationError


def test_the_first_start_makes_it_and_the_next_finds_it(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there yet"
    [key] = load_or_make(folder)
    assert len(key) >= 43
    assert load_or_make(folder) == (key,)
    assert [file.name for file in folder.iterdir()] == ["secret_key"]
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert load_or_make(tmp_path / "another") != (key,)


def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        load_or_make(tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_many_at_once_agree(tmp_path: Path) -> None:
    for attempt in range(20):
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(load_or_make, [tmp_path / str(attempt)] * 8))) == 1
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(3, mp_context=spawning) as processes:
        assert len(set(processes.map(load_or_make, [tmp_path / "processes"] * 6))) == 1
    assert [file.name for file in (tmp_path / "processes").iterdir()] == ["secret_key"]


def test_it_may_hold_several_keys(tmp_path: Path) -> None:
    _write(tmp_path, b" the new key of two,\nthe old key of two,\n")
    assert load_or_make(tmp_path) == ("the new key of two", "the old key of two")


@pytest.mark.parametrize("content", [b"", b"\n", b" , ,", b"\xff\xfe broken"])
def test_an_empty_or_damaged_file_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    file = _write(tmp_path, content)
    with pytest.raises(ConfigurationError, match="empty or damaged"):
        load_or_make(tmp_path)
    assert file.read_bytes() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_open_to_others_is_refused_and_kept(tmp_path: Path, mode: int) -> None:
    file = _write(tmp_path, b"a key of some length")
    file.chmod(mode)
    with pytest.raises(ConfigurationError, match="open to others"):
        load_or_make(tmp_path)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"a key of some length", mode)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret_key").symlink_to(_write(tmp_path, b"a key of some length", "elsewhere"))
    with pytest.raises(ConfigurationError, match="cannot be used"):
        load_or_make(tmp_path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for name in ("folder", "pipe"):
        (tmp_path / name).mkdir()
    (tmp_path / "folder" / "secret_key").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe" / "secret_key", 0o600)
    for name in ("folder", "pipe"):
        with pytest.raises(ConfigurationError):
            load_or_make(tmp_path / name)


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        load_or_make(_write(tmp_path, b"", "data"))


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, step, refuse)
        with pytest.raises(ConfigurationError, match="No space left on device"):
            load_or_make(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert load_or_make(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_gives_it_to_the_folders_owner(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, 12345, 12346)
    load_or_make(folder)
    status = (folder / "secret_key").stat()
    assert (status.st_uid, status.st_gid) == (12345, 12346)


def _write(folder: Path, content: bytes, name: str = "secret_key") -> Path:
    file = folder / name
    file.write_bytes(content)
    file.chmod(0o600)
    return file
