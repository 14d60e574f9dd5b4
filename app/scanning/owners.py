"""Which record a traceback outside of any block stands below."""

from typing import Final

from app.scanning.buffer import Buffer
from app.scanning.lines import header_above, line_above
from app.scanning.needles import NEWLINE, find

_MANY: Final = 64


class Owners:
    """Remembers the answer for each writer, so that a crash loop is not walked back again from each crash."""

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self._known: dict[bytes, tuple[int, int, bytes]] = {}

    def under(self, buffer: Buffer, at: int, writer: bytes) -> bytes:
        """The owner's header line and, after a line end, the line just above the traceback at index `at`.

        Empty where no header stands within reach, or where the nearest is another writer's.
        """
        start = buffer.base + at
        known_from, owner, text = self._known.get(writer, (-1, -1, b""))
        least = max(0, at - self._reach - 1)
        known_at = known_from - buffer.base - 1
        found = header_above(buffer, at, writer, max(least, known_at))
        if found is not None:
            owner, text = (buffer.base + found[0] if found[0] >= 0 else -1), found[1]
        elif known_at < least or owner < start - self._reach:
            owner, text = -1, b""
        self._forget(start)
        self._known[writer] = (start, owner, text)
        if owner < 0:
            return b""
        below = find(buffer.data, NEWLINE, owner - buffer.base, at) + 1
        above = line_above(buffer, at, writer, below) if below < at else None
        return text if above is None else text + NEWLINE + above

    def _forget(self, start: int) -> None:
        if len(self._known) > _MANY:
            self._known = {w: known for w, known in self._known.items() if known[0] > start - self._reach}
