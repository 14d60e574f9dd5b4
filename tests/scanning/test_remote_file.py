"""A file that is read by commands: cut anywhere, rotated for real by logrotate's two methods, truncated, replaced, missing."""

import gzip
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import SourceUnreadable
from app.scanning.host import Host, Output
from app.scanning.local_host import LocalHost
from app.scanning.remote_file import RemoteFile
from app.scanning.source import Bounds
from tests.scanning.reader import NOW, Copyist, Reader, error, once
from tests.scanning.test_blocks import PATIENT, STREAMS

QUIET = b"2026-03-01 08:00:00,001 7 INFO shop odoo.http: quiet\n"
LOGROTATE = shutil.which("logrotate", path="/usr/sbin:/usr/bin:/sbin")


class Log:
    """A log file and a scanner that reads on whenever it is asked."""

    def __init__(self, folder: Path, bounds: Bounds = Bounds(), host: Host | None = None) -> None:  # noqa: B008  frozen
        self.path = folder / "odoo.log"
        self.scans = Reader(lambda some: RemoteFile(host or LocalHost(), str(self.path), some), bounds)
        self.copy = Copyist(lambda some: RemoteFile(host or LocalHost(), str(self.path), some), bounds)

    def write(self, *texts: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(b"".join(texts))

    def rest(self) -> "Log":
        """Let the log have been quiet for a long time."""
        for path in self.path.parent.iterdir():
            found = path.stat()
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns - 3600 * 10**9))
        return self


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path, Bounds())


def idle(log: Log) -> list[int]:
    """The numbers that are found once every file has been quiet; the order of their times stays as it was."""
    bounds = log.scans.bounds
    log.scans.bounds = Bounds(
        bounds.first, bounds.scan, bounds.batch, bounds.record, bounds.sightings, timedelta(-1)
    )
    log.scans.scan()
    log.scans.bounds = bounds
    return log.scans.numbers


def rename(log: Log, to: str = "odoo.log.1") -> None:
    log.path.rename(log.path.with_name(to))


def copytruncate(log: Log, to: str = "odoo.log.1") -> None:
    shutil.copyfile(log.path, log.path.with_name(to))
    os.truncate(log.path, 0)


ROTATIONS = pytest.mark.parametrize("rotate", [rename, copytruncate])
Rotate = Callable[..., None]


def tick() -> None:
    """Let the clock of the file system go on."""
    Event().wait(0.005)


@settings(PATIENT, max_examples=12)
@given(STREAMS, st.lists(st.integers(0, 3000), max_size=3), st.integers(300, 3000))
def test_any_cuts_and_any_number_of_scans_find_what_one_scan_finds(
    data: bytes, cuts: list[int], size: int
) -> None:
    with TemporaryDirectory() as folder:
        log = Log(Path(folder), Bounds(batch=size))
        at = 0
        for cut in [*sorted(cuts), len(data)]:
            log.write(data[at:cut])
            at = max(at, min(cut, len(data)))
            log.scans.scan()
        log.rest()
        log.scans.scan().scan()
    assert log.scans.fingerprints == once(data)


@ROTATIONS
@pytest.mark.parametrize("seed", range(3))
def test_any_cuts_with_rotations_between_find_each_error_once(log: Log, rotate: Rotate, seed: int) -> None:
    chance = random.Random(seed)
    number, rotations, text = 0, 0, b""
    log.path.touch()
    log.scans.scan()
    for _ in range(40):
        what = chance.random()
        if what < 0.6:
            text += error(number)
            number += 1
            cut = chance.randint(0, len(text))
            log.write(text[:cut])
            text = text[cut:]
        elif what < 0.85:
            with suppress(SourceUnreadable):
                if chance.random() < 0.3 and not text:
                    idle(log)
                else:
                    log.scans.scan()
        elif log.path.exists():
            log.write(text)
            text = b""
            rotations += 1
            rotate(log, f"odoo.log.{99 - rotations}")
            if chance.random() < 0.5:
                log.write(b"")
        tick()
    log.write(text)
    assert idle(log) == list(range(number))


@pytest.mark.skipif(LOGROTATE is None, reason="the program logrotate is not installed")
@pytest.mark.parametrize("method", ["create", "copytruncate"])
def test_logrotate_loses_nothing_of_a_log(log: Log, method: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    rules = state / "rules"
    rules.write_text(f'"{log.path}" {{\n rotate 9\n {method}\n missingok\n}}\n')
    number = 0
    for turn in range(6):
        for _ in range(5):
            log.write(error(number))
            number += 1
        if turn % 2:
            log.scans.scan()
        log.write(error(number))
        number += 1
        tick()
        assert LOGROTATE
        subprocess.run([LOGROTATE, "-f", "-s", str(state / "status"), str(rules)], check=True)
        tick()
        if turn == 3:
            log.scans.scan()
    assert log.path.with_name("odoo.log.6").exists()
    first = log.scans.numbers[0]
    assert first < 12
    assert idle(log) == list(range(first, number))


@ROTATIONS
def test_a_rotated_file_is_read_to_its_end_first(log: Log, rotate: Rotate) -> None:
    log.write(QUIET * 10, error(1), error(2))
    assert log.scans.scan().numbers == [1]
    log.write(error(3))
    tick()
    rotate(log)
    log.write(error(4), error(5))
    log.scans.scan()
    assert log.scans.numbers == [1, 2], "its writer may still have the old file open"
    assert idle(log) == [1, 2, 3, 4, 5]


def test_between_the_rename_and_the_new_file_the_old_one_is_read(log: Log) -> None:
    log.write(QUIET * 10, error(1))
    log.scans.scan()
    rename(log, "odoo.log-20261122")
    assert idle(log) == [1]
    with pytest.raises(SourceUnreadable, match="there is no file"):
        idle(log)
    log.write(error(2))
    assert idle(log) == [1, 2]


def test_a_compressed_old_file_cannot_be_read_and_that_is_said(log: Log) -> None:
    log.write(QUIET * 10, error(1), QUIET)
    log.copy.batch(1 << 20, 1 << 20)
    log.write(error(2))
    with gzip.open(log.path.with_name("odoo.log.1.gz"), "wb") as packed:
        packed.write(log.path.read_bytes())
    log.path.unlink()
    log.write(QUIET * 8, error(3))
    log.copy.batch(1 << 20, 1 << 20)
    assert log.copy.text.endswith(error(1) + QUIET + QUIET * 8 + error(3))
    assert log.copy.missed[0].startswith(
        "the file where the last scan stopped is gone, truncated or compressed"
    )


@pytest.mark.parametrize("seed", range(3))
def test_any_part_of_a_large_file_is_read_exactly(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    log = Log(tmp_path, Bounds(batch=200_000))
    text = b"".join(b"%d %s\n" % (number, b"x" * chance.randrange(300)) for number in range(6_000))
    at = 0
    while at < len(text) or log.copy.text != text:
        more = chance.choice([0, 1, 65_536, 200_000])
        log.write(text[at : at + more])
        at += more
        log.copy.batch(chance.choice([1, 65_536, 300_000]), chance.randrange(1, 200_000), chance.randint)
    assert (log.copy.text, log.copy.missed) == (text, [])


def test_a_long_way_behind_takes_few_commands(tmp_path: Path) -> None:
    class Counting:
        commands = 0

        @contextmanager
        def run(self, command: Sequence[str], *, with_errors: bool = False) -> Iterator[Output]:
            self.commands += 1
            with LocalHost().run(command, with_errors=with_errors) as output:
                yield output

    host = Counting()
    log = Log(tmp_path, host=host)
    log.write(error(1), QUIET * (32 * 1024 * 1024 // len(QUIET) - 10), error(2))
    log.rest().scans.scan()
    assert log.scans.numbers == [1, 2]
    assert host.commands <= 4


def test_a_first_scan_reads_a_bounded_past_from_a_line_on(tmp_path: Path) -> None:
    log = Log(tmp_path, Bounds(first=3 * len(error(10)) + 5))
    log.write(*(error(number) for number in range(10, 40)))
    assert idle(log) == [37, 38, 39]


def test_a_record_longer_than_a_batch_is_read_in_several_commands(tmp_path: Path) -> None:
    log = Log(tmp_path, Bounds(batch=1000, record=1 << 20))
    long = error(1)[:-1] + b"\n" + b"x" * 700_000 + b"\n"
    log.write(error(0), long, error(2))
    log.rest().scans.scan()
    assert log.scans.fingerprints == once(error(0) + long + error(2))


def test_a_file_that_is_truncated_while_it_is_read_is_read_anew(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(*(QUIET for _ in range(100_000)))
    log.scans.scan()
    log.write(*(error(number) for number in range(100_000)))
    batch = log.scans.batch()
    assert batch.is_behind
    os.truncate(log.path, 0)
    log.write(error(1), error(2), QUIET)
    before = len(log.scans.found)
    log.scans.scan()
    assert log.scans.numbers[before:] == [1, 2]


@pytest.mark.parametrize("size", [0, 100, 3_000_000])
def test_what_was_read_of_a_file_that_is_truncated_meanwhile_is_no_text(log: Log, size: int) -> None:
    log.write(QUIET * 80_000)
    with RemoteFile(LocalHost(), str(log.path), Bounds()).open("{}", now=NOW) as stream:
        assert stream.read(1000)
        os.truncate(log.path, size)
        while stream.read(1 << 20):
            pass
        assert not stream.is_intact()


def test_one_command_is_enough_where_nothing_was_rotated(log: Log) -> None:
    log.write(QUIET * 10)
    log.scans.scan()
    runs = []

    class Counting(LocalHost):
        def run(self, command: Sequence[str], *, with_errors: bool = False):  # type: ignore[no-untyped-def]
            runs.append(command)
            return super().run(command, with_errors=with_errors)

    log.scans.source = lambda bounds: RemoteFile(Counting(), str(log.path), bounds)
    log.write(error(1), QUIET)
    log.scans.scan()
    assert log.scans.numbers == [1]
    assert len(runs) == 1


@pytest.mark.parametrize(
    "name",
    ["x; rm -rf .log", "$(touch gone).log", "a b.log", "quote'.log", "-n.log", "*.log", '".log', "é.log"],
)
def test_any_name_is_but_a_name(tmp_path: Path, name: str) -> None:
    log = Log(tmp_path)
    log.path = tmp_path / name
    log.write(QUIET * 10, error(1))
    log.scans.scan()
    rename(log, name + ".1")
    log.write(error(2), QUIET)
    assert idle(log) == [1, 2]
    assert sorted(os.listdir(tmp_path)) == sorted([name, name + ".1"])  # noqa: PTH208


@pytest.mark.parametrize("path", ["", "odoo.log", "../x", "/a\nb", "/a\0b", "/var/log/", "/" + "x" * 5000])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(SourceUnreadable, match="is no path"):
        RemoteFile(LocalHost(), path, Bounds())


def test_what_cannot_be_read_is_said(log: Log) -> None:
    with pytest.raises(SourceUnreadable, match="there is no file"):
        log.scans.scan()
    log.path.mkdir()
    with pytest.raises(SourceUnreadable, match="is not a file"):
        log.scans.scan()


@pytest.mark.skipif(shutil.which("busybox") is None, reason="the program busybox is not installed")
def test_busybox_is_enough(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    busybox = shutil.which("busybox")
    assert busybox
    for name in ("sh", "stat", "head", "tail", "od", "tr", "date", "printf"):
        (programs / name).symlink_to(busybox)
    monkeypatch.setenv("PATH", str(programs))
    log.write(QUIET * 10, error(1), error(2))
    log.scans.scan()
    tick()
    rename(log)
    log.write(error(3), QUIET)
    assert idle(log) == [1, 2, 3]


def test_a_line_of_fifty_mebibytes_that_is_no_text_goes_through(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(QUIET * 10)
    log.scans.scan()
    log.write(b"\0\xff" * (25 << 20), b"\n", error(1), QUIET)
    began = time()
    assert log.scans.scan().numbers == [1]
    assert time() - began < 20
