"""A log that is a local file: cut anywhere, rotated in every way, truncated, replaced, and what is no file at all."""

import gzip
import os
import random
import shutil
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.detections import Detector
from app.domain.lifecycle import Source
from app.errors import SourceUnreadable
from app.recording.sightings import Origin, Sighting
from app.scanning import batch as batches
from app.scanning.batch import Batch, read_batch
from app.scanning.log_file import LogFile, Position
from app.scanning.log_scan import detections
from app.scanning.rotation import File
from app.scanning.source import Bounds
from tests.scanning.test_blocks import HEADERS, PATIENT, STREAMS, TEXTS

SOMEWHERE = Origin(UUID(int=1), UUID(int=2), UUID(int=2), UUID(int=3), Source.LOG)
QUIET = b"2026-03-01 08:00:00,001 7 INFO shop odoo.http: quiet\n"


def error(number: int, words: str = "it failed") -> bytes:
    """A record that is a detection, and no other is the same."""
    at = f"2026-03-01 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02},{number % 1000:03}"
    return f"{at} 7 ERROR shop odoo.addons.sale: {words} ({number})\n".encode()


class Log:
    """A log file and a scanner that reads on whenever it is asked."""

    def __init__(self, folder: Path, bounds: Bounds = Bounds()) -> None:  # noqa: B008  frozen
        self.path = folder / "odoo.log"
        self.bounds = bounds
        self.position = "{}"
        self.detector = Detector()
        self.found: list[Sighting] = []

    def write(self, *texts: bytes) -> None:
        """Append, as a writer does that opens the file anew."""
        with self.path.open("ab") as file:
            file.write(b"".join(texts))

    def batch(self, *, idle: bool = False) -> Batch:
        """Read one batch; `idle`: as if the log had been quiet for a long time."""
        now = datetime.fromtimestamp(time(), UTC) + timedelta(hours=1 if idle else 0)
        source = LogFile(str(self.path), self.bounds)
        done = read_batch(source, self.position, SOMEWHERE, self.detector, self.bounds, now=now)
        self.position = done.position
        self.found += done.sightings
        return done

    def scan(self, *, idle: bool = False) -> "Log":
        """Read until there is no more."""
        while self.batch(idle=idle).is_behind:
            pass
        return self

    @property
    def messages(self) -> list[str]:
        return [sighting.describe().message for sighting in self.found]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the errors that were found."""
        return [int(message.rpartition("(")[2][:-1]) for message in self.messages]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def rename(log: Log, to: str = "odoo.log.1") -> None:
    log.path.rename(log.path.with_name(to))


def copytruncate(log: Log, to: str = "odoo.log.1") -> None:
    shutil.copyfile(log.path, log.path.with_name(to))
    os.truncate(log.path, 0)


ROTATIONS = pytest.mark.parametrize("rotate", [rename, copytruncate])
Rotate = Callable[..., None]


@settings(PATIENT, max_examples=150)
@given(STREAMS, st.lists(st.integers(0, 3000), max_size=8), st.integers(1, 900))
def test_any_cuts_and_any_number_of_scans_find_what_one_scan_finds(
    data: bytes, cuts: list[int], size: int
) -> None:
    once = Counter(found.detection.fingerprint for found in detections(BytesIO(data), Detector()))
    with TemporaryDirectory() as folder:
        log = Log(Path(folder), Bounds(batch=size, sightings=2))
        at = 0
        for cut in [*sorted(cuts), len(data)]:
            log.write(data[at:cut])
            at = max(at, min(cut, len(data)))
            log.scan()
        log.scan(idle=True).scan(idle=True)
    assert Counter(sighting.fingerprint for sighting in log.found) == once


@ROTATIONS
@pytest.mark.parametrize("seed", range(10))
def test_any_cuts_with_rotations_between_find_each_error_once(log: Log, rotate: Rotate, seed: int) -> None:
    chance = random.Random(seed)
    number, rotations, text = 0, 0, b""
    log.path.touch()
    log.scan()
    for _ in range(60):
        what = chance.random()
        if what < 0.6:
            text += error(number)
            number += 1
            cut = chance.randint(0, len(text))
            log.write(text[:cut])
            text = text[cut:]
        elif what < 0.85:
            with suppress(SourceUnreadable):
                log.scan(idle=chance.random() < 0.3 and not text)
        elif log.path.exists():
            log.write(text)
            text = b""
            rotations += 1
            rotate(log, f"odoo.log.{99 - rotations}")
            if chance.random() < 0.5:
                log.write(b"")
        _tick()
    log.write(text)
    log.scan(idle=True)
    assert log.numbers == list(range(number))


def _tick() -> None:
    """Let the clock of the file system go on."""
    threading.Event().wait(0.005)


def test_the_last_record_waits_for_its_end(log: Log) -> None:
    log.write(error(1), b"Traceback (most recent call last):\n")
    assert log.scan().found == []
    log.write(b'  File "/srv/a.py", line 1, in f\nKeyError: 1\n')
    assert log.scan().found == []
    log.write(QUIET)
    assert [sighting.describe().exception_type for sighting in log.scan().found] == ["KeyError"]


def test_the_last_record_is_complete_when_the_log_is_quiet(log: Log) -> None:
    log.write(error(1), error(2)[:-1])
    assert log.scan().numbers == []
    assert log.scan(idle=True).numbers == [1, 2]
    log.write(b"\n", error(3))
    assert log.scan(idle=True).scan(idle=True).numbers == [1, 2, 3]


def test_a_half_written_header_is_no_end(log: Log) -> None:
    log.write(error(1), QUIET[:30])
    assert log.scan().found == []
    log.write(QUIET[30:])
    assert log.scan().numbers == [1]


def test_a_first_scan_reads_a_bounded_past_from_a_line_on(tmp_path: Path) -> None:
    log = Log(tmp_path, Bounds(first=3 * len(error(10)) + 5))
    log.write(*(error(number) for number in range(10, 40)))
    assert log.scan(idle=True).numbers == [37, 38, 39]


def test_another_path_is_a_log_never_read(tmp_path: Path) -> None:
    log = Log(tmp_path, Bounds(first=200))
    log.write(error(1))
    log.scan(idle=True)
    log.path = tmp_path / "other.log"
    log.write(*(error(number) for number in range(10, 40)))
    assert log.scan(idle=True).numbers[1] > 30


@ROTATIONS
def test_a_rotated_file_is_read_to_its_end_first(log: Log, rotate: Rotate) -> None:
    log.write(QUIET * 10, error(1), error(2))
    assert log.scan().numbers == [1]
    log.write(error(3))
    _tick()
    rotate(log)
    log.write(error(4), error(5))
    log.scan()
    assert log.numbers == [1, 2], "its writer may still have the old file open"
    assert log.scan(idle=True).numbers == [1, 2, 3, 4, 5]


def test_what_is_written_to_the_old_file_after_the_rename_is_found(log: Log) -> None:
    log.write(QUIET * 10)
    with log.path.open("ab", buffering=0) as writer:
        log.scan()
        rename(log)
        log.path.touch()
        log.scan()
        writer.write(error(1) + error(2))
        log.scan()
    log.write(error(3))
    assert log.scan(idle=True).numbers == [1, 2, 3]


def test_between_the_rename_and_the_new_file_the_old_one_is_read(log: Log) -> None:
    log.write(QUIET * 10, error(1))
    log.scan()
    rename(log, "odoo.log-20261122")
    assert log.scan(idle=True).numbers == [1]
    with pytest.raises(SourceUnreadable, match="there is no file"):
        log.scan(idle=True)
    log.write(error(2))
    assert log.scan(idle=True).numbers == [1, 2]


@ROTATIONS
def test_several_rotations_since_the_last_scan_are_read_in_their_order(log: Log, rotate: Rotate) -> None:
    log.write(QUIET * 10, error(1))
    log.scan()
    for number in range(2, 6):
        log.write(error(number))
        _tick()
        rotate(log, f"odoo.log.{20 - number}")
        _tick()
    log.write(error(6))
    assert log.scan(idle=True).numbers == [1, 2, 3, 4, 5, 6]
    assert log.scan(idle=True).numbers == [1, 2, 3, 4, 5, 6]


def test_old_files_that_were_there_before_the_first_scan_stay_unread(log: Log) -> None:
    log.write(error(1))
    rename(log)
    log.path.touch()
    log.scan()
    log.write(error(2))
    assert log.scan(idle=True).numbers == [2]


def test_a_log_that_is_empty_when_looked_at_and_copied_before_the_next_look_is_read(log: Log) -> None:
    log.path.touch()
    log.scan()
    _tick()
    log.write(error(1))
    copytruncate(log)
    log.write(error(2))
    assert log.scan(idle=True).numbers == [1, 2]


def test_a_truncated_log_is_read_from_its_begin(log: Log) -> None:
    log.write(QUIET * 10, error(1))
    log.scan(idle=True)
    os.truncate(log.path, 0)
    log.write(error(2))
    assert log.scan(idle=True).numbers == [1, 2]


def test_a_log_that_grew_beyond_the_old_size_after_a_truncation_is_read_from_its_begin(log: Log) -> None:
    log.write(error(1))
    log.scan(idle=True)
    os.truncate(log.path, 0)
    log.write(error(2), QUIET * 100, error(3))
    assert log.scan(idle=True).numbers == [1, 2, 3]


def test_a_replaced_log_is_read_from_its_begin(log: Log) -> None:
    log.write(QUIET * 10, error(1))
    log.scan(idle=True)
    new = log.path.with_name("new")
    new.write_bytes(error(2) + QUIET * 100)
    new.replace(log.path)
    assert log.scan(idle=True).numbers == [1, 2]


@pytest.mark.parametrize("change", ["truncate", "rewrite", "replace"])
def test_a_log_that_changes_while_it_is_read_is_read_again(
    log: Log, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    log.write(QUIET * 4000, error(1))
    original, todo = File.read, [True]

    def read(self: File, offset: int, size: int) -> bytes:
        text = original(self, offset, size)
        if offset > 0 and todo:
            todo.clear()
            if change == "replace":
                log.path.unlink()
            else:
                os.truncate(log.path, 0)
            log.write(error(2), QUIET * (9000 if change == "rewrite" else 1))
        return text

    monkeypatch.setattr(File, "read", read)
    found = log.scan(idle=True).scan(idle=True).numbers
    assert found == ([1, 2] if change == "replace" else [2])


def test_a_log_that_changes_all_the_time_is_given_up(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write(error(1))
    monkeypatch.setattr(File, "is_intact", lambda *_: False)
    with pytest.raises(SourceUnreadable, match="again and again"):
        log.scan()


def test_what_cannot_be_read_is_refused_in_words_and_without_waiting(tmp_path: Path) -> None:
    def refused(name: str) -> str:
        log = Log(tmp_path)
        log.path = tmp_path / name
        with pytest.raises(SourceUnreadable) as why:
            log.scan()
        return why.value.message

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert refused("socket").endswith("is a socket, not a file")
    assert refused("missing").startswith("there is no file ")
    assert refused("folder").endswith("is a folder, not a file")
    assert refused("pipe").endswith("is a pipe, not a file")
    assert refused("/dev/null") == "/dev/null is a device, not a file"
    assert refused("file/log").endswith("Not a directory")
    assert refused("a\0b").endswith("embedded null byte")
    assert "cannot be read" in refused("loop")
    assert "cannot be read" in refused("x" * 5000)


def test_a_file_without_permission_is_refused_in_words(log: Log) -> None:
    """In a child that has given up the rights of root, as root may read everything."""
    log.write(error(1))
    log.path.chmod(0)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            log.scan()
        except SourceUnreadable as refused:
            status = 0 if refused.message.startswith("there is no permission") else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_compressed_and_foreign_files_beside_it_are_left_alone(log: Log) -> None:
    log.write(QUIET)
    log.scan()
    _tick()
    for name in ("odoo.log.1.gz", "odoo.log.copy", "odoo.logs", "odoo.log.bak~", "odoo-extra.log"):
        log.path.with_name(name).write_bytes(gzip.compress(error(7)) if name.endswith("gz") else error(8))
    (log.path.parent / "odoo.log.2").mkdir()
    os.mkfifo(log.path.parent / "odoo.log.3")
    os.link(log.path, log.path.parent / "odoo.log.4")
    log.write(error(1))
    assert log.scan(idle=True).numbers == [1]


def test_a_batch_ends_after_so_many_sightings_and_goes_on(tmp_path: Path) -> None:
    log = Log(tmp_path, Bounds(sightings=100))
    count = 20_000
    log.write(*(error(number) for number in range(count)))
    first = log.batch(idle=True)
    assert first.is_behind
    assert 100 <= len(first.sightings) < 5000
    assert log.scan(idle=True).numbers == list(range(count))


def test_a_record_longer_than_a_batch_is_one_and_keeps_its_neighbours(tmp_path: Path) -> None:
    log = Log(tmp_path, Bounds(batch=100_000))
    log.write(error(1), QUIET, error(2), b"  row\n" * 1_500_000, QUIET, error(3))
    log.scan(idle=True)
    assert len(log.found) == 3
    detail = log.found[1].describe().detail
    assert detail.context_before[-1].endswith("quiet")
    assert detail.context_after[0].endswith("quiet")


def test_a_record_without_end_is_ended_somewhere(tmp_path: Path) -> None:
    log = Log(tmp_path, Bounds(batch=100_000, record=1_000_000))
    log.write(error(1), b"  row\n" * 500_000, error(2))
    assert len(log.scan().found) == 1
    assert len(log.scan(idle=True).found) == 2


def test_neighbours_are_found_across_batches(log: Log) -> None:
    log.write(*(QUIET.replace(b"quiet", b"line %d" % number) for number in range(12)))
    log.scan(idle=True)
    log.write(error(1), QUIET.replace(b"quiet", b"next"))
    detail = log.scan(idle=True).found[0].describe().detail
    assert [line.rpartition(" ")[2] for line in detail.context_before] == [str(n) for n in range(2, 12)]
    assert [line.rpartition(" ")[2] for line in detail.context_after] == ["next"]


def test_the_version_is_that_of_the_start_up_line_above(log: Log) -> None:
    start = b"2026-03-01 08:00:00,001 7 INFO ? odoo: Odoo version %s \n"
    log.write(error(1), start % b"16.0", error(2), start % b"17.0-20260101", error(3))
    assert log.batch(idle=True).odoo_version == "17.0-20260101"
    assert [found.origin.odoo_version for found in log.found] == [None, "16.0", "17.0-20260101"]
    log.write(error(4, "odoo: Odoo version 99.0"))
    assert log.batch(idle=True).odoo_version is None


def test_writers_go_through_the_position_and_back(log: Log) -> None:
    lines = [HEADERS[1], TEXTS[2], b"KeyError: 1", HEADERS[0]]
    for line in lines:
        log.write(b"odoo-1 | " + line + b"\ndb-1 | " + HEADERS[0] + b"\n")
        log.scan()
    assert [found.describe().exception_type for found in log.scan(idle=True).found] == ["KeyError"]
    source = LogFile(str(log.path), log.bounds)
    with source.open(log.position, now=datetime.fromtimestamp(time(), UTC)) as stream:
        position, _ = stream.place(stream.start, {b"a\x00\xff": stream.start + 1})
    with source.open(position, now=datetime.fromtimestamp(time(), UTC)) as stream:
        assert stream.inside == {b"a\x00\xff": stream.start + 1}
    assert msgspec.json.decode(log.position, type=Position).offset == log.path.stat().st_size


def test_only_what_stands_in_the_batch_is_held(log: Log) -> None:
    text = batches._Text(0, b"")
    for _ in range(100):
        text.add(bytes(1024 * 1024), can_forget=True)
    assert len(text._text) < 4 * 1024 * 1024
