"""Finding bytes at the speed of memory: StringZilla's vector search, or Python's own where that is missing.

Comes in: a buffer and a range of indices, `end` behind the last byte. Goes out: indices, -1 for nothing.
"""

from typing import Final, Protocol

from app.domain.log_lines import TRACEBACK

NEWLINE: Final = b"\n"
ESCAPE: Final = b"\x1b"
NEEDLES: Final = (b"ERROR", b"WARNING", b"CRITICAL", TRACEBACK)
"""One of these stands in the first line of every block."""
LONGEST_NEEDLE: Final = max(map(len, NEEDLES))

_OPENINGS: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz[\x1b\xef"
OUTLINE: Final = bytes(10 if byte == 10 else 65 if byte in _OPENINGS else 32 for byte in range(256))
"""The table for `translate` that leaves of a text only where lines end and what they begin with."""
OPENING: Final = b"\nA"
"""In an outline: a line that begins with a byte that a header, or the first line of a traceback, can begin with."""

Bytes = bytes | bytearray


class _Search(Protocol):
    def __call__(self, data: Bytes, needle: bytes, start: int, end: int, /) -> int: ...


class _Translate(Protocol):
    def __call__(self, data: Bytes, table: bytes, in_place: bool, start: int, end: int, /) -> bytes: ...


def _find(data: Bytes, needle: bytes, start: int, end: int, /) -> int:
    return data.find(needle, start, end)


def _rfind(data: Bytes, needle: bytes, start: int, end: int, /) -> int:
    return data.rfind(needle, start, end)


def _count(data: Bytes, needle: bytes, start: int, end: int, /) -> int:
    return data.count(needle, start, end)


def _translate(data: Bytes, table: bytes, _in_place: bool, start: int, end: int, /) -> bytes:
    return bytes(data[start:end]).translate(table)


find: _Search = _find
rfind: _Search = _rfind
count: _Search = _count
translate: _Translate = _translate
try:
    import stringzilla  # type: ignore[import-not-found]
except ImportError:  # no wheel for this platform
    HAS_VECTORS = False
else:
    HAS_VECTORS = True
    find, rfind, count, translate = (
        stringzilla.find,
        stringzilla.rfind,
        stringzilla.count,
        stringzilla.translate,
    )


def positions(data: Bytes, start: int, end: int) -> list[int]:
    """Where needles begin in a range, ascending; they may reach beyond its end."""
    hits = []
    for needle in NEEDLES:
        last = end + len(needle) - 1
        hit = find(data, needle, start, last)
        while hit >= 0:
            hits.append(hit)
            hit = find(data, needle, hit + 5, last)
    hits.sort()
    return hits
