"""A unit's log in the journal of systemd: exactly once, through rotation, with messages of every sort."""

import json
import shutil
import struct
import subprocess
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import SourceUnreadable
from app.scanning import journal as subject
from app.scanning import journal_entries
from app.scanning.host import Host
from app.scanning.journal import Journal
from app.scanning.journal_entries import JournalEntries
from app.scanning.local_host import LocalHost
from app.scanning.source import Bounds
from tests.scanning.reader import Copyist, Reader, error, once
from tests.scanning.stand_ins.hosts import Inside, install
from tests.scanning.stand_ins.journalctl import cursor, journalctl
from tests.scanning.test_blocks import LINES, PATIENT

BEGIN = 1_772_352_000
LATER = BEGIN + 360_000
REMOTE = Path("/lib/systemd/systemd-journal-remote")


class Units:
    """A journal, and units that write to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self.time = BEGIN * 1_000_000
        (folder / "journal").touch()

    def write(
        self, message: bytes | None, *, unit: str = "odoo.service", is_cut: bool = False, step: int = 1000
    ) -> None:
        self.number += 1
        self.time += step
        text = None if message is None else message.decode("latin-1")
        with (self.folder / "journal").open("a") as file:
            file.write(json.dumps([self.number, self.time, unit, text, is_cut]) + "\n")

    def rotate(self, keep: int) -> None:
        """Forget all but the last entries."""
        path = self.folder / "journal"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[len(lines) - keep :]))

    def host(self, sizes: Sequence[int] = (1 << 20,)) -> Inside:
        return Inside(self._answer, cycle(sizes))

    def _answer(self, command: Sequence[str]) -> tuple[bytes, bytes, int]:
        script, words = command[2], list(command[4:])
        if script == subject._END:
            said, complaint, status = journalctl(self.folder, words[1:])
            return said[-int(words[0]) :], complaint, status
        said, complaint, status = journalctl(self.folder, words)
        return f"ok {LATER}\n".encode() + said, complaint, status


@pytest.fixture
def units(tmp_path: Path) -> Units:
    return Units(tmp_path)


def copyist(host: Host, bounds: Bounds = Bounds()) -> Copyist:  # noqa: B008  frozen
    return Copyist(lambda some: Journal(host, "odoo.service", some), bounds)


def forever(copy: Copyist) -> bytes:
    while copy.batch(1 << 30, 1 << 20):
        pass
    return copy.text


MESSAGES = st.sampled_from(
    [b"same", b"", b"two\nlines", b"\0\xff", b"\x1b[1mred", "é".encode(), b"x" * 3000, None]
)
WRITTEN = st.tuples(MESSAGES, st.booleans(), st.sampled_from([0, 1, 1000, 5_000_000]))
CUT = st.tuples(st.integers(1, 9000), st.integers(1, 5000), st.integers(0, 2**20))
EVENTS = st.one_of(WRITTEN, WRITTEN, WRITTEN, CUT, st.just("other unit"))


@settings(PATIENT, max_examples=200)
@given(st.lists(EVENTS, max_size=40), st.sampled_from([40, 1000, 100_000]))
def test_what_is_read_is_what_was_written_wherever_it_is_cut(events: list[object], size: int) -> None:
    with TemporaryDirectory() as folder:
        units = Units(Path(folder))
        units.write(b"first")
        written = b"first\n"
        copy = copyist(units.host([size]))
        for event in events:
            match event:
                case "other unit":
                    units.write(b"not ours", unit="nginx.service")
                case (int(limit), int(piece), int(place)):
                    copy.batch(limit, piece, lambda low, high, place=place: low + place % (high - low + 1))  # type: ignore[misc]
                case (message, bool(is_cut), int(step)):
                    assert message is None or isinstance(message, bytes)
                    units.write(message, is_cut=is_cut, step=step)
                    written += (message or b"") + (b"" if is_cut else b"\n")
        assert forever(copy) == written
        assert copy.missed == []


@settings(PATIENT, max_examples=50)
@given(st.lists(LINES, max_size=30), st.lists(st.integers(0, 40), max_size=6), st.integers(1, 900))
def test_any_cuts_and_scans_find_what_one_scan_of_the_text_finds(
    lines: list[bytes], cuts: list[int], size: int
) -> None:
    with TemporaryDirectory() as folder:
        units = Units(Path(folder))
        scans = Reader(lambda some: Journal(units.host((70, 3000)), "odoo.service", some), Bounds(batch=size))
        units.write(b"")
        text = b"\n"
        for number, line in enumerate(lines):
            units.time = max(units.time, (LATER - 5) * 1_000_000)
            units.write(line.removesuffix(b"\n"))
            text += line
            if number in cuts:
                scans.scan()
        units.time = BEGIN
        scans.source = lambda some: Journal(_later(units), "odoo.service", some)
        scans.scan().scan()
    assert scans.fingerprints == once(text)


def _later(units: Units) -> Inside:
    def answer(command: Sequence[str]) -> tuple[bytes, bytes, int]:
        said, complaint, status = units._answer(command)
        return said.replace(b"ok %d" % LATER, b"ok %d" % (LATER + 60), 1), complaint, status

    return Inside(answer, cycle([1 << 20]))


def test_an_entry_read_last_that_is_rotated_away_loses_no_later_one(units: Units) -> None:
    copy = copyist(units.host())
    units.write(b"one")
    units.write(b"two")
    forever(copy)
    units.write(b"three")
    units.write(b"four")
    units.rotate(2)
    assert forever(copy) == b"one\ntwo\nthree\nfour\n"
    assert copy.missed == ["the journal was rotated; entries that were not read yet may be gone"]
    units.write(b"five")
    assert forever(copy).endswith(b"four\nfive\n")
    assert len(copy.missed) == 1


def test_entries_before_the_last_that_are_rotated_away_are_no_loss(units: Units) -> None:
    copy = copyist(units.host())
    for number in range(10):
        units.write(b"%d" % number)
    forever(copy)
    units.write(b"new")
    units.rotate(3)
    assert forever(copy).endswith(b"8\n9\nnew\n")
    assert copy.missed == []


def test_a_journal_without_anything_new_says_nothing(units: Units) -> None:
    copy = copyist(units.host())
    units.write(b"one")
    forever(copy)
    position = copy.position
    units.rotate(0)
    forever(copy)
    assert (copy.position, copy.missed) == (position, [])


def test_a_first_scan_reads_a_bounded_past(units: Units) -> None:
    for number in range(1000):
        units.write(error(number)[:-1])
    scans = Reader(lambda some: Journal(units.host(), "odoo.service", some), Bounds(first=5000))
    numbers = scans.scan().numbers
    assert numbers[-1] == 999
    assert 30 < len(numbers) < 120


def test_a_unit_without_entries_is_an_error(units: Units) -> None:
    units.write(b"other", unit="nginx.service")
    with pytest.raises(SourceUnreadable, match="has no entries of odoo"):
        forever(copyist(units.host()))


def test_an_entry_that_is_too_long_is_left_out_and_the_next_ones_are_read() -> None:
    entries = JournalEntries()
    long = b'{"MESSAGE":"%s","__CURSOR":"%s"}\n'
    before, raw = cursor(1, 1).encode(), long % (b"x" * (journal_entries.LONGEST * 2), cursor(2, 2).encode())
    text = entries.feed(long % (b"one", before))
    for at in range(0, len(raw), 1 << 20):
        text += entries.feed(raw[at : at + (1 << 20)])
        assert len(entries._rest) <= journal_entries.LONGEST
    text += entries.feed(b'{"__CURSOR":"%s","MESSAGE":[116,119,111]}\n' % cursor(3, 3).encode())
    assert text.startswith(b"one\n[a message of the journal that has 335")
    assert text.endswith(b"left out]\ntwo\n")
    assert entries.cursors == [cursor(1, 1), cursor(2, 2), cursor(3, 3)]


def test_a_field_that_was_given_twice_and_one_that_is_no_journal() -> None:
    entries = JournalEntries()
    assert entries.feed(b'{"__CURSOR":"c","MESSAGE":["one",[255,0],null]}\n') == b"one\n\xff\0\n\n"
    with pytest.raises(SourceUnreadable, match="not understood"):
        entries.feed(b"-- No entries --\n")


@pytest.mark.parametrize(
    "name", ["x; rm -rf /", "", "-f", "odoo*", "a b", "$(id)", "a\nb", "a\0b", "[ab]", "x" * 300]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(SourceUnreadable, match="name"):
        Journal(LocalHost(), name, Bounds())


def test_the_commands_in_a_real_shell(units: Units, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "programs"
    install("journalctl", programs, units.folder)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    copy = copyist(LocalHost())
    units.write(b"one")
    assert forever(copy) == b"one\n"
    units.write(b"two")
    assert forever(copy) == b"one\ntwo\n"


@pytest.mark.parametrize("limit", [0, 50, 10_000])
def test_a_journalctl_that_fails_in_the_midst_begins_no_scan(
    units: Units, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """A pipe behind it hides how it ended: the scan would begin too early."""
    programs = tmp_path / "programs"
    install("journalctl", programs, units.folder)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    for number in range(1000):
        units.write(error(number)[:-1])
    (units.folder / "cut").write_text(str(limit))
    scans = Reader(lambda some: Journal(LocalHost(), "odoo.service", some), Bounds(first=5000))
    with pytest.raises(SourceUnreadable, match="Bad message"):
        scans.scan()
    assert (scans.position, scans.found) == ("{}", [])
    (units.folder / "cut").unlink()
    assert scans.scan().numbers[-1] == 999


def _entry(number: int, message: bytes, unit: str = "odoo.service", **fields: str) -> bytes:
    """An entry in systemd's export format."""
    time = (BEGIN + number) * 1_000_000
    lines = [f"__REALTIME_TIMESTAMP={time}", f"__MONOTONIC_TIMESTAMP={number * 1_000_000}"]
    lines += ["_BOOT_ID=4f3a1e0e4e0a4b61a6c8c5a0a1a1a1a1", f"_SYSTEMD_UNIT={unit}"]
    lines += [f"{name}={value}" for name, value in fields.items()]
    return "\n".join(lines).encode() + b"\nMESSAGE\n" + struct.pack("<Q", len(message)) + message + b"\n\n"


@pytest.mark.skipif(
    not REMOTE.exists() or shutil.which("journalctl") is None,
    reason="systemd-journal-remote is not installed",
)
def test_the_real_journalctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, programs = tmp_path / "journal", tmp_path / "programs"
    journal.mkdir()
    programs.mkdir()
    real = shutil.which("journalctl")
    (programs / "journalctl").write_text(f'#!/bin/sh\nexec {real} --directory={journal} "$@"\n')
    (programs / "journalctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    def write(name: str, *entries: bytes) -> None:
        command = [str(REMOTE), f"--output={journal / name}.journal", "-"]
        subprocess.run(command, input=b"".join(entries), check=True, capture_output=True)

    write(
        "a",
        _entry(1, b"one"),
        _entry(2, b"other", "x.service"),
        _entry(3, b"two\n\xff\0"),
        _entry(4, b"y" * 9000),
    )
    copy = copyist(LocalHost())
    text = b"one\ntwo\n\xff\0\n" + b"y" * 9000 + b"\n"
    assert forever(copy) == text
    write("b", _entry(11, b"three", _LINE_BREAK="line-max"), _entry(12, b"four"))
    assert forever(copy) == text + b"threefour\n"
    assert copy.missed == []
    write("c", _entry(21, b"five"), _entry(22, b"six"))
    for name in "ab":
        (journal / f"{name}.journal").unlink()
    assert forever(copy) == text + b"threefour\nfive\nsix\n"
    assert len(copy.missed) == 1
