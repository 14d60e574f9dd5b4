"""What a line of the buffer says by its first bytes, and what the lines around it make of it.

Comes in: a buffer and indices into it. Goes out: roles of lines, where records end, cleaned text.
"""

import re
from collections.abc import Iterator
from typing import Final

from app.domain.log_lines import HEADER_LIMIT, PERHAPS_HEADER, TRACEBACK, Header, header, unwrap
from app.domain.log_lines import uncoloured as uncoloured_line
from app.scanning.buffer import Buffer
from app.scanning.needles import ESCAPE, NEWLINE, OPENING, OUTLINE, find, rfind, translate

_STRIDE: Final = 4096  # bytes whose outline is drawn at a time: a traceback has some 3,000
_BOM: Final = b"\xef\xbb\xbf"
_CONNECTORS: Final = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
)
_OTHERS: Final = (b"Exception in thread ", b"Exception ignored in")
_LEAD: Final = re.compile(rb"[\s|+]*+(?:Exception Group )?" + re.escape(TRACEBACK))
_FRAME: Final = re.compile(rb'\s*File "')

# What an Odoo header begins with; a line that does is a header whatever follows, colours too.
_ODOO: Final = rb"\d\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d,\d\d\d \d{1,10} "
_ODOO_HEADER: Final = _ODOO + rb"(?:INFO|WARNING|ERROR|DEBUG|CRITICAL) "

_perhaps_header: Final = re.compile(PERHAPS_HEADER).match
_perhaps_other: Final = re.compile(rb"Traceback \(|Exception i|\x1b").match
_match_quiet: Final = re.compile(_ODOO + rb"(?:INFO|DEBUG) ").match
# Lines that continue a record, a few at a time, and the line behind them if it is a header of Odoo (group 1) or
# perhaps another one (group 2).
_match_lines: Final = re.compile(
    rb"(?:(?!" + PERHAPS_HEADER + rb")[^\n]*\n){0,4}(?:(" + _ODOO_HEADER + rb")|(" + PERHAPS_HEADER + rb"))?"
).match
match_loud: Final = re.compile(
    rb"(" + _ODOO + rb"(?:WARNING|ERROR|CRITICAL) [^\n]{0,9999})\n(?:(" + _ODOO_HEADER + rb")|Traceback \()?"
).match
"""Match a line that is a loud header of Odoo (group 1), and the next one if it is a header of Odoo (group 2)."""


def next_header(data: bytearray, at: int, end: int) -> int:
    """The first header line in a range that begins within a line, -1: a closer look is needed.

    What has colours in it always needs one.
    """
    while at + 1 < end:
        shape = translate(data, OUTLINE, False, at, at + _STRIDE)
        found = find(shape, OPENING, 0, _STRIDE)
        while found >= 0:
            match = _match_lines(data, at + found + 1, end)
            if match is None:
                return -1
            if match.lastindex:
                return match.start(1)
            following = match.end() - at - 1
            if following <= found:
                return -1
            found = find(shape, OPENING, following, _STRIDE)
        at += _STRIDE - 1
    return -1


def next_end(buffer: Buffer, start: int, at: int, is_orphan: bool) -> tuple[int, int]:
    """Where the plain block at `start` ends, looking from `at` on, and where to look on if that is unknown.

    The end is -1 while it is unknown.
    """
    data, filled = buffer.data, buffer.filled
    while at < filled:
        stop = min(at + _STRIDE, filled)
        shape = translate(data, OUTLINE, False, at, stop)
        is_coloured = find(data, ESCAPE, at, min(stop + HEADER_LIMIT, filled)) >= 0
        found = find(shape, OPENING, 0, _STRIDE)
        while found >= 0:
            line = at + found + 1
            if (
                is_coloured
                or line + HEADER_LIMIT > filled
                or _perhaps_header(data, line)
                or (is_orphan and _perhaps_other(data, line))
            ):
                head = buffer.head(line)
                if head is None:
                    return -1, line - 1
                if read_head(head)[2] or (is_orphan and ends_plain_orphan(buffer, start, line, head)):
                    return line, line
            found = find(shape, OPENING, found + 1, _STRIDE)
        if stop == filled:
            at = stop - 1 if data[stop - 1] == NEWLINE[0] else stop
            break
        at = stop - 1
    return (filled if buffer.final else -1), at


def ends_plain_orphan(buffer: Buffer, start: int, line: int, head: bytes) -> bool:
    """Whether a line of the plain orphan at `start` begins something else."""
    text = uncoloured(head)
    return text.startswith((TRACEBACK, *_OTHERS)) and ends_orphan(text, _last_text_line(buffer, start, line))


def _last_text_line(buffer: Buffer, start: int, at: int) -> bytes:
    """The last line with text between `start` and `at`, if it begins at most HEADER_LIMIT bytes before `at`."""
    low = at - HEADER_LIMIT
    low = start if low <= start else find(buffer.data, NEWLINE, low - 1, at) + 1
    lines = uncoloured(bytes(buffer.view[low:at])).split(NEWLINE)
    return next((line for line in reversed(lines) if line.strip()), b"")


def ends_orphan(text: bytes, last: bytes) -> bool:
    """Whether a line of an orphan begins something else, `last` being the line with text before it."""
    return text.startswith(_OTHERS) or (text.startswith(TRACEBACK) and last.strip() not in _CONNECTORS)


def starts_traceback(buffer: Buffer, at: int, writer: bytes, text: bytes) -> bool | None:
    """Whether a line that is no header opens a traceback; None: it depends on a line yet to come."""
    if _LEAD.match(text):
        return True
    if not text.rstrip().endswith(TRACEBACK):
        return False
    end = find(buffer.data, NEWLINE, at, min(at + HEADER_LIMIT + 1, buffer.filled))
    if end < 0 and buffer.filled > at + HEADER_LIMIT:
        return False  # the line is longer than its head
    head = buffer.head(end + 1) if end >= 0 else None
    if head is None:
        return False if buffer.final else None
    other, text = unwrap(head)
    return other == writer and _FRAME.match(text) is not None


def is_dull(head: bytes) -> bool:
    """Whether a line is certainly neither a loud header nor the first line of a traceback, known at little cost."""
    return _match_quiet(head) is not None or not (
        ESCAPE in head or TRACEBACK in head or _perhaps_header(head)
    )


def read_head(head: bytes) -> tuple[bytes, bytes, Header | None]:
    """A line's writer, the text of its head, and the header that it is, if it is one."""
    writer, text = unwrap(head)
    return writer, text, None if text.startswith(b" ") else header(text)


def constant_prefix(head: bytes, text: bytes) -> bytes:
    """What all lines of a writer's begin with that are indented by two spaces or more; these are no headers.

    It is read from any line of the writer's and empty where that does not tell.
    """
    prefix = head[: len(head) - len(text)]
    is_constant = prefix.endswith((b"| ", b"] ", b": ")) and head.endswith(text) and ESCAPE not in head
    return prefix + b"  " if is_constant else b""


def candidates_above(buffer: Buffer, at: int, low: int) -> Iterator[int]:
    """The lines between the indices `low` and `at` that may be headers or wrapped, the last first."""
    data = buffer.data
    while at > low + 1:
        start = max(low, at - _STRIDE)
        shape = translate(data, OUTLINE, False, start, at)
        is_coloured = find(data, ESCAPE, start, min(at + HEADER_LIMIT, buffer.filled)) >= 0
        found = rfind(shape, OPENING, 0, len(shape))
        while found >= 0:
            line = start + found + 1
            if is_coloured or _perhaps_header(data, line):
                yield line
            found = rfind(shape, OPENING, 0, found + 1)
        at = start + 1


def is_bare(raw: bytes) -> bool:
    """Whether a line has neither colours nor a CR at its end."""
    return ESCAPE not in raw and not raw.endswith(b"\r")


def uncoloured(text: bytes) -> bytes:
    """The lines without colours and CR at line ends; nothing is taken that merely looks like a prefix."""
    text = uncoloured_line(text)
    if b"\r" in text:
        return NEWLINE.join([line.rstrip(b"\r") for line in text.split(NEWLINE)])
    return text


def plain_text(raw: bytes) -> bytes:
    """The text of lines that are not wrapped, the first of them a header or a traceback's first line."""
    if ESCAPE in raw or b"\r" in raw:
        raw = uncoloured(raw)
    return raw.removeprefix(_BOM)
