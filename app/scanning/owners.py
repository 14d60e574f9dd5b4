"""Which record a traceback outside of any block stands below.

Comes in: the place of a traceback's first line. Goes out: the text above it that tells where it came from. No line
is read for it twice, however many tracebacks follow each other.
"""

from app.domain.log_lines import HEADER_LIMIT, unwrap
from app.scanning.buffer import Buffer
from app.scanning.lines import candidates_above, plain_text, read_head, uncoloured
from app.scanning.needles import NEWLINE, find, rfind


class Owners:
    """The headers above some place. All positions are offsets in the stream, -1 for none."""

    def __init__(self, reach: int) -> None:
        self._reach = reach
        # Above `_plain_at` the nearest header of anyone is `_plain_owner`; -1 if it is not near or wrapped.
        self._plain_at = self._plain_owner = -1
        # By writer, where the last lines and headers begin in the stretch of the stream from `_low` to `_high`.
        self._low = self._high = 0
        self._lines: dict[bytes, int] = {}
        self._headers: dict[bytes, int] = {}
        self._many = 1000

    def under(self, buffer: Buffer, at: int, writer: bytes) -> bytes:
        """The owner's header line and, after a line end, the writer's line just above the one at index `at`.

        Empty where no header stands within reach, or where the nearest is another writer's.
        """
        start = buffer.base + at
        least = max(start - self._reach, buffer.first)
        if not writer:
            owner = self._find_plain(buffer, start, least)
            above = buffer.base + rfind(buffer.data, NEWLINE, 0, at - 1) + 1
        else:
            owner = self._find_wrapped(buffer, start, writer, least)
            above = self._lines.get(writer, -1)
        if owner < least:
            return b""
        raw = _line(buffer, owner)
        text = unwrap(raw)[1] if unwrap(raw[:HEADER_LIMIT])[0] else plain_text(raw)
        if above <= owner:
            return text
        raw = _line(buffer, above)
        return text + NEWLINE + (unwrap(raw)[1] if writer else uncoloured(raw))

    def note(self, writer: bytes, start: int, end: int, *, is_header: bool) -> None:
        """Hear of a line that was read anyhow, which saves reading it again where it follows what is known."""
        if start == self._high:
            self._high = end
            if writer:
                self._lines[writer] = start
            if is_header:
                self._headers[writer] = start
            self._forget(start - self._reach)

    def _find_plain(self, buffer: Buffer, start: int, least: int) -> int:
        base = buffer.base
        owner = self._plain_owner if self._plain_at >= least else -1
        for at in candidates_above(buffer, start - base, max(least, self._plain_at) - base - 1):
            other, _, record = read_head(buffer.head(at) or b"")
            if record:
                owner = -1 if other else base + at
                break
        self._plain_at, self._plain_owner = start, owner
        return owner

    def _find_wrapped(self, buffer: Buffer, start: int, writer: bytes, least: int) -> int:
        if self._high < least:
            self._low = self._high = start
            self._lines, self._headers = {}, {}
        elif self._high < start:
            lines: dict[bytes, int] = {}
            headers: dict[bytes, int] = {}
            self._look_back(buffer, start, self._high, lines, headers, None)
            self._lines.update(lines)
            self._headers.update(headers)
            self._high = start
        owner = max(self._headers.get(writer, -1), self._headers.get(b"", -1))
        if owner < 0 and least < self._low:
            low = self._look_back(buffer, self._low, least, self._lines, self._headers, writer)
            self._low = low
            owner = max(self._headers.get(writer, -1), self._headers.get(b"", -1))
        self._forget(least)
        return owner

    def _look_back(
        self,
        buffer: Buffer,
        start: int,
        least: int,
        lines: dict[bytes, int],
        headers: dict[bytes, int],
        writer: bytes | None,
    ) -> int:
        """Note the last lines and headers between two offsets, back to a header of the writer's or a plain one."""
        base = buffer.base
        for at in candidates_above(buffer, start - base, least - base - 1):
            other, _, record = read_head(buffer.head(at) or b"")
            if other:
                lines.setdefault(other, base + at)
            if record:
                headers.setdefault(other, base + at)
                if writer is not None and other in (writer, b""):
                    return base + at
        return least

    def _forget(self, least: int) -> None:
        if len(self._lines) > self._many:
            self._lines = {writer: at for writer, at in self._lines.items() if at >= least}
            self._headers = {writer: at for writer, at in self._headers.items() if at >= least}
            self._many = 2 * len(self._lines) + 1000


def _line(buffer: Buffer, start: int) -> bytes:
    at = start - buffer.base
    return bytes(buffer.view[at : find(buffer.data, NEWLINE, at, buffer.filled)])
