"""The search for blocks in a buffer: from needle to needle, and line by line only where records are interleaved.

Comes in: a buffer that is filled further between calls. Goes out: blocks in the order of their start.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from app.domain.log_lines import HEADER_LIMIT, TRACEBACK, Header
from app.scanning.block import Block, OddBlock
from app.scanning.buffer import Buffer, Kept, Neighbours
from app.scanning.extents import UNKNOWN, Extents, Plain, Wrapped
from app.scanning.lines import is_dull, match_loud, next_header, read_head, starts_traceback
from app.scanning.needles import LONGEST_NEEDLE, NEEDLES, NEWLINE, count, find, positions, rfind
from app.scanning.owners import Owners

_LOUD: Final = ("WARNING", "ERROR", "CRITICAL")
_ODOO_LEVEL: Final = 36  # Odoo's level begins at most so many bytes behind the line's first
_MANY_WRITERS: Final = 64


class Search:
    """Finds blocks. All before index `_at` is decided, and the line that it stands in too, if `_in_line`."""

    def __init__(
        self, buffer: Buffer, *, line: int | None, is_in_line: bool, inside: Mapping[bytes, int]
    ) -> None:
        self.patience = buffer.limits.after
        self._buffer = buffer
        self._extents = Extents()
        self._owners = Owners(buffer.limits.reach)
        self._inside = dict(inside)
        self._at = buffer.filled
        self._in_line = is_in_line
        self._stop = self._at  # needles are known up to here
        self._hits: Iterator[int] = iter(())
        self._counting = line is not None
        self._line = line or 0
        self._line_at = buffer.end

    def run(self) -> Iterator[list[Block]]:
        """The blocks that are complete, with `patience` bytes behind them unless the stream has ended."""
        extents = self._extents
        has_more = True
        while has_more:
            blocks = list(self._complete()) if extents.started else []
            if extents.wrapped:
                has_more = self._follow()
            elif extents.plain:
                has_more = self._find_plain_end(extents.plain)
            elif extents.started:
                has_more = False
            else:
                has_more = self._step(blocks)
            yield blocks
        yield list(self._complete())

    def position(self) -> tuple[int, int]:
        """Where a later search can go on, see `BlockScanner.resume_at`, and the number of the line there."""
        if self._extents.started:
            first = self._extents.started[0]
            return first.start, first.line
        at, data = self._at, self._buffer.data
        if not (self._in_line or self._buffer.final):
            at = rfind(data, NEWLINE, max(0, at - HEADER_LIMIT - 1), at) + 1 or at
        offset = self._buffer.base + at
        return offset, self._number(offset)

    def inside(self, offset: int) -> dict[bytes, int]:
        """Where blocks end that have been given out and reach beyond an offset, by their writers."""
        return {writer: end for writer, end in self._inside.items() if end > offset}

    def drop(self) -> None:
        """Let go of what is not needed any more of the buffer."""
        buffer, started = self._buffer, self._extents.started
        at = started[0].needed - buffer.base if started else self._at
        size = at - buffer.limits.back
        if size > 0:
            self._number(max(self._line_at, buffer.base + size))
            buffer.drop(size)
            self._at -= size
            self._stop = self._at  # what is known of needles is not moved along but found again
            self._hits = iter(())

    def _number(self, offset: int) -> int:
        """The number of the line at an offset that is not before the last one asked for."""
        if self._counting:
            base = self._buffer.base
            self._line += count(self._buffer.data, NEWLINE, self._line_at - base, offset - base)
            self._line_at = offset
        return self._line

    def _step(self, blocks: list[Block]) -> bool:
        """Search on, to the next line to read or the window's end; false where that takes more bytes."""
        buffer = self._buffer
        if self._in_line and not self._leave_line():
            return False
        if self._at >= self._stop:
            # A block further on could not be given out yet, and half a needle not be seen.
            ahead = 0 if buffer.final else max(self.patience, LONGEST_NEEDLE)
            self._stop = min(self._at + buffer.limits.window, buffer.filled - ahead)
            if self._at >= self._stop:
                return False
            self._hits = iter(positions(buffer.data, self._at, self._stop))
        hit = self._sweep(blocks)
        if hit < 0:
            self._at = max(self._at, self._stop)
            return True
        line = rfind(buffer.data, NEWLINE, max(0, hit - HEADER_LIMIT - 1), hit) + 1
        self._at, self._in_line = hit, True
        if not line or self._read(line):
            return True
        self._stop, self._in_line = hit, False
        return False

    def _leave_line(self) -> bool:
        """Go to the end of a line that has been decided; false where it is yet to come."""
        buffer = self._buffer
        self._at = find(buffer.data, NEWLINE, self._at, buffer.filled) + 1 or buffer.filled
        self._in_line = buffer.data[self._at - 1] != NEWLINE[0]
        return not self._in_line

    def _sweep(self, blocks: list[Block]) -> int:
        """Add the plain records of Odoo in the window to `blocks`, up to a hit in a line that must be read.

        That hit comes out, -1 where there is none. This is but a short cut: any line can be read.
        """
        buffer = self._buffer
        data, view, base, near = buffer.data, buffer.view, buffer.base, buffer.neighbours
        at, number, counted = self._at, self._line, self._line_at - base
        safe = buffer.filled - max(self.patience, HEADER_LIMIT)
        longest, counting = buffer.limits.head + buffer.limits.tail, self._counting
        for hit in self._hits:
            if hit < at:
                continue
            line = rfind(data, NEWLINE, hit - _ODOO_LEVEL, hit) + 1
            found = match_loud(data, line, safe)
            if not found or not line:
                break
            end = found.start(2)
            if end > 0:
                text = found[1]
            else:
                end = next_header(data, found.end() - 1, safe)
                if end < 0:
                    break
                text = view[line : end - 1].tobytes()
            if 27 in text or 13 in text or end - line > longest:
                break
            first = 0
            if counting:
                first = number + count(data, NEWLINE, counted, line)
                number = first + count(data, NEWLINE, line, end - 1)
                counted = end - 1
            blocks.append(Block(base + line, base + end, first, number, text, near))
            at = end
        else:
            hit = -1
        self._at, self._line, self._line_at = at, number, base + counted
        return hit

    def _follow(self) -> bool:
        """Read the next line while wrapped blocks are open; false where that takes more bytes."""
        buffer, extents = self._buffer, self._extents
        while True:
            at = self._at
            extents.end_wrapped(None if buffer.final and at == buffer.filled else buffer.base + at)
            if not extents.wrapped:
                return True
            if at == buffer.filled:
                return False
            end = find(buffer.data, NEWLINE, at, buffer.filled)
            start, stop = buffer.base + at, buffer.base + end + 1
            writer = b""
            if end >= 0:
                writer = extents.take_indented(bytes(buffer.view[at:end]), stop, self._number(start))
            if writer:
                self._owners.note(writer, start, stop, is_header=False)
                self._at = end + 1
            elif not self._read(at):
                return False

    def _read(self, at: int) -> bool:
        """Decide the line at an index; false where that takes more bytes."""
        buffer, extents = self._buffer, self._extents
        head = buffer.head(at)
        if head is None:
            return False
        if not extents.wrapped and is_dull(head):
            return True
        writer, text, record = read_head(head)
        if record:
            is_start: bool | None = record.level in _LOUD and any(needle in head for needle in NEEDLES)
        else:
            is_start = TRACEBACK in head and starts_traceback(buffer, at, writer, text)
        if is_start is None:
            return False
        if extents.wrapped or (is_start and writer):
            return self._read_wrapped(at, head, writer, record, is_start)
        if is_start:
            self._begin(at, writer, record)
        return True

    def _read_wrapped(
        self, at: int, head: bytes, writer: bytes, record: Header | None, is_start: bool
    ) -> bool:
        """Give a line to the block that it belongs to, end those that it does not, and begin one, if it does."""
        buffer, extents = self._buffer, self._extents
        end = buffer.line_end(at)
        is_whole = end >= 0
        if not is_whole:
            end = at + buffer.limits.span
            if end > buffer.filled:
                return False
        start, stop = buffer.base + at, buffer.base + end
        number = self._number(start)
        if record:
            extents.end_writer(writer)
        if extents.plain and (record or extents.plain.ends_before(buffer, at, head)):
            self._end_plain(start)
        raw = bytes(buffer.view[at:end]).removesuffix(NEWLINE)
        extents.take(writer, raw, start, stop, number)
        if is_start and not extents.holds(writer) and start >= self._inside.get(writer, 0):
            self._begin(at, writer, record)
            extents.take(writer, raw, start, stop, number)
        self._owners.note(writer, start, stop, is_header=record is not None)
        if is_whole:
            self._at, self._in_line = end, False
        else:
            extents.end_wrapped(stop)
            self._at, self._in_line = at, True
        return True

    def _begin(self, at: int, writer: bytes, record: Header | None) -> None:
        buffer = self._buffer
        start = buffer.base + at
        under = b"" if record else self._owners.under(buffer, at, writer)
        number = self._number(start)
        if writer:
            limit = start + buffer.limits.span
            self._extents.begin(Wrapped(start, number, writer, record, under, limit))
        else:
            self._extents.begin(Plain(start, number, record, under))

    def _find_plain_end(self, extent: Plain) -> bool:
        """Go to the end of the plain block; false where that takes more bytes."""
        end = extent.find_end(self._buffer)
        if end == UNKNOWN:
            return False
        self._end_plain(end)
        self._at, self._in_line = end - self._buffer.base, False
        return True

    def _end_plain(self, end: int) -> None:
        number = self._number(end)
        is_whole = self._buffer.data[end - self._buffer.base - 1] == NEWLINE[0]
        self._extents.end_plain(self._buffer, end, number - is_whole if self._counting else 0)

    def _complete(self) -> Iterator[Block]:
        """Give out what started first, as far as it is complete and enough stands behind it."""
        buffer, started = self._buffer, self._extents.started
        last = buffer.end - (0 if buffer.final else self.patience)
        while started and started[0].end != UNKNOWN and started[0].end <= last:
            extent = started.popleft()
            near: Neighbours = buffer.neighbours
            if extent.before is not None:
                near = Kept(extent.before, near.after(extent.end))
            block = OddBlock(
                extent.start, extent.end, extent.line, extent.end_line, extent.text, near, extent.header
            )
            block.under, block.writer = extent.under, extent.writer
            if extent.writer:
                if len(self._inside) > _MANY_WRITERS:
                    self._inside = self.inside(extent.start)
                self._inside[extent.writer] = extent.end
            yield block
