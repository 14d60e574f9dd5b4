"""The part of a stream that is in memory.

Comes in: bytes, in pieces of any size. Goes out: heads of lines and slices. Positions are indices into the
buffer where they are called `at`, and offsets in the stream where they are called `start` and `end`.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from app.domain.log_lines import HEADER_LIMIT
from app.scanning.needles import NEWLINE, find

MARGIN: Final = 64
"""Bytes at the start of the buffer that are no stream, so that no search back needs to look out for it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes.

    `before` and `after` are the neighbourhood of a block; `head` and `tail` what is kept of the text of a plain
    record that is longer than both; `span` how far apart the first and last byte of a wrapped record may be;
    `reach` how far above a traceback its header is looked for; `window` the part of the buffer that is searched
    at a time; `room` what is at least free for new bytes once the buffer has been cleared.
    """

    before: int = 64 * 1024
    after: int = 16 * 1024
    head: int = 256 * 1024
    tail: int = 64 * 1024
    span: int = 128 * 1024
    reach: int = 64 * 1024
    window: int = 256 * 1024
    room: int = 1024 * 1024

    @property
    def back(self) -> int:
        """What stays in the buffer before the first byte that is not decided."""
        return max(self.before, self.reach, self.tail) + HEADER_LIMIT + MARGIN

    @property
    def capacity(self) -> int:
        """The size of the buffer."""
        longest = max(self.span, self.head + self.tail)
        return self.back + longest + self.span + self.after + 2 * HEADER_LIMIT + self.room


class BlockGoneError(RuntimeError):
    """A block's neighbourhood was asked for after the scanner had moved on."""


class Neighbours(Protocol):
    """What stands around a block."""

    def before(self, start: int, size: int | None = None) -> bytes:
        """The last `size` bytes up to a block that begins at `start`; None: all there are."""

    def after(self, end: int) -> bytes:
        """The bytes behind a block that ends at `end`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Neighbours that have been copied."""

    above: bytes
    below: bytes

    def before(self, _start: int, size: int | None = None) -> bytes:
        return self.above if size is None else self.above[max(0, len(self.above) - size) :]

    def after(self, _end: int) -> bytes:
        return self.below


class Present:
    """Neighbours that are read from the buffer, until its bytes move."""

    __slots__ = ("_buffer",)

    def __init__(self, buffer: "Buffer | None") -> None:
        self._buffer = buffer

    def expire(self) -> None:
        """From now on every reading raises `BlockGoneError`."""
        self._buffer = None

    def before(self, start: int, size: int | None = None) -> bytes:
        buffer = self._still_here()
        most = buffer.limits.before
        return buffer.between(start - (most if size is None else min(size, most)), start)

    def after(self, end: int) -> bytes:
        buffer = self._still_here()
        return buffer.between(end, end + buffer.limits.after)

    def _still_here(self) -> "Buffer":
        if self._buffer is None:
            raise BlockGoneError(
                "the scanner has moved on: call keep() on a block before giving it more data"
            )
        return self._buffer


class Buffer:
    """A window on a stream: `data[MARGIN:filled]` are its bytes, that at index 0 would be at offset `base`."""

    __slots__ = ("base", "data", "filled", "final", "first", "limits", "neighbours", "view")

    def __init__(self, limits: Limits, offset: int, behind: bytes) -> None:
        self.limits = limits
        self.first = offset - len(behind)
        # Every line follows a line end, but for the rest of a line that `behind` may begin with.
        margin = MARGIN * (b" " if behind and self.first else b"\n")
        self.base = self.first - MARGIN
        self.data = bytearray(limits.capacity)
        self.view = memoryview(self.data)
        self.filled = MARGIN + len(behind)
        self.data[: self.filled] = margin + behind
        self.final = False
        self.neighbours = Present(self)

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.base + self.filled

    def free(self) -> memoryview:
        """Where the next bytes go."""
        return self.view[self.filled :]

    def finish(self) -> None:
        """There will be no more bytes."""
        self.final = True

    def drop(self, count: int) -> None:
        """Forget the first bytes and make room behind the last."""
        self.neighbours.expire()
        self.neighbours = Present(self)
        self.view[: self.filled - count] = self.view[count : self.filled]
        self.base += count
        self.filled -= count

    def head(self, at: int) -> bytes | None:
        """The first bytes of the line at `at`, all that decides its role; None: they are yet to come."""
        stop = min(at + HEADER_LIMIT, self.filled)
        end = self.data.find(NEWLINE, at, stop)
        if end >= 0:
            return bytes(self.view[at:end])
        if stop == at + HEADER_LIMIT or (self.final and at < self.filled):
            return bytes(self.view[at:stop])
        return None

    def line_end(self, at: int) -> int:
        """The index behind the line's last byte, -1 where it is yet to come."""
        end = find(self.data, NEWLINE, at, self.filled)
        if end >= 0:
            return end + 1
        return self.filled if self.final else -1

    def between(self, start: int, end: int) -> bytes:
        """The bytes from stream offset `start` to `end`, as far as they are in the stream."""
        return bytes(self.view[max(start, self.first) - self.base : min(end - self.base, self.filled)])
