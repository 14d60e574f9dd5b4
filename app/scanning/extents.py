"""Where blocks end, and what their text is."""

from abc import ABC, abstractmethod

from app.domain.log_lines import Header, unwrap
from app.scanning.buffer import Buffer, Limits
from app.scanning.lines import ends_orphan, next_end, plain_text, read_head, uncoloured


class Extent(ABC):
    """A block whose end is looked for; positions are stream offsets, `end` is -1 while it is unknown."""

    __slots__ = ("before", "end", "header", "limits", "line", "next", "start", "under", "writer")

    def __init__(
        self, start: int, line: int, writer: bytes, record: Header | None, under: bytes, limits: Limits
    ) -> None:
        self.start = self.next = start
        self.line = line
        self.writer = writer
        self.header = record
        self.under = under
        self.limits = limits
        self.end = -1
        self.before: bytes | None = None

    @abstractmethod
    def find_end(self, buffer: Buffer) -> bool:
        """Go on looking for the end; whether it is known now."""

    @abstractmethod
    def needed(self, buffer: Buffer) -> int:
        """The first index of the buffer that is still looked at."""

    @abstractmethod
    def text(self, buffer: Buffer) -> bytes:
        """The block's text, once its end is known."""


class Plain(Extent):
    """A block whose lines are not wrapped: all that stands between two headers, whoever wrote it."""

    __slots__ = ("head",)

    def __init__(
        self, start: int, line: int, writer: bytes, record: Header | None, under: bytes, limits: Limits
    ) -> None:
        super().__init__(start, line, writer, record, under, limits)
        self.head: bytes | None = None

    def find_end(self, buffer: Buffer) -> bool:
        base = buffer.base
        end, at = next_end(buffer, self.start - base, self.next - base, self.header is None)
        self.next = base + at
        limits = self.limits
        if self.head is None and self.next - self.start > limits.head + limits.tail:
            self.head = buffer.between(self.start, self.start + limits.head)
            self.before = buffer.between(self.start - limits.before, self.start)
        if end >= 0:
            self.end = base + end
        return end >= 0

    def needed(self, buffer: Buffer) -> int:
        if self.head is None:
            return self.start - buffer.base
        return (self.next if self.end < 0 else self.end) - buffer.base

    def text(self, buffer: Buffer) -> bytes:
        end = self.end - 1 if buffer.data[self.end - buffer.base - 1] == 10 else self.end
        limits = self.limits
        left_out = end - self.start - limits.head - limits.tail
        if left_out <= 0:
            return plain_text(buffer.between(self.start, end))
        head = buffer.between(self.start, self.start + limits.head) if self.head is None else self.head
        tail = buffer.between(end - limits.tail, end)
        return plain_text(head) + b"\n[... %d bytes left out ...]\n" % left_out + uncoloured(tail)


class Wrapped(Extent):
    """A block of one writer's lines between those of others."""

    __slots__ = ("found", "last", "texts")

    def __init__(
        self, start: int, line: int, writer: bytes, record: Header | None, under: bytes, limits: Limits
    ) -> None:
        super().__init__(start, line, writer, record, under, limits)
        self.texts: list[bytes] = []
        self.found = start
        self.last = b""

    def find_end(self, buffer: Buffer) -> bool:
        limit = self.start + self.limits.span
        while self.next < limit:
            at = self.next - buffer.base
            if at == buffer.filled:
                if not buffer.final:
                    return False
                break
            head = buffer.head(at)
            end = buffer.line_end(at)
            if end < 0 and buffer.base + buffer.filled >= limit:
                end = limit - buffer.base
            if head is None or end < 0:
                return False
            if not self._take(head, buffer.between(self.next, min(buffer.base + end, limit))):
                break
            self.next = min(buffer.base + end, limit)
        self.end = self.found
        return True

    def _take(self, head: bytes, raw: bytes) -> bool:
        """Add a line, if it is one of the block's; false where the block ends before it."""
        writer, _, record = read_head(head)
        if self.texts and record and writer in (self.writer, b""):
            return False
        if writer == self.writer:
            text = unwrap(raw.removesuffix(b"\n"))[1]
            if self.texts and self.header is None and ends_orphan(text, self.last):
                return False
            self.texts.append(text)
            self.found = self.next + len(raw)
            if text.strip():
                self.last = text
        return True

    def needed(self, buffer: Buffer) -> int:
        return self.start - buffer.base

    def text(self, buffer: Buffer) -> bytes:
        return b"\n".join(self.texts)
