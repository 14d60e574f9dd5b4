"""The scanner: from a stream of bytes to its blocks, the parts of a log that may be errors.

A block is a record of level WARNING, ERROR or CRITICAL, or an orphan: a traceback outside of such a record.
The scanner asks nobody for data and never looks at a line twice; its memory is bounded whatever comes in.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, Protocol

from app.domain.log_lines import HEADER_LIMIT, TRACEBACK
from app.scanning.block import Block, OddBlock
from app.scanning.buffer import BlockGoneError, Buffer, Kept, Limits, Neighbours
from app.scanning.extents import Extent, Plain, Wrapped
from app.scanning.lines import match_loud, next_header, read_head, starts_traceback
from app.scanning.needles import LONGEST_NEEDLE, NEEDLES, NEWLINE, count, find, positions, rfind
from app.scanning.owners import Owners

__all__ = ["Block", "BlockGoneError", "BlockScanner", "Limits", "Readable", "scan_stream"]

_LOUD: Final = ("WARNING", "ERROR", "CRITICAL")
_ODOO_LEVEL: Final = 36  # Odoo's level begins at most so many bytes behind the line's first
_MANY_WRITERS: Final = 64
_DEFAULT: Final = Limits()


class BlockScanner:
    """Finds the blocks of one stream, in order of their start.

    Bytes go in through `free` and `filled`, or `feed`; `finish` says that the stream has ended, `pause` that
    a later scanner will go on at `resume_at`. Every iterator must be exhausted before the next call.
    `offset` and `line` are the position of the first byte, `behind` the bytes before it and `inside` the
    `resume_inside` of the scanner before, for a scan that goes on where another one was paused.
    """

    def __init__(
        self,
        *,
        count_lines: bool = True,
        offset: int = 0,
        line: int = 1,
        behind: bytes = b"",
        inside: Mapping[bytes, int] | None = None,
        limits: Limits = _DEFAULT,
    ) -> None:
        behind = behind[-limits.back :]
        self._limits = limits
        self._buffer = Buffer(limits, offset, behind)
        self._at = self._buffer.filled
        self._in_line = not behind.endswith(b"\n") and bool(behind)
        self._stop = self._at
        self._hits: Iterator[int] = iter(())
        self._open: Extent | None = None
        self._inside = dict(inside or {})
        self._owners = Owners(limits.reach)
        self._waiting = -1
        self._patience = limits.after
        self._counting = count_lines
        self._line = line if count_lines else 0
        self._line_at = offset

    def free(self) -> memoryview:
        """The part of the scanner's buffer that the next bytes of the stream go to, never empty."""
        buffer = self._buffer
        if len(buffer.free()) < self._limits.room // 3:
            self._drop()
        return buffer.free()

    def filled(self, size: int) -> Iterator[Block]:
        """The blocks that are complete now that `size` bytes have been written to `free()`."""
        self._buffer.filled += size
        return chain.from_iterable(self._scan())

    def feed(self, data: bytes | bytearray | memoryview) -> Iterator[Block]:
        """The blocks that are complete with `data`; nothing is read before the iterator is."""
        rest = memoryview(data)
        while rest:
            free = self.free()
            size = min(len(free), len(rest))
            free[:size] = rest[:size]
            yield from self.filled(size)
            rest = rest[size:]

    def finish(self) -> Iterator[Block]:
        """The remaining blocks: the stream has ended, and its last record with it."""
        self._buffer.finish()
        return chain.from_iterable(self._scan())

    def pause(self) -> Iterator[Block]:
        """The blocks whose end has been seen, without waiting for what comes `after` them."""
        self._patience = 0
        for block in chain.from_iterable(self._scan()):
            yield block.keep()
        self._patience = self._limits.after

    @property
    def resume_at(self) -> int:
        """The offset where a later scan may start, so that no block is lost or doubled."""
        buffer = self._buffer
        if self._open:
            return self._open.start
        if buffer.final:
            return buffer.base + buffer.filled
        line = (
            0
            if self._in_line
            else rfind(buffer.data, NEWLINE, max(0, self._at - HEADER_LIMIT - 1), self._at) + 1
        )
        return buffer.base + (line or self._at)

    @property
    def resume_line(self) -> int:
        """The number of the line at `resume_at`."""
        return self._open.line if self._open else self._number(self.resume_at)

    @property
    def resume_inside(self) -> dict[bytes, int]:
        """Where blocks end that began before `resume_at` and reach beyond it, by their writers."""
        at = self.resume_at
        return {writer: end for writer, end in self._inside.items() if end > at}

    def _drop(self) -> None:
        buffer = self._buffer
        at = self._open.needed(buffer) if self._open else self._at
        size = at - self._limits.back
        if size <= 0:
            return
        if self._line_at < buffer.base + size:
            self._number(buffer.base + size)
        buffer.drop(size)
        self._at -= size
        self._stop = self._at  # what is known of needles is not moved along but found again
        self._hits = iter(())

    def _number(self, offset: int) -> int:
        if self._counting:
            base = self._buffer.base
            self._line += count(self._buffer.data, b"\n", self._line_at - base, offset - base)
            self._line_at = offset
        return self._line

    def _scan(self) -> Iterator[list[Block]]:
        buffer = self._buffer
        while True:
            extent = self._open
            if extent is None:
                blocks: list[Block] = []
                is_more = self._step(blocks)
                yield blocks
                if not is_more:
                    return
            elif (extent.end >= 0 or extent.find_end(buffer)) and (
                buffer.final or extent.end + self._patience <= buffer.end
            ):
                self._open = None
                yield [self._close(extent)]
            else:
                return

    def _step(self, blocks: list[Block]) -> bool:
        """Search on, to the next closer look or the window's end; false where that takes more bytes."""
        buffer = self._buffer
        if self._in_line and not self._leave_line():
            return False
        if self._at >= self._stop:
            # A block further on could not be given out yet, and half a needle not be seen.
            ahead = 0 if buffer.final else max(self._patience, LONGEST_NEEDLE)
            self._stop = min(self._at + self._limits.window, buffer.filled - ahead)
            if self._at >= self._stop:
                return False
            self._hits = iter(positions(buffer.data, self._at, self._stop))
        hit = self._sweep(blocks)
        if hit < 0:
            self._at = max(self._at, self._stop)
            return True
        line = rfind(buffer.data, NEWLINE, max(0, hit - HEADER_LIMIT - 1), hit) + 1
        self._open = self._look(line) if line else None
        self._at = hit
        self._in_line = self._waiting < 0 and self._open is None
        if self._waiting >= 0:
            self._stop = hit
        return self._waiting < 0

    def _leave_line(self) -> bool:
        """Go to the end of a line that has been decided; false where it is yet to come."""
        buffer = self._buffer
        self._at = find(buffer.data, NEWLINE, self._at, buffer.filled) + 1 or buffer.filled
        self._in_line = buffer.data[self._at - 1] != NEWLINE[0]
        return not self._in_line

    def _sweep(self, blocks: list[Block]) -> int:
        """Add the plain records of Odoo in the window to `blocks`, up to a hit that needs a closer look.

        That hit comes out, -1 where there is none. What this does not take is decided by `_look` and an `Extent`,
        to the same result.
        """
        buffer = self._buffer
        data, view, base, near = buffer.data, buffer.view, buffer.base, buffer.neighbours
        at, number, counted = self._at, self._line, self._line_at - base
        safe = buffer.filled - max(self._patience, HEADER_LIMIT)
        longest, counting = self._limits.head + self._limits.tail, self._counting
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
                text = bytes(view[line : end - 1])
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

    def _close(self, extent: Extent) -> Block:
        buffer = self._buffer
        if extent.writer:
            if len(self._inside) > _MANY_WRITERS:
                self._inside = {writer: end for writer, end in self._inside.items() if end > extent.start}
            self._inside[extent.writer] = extent.end
            self._in_line = True
            self._at = extent.start - buffer.base
            newlines = count(buffer.data, NEWLINE, self._at, extent.end - 1 - buffer.base)
            end_line = extent.line + newlines if self._counting else 0
        else:
            self._at = extent.end - buffer.base
            end_line = self._number(extent.end)
            if self._counting and buffer.data[self._at - 1] == 10:
                end_line -= 1
        text = extent.text(buffer)
        near: Neighbours = buffer.neighbours
        if extent.before is not None:
            near = Kept(extent.before, near.after(extent.end))
        block = OddBlock(extent.start, extent.end, extent.line, end_line, text, near, extent.header)
        block.under, block.writer = extent.under, extent.writer
        return block

    def _look(self, at: int) -> Extent | None:
        """The block that starts with the line at `at`, if one does; sets `_waiting` where more bytes tell."""
        buffer = self._buffer
        self._waiting = buffer.base + at
        head = buffer.head(at)
        if head is None:
            return None
        writer, text, record = read_head(head)
        under = b""
        if record is None:
            is_start: bool | None = False
            if TRACEBACK in head and buffer.base + at >= self._inside.get(writer, 0):
                is_start = starts_traceback(buffer, at, writer, text)
            if is_start is None:
                return None
            if is_start:
                under = self._owners.under(buffer, at, writer)
        else:
            is_start = record.level in _LOUD and any(needle in head for needle in NEEDLES)
        self._waiting = -1
        if not is_start:
            return None
        start = buffer.base + at
        kind = Wrapped if writer else Plain
        return kind(start, self._number(start), writer, record, under, self._limits)


class Readable(Protocol):
    def readinto(self, buffer: memoryview, /) -> int | None: ...


def scan_stream(stream: Readable, *, count_lines: bool = True) -> Iterator[Block]:
    """The blocks of a file, pipe or decompressor, read to its end.

    A block's neighbourhood can be read until the next block is asked for; see `Block.keep`.
    """
    scanner = BlockScanner(count_lines=count_lines)
    while size := stream.readinto(scanner.free()):
        yield from scanner.filled(size)
    yield from scanner.finish()
