"""The scanner: from a stream of bytes to its blocks, the parts of a log that may be errors.

A block is a record of level WARNING, ERROR or CRITICAL, or an orphan: a traceback outside of such a record.
The scanner asks nobody for data and never looks at a line twice; its memory is bounded whatever comes in.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, Protocol

from app.scanning.block import Block
from app.scanning.buffer import BlockGoneError, Buffer, Limits
from app.scanning.needles import NEWLINE
from app.scanning.search import Search

__all__ = ["Block", "BlockGoneError", "BlockScanner", "Limits", "Readable", "scan_stream"]

_DEFAULT: Final = Limits()


class BlockScanner:
    """Finds the blocks of one stream, in order of their start.

    Bytes go in through `free` and `filled`, or `feed`; `finish` says that the stream has ended, `pause` that
    a later scanner will go on at `resume_at`. Every iterator must be exhausted before the next call;
    those of `feed`, `pause` and `finish` do nothing before.
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
        self._search = Search(
            self._buffer,
            line=line if count_lines else None,
            is_in_line=bool(behind) and not behind.endswith(NEWLINE),
            inside=inside or {},
        )

    def free(self) -> memoryview:
        """The part of the scanner's buffer that the next bytes of the stream go to, never empty."""
        if len(self._buffer.free()) < self._limits.room // 3:
            self._search.drop()
        free = self._buffer.free()
        if not free:  # an empty read would look like the end of the stream
            raise BufferError("the scanner's buffer is full of what is not decided yet")
        return free

    def filled(self, size: int) -> Iterator[Block]:
        """The blocks that are complete now that `size` bytes have been written to `free()`."""
        self._buffer.filled += size
        return chain.from_iterable(self._search.run())

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
        yield from chain.from_iterable(self._search.run())

    def pause(self) -> Iterator[Block]:
        """The blocks whose end has been seen, without waiting for what comes `after` them."""
        self._search.patience = 0
        for block in chain.from_iterable(self._search.run()):
            yield block.keep()
        self._search.patience = self._limits.after

    def close(self) -> None:
        """Let go of the buffer at once, not only when the garbage collector comes; the neighbourhoods go with it."""
        self._buffer.neighbours.expire()

    @property
    def resume_at(self) -> int:
        """The offset from which a later scan finds what this one has not given out, no more and no less.

        It is the start of the first block that is not complete; where there is none, of the first line that is not,
        or a place within a line that begins no block. Behind `finish` it is the end of the stream.
        """
        return self._search.position()[0]

    @property
    def resume_line(self) -> int:
        """The number of the line at `resume_at`."""
        return self._search.position()[1]

    @property
    def resume_inside(self) -> dict[bytes, int]:
        """Where blocks end that began before `resume_at` and reach beyond it, by their writers."""
        return self._search.inside(self.resume_at)


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
