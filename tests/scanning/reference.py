"""The log scanner's rules in their plainest form: a list of lines, walked one by one. Slow, and the oracle."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.log_lines import HEADER_LIMIT, TRACEBACK, Header, header, unwrap
from app.scanning.blocks import Limits

LOUD = ("WARNING", "ERROR", "CRITICAL")
NEEDLES = (b"WARNING", b"ERROR", b"CRITICAL", TRACEBACK)
CONNECTORS = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
)
OTHERS = (b"Exception in thread ", b"Exception ignored in")
LEAD = re.compile(rb"[\s|+]*(?:Exception Group )?" + re.escape(TRACEBACK))
BOM = b"\xef\xbb\xbf"
FRAME = re.compile(rb'\s*File "')


class Line:
    """A physical line; all that decides its role stands in its first HEADER_LIMIT bytes."""

    def __init__(self, number: int, start: int, end: int, raw: bytes) -> None:
        self.number, self.start, self.end, self.raw = number, start, end, raw
        self.writer, self.head = unwrap(raw[:HEADER_LIMIT])
        self.header = header(self.head)
        self.has_needle = any(needle in raw[:HEADER_LIMIT] for needle in NEEDLES)

    @property
    def uncoloured(self) -> bytes:
        return uncolour(self.raw)

    @property
    def text(self) -> bytes:
        return unwrap(self.raw)[1] if self.writer else self.uncoloured.removeprefix(BOM)


@dataclass(frozen=True)
class Found:
    """What a scanner's block must hold."""

    start: int
    end: int
    line: int
    end_line: int
    text: bytes
    header: Header | None
    under: bytes
    writer: bytes
    before: bytes
    after: bytes


def scan(data: bytes, limits: Limits = Limits()) -> list[Found]:  # noqa: B008 - frozen
    """All blocks of a whole stream, in order."""
    lines = list(split(data))
    inside: dict[bytes, int] = {}
    blocks = []
    for at, line in enumerate(lines):
        is_record = line.header is not None and line.header.level in LOUD and line.has_needle
        if not is_record:
            if line.header or not starts_traceback(lines, at):
                continue
            if line.start < max(inside.get(line.writer, 0), inside.get(b"", 0)):
                continue
        under = b"" if is_record else text_under(lines, at, limits)
        extent = wrapped_extent if line.writer else plain_extent
        end, end_line, text = extent(data, lines, at, not is_record, limits)
        inside[line.writer] = end
        before = data[max(0, line.start - limits.before) : line.start]
        after = data[end : end + limits.after]
        record = line.header if is_record else None
        blocks.append(
            Found(line.start, end, line.number, end_line, text, record, under, line.writer, before, after)
        )
    return blocks


def split(data: bytes) -> Iterator[Line]:
    """The lines of a stream; the last may lack its line end."""
    start = 0
    for number, raw in enumerate(data.split(b"\n"), 1):
        end = min(start + len(raw) + 1, len(data))
        if start < len(data):
            yield Line(number, start, end, raw)
        start = end


def starts_traceback(lines: list[Line], at: int) -> bool:
    line = lines[at]
    if TRACEBACK not in line.raw[:HEADER_LIMIT]:
        return False
    if LEAD.match(line.head):
        return True
    if not line.head.rstrip().endswith(TRACEBACK) or len(line.raw) > HEADER_LIMIT or at + 1 == len(lines):
        return False
    following = lines[at + 1]
    return following.writer == line.writer and FRAME.match(following.head) is not None


def text_under(lines: list[Line], at: int, limits: Limits) -> bytes:
    writer = lines[at].writer
    for owner in range(at - 1, -1, -1):
        line = lines[owner]
        if line.start < lines[at].start - limits.reach:
            break
        if line.header is None or (writer and line.writer not in (writer, b"")):
            continue
        if not writer and line.writer:
            break
        between = [other for other in lines[owner + 1 : at] if not writer or other.writer == writer]
        return b"\n".join(
            [line.text, *(other.text if writer else other.uncoloured for other in between[-1:])]
        )
    return b""


def ends_orphan(text: bytes, last: bytes) -> bool:
    """Whether a line of an orphan begins something else, `last` being the line with text before it."""
    return text.startswith(OTHERS) or (text.startswith(TRACEBACK) and last.strip() not in CONNECTORS)


def plain_extent(
    data: bytes, lines: list[Line], at: int, is_orphan: bool, limits: Limits
) -> tuple[int, int, bytes]:
    start = lines[at].start
    last = lines[at]
    for line in lines[at + 1 :]:
        near = last.uncoloured if line.start - last.start <= HEADER_LIMIT else b""
        if line.header or (is_orphan and ends_orphan(uncolour(line.raw[:HEADER_LIMIT]), near)):
            end, end_line = line.start, line.number - 1
            break
        if line.uncoloured.strip():
            last = line
    else:
        end, end_line = lines[-1].end, lines[-1].number
    body = data[start:end].removesuffix(b"\n")
    if len(body) <= limits.head + limits.tail:
        return end, end_line, clean(body, is_start=True)
    left_out = len(body) - limits.head - limits.tail
    head, tail = body[: limits.head], body[len(body) - limits.tail :]
    mark = b"\n[... %d bytes left out ...]\n" % left_out
    return end, end_line, clean(head, is_start=True) + mark + clean(tail, is_start=False)


def clean(raw: bytes, *, is_start: bool) -> bytes:
    text = b"\n".join(uncolour(line) for line in raw.split(b"\n"))
    return text.removeprefix(BOM) if is_start else text


def uncolour(line: bytes) -> bytes:
    """The line without colours and CR: nothing is wrapped that begins with a space."""
    return unwrap(b" " + line)[1][1:]


def wrapped_extent(
    data: bytes, lines: list[Line], at: int, is_orphan: bool, limits: Limits
) -> tuple[int, int, bytes]:
    start, writer = lines[at].start, lines[at].writer
    limit = start + limits.span
    texts: list[bytes] = []
    end, end_line, last = start, 0, b""
    for line in lines[at:]:
        if line.start >= limit:
            break
        if texts and line.header and line.writer in (writer, b""):
            break
        if line.writer != writer:
            continue
        text = unwrap(line.raw[: limit - line.start])[1]
        if texts and is_orphan and ends_orphan(text, last):
            break
        texts.append(text)
        end, end_line = min(line.end, limit), line.number
        last = text if text.strip() else last
    return end, end_line, b"\n".join(texts)
