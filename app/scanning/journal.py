"""The source that is a unit's log in the journal of systemd, read with `journalctl`.

Comes in: the unit, and the position where the last scan stopped. Goes out: the text of its entries from there on.

The entry that was read last is asked for again: where it comes, what follows is new, no more and no less. (With
`--after-cursor` some versions leave out an entry where that one has been rotated away.) Where it does not, all that is
younger is read, and that something may be gone is said.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import msgspec

from app.errors import SourceUnreadable
from app.scanning import positions
from app.scanning.host import Host
from app.scanning.journal_entries import JournalEntries, is_same, time_of
from app.scanning.log_names import systemd_unit
from app.scanning.source import BLOCKS, Bounds
from app.scanning.stamped_stream import BLOCK, Heard, heard

MOST_ENTRIES: Final = 200_000
"""Of so many new ones an index is kept in memory; a record that has more is ended there."""
_READ: Final = 'echo "ok $(date +%s)"; exec journalctl "$@"'
_END: Final = """
n=$1; shift; exec 3>&1
exit "$({ { journalctl "$@"; echo $? >&4; } | tail -c "$n" | head -n 2 >&3; } 4>&1)"
"""
"""Arguments: so many bytes at most, those of journalctl. Writes the first two lines of that end, and ends as journalctl
does: the pipe alone would not say so."""
_SHORT_ENTRY: Final = 32
_JSON: Final = 5
"""An entry in JSON is about so many times as long as its message."""
_LONGEST: Final = 32 * 1024 * 1024
_GONE: Final = "the journal was rotated; entries that were not read yet may be gone"


class Position(msgspec.Struct, frozen=True):
    """How far a unit's log was read.

    `last` is the cursor of the last entry, `begin` that of an earlier one, the text since which scanners want; from the
    one to the other, with both, there are `count`. Of the entry after them `part` bytes of text were read, too.
    `inside` is what the scanner of blocks asks to be kept: how far its blocks reach beyond the position.
    """

    unit: str
    begin: str
    last: str = ""
    count: int = 0
    part: int = 0
    inside: dict[str, int] = {}


class Journal:
    """The log of a systemd unit."""

    def __init__(self, host: Host, unit: str, bounds: Bounds) -> None:
        """Raises SourceUnreadable where it is no name of a unit."""
        self._host = host
        self._unit = systemd_unit(unit)
        self._bounds = bounds

    @contextmanager
    def open(self, position: str, *, now: datetime) -> Iterator["JournalStream"]:
        """The text from the position on. Raises SourceUnreadable."""
        known = positions.known(position, Position)
        if not known or known.unit != self._unit:
            known = Position(self._unit, self._first())
        with self._heard(f"--cursor={known.begin}") as source:
            reading = _Reading(source)
            if reading.skip_known(known):
                yield JournalStream(reading, known, self._bounds, "")
                return
        # To the second, as old versions know no fractions.
        with self._heard(f"--since=@{time_of(known.last or known.begin) // 1_000_000}") as source:
            reading = _Reading(source)
            reading.skip_until(time_of(known.last or known.begin))
            yield JournalStream(reading, known, self._bounds, _GONE if reading.has_text else "")

    @contextmanager
    def _heard(self, begin: str) -> Iterator[Heard]:
        with self._host.run(["sh", "-c", _READ, "sh", *self._words(), begin]) as output:
            yield heard(output)

    def _words(self) -> list[str]:
        fields = "--output-fields=MESSAGE,_LINE_BREAK"
        return ["--output=json", "--all", "--quiet", "--no-pager", fields, f"--unit={self._unit}"]

    def _first(self) -> str:
        """The cursor of the entry to begin with, not too far back."""
        size = self._bounds.first * _JSON
        lines = f"--lines={max(1, self._bounds.first // _SHORT_ENTRY)}"
        words = ["sh", "-c", _END, "sh", str(size), *self._words(), lines]
        read = b""
        with self._host.run(words) as output:
            while len(read) < _LONGEST and (more := output.read(BLOCK)):
                read += more
            if len(read) < _LONGEST:
                output.finish()
        for line in read.splitlines()[:2]:
            entries = JournalEntries()
            try:
                entries.feed(line + b"\n")
            except SourceUnreadable:
                continue  # of the first line there may be only the end
            return entries.cursors[0]
        raise SourceUnreadable(f"the journal has no entries of {self._unit}, or none that may be read there")


class _Reading:
    """An output, of which is read what is known already, to tell it from what is new: that begins `at` an offset."""

    def __init__(self, source: Heard) -> None:
        self.entries = JournalEntries()
        self.clock = source.clock
        self.has_ended = False
        self.at = 0
        self.kept = bytearray()
        self._source = source

    @property
    def has_text(self) -> bool:
        """Whether there is something new."""
        return self.entries.size > self.at

    def feed(self) -> bytes:
        """More text; also none, unless it `has_ended`. Raises SourceUnreadable."""
        raw = self._source.read()
        self.has_ended = not raw
        return self.entries.feed(raw)

    def skip_known(self, known: Position) -> bool:
        """Read what is known; whether the last known entry was among it."""
        entries = self.entries
        while not self.has_ended and len(entries) < known.count + 1:
            self._keep()
        if not known.count:
            self.at = known.part
            return bool(entries) and is_same(entries.cursors[0], known.begin) and entries.size >= self.at
        for number in range(min(known.count, len(entries)) - 1, -1, -1):
            if is_same(entries.cursors[number], known.last):
                self.at = entries.ends[number] + known.part
                return self.at <= entries.size
        return False

    def skip_until(self, time: int) -> None:
        """Read what is not younger than a time."""
        entries, number = self.entries, 0
        while not self.has_ended:
            self._keep()
            while number < len(entries) and time_of(entries.cursors[number]) <= time:
                self.at = entries.ends[number]
                number += 1
            if number < len(entries):
                return

    def _keep(self) -> None:
        self.kept += self.feed()


class JournalStream:
    """The text from a position on. `missed` says what could not be read before it, in words; empty: nothing."""

    def __init__(self, reading: _Reading, known: Position, bounds: Bounds, missed: str) -> None:
        at = reading.at
        middle = at - reading.entries.size + len(reading.kept)
        self.behind = bytes(reading.kept[max(0, middle - BLOCKS.back) : middle])
        self._text = bytes(reading.kept[middle:])
        self.start = len(self.behind) + (at > len(self.behind))
        self.inside: Mapping[bytes, int] = {
            bytes.fromhex(writer): self.start + size for writer, size in known.inside.items()
        }
        self.is_final = False
        self.missed = missed
        self._reading = reading
        self._known = known
        self._idle = bounds.idle.total_seconds()
        self._shift = at - self.start
        self._most = len(reading.entries) + MOST_ENTRIES

    def read(self, size: int) -> bytes:
        """The next bytes of text. Raises SourceUnreadable."""
        reading = self._reading
        while not self._text and not reading.has_ended and len(reading.entries) < self._most:
            self._text = reading.feed()
        text, self._text = self._text[:size], self._text[size:]
        if not text:
            self.is_final = len(reading.entries) >= self._most or self._is_quiet()
        return text

    def is_intact(self) -> bool:
        """Always: entries stay as they are."""
        return True

    def place(self, at: int, inside: Mapping[bytes, int]) -> tuple[str, bool]:
        """The position at an offset, and whether there is more to read at once."""
        reading, entries, offset = self._reading, self._reading.entries, at + self._shift
        has_more = not reading.has_ended or bool(self._text) or (self.is_final and offset < entries.size)
        if at == self.start and not self.missed:
            return msgspec.json.encode(self._known).decode(), has_more
        count = bisect_right(entries.ends, offset)
        # Without an entry before it, the position is in the first one: that is where the next output begins.
        first = min(max(0, count - 1), bisect_right(entries.ends, offset - BLOCKS.back))
        position = Position(
            self._known.unit,
            entries.cursors[first],
            entries.cursors[count - 1] if count else "",
            count - first,
            offset - (entries.ends[count - 1] if count else 0),
            {writer.hex(): end - at for writer, end in inside.items()},
        )
        return msgspec.json.encode(position).decode(), has_more

    def _is_quiet(self) -> bool:
        cursors = self._reading.entries.cursors
        return bool(cursors) and self._reading.clock - time_of(cursors[-1]) / 1e6 >= self._idle
