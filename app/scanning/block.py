"""A block: one record, or one traceback outside of a record, found in a stream."""

from typing import Final

from app.domain.log_lines import Header, header
from app.scanning.buffer import Kept, Neighbours

_UNREAD: Final = Header(b"", "", "", None, None, 0)


class Block:
    """A record or an orphan, exactly.

    `start` is the stream offset of its first line, `end` the one behind its last, `line` and `end_line` are
    their numbers (0 where the scanner does not count). `text` is unwrapped and has LF between lines. An orphan
    has no `header`; its `under` is the text from the header above it on, if there is one near.
    """

    __slots__ = ("_header", "_near", "end", "end_line", "line", "start", "text")

    under = b""
    writer = b""

    def __init__(
        self,
        start: int,
        end: int,
        line: int,
        end_line: int,
        text: bytes,
        near: Neighbours,
        record: Header | None = _UNREAD,
    ) -> None:
        self.start = start
        self.end = end
        self.line = line
        self.end_line = end_line
        self.text = text
        self._near = near
        self._header = record

    @property
    def header(self) -> Header | None:
        """The header of a record, None for an orphan."""
        if self._header is _UNREAD:
            self._header = header(self.text)
        return self._header

    @property
    def before(self) -> bytes:
        """The bytes of the stream up to the block, at most `Limits.before`.

        Raises `BlockGoneError` when the scanner has been given more data since, unless `keep` was called.
        """
        return self._near.before(self.start)

    def just_before(self, size: int) -> bytes:
        """The last `size` bytes of `before`, or fewer; cheaper than all of it."""
        return self._near.before(self.start, size)

    @property
    def after(self) -> bytes:
        """The bytes of the stream behind the block, at most `Limits.after`; raises as `before` does."""
        return self._near.after(self.end)

    def keep(self) -> "Block":
        """Copy the neighbourhood, so that it can be read when the scanner has moved on."""
        self._near = Kept(self.before, self.after)
        return self


class OddBlock(Block):
    """A block that is an orphan or wrapped."""

    __slots__ = ("under", "writer")
