"""Blocks that have begun and have not been given out.

Comes in: lines, or a buffer to look for an end in. Goes out: extents with an `end` and a text, in the order of their
start. All positions are offsets in the stream.
"""

from collections import OrderedDict, deque
from typing import Final

from app.domain.log_lines import Header, unwrap
from app.scanning.buffer import Buffer
from app.scanning.lines import (
    constant_prefix,
    ends_orphan,
    ends_plain_orphan,
    is_bare,
    next_end,
    plain_text,
    uncoloured,
)
from app.scanning.needles import NEWLINE

UNKNOWN: Final = -1


class Extent:
    """A block from its first line on. `end` is `UNKNOWN` until it has been found, and `text` empty."""

    __slots__ = ("before", "end", "end_line", "header", "line", "start", "text", "under", "writer")

    def __init__(self, start: int, line: int, writer: bytes, header: Header | None, under: bytes) -> None:
        self.start = start
        self.line = line
        self.writer = writer
        self.header = header
        self.under = under
        self.end = UNKNOWN
        self.end_line = 0
        self.text = b""
        self.before: bytes | None = None

    @property
    def needed(self) -> int:
        """The first offset that is still to be read."""
        return self.start


class Plain(Extent):
    """A block whose lines are not wrapped: all that stands between two headers, whoever wrote it."""

    __slots__ = ("_head", "_next")

    def __init__(self, start: int, line: int, header: Header | None, under: bytes) -> None:
        super().__init__(start, line, b"", header, under)
        self._next = start
        self._head: bytes | None = None

    def find_end(self, buffer: Buffer) -> int:
        """Look on for the end; `UNKNOWN` where it is yet to come."""
        base = buffer.base
        end, at = next_end(buffer, self.start - base, self._next - base, self.header is None)
        self._grow(buffer, base + at)
        return base + end if end >= 0 else UNKNOWN

    def ends_before(self, buffer: Buffer, at: int, head: bytes) -> bool:
        """Whether the line at index `at`, which is no header, does not belong to the block."""
        return self.header is None and ends_plain_orphan(buffer, self.start - buffer.base, at, head)

    def close(self, buffer: Buffer, end: int, end_line: int) -> None:
        """Say where the end is, and read the text while it is there."""
        self._grow(buffer, end)
        self.end, self.end_line = end, end_line
        limits = buffer.limits
        if buffer.data[end - buffer.base - 1] == NEWLINE[0]:
            end -= 1
        left_out = end - self.start - limits.head - limits.tail
        if left_out <= 0:
            self.text = plain_text(buffer.between(self.start, end))
            return
        head = buffer.between(self.start, self.start + limits.head) if self._head is None else self._head
        tail = buffer.between(end - limits.tail, end)
        self.text = plain_text(head) + b"\n[... %d bytes left out ...]\n" % left_out + uncoloured(tail)

    def _grow(self, buffer: Buffer, following: int) -> None:
        limits = buffer.limits
        if self._head is None and following - self.start > limits.head + limits.tail:
            self._head = buffer.between(self.start, self.start + limits.head)
            self.before = buffer.between(self.start - limits.before, self.start)
        self._next = following

    @property
    def needed(self) -> int:
        return self.start if self._head is None else self._next


class Wrapped(Extent):
    """A block of one writer's lines between those of others, not reaching beyond offset `limit`."""

    __slots__ = ("_found", "_last", "_prefix", "_texts", "limit")

    def __init__(
        self, start: int, line: int, writer: bytes, header: Header | None, under: bytes, limit: int
    ) -> None:
        super().__init__(start, line, writer, header, under)
        self.limit = limit
        self._texts: list[bytes] = []
        self._found = start
        self._prefix = self._last = b""

    def take_indented(self, raw: bytes, end: int, number: int) -> bool:
        """Take a line that is plainly the writer's, indented and within the limit: whether it is."""
        if not self._prefix or not raw.startswith(self._prefix) or end > self.limit or not is_bare(raw):
            return False
        self._add(raw[len(self._prefix) - 2 :], end, number)
        return True

    def take(self, raw: bytes, start: int, end: int, number: int) -> bool:
        """Take a line of the writer's that is no header, unless the block ends before it; whether it was taken."""
        end = min(end, self.limit)
        raw = raw[: end - start]
        text = unwrap(raw)[1]
        if not self._texts:
            self._prefix = constant_prefix(raw, text)
        elif self.header is None and ends_orphan(text, self._last):
            return False
        self._add(text, end, number)
        return True

    def _add(self, text: bytes, end: int, number: int) -> None:
        self._texts.append(text)
        self._found, self.end_line = end, number
        if text and not text.isspace():
            self._last = text

    def close(self) -> None:
        """Say that no more lines will come."""
        self.end = self._found
        self.text = NEWLINE.join(self._texts)
        self._texts = []


class Extents:
    """All blocks that have begun and have not been given out: `started` in order, and those that are open."""

    __slots__ = ("_recent", "plain", "started", "wrapped")

    def __init__(self) -> None:
        self.started: deque[Extent] = deque()
        self.plain: Plain | None = None
        self.wrapped: OrderedDict[bytes, Wrapped] = (
            OrderedDict()
        )  # in the order of their start, and so of their limits
        self._recent: Wrapped | None = None

    def begin(self, extent: Plain | Wrapped) -> None:
        """Open a block; none of the writer's is open."""
        self.started.append(extent)
        if isinstance(extent, Plain):
            self.plain = extent
        else:
            self.wrapped[extent.writer] = extent

    def holds(self, writer: bytes) -> bool:
        """Whether a line of the writer's stands within a block."""
        return self.plain is not None or writer in self.wrapped

    def take_indented(self, raw: bytes, end: int, number: int) -> bytes:
        """Take a line that plainly goes on where the last wrapped one stopped. Its writer, empty if it does not."""
        recent = self._recent
        return recent.writer if recent and recent.take_indented(raw, end, number) else b""

    def take(self, writer: bytes, raw: bytes, start: int, end: int, number: int) -> None:
        """Take a line that is no header or begins a block, or end the writer's block before it."""
        own = self.wrapped.get(writer)
        if own is not None:
            self._recent = own
            if not own.take(raw, start, end, number):
                self._close(own)

    def end_plain(self, buffer: Buffer, end: int, end_line: int) -> None:
        """End the plain block that is open, if one is."""
        if self.plain:
            self.plain.close(buffer, end, end_line)
            self.plain = None

    def end_writer(self, writer: bytes) -> None:
        """End the writer's block, if one is open; a plain header ends all that are wrapped."""
        if not writer:
            self.end_wrapped(None)
        elif writer in self.wrapped:
            self._close(self.wrapped[writer])

    def end_wrapped(self, offset: int | None) -> None:
        """End the wrapped blocks that may not reach beyond an offset; None: all."""
        while self.wrapped:
            first = next(iter(self.wrapped.values()))
            if offset is not None and first.limit > offset:
                break
            self._close(first)

    def _close(self, extent: Wrapped) -> None:
        extent.close()
        del self.wrapped[extent.writer]
        if extent is self._recent:
            self._recent = None
