"""What a source of log text is to the scanner: a stream that goes on where a position says, and names places in it.

A new kind of source is one file with these two classes; `batch` and `scan_instance` know nothing else of it.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from app.scanning.buffer import Limits

BLOCKS: Final = Limits()
"""How the scanner of blocks is set, and so how many bytes a stream keeps `behind`."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much at a time, in bytes.

    `first`: of the past, when an instance is scanned for the first time. `scan`: after so many a scan leaves the
    rest to the next. `batch`: what is committed together, and of another machine read by one command, whose start takes
    as long as some MiB do; `sightings` end a batch, too. `record`: a record that is longer is ended there. `idle`: how
    long a log must have been quiet for its last record to be complete.
    """

    first: int = 32 * 1024 * 1024
    scan: int = 64 * 1024 * 1024
    batch: int = 12 * 1024 * 1024
    record: int = 64 * 1024 * 1024
    sightings: int = 5000
    idle: timedelta = timedelta(seconds=10)


class Stream(Protocol):
    """Log text from a position on. Offsets count bytes; `start` is that of the first byte that `read` gives."""

    start: int
    behind: bytes
    """The last bytes before `start`, at most `BLOCKS.back`."""
    inside: Mapping[bytes, int]
    """What `place` was given."""
    is_final: bool
    """Nothing will be added to the record at the end of the stream."""
    missed: str
    """What was gone before it could be read, up to where `place` was asked for, in words; empty: nothing."""

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none: this is all for now. Raises SourceUnreadable."""

    def is_intact(self) -> bool:
        """Whether what was read is one text; it is not, where the log was truncated meanwhile."""

    def place(self, at: int, inside: Mapping[bytes, int]) -> tuple[str, bool]:
        """The position, as JSON, to go on at this offset, and whether there is more to read at once."""


class Source(Protocol):
    """A log that can be read."""

    def open(self, position: str, *, now: datetime) -> AbstractContextManager[Stream]:
        """The stream from this position on; `{}` is that of a log never read. Raises SourceUnreadable."""
