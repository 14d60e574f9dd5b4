"""What `journalctl --output=json` writes, taken apart.

Comes in: its output, in pieces of any size. Goes out: the text of the messages, each ended by a line end, and an index
of the entries by their cursors.
"""

import re
from array import array
from typing import Any, Final

import msgspec

from app.errors import SourceUnreadable

LONGEST: Final = 16 * 1024 * 1024
"""Bytes of an entry, in JSON, that is read; of a longer one it is only said how long it is."""
_CURSOR: Final = re.compile(rb'"__CURSOR" ?: ?"([^"\\]{1,300})"')
_OVERLAP: Final = 400


class _Entry(msgspec.Struct):
    cursor: str = msgspec.field(name="__CURSOR")
    message: str | list[Any] | None = msgspec.field(name="MESSAGE", default=None)
    line_break: str | list[Any] | None = msgspec.field(name="_LINE_BREAK", default=None)


_decoder: Final = msgspec.json.Decoder(_Entry)


class JournalEntries:
    """Reads the output. `cursors` are those of the entries so far, `ends` the offsets behind them in the text of `size` bytes."""

    def __init__(self) -> None:
        self.cursors: list[str] = []
        self.ends = array("q")
        self.size = 0
        self._rest = bytearray()
        self._skipped = 0
        self._cursor = ""

    def __len__(self) -> int:
        return len(self.ends)

    def feed(self, raw: bytes) -> bytes:
        """The text of the entries that are complete now. Raises SourceUnreadable where one is none."""
        self._rest += raw
        end = self._rest.rfind(b"\n") + 1
        if not end:
            self._shorten()
            return b""
        lines = bytes(self._rest[:end]).split(b"\n")
        del self._rest[:end]
        texts = [self._text(line) for line in lines if line]
        self._shorten()
        return b"".join(texts)

    def _text(self, line: bytes) -> bytes:
        if self._skipped:
            cursor, text = self._left_out(line)
        else:
            try:
                entry = _decoder.decode(line)
            except msgspec.DecodeError as refused:
                raise SourceUnreadable(f"an entry of the journal is not understood: {refused}") from refused
            cursor, text = entry.cursor, _bytes(entry.message)
            if entry.line_break != "line-max":
                text += b"\n"
        self.size += len(text)
        self.cursors.append(cursor)
        self.ends.append(self.size)
        return text

    def _shorten(self) -> None:
        """Keep no more than the end of an entry that is too long."""
        if len(self._rest) > (_OVERLAP if self._skipped else LONGEST):
            found = _CURSOR.search(self._rest)
            if found:
                self._cursor = found[1].decode("ascii", "replace")
            self._skipped += len(self._rest) - _OVERLAP
            del self._rest[:-_OVERLAP]

    def _left_out(self, line: bytes) -> tuple[str, bytes]:
        found = _CURSOR.search(line)
        cursor = found[1].decode("ascii", "replace") if found else self._cursor
        if not cursor:
            raise SourceUnreadable("an entry of the journal has no cursor")
        text = b"[a message of the journal that has %d bytes in JSON was left out]\n" % (
            self._skipped + len(line)
        )
        self._skipped, self._cursor = 0, ""
        return cursor, text


def time_of(cursor: str) -> int:
    """When the entry of a cursor was written, in microseconds since 1970; 0 where the cursor does not say it."""
    for part in cursor.split(";"):
        name, _, value = part.partition("=")
        if name == "t" and re.fullmatch(r"[0-9a-f]{1,16}", value):
            return int(value, 16)
    return 0


def is_same(one: str, other: str) -> bool:
    """Whether two cursors name the same entry, which may stand in two files of the journal."""
    return one == other or (";b=" in one and one.partition(";b=")[2] == other.partition(";b=")[2])


def _bytes(message: str | list[Any] | None) -> bytes:
    """The bytes of a field: text; a list of bytes, where it is none; or a list of these, where it was given twice."""
    if message is None:
        return b""
    if isinstance(message, str):
        return message.encode("utf-8", "surrogatepass")
    if all(isinstance(part, int) and 0 <= part < 256 for part in message):
        return bytes(message)
    return b"\n".join(_bytes(part) for part in message if part is None or isinstance(part, str | list))
