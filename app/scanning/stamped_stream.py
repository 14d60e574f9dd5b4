"""Log text with timestamps that are taken off, from where the last scan stopped: what Docker and Kubernetes have in common.

Comes in: a way to run the command that writes the log since a time, and a position. Goes out: a stream of what is new.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from app.errors import SourceUnreadable
from app.scanning.host import Host, Output
from app.scanning.source import BLOCKS
from app.scanning.stamped import Entries, first_second
from app.scanning.tail_cursor import SLACK, SPARE, Tail, aligned, is_known, tail_at

BLOCK: Final = 128 * 1024
MOST_ENTRIES: Final = 1_000_000
"""Of so many an index is kept in memory; a record that has more is ended there."""
LOST: Final = "the log was rotated; lines that were not read yet may be gone"
_ATTEMPTS: Final = 5
_LONGEST_HEADER: Final = 4096


@dataclass(slots=True)
class Heard:
    """An output whose first line, which is ours, has been read, and `rest` along with it.

    `header` is what that line says, and `clock` what time it is there, in seconds.
    """

    output: Output
    header: str
    clock: int
    rest: bytes

    def read(self) -> bytes:
        """The next bytes; none: it has ended, and well. Raises SourceUnreadable."""
        read, self.rest = self.rest, b""
        if not read:
            read = self.output.read(BLOCK)
        if not read:
            self.output.finish()
        return read


def heard(output: Output) -> Heard:
    """Read the first line of an output, whose last word is the time. Raises SourceUnreadable, also where it is none."""
    read = b""
    while b"\n" not in read and len(read) <= _LONGEST_HEADER:
        more = output.read(BLOCK)
        if not more:
            output.finish()
            break
        read += more
    line, _, rest = read.partition(b"\n")
    said, _, clock = line.decode("utf-8", "replace").rpartition(" ")
    if len(line) > _LONGEST_HEADER or not (clock.isascii() and clock.isdigit()):
        raise SourceUnreadable(f"the answer is not understood: {read[:200].decode('utf-8', 'replace')}")
    return Heard(output, said, int(clock), rest)


def utc(second: int) -> str:
    """A second as these programs want to be told."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def first_since(host: Host, command: Sequence[str]) -> int | None:
    """The second to begin with, for the first entry in what a command writes, the last part of a log; None: no entry.

    It is a little earlier, as what follows may be stamped so. Raises SourceUnreadable, also where the command ends badly.
    """
    with host.run(command) as output:
        held = b""
        while read := output.read(BLOCK):
            held = (held + read)[:BLOCK]
        output.finish()
    second = first_second(held)
    return None if second is None else second - SLACK


class Opening:
    """An output, of which is read what is known already, to tell it from what is new."""

    def __init__(self, source: Heard) -> None:
        self.entries = Entries()
        self.clock = source.clock
        self.has_ended = False
        self._source = source
        self._kept = bytearray()

    def feed(self) -> bytes:
        """More text; also none, unless it `has_ended`. Raises SourceUnreadable."""
        try:
            raw = self._source.read()
        except SourceUnreadable as refused:
            if not self.entries.said:
                raise
            raise SourceUnreadable(f"{refused.message}: {self.said}") from refused
        self.has_ended = not raw
        return self.entries.feed(raw) if raw else self.entries.finish()

    @property
    def said(self) -> str:
        """What the program itself said."""
        return " ".join(self.entries.said.decode("utf-8", "replace").split())

    def reach(self, tail: Tail) -> bool:
        """Read all that the position says is known; whether it is what the output begins with."""
        entries = self.entries
        self._keep()
        while not self.has_ended and len(entries) < tail.count:
            self._keep()
        while not self.has_ended and len(entries) == tail.count and entries.size < self._at(tail):
            self._keep()
        return is_known(entries, tail)

    def compare(self, tail: Tail) -> Tail:
        """The position in this output, which begins otherwise than it was said to."""
        while not self.has_ended and len(self.entries) < tail.count + SPARE:
            self._keep()
        return aligned(self.entries, tail)

    def around(self, tail: Tail) -> tuple[int, bytes, bytes]:
        """The offset of the position in the text, the text before it, as much as scanners want, and that behind it."""
        at = self._at(tail)
        middle = at - self.entries.size + len(self._kept)
        return at, bytes(self._kept[max(0, middle - BLOCKS.back) : middle]), bytes(self._kept[middle:])

    def _at(self, tail: Tail) -> int:
        return (self.entries.ends[tail.count - 1] if tail.count else 0) + tail.part

    def _keep(self) -> None:
        del self._kept[: -BLOCKS.back]
        self._kept += self.feed()


@contextmanager
def opened(
    run: Callable[[int | None], AbstractContextManager[Heard]], tail: Tail
) -> Iterator[tuple[Opening, Tail]]:
    """The output that goes on at a position, and the position in it, which is empty if nothing of what is known is left.

    `run` starts the command that writes the log since a second, or all of it. Raises SourceUnreadable.
    """
    for _ in range(_ATTEMPTS):
        with run(tail.since) as source:
            opening = Opening(source)
            if opening.reach(tail):
                yield opening, tail
                return
            tail = opening.compare(tail)
    raise SourceUnreadable("the log is rotated again and again while it is read")


@dataclass(frozen=True, slots=True)
class Habits:
    """How a log is filtered by time, and when its last record is complete.

    `is_lasting`: behind the first line that is not too early all come. `is_over`: nothing will be added.
    """

    is_lasting: bool
    idle: timedelta
    is_over: bool = False


class StampedStream:
    """The text from a position on. `missed` says what could not be read before it, in words; empty: nothing."""

    def __init__(
        self,
        opening: Opening,
        tail: Tail,
        habits: Habits,
        place: Callable[[Tail, bool], tuple[str, bool]],
        missed: str = "",
    ) -> None:
        at, self.behind, self._text = opening.around(tail)
        # Whether there is text before `behind`: then it may begin within a line.
        self.start = len(self.behind) + (at > len(self.behind))
        self.inside: Mapping[bytes, int] = {
            bytes.fromhex(writer): self.start + size for writer, size in tail.inside.items()
        }
        self.is_final = False
        self.missed = missed
        self._opening = opening
        self._tail = tail
        self._habits = habits
        self._place = place
        self._shift = at - self.start

    def read(self, size: int) -> bytes:
        """The next bytes of text. Raises SourceUnreadable."""
        opening = self._opening
        while not self._text and not opening.has_ended and not self._is_cut_off():
            self._text = opening.feed()
        text, self._text = self._text[:size], self._text[size:]
        if not text:
            self.is_final = self._habits.is_over or self._is_cut_off() or self._is_quiet()
        return text

    def _is_cut_off(self) -> bool:
        return len(self._opening.entries) >= MOST_ENTRIES + self._tail.count

    def _is_quiet(self) -> bool:
        """Whether the log has been quiet for a while, by the clock where it is."""
        last = self._opening.entries.last_second
        return last is not None and self._opening.clock - last >= self._habits.idle.total_seconds()

    def is_intact(self) -> bool:
        """Always: what these programs have written once stays as it is."""
        return True

    def place(self, at: int, inside: Mapping[bytes, int]) -> tuple[str, bool]:
        """The position at an offset, and whether there is more to read at once."""
        opening, tail = self._opening, self._tail
        offset = at + self._shift
        has_more = (
            not opening.has_ended or bool(self._text) or (self.is_final and offset < opening.entries.size)
        )
        if opening.said and opening.has_ended:
            self.missed = f"{self.missed}; {opening.said}" if self.missed else opening.said
        if at > self.start:
            tail = tail_at(opening.entries, offset, tail.since, is_lasting=self._habits.is_lasting)
            kept = {writer.hex(): end - at for writer, end in inside.items()}
            tail = msgspec.structs.replace(tail, inside=kept)
        return self._place(tail, has_more)
