"""What a line of the buffer says by its first bytes, and what the lines around it make of it.

Comes in: a buffer and indices into it. Goes out: roles of lines, where records end, cleaned text.
"""

import re
from typing import Final

from app.domain.log_lines import HEADER_LIMIT, PERHAPS_HEADER, TRACEBACK, Header, header, unwrap
from app.scanning.buffer import Buffer
from app.scanning.needles import ESCAPE, OPENING, OUTLINE, find, rfind, translate

CONNECTORS: Final = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
)
OTHERS: Final = (b"Exception in thread ", b"Exception ignored in")
_BOM: Final = b"\xef\xbb\xbf"
_LEAD: Final = re.compile(rb"[\s|+]*+(?:Exception Group )?" + re.escape(TRACEBACK))
_FRAME: Final = re.compile(rb'\s*File "')
_PERHAPS_HEADER: Final = re.compile(PERHAPS_HEADER)
_PERHAPS_OTHER: Final = re.compile(rb"(?:Traceback \(|Exception i|\x1b)")
# The beginning that Odoo's headers have; enough to be a header whatever follows (colours too).
_ODOO: Final = rb"\d\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d,\d\d\d \d{1,10} "
_ODOO_HEADER: Final = _ODOO + rb"(?:INFO|WARNING|ERROR|DEBUG|CRITICAL) "
match_loud: Final = re.compile(
    rb"(" + _ODOO + rb"(?:WARNING|ERROR|CRITICAL) [^\n]{0,9999})\n(" + _ODOO_HEADER + rb")?"
).match
"""Match a line that is a loud header of Odoo (group 1), and the next one if it is a header of Odoo (group 2)."""
_match_header: Final = re.compile(
    rb"(" + _ODOO_HEADER + rb")|" + PERHAPS_HEADER + rb"|[^\n]*\n(" + _ODOO_HEADER + rb")"
).match


def next_header(data: bytearray, at: int, end: int) -> int:
    """The first header line in a range that begins at a line end, -1: a closer look is needed.

    What has colours in it always needs one.
    """
    if data.startswith(TRACEBACK, at + 1):
        at += len(TRACEBACK)
    while at + 1 < end:
        stop = min(end, at + 4096)
        shape = translate(data, OUTLINE, False, at, stop)
        found = find(shape, OPENING, 0, 4096)
        while found >= 0:
            line = at + found + 1
            if match := _match_header(data, line, end):
                group = match.lastindex
                return match.start(group) if group else -1
            found = find(shape, OPENING, found + 1, 4096)
        at = stop - 1
    return -1


def uncoloured(text: bytes) -> bytes:
    """The lines without colours and CR before line ends; nothing that looks like a prefix is taken."""
    text = unwrap(b" " + text)[1][1:]  # nothing is wrapped that begins with a space
    if b"\r" in text:
        return b"\n".join([line.rstrip(b"\r") for line in text.split(b"\n")])
    return text


def plain_text(raw: bytes) -> bytes:
    """The text of a record without a wrapping."""
    if b"\x1b" in raw or b"\r" in raw:
        raw = uncoloured(raw)
    return raw.removeprefix(_BOM)


def line_text(raw: bytes, writer: bytes) -> bytes:
    """The text of a record's first line."""
    return unwrap(raw)[1] if writer else plain_text(raw)


def read_head(head: bytes) -> tuple[bytes, bytes, Header | None]:
    """A line's writer, the text of its head, and the header that it may be."""
    writer, text = unwrap(head)
    return writer, text, header(text)


def starts_traceback(buffer: Buffer, at: int, writer: bytes, text: bytes) -> bool | None:
    """Whether a line that is no header opens a traceback; None: it depends on a line yet to come."""
    if _LEAD.match(text):
        return True
    if not text.rstrip().endswith(TRACEBACK):
        return False
    end = find(buffer.data, b"\n", at, min(at + HEADER_LIMIT + 1, buffer.filled))
    if end < 0 and buffer.filled > at + HEADER_LIMIT:
        return False  # the line is longer than its head
    head = buffer.head(end + 1) if end >= 0 else None
    if head is None:
        return False if buffer.final else None
    other, text = unwrap(head)
    return other == writer and _FRAME.match(text) is not None


def is_header(buffer: Buffer, at: int) -> bool | None:
    """Whether the line at `at` is a header of anyone; None: its head is yet to come."""
    head = buffer.head(at)
    if head is None:
        return None
    return header(unwrap(head)[1]) is not None


def ends_orphan(text: bytes, last: bytes) -> bool:
    """Whether a line of an orphan begins something else, `last` being the line with text before it."""
    return text.startswith(OTHERS) or (text.startswith(TRACEBACK) and last.strip() not in CONNECTORS)


def last_text_line(buffer: Buffer, start: int, at: int) -> bytes:
    """The last line with text between `start` and `at`, if it begins at most HEADER_LIMIT bytes before."""
    low = at - HEADER_LIMIT
    low = find(buffer.data, b"\n", low - 1, at) + 1 if low > start else start
    lines = uncoloured(bytes(buffer.view[low:at])).split(b"\n")
    return next((line for line in reversed(lines) if line.strip()), b"")


def header_above(buffer: Buffer, at: int, writer: bytes, low: int) -> tuple[int, bytes] | None:
    """The header above the line at `at`, looking back to lines behind index `low`: its index and text.

    None where there is no header; the index is -1 where the record between is another writer's.
    """
    stop = at
    while stop > low + 1:
        start = rfind(buffer.data, b"\n", low, stop - 1) + 1
        if start <= low:
            break
        head = bytes(buffer.view[start : min(start + HEADER_LIMIT, stop - 1)])
        other, _, record = read_head(head)
        if record and (not writer or other in (writer, b"")):
            raw = bytes(buffer.view[start : stop - 1])
            return (-1, b"") if other and not writer else (start, line_text(raw, other))
        stop = start
    return None


def line_above(buffer: Buffer, at: int, writer: bytes, low: int) -> bytes | None:
    """The text of the writer's last line between the indices `low` and `at`, None where it has none."""
    stop = at
    while stop > low:
        start = max(low, rfind(buffer.data, b"\n", low, stop - 1) + 1)
        raw = bytes(buffer.view[start : stop - 1])
        if not writer:
            return uncoloured(raw)
        other, text = unwrap(raw)
        if other == writer:
            return text
        stop = start
    return None


def next_end(buffer: Buffer, start: int, at: int, is_orphan: bool) -> tuple[int, int]:
    """Where the plain record at `start` ends, looking from `at` on, and where to look on if it is unknown.

    The end is -1 while it is unknown.
    """
    data, filled = buffer.data, buffer.filled
    while at < filled:
        stop = min(at + 4096, filled)
        shape = translate(data, OUTLINE, False, at, stop)
        check_all = find(data, ESCAPE, at, min(stop + HEADER_LIMIT, filled)) >= 0
        found = find(shape, OPENING, 0, len(shape))
        while found >= 0:
            line = at + found + 1
            perhaps = check_all or _PERHAPS_HEADER.match(data, line, filled)
            if perhaps or line + HEADER_LIMIT > filled or (is_orphan and _PERHAPS_OTHER.match(data, line)):
                head = buffer.head(line)
                if head is None:
                    return -1, line - 1
                if header(unwrap(head)[1]):
                    return line, line
                if is_orphan and ends_orphan(uncoloured(head), last_text_line(buffer, start, line)):
                    return line, line
            found = find(shape, OPENING, found + 1, len(shape))
        at = stop if stop == filled and data[stop - 1] != 10 else stop - 1
        if stop == filled:
            break
    return (filled if buffer.final else -1), at
