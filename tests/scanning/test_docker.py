"""A log that `docker logs` writes: exactly once, however it is cut, stamped, rotated and asked for."""

import random
from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import SourceUnreadable
from app.scanning import docker as subject
from app.scanning import tail_cursor
from app.scanning.docker import DockerLogs, Position
from app.scanning.host import Host
from app.scanning.local_host import LocalHost
from app.scanning.source import Bounds
from app.scanning.stamped import SEAM, Entries
from tests.scanning.reader import Copyist, Reader, error, once
from tests.scanning.stand_ins.container_logs import SECOND, Message, append, cut, messages, stamp
from tests.scanning.stand_ins.docker import docker
from tests.scanning.stand_ins.hosts import Inside, install
from tests.scanning.test_blocks import LINES, PATIENT

BEGIN = 1_772_352_000
"""2026-03-01 08:00:00, in seconds."""
LATER = BEGIN + 3600
TRACEBACK = b'Traceback (most recent call last):\n  File "/srv/a.py", line 1, in f\nKeyError: 1\n'


class Containers:
    """A daemon's containers, and somebody who writes to the one named odoo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = LATER
        self.time = BEGIN * SECOND
        self.create("c0ffee")

    def create(self, container_id: str) -> None:
        """Make the container, which had another id until now."""
        self.id = container_id
        (self.folder / "odoo.id").write_text(container_id)
        self.log.touch()

    @property
    def log(self) -> Path:
        return self.folder / f"{self.id}.log"

    def write(self, text: bytes, *, back: int = 0, step: int = 1000) -> None:
        """Have the container write, a moment after the last time; `back`: but stamped so many nanoseconds earlier."""
        self.time += step
        append(self.log, cut(text, self.time - back))

    def rotate(self, keep: int) -> None:
        """Forget all but the last messages, as a daemon does whose log has reached `max-size`; that takes a moment."""
        self.time += 777_777
        log = messages(self.log)
        self.log.unlink(missing_ok=True)
        append(self.log, log[len(log) - keep :])

    def host(self, sizes: Sequence[int] = (1 << 20,)) -> Inside:
        """A host that runs the scripts of the source without starting anything."""
        return Inside(self._answer, cycle(sizes))

    def _answer(self, command: Sequence[str]) -> tuple[bytes, bytes, int]:
        script, words = command[2], list(command[4:])
        if script == subject._END:
            said, _ = docker(self.folder, ["logs", "--timestamps", "--tail", words[1], "--", words[0]])
            return b"".join(text for _, text in said)[-int(words[2]) :], b"", 0
        found = (self.folder / f"{words[0]}.id").read_text()
        header = f"{found} {self.clock}\n".encode()
        if words[1] and words[1] != found:
            return header, b"", 0
        since = ["--since", words[2]] if words[2] else []
        said, status = docker(self.folder, ["logs", "--timestamps", *since, "--", found])
        return header + b"".join(text for _, text in said), b"", status


@pytest.fixture
def containers(tmp_path: Path) -> Containers:
    return Containers(tmp_path)


def reader(host: Host, bounds: Bounds = Bounds()) -> Reader:  # noqa: B008  frozen
    return Reader(lambda some: DockerLogs(host, "odoo", some), bounds)


def copyist(host: Host, bounds: Bounds = Bounds()) -> Copyist:  # noqa: B008  frozen
    return Copyist(lambda some: DockerLogs(host, "odoo", some), bounds)


def forever(copy: Copyist) -> bytes:
    """All that there is."""
    while copy.batch(1 << 30, 1 << 20):
        pass
    return copy.text


def wanting(context: int) -> AbstractContextManager[object]:
    """Let scanners want so little text before a position that the next output begins soon before it."""
    return patch.object(tail_cursor, "BLOCKS", SimpleNamespace(back=context))


CONTEXTS = st.sampled_from([0, 0, 100, 2000, 70_000])
TIMES = st.sampled_from([0, 0, 1, 300, SECOND // 2, SECOND, 7 * SECOND, 400 * SECOND])
BACK = st.sampled_from([0, 0, 0, 1, 900, SECOND, 4 * SECOND])
TEXTS = st.sampled_from(
    [
        b"same\n",
        b"same\n",
        b"\n",
        b"other\n",
        b"x" * 300 + b"\n",
        b"\0\xff\xfe\n",
        stamp(BEGIN * SECOND) + b"\n",
    ]
)
LONG = st.builds(
    lambda size, end: b"l" * size + end, st.sampled_from([SEAM - 1, SEAM, SEAM + 1, 3 * SEAM]), TEXTS
)
WRITTEN = st.tuples(st.one_of(TEXTS, TEXTS, TEXTS, TEXTS, LONG), TIMES, BACK)
CUT = st.tuples(st.integers(1, 50_000), st.integers(1, 40_000), st.integers(0, 2**20))
HISTORIES = st.lists(st.one_of(WRITTEN, WRITTEN, WRITTEN, CUT), max_size=40)


@settings(PATIENT, max_examples=300)
@given(HISTORIES, st.lists(st.sampled_from([40, 1000, 100_000]), min_size=1, max_size=5), CONTEXTS)
def test_what_is_read_is_what_was_written_wherever_the_scans_and_batches_are_cut(
    history: list[tuple[bytes, int, int] | tuple[int, int, int]], sizes: list[int], context: int
) -> None:
    with TemporaryDirectory() as folder, wanting(context):
        containers = Containers(Path(folder))
        copy = copyist(containers.host(sizes))
        written = b""
        for first, second, third in history:
            if isinstance(first, bytes):
                containers.write(first, step=second, back=third)
                written += first
            else:
                place = third
                copy.batch(first, second, lambda low, high, place=place: low + place % (high - low + 1))  # type: ignore[misc]
        assert forever(copy) == written
        assert copy.missed == []


@settings(PATIENT, max_examples=150)
@given(HISTORIES, st.lists(st.integers(0, 12), max_size=6), st.integers(0, 2**20), CONTEXTS)
def test_lines_that_were_read_may_be_rotated_away(
    history: list[tuple[bytes, int, int] | tuple[int, int, int]], kept: list[int], seed: int, context: int
) -> None:
    chance = random.Random(seed)
    with TemporaryDirectory() as folder, wanting(context):
        containers = Containers(Path(folder))
        copy = copyist(containers.host())
        written = b""
        for number, (first, second, third) in enumerate(history):
            if isinstance(first, bytes):
                line = b"%d " % number + first
                containers.write(line, step=second, back=third)
                written += line
            elif kept and chance.random() < 0.5:
                assert forever(copy) == written
                containers.rotate(min(kept.pop(), len(messages(containers.log))))
            else:
                copy.batch(first, second)
        assert forever(copy) == written


@settings(PATIENT, max_examples=60)
@given(
    st.lists(LINES, max_size=30),
    st.lists(st.integers(0, 40), max_size=6),
    st.integers(1, 900),
    st.integers(0, 99),
)
def test_any_cuts_and_scans_find_what_one_scan_of_the_text_finds(
    lines: list[bytes], cuts: list[int], size: int, seed: int
) -> None:
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        containers = Containers(Path(folder))
        containers.clock = 0
        scans = reader(containers.host((50, 3000)), Bounds(batch=size, sightings=2))
        for number, line in enumerate(lines):
            containers.write(
                line, step=chance.choice([0, 5, SECOND, 60 * SECOND]), back=chance.choice([0, 0, 2000])
            )
            if number in cuts:
                scans.scan()
        containers.clock = containers.time // SECOND + 3600
        scans.scan().scan()
    assert scans.fingerprints == once(b"".join(lines))


@given(
    st.lists(st.one_of(TEXTS, LONG), max_size=12), st.lists(st.integers(1, 20_000), min_size=1, max_size=9)
)
@settings(PATIENT, max_examples=100)
def test_timestamps_are_taken_off_exactly_wherever_the_output_is_cut(
    texts: list[bytes], sizes: list[int]
) -> None:
    parts = [part for number, text in enumerate(texts) for part in cut(text, BEGIN * SECOND + number)]
    raw = b"".join(stamp(part.time) + part.text for part in parts)
    entries, text, at = Entries(), b"", 0
    for size in cycle(sizes):
        if at >= len(raw):
            break
        text += entries.feed(raw[at : at + size])
        at += size
    text += entries.finish()
    assert text == b"".join(texts)
    assert len(entries) == len(parts)
    assert entries.size == len(text)


STAMPS = st.sampled_from(
    [
        stamp(BEGIN * SECOND + 7),
        b"2026-03-01T08:00:00.5Z ",
        b"2026-03-01T08:00:09Z ",
        b"2026-03-01T08:00:00.123456789+02:00 ",
        b"2026-02-30T08:00:00.5Z ",
        b"2026-03-01T08:00:00.5Z",
        b"words of the program ",
        b"",
    ]
)
BODIES = st.one_of(
    TEXTS, LONG, st.sampled_from([b"\n", b"\r\n", b"a\rb\r\n", b"\x0b\x0c\x85\n", b"x" * (SEAM - 1) + b"\n"])
)


@given(
    st.lists(st.tuples(STAMPS, BODIES), max_size=20), st.lists(st.integers(1, 40_000), min_size=1, max_size=9)
)
@settings(PATIENT, max_examples=200)
def test_lines_that_are_taken_at_once_are_as_if_taken_one_by_one(
    lines: list[tuple[bytes, bytes]], sizes: list[int]
) -> None:
    raw = b"".join(begin + body for begin, body in lines)

    def taken() -> tuple[object, ...]:
        entries, text, at, size = Entries(), b"", 0, cycle(sizes)
        while at < len(raw):
            following = at + next(size)
            text += entries.feed(raw[at:following])
            at = following
        text += entries.finish()
        return text, entries.seconds, entries.ends, entries.digests, entries.size, entries.said

    at_once = taken()
    with patch.object(Entries, "_take_lines", lambda self, data, at, texts: at):
        assert taken() == at_once


def test_a_line_that_nobody_cuts_keeps_what_looks_like_a_timestamp_at_another_place() -> None:
    line = b"x" * 20_000 + stamp(BEGIN) + b"y" * 30_000 + b"\n"
    entries = Entries()
    assert entries.feed(stamp(BEGIN) + line) + entries.finish() == line
    assert len(entries) == 1


def test_a_batch_counts_new_lines_only(containers: Containers) -> None:
    for number in range(3000):
        containers.write(error(number), step=100)
    scans = reader(containers.host(), Bounds(batch=60_000))
    assert scans.batch().bytes_read > 10_000
    before = len(scans.found)
    assert scans.batch().bytes_read > 10_000
    assert len(scans.found) > before
    assert scans.scan().scan().numbers == list(range(3000))


def test_sixty_thousand_lines_within_a_second_make_no_long_position(containers: Containers) -> None:
    append(
        containers.log, [Message(BEGIN * SECOND + number, b"line %d\n" % number) for number in range(60_000)]
    )
    copy = copyist(containers.host((1 << 20,)))
    while copy.batch(300_000, 1 << 17):
        assert len(copy.position) < 8000
    containers.write(b"after them\n", step=SECOND)
    assert forever(copy) == b"".join(b"line %d\n" % number for number in range(60_000)) + b"after them\n"
    containers.rotate(3)
    containers.write(b"after the rotation\n", step=SECOND)
    assert forever(copy).endswith(b"after them\nafter the rotation\n")
    assert copy.missed == []


def test_a_first_scan_reads_a_bounded_past(containers: Containers) -> None:
    for number in range(1000):
        containers.write(error(number), step=SECOND)
    numbers = reader(containers.host(), Bounds(first=5000)).scan().numbers
    assert numbers[-1] == 999
    assert 45 < len(numbers) < 60, "a line has 69 bytes and a timestamp"


def test_a_log_that_was_empty_at_first_is_read_from_its_begin(containers: Containers) -> None:
    scans = reader(containers.host()).scan()
    containers.write(error(1))
    assert scans.scan().scan().numbers == [1]


def test_the_last_record_waits_until_the_daemons_clock_says_that_the_log_is_quiet(
    containers: Containers,
) -> None:
    containers.write(error(1))
    containers.clock = BEGIN + 5
    scans = reader(containers.host())
    assert scans.scan().found == []
    containers.clock = BEGIN + 60
    assert scans.scan().scan().numbers == [1]


def test_a_record_may_be_written_over_several_scans(containers: Containers) -> None:
    containers.clock = BEGIN
    scans = reader(containers.host())
    for line in (error(1) + TRACEBACK).splitlines(keepends=True):
        containers.write(line)
        assert scans.scan().found == []
    containers.write(error(2))
    (sighting,) = scans.scan().found
    assert sighting.describe().exception_type == "KeyError"


def test_a_traceback_below_an_info_record_of_the_last_scan_is_none(containers: Containers) -> None:
    containers.clock = BEGIN
    scans = reader(containers.host())
    containers.write(b"2026-03-01 08:00:00,001 7 INFO shop odoo.http: handled\n")
    scans.scan()
    containers.write(TRACEBACK + error(2))
    containers.clock = LATER
    assert scans.scan().numbers == [2]


def test_a_container_created_anew_is_read_from_its_begin(containers: Containers) -> None:
    copy = copyist(containers.host())
    containers.write(b"old\n")
    forever(copy)
    containers.write(b"gone with the container\n")
    containers.create("facade")
    containers.write(b"new\n", back=3600 * SECOND)
    assert forever(copy) == b"old\nnew\n"
    assert copy.missed == [
        "the container was created anew; what the old one wrote after the last scan is gone with it"
    ]


def test_unread_lines_that_were_rotated_away_are_missed_and_that_is_said(containers: Containers) -> None:
    copy = copyist(containers.host())
    containers.write(b"read\n")
    forever(copy)
    containers.write(b"unread\n")
    containers.write(b"last\n")
    containers.rotate(1)
    assert forever(copy) == b"read\nlast\n"
    assert copy.missed == ["the log was rotated; lines that were not read yet may be gone"]


def test_a_line_of_fifty_mebibytes_goes_through_in_little_memory(containers: Containers) -> None:
    line = b"2026-03-01 08:00:00,002 7 ERROR shop odoo.http: " + b"x" * (50 << 20) + b"\n"
    raw = b"".join(stamp(part.time) + part.text for part in cut(line, BEGIN * SECOND))
    entries = Entries()
    size = sum(len(entries.feed(raw[at : at + (1 << 17)])) for at in range(0, len(raw), 1 << 17))
    assert size == len(line)
    assert len(entries) == 3201
    assert len(entries._rest) < 100


@pytest.mark.parametrize("limit", [0, 10, 31, 40, 100, 200])
def test_a_cut_connection_moves_no_position(containers: Containers, limit: int) -> None:
    scans = reader(containers.host())
    containers.write(error(1))
    containers.write(error(2))
    scans.scan()
    before, found = scans.position, len(scans.found)
    containers.write(error(3))
    (containers.folder / "cut").write_text(str(limit))
    with pytest.raises(SourceUnreadable):
        scans.scan()
    assert (scans.position, len(scans.found)) == (before, found)
    (containers.folder / "cut").unlink()
    assert scans.scan().scan().numbers == [1, 2, 3]


@pytest.mark.parametrize(
    "name", ["x; rm -rf /", "", "-f", "--help", "a b", "$(id)", "a\nb", "a\0b", "é", "a/b", "x" * 300]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(SourceUnreadable, match="name"):
        DockerLogs(LocalHost(), name, Bounds())


@pytest.fixture
def path(containers: Containers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    programs = tmp_path / "programs"
    install("docker", programs, containers.folder)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return programs


@pytest.mark.usefixtures("path")
class TestTheProgram:
    """The scripts in a real shell, with a stand-in for `docker`."""

    def test_a_log_is_read_on_and_on(self, containers: Containers) -> None:
        copy = copyist(LocalHost())
        containers.write(b"one\n" + b"l" * 40_000 + b"\n")
        assert forever(copy) == b"one\n" + b"l" * 40_000 + b"\n"
        containers.write(b"two\n")
        append(containers.log, cut(b"to standard output\n", containers.time, 1))
        append(containers.log, cut(b"and to error\n", containers.time, 2))
        assert forever(copy).endswith(b"l\ntwo\nto standard output\nand to error\n")
        containers.create("facade")
        containers.write(b"three\n")
        assert forever(copy).endswith(b"and to error\nthree\n")

    def test_errors_are_found_once(self, containers: Containers) -> None:
        scans = reader(LocalHost(), Bounds(batch=500))
        for number in range(20):
            containers.write(error(number))
        assert scans.scan().scan().numbers == list(range(20))

    def test_no_such_container(self) -> None:
        source = DockerLogs(LocalHost(), "nobody", Bounds())
        with pytest.raises(SourceUnreadable, match="No such container: nobody"), source.open("{}", now=None):  # type: ignore[arg-type]
            pass

    def test_no_daemon(self, containers: Containers) -> None:
        (containers.folder / "down").touch()
        with pytest.raises(SourceUnreadable, match="Is the docker daemon running"):
            reader(LocalHost()).scan()

    def test_a_daemon_that_goes_away(self, containers: Containers) -> None:
        containers.write(error(1))
        (containers.folder / "cut").write_text("50")
        with pytest.raises(SourceUnreadable, match="unexpected EOF"):
            reader(LocalHost()).scan()

    @pytest.mark.parametrize("limit", [0, 50, 60_000])
    def test_a_docker_that_fails_in_the_midst_of_the_logs_end_begins_no_scan(
        self, containers: Containers, limit: int
    ) -> None:
        """A pipe behind it hides how it ended: the scan would begin too early, or with all of the past."""
        for number in range(1000):
            containers.write(error(number), step=SECOND)
        (containers.folder / "cut-end").write_text(str(limit))
        scans = reader(LocalHost(), Bounds(first=5000))
        with pytest.raises(SourceUnreadable, match="unexpected EOF"):
            scans.scan()
        assert (scans.position, scans.found) == ("{}", [])
        (containers.folder / "cut-end").unlink()
        numbers = scans.scan().scan().numbers
        assert numbers == list(range(numbers[0], 1000))
        assert 45 < len(numbers) < 60, "a line has 69 bytes and a timestamp"

    @pytest.mark.parametrize("limit", [0, 30, 50, 110, 200])
    def test_a_docker_that_fails_in_mid_output_moves_no_position(
        self, containers: Containers, limit: int
    ) -> None:
        scans = reader(LocalHost(), Bounds(batch=200))
        containers.write(error(1))
        scans.scan().scan()
        before = scans.position
        for number in (2, 3, 4):
            containers.write(error(number))
        (containers.folder / "cut").write_text(str(limit))
        with pytest.raises(SourceUnreadable, match="unexpected EOF"):
            scans.scan()
        assert (scans.position, scans.numbers) == (before, [1])
        (containers.folder / "cut").unlink()
        assert scans.scan().scan().numbers == [1, 2, 3, 4]

    def test_no_docker(self, path: Path) -> None:
        (path / "docker").unlink()
        with pytest.raises(SourceUnreadable, match="there is no program docker"):
            reader(LocalHost()).scan()


def test_a_position_of_another_container_counts_for_nothing(containers: Containers) -> None:
    containers.write(error(1))
    scans = reader(containers.host()).scan()
    position = msgspec.json.decode(scans.position, type=Position)
    scans.position = msgspec.json.encode(msgspec.structs.replace(position, container="other")).decode()
    assert scans.scan().numbers == [1, 1]


@pytest.mark.parametrize("position", ["{}", '{"path":"/x","offset":3}', "[]", '{"container":"odoo","id":1}'])
def test_a_position_of_another_sort_of_source_counts_for_nothing(
    containers: Containers, position: str
) -> None:
    containers.write(error(1))
    scans = reader(containers.host())
    scans.position = position
    assert scans.scan().numbers == [1]
