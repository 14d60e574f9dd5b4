"""Tracebacks in the text of a record: parts of a chain, frames, exception lines, messages.

Comes in: a record's text (bytes, LF). Goes out: `Part`s in printed order. Nothing here raises on bad text: what
cannot be read is empty. Two questions are kept apart for speed: `split` reads what a fingerprint needs in one
pass of one regex; `exceptions` and `message` read the rest for a detection that is looked at.

The printed form is that of CPython's `traceback` module, Python 3.5 to 3.14 (Lib/traceback.py).
"""

import re
from dataclasses import dataclass
from typing import Final

from app.domain.log_lines import TRACEBACK

RawFrame = bytes
"""A frame as printed, behind `  File `: `"/path/file.py", line 12, in function`. `read_frame` takes it apart."""

_LINE_END: Final = 10
_CONNECTORS: Final = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
)
_FRAMES = re.compile(rb'\n  File ("[^\n]*+)')
FRAME: Final = re.compile(rb'"([^"\n]*)", line (\d+)(?:, in ([^\n]*))?')
_START = re.compile(
    rb"^(?P<indent>[ \t|+]*)(?:Exception Group )?Traceback \(most recent call last\):", re.MULTILINE
)
_INLINE_START = re.compile(
    rb"(?:  \+ Exception Group )?Traceback \(most recent call last\):[ \t]*(?=\n[\s|]*File \")"
)
_CHAINED = re.compile(
    rb"\n(?:" + b"|".join(map(re.escape, _CONNECTORS)) + rb")[ \t]*\n\s*(?=[A-Za-z_\x80-\xff])"
)
_UNINDENTED = re.compile(rb"Traceback \(most recent call last\):[ \t]*\nFile \"")
_NO_SOURCE = re.compile(rb"[\w.]+(?:Error|Exception|Warning)(?::|\Z)")
_CARETS = re.compile(rb"[ ~^]+\Z")
_EXCEPTION_LINE = re.compile(rb"\n(?=\S)")
_OF_SUB_EXCEPTION = re.compile(rb"  \+-| {3,}[|+]")
_SHOWN_FRAME = re.compile(
    rb'\n  File ("[^"\n]*", line \d[^\n]*)(?:\n    (?!\s*[\^~]+\s*$)([^\n]*))?', re.MULTILINE
)
_TYPE = re.compile(
    rb"(?P<type>[A-Za-z_\x80-\xff][\w.<>\x80-\xff]{0,255}(?:\[[\w., ]{1,255}\])?)(?P<colon>:(?: |$))?",
    re.MULTILINE,
)
_TAIL = r" (?:- - -(?: -)?|\d+ \d+\.\d{3} \d+\.\d{3}(?: (?:ro|rw|ro->rw|-))?)[ \t]*\Z"
_TAIL_BYTES = re.compile(_TAIL.encode())
PERFORMANCE_TAIL: Final = re.compile(_TAIL)
"""What Odoo's perf_info leaves at the end of a message."""


@dataclass(slots=True)
class Part:
    """One exception of a chain.

    `exception` is the first line behind the frames (`Type: message`), empty where the text was cut off before it.
    """

    frames: list[RawFrame]
    exception: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as printed; `line` 0 where unreadable, `source` the line of code shown below it, if any."""

    path: str
    line: int
    function: str | None
    source: str | None


def find(text: bytes) -> int:
    """Where in a record's text its first traceback begins, -1 where it has none.

    A traceback begins a line, or ends one whose next line is a frame (`_logger.error("...: %s", format_exc())`).
    The words inside a JSON string or a sentence are none.
    """
    at = text.find(TRACEBACK)
    if at <= 0 or text[at - 1] == _LINE_END:
        return at
    line_start = text.rfind(b"\n", 0, at) + 1
    if found := _START.match(text, line_start):
        return found.start()
    begins = _START.search(text, at)
    inline = _INLINE_START.search(text, line_start)
    starts = [found.start() for found in (begins, inline) if found]
    return min(starts, default=-1)


def straighten(text: bytes, at: int) -> bytes:
    """The traceback that begins at `at`, in column 0: exception groups flattened, indentation taken off.

    The sub-exceptions of a group are left out. What is in column 0 already comes back unchanged, unless its frames
    are too: old journals took the blanks off each line.
    """
    body = text[at:]
    if b"Exception Group Traceback" in body:
        body = _flatten_groups(body)
    if body.startswith(TRACEBACK):
        return _indent_frames(body) if _UNINDENTED.match(body) else body
    found = _START.match(body)
    if found is None:
        return body
    indent = found["indent"]
    return b"\n".join(line.removeprefix(indent) for line in body.split(b"\n"))


def split(traceback: bytes) -> list[Part]:
    """The parts of a straightened traceback, in printed order; at least one.

    Text that looks like a traceback inside an exception's message belongs to the message.
    """
    if b"above exception" not in traceback:  # which both connectors say
        return [_part(traceback)]
    return [_part(segment) for segment in _segments(traceback)]


def _part(segment: bytes) -> Part:
    at = _exception_at(segment)
    end = segment.find(b"\n", at)
    frames = _FRAMES.findall(segment, 0, at)
    if frames and not FRAME.match(frames[-1]):
        frames.pop()  # cut off in the middle of the line
    return Part(frames, segment[at : end if end >= 0 else len(segment)])


def read_frame(raw: RawFrame) -> tuple[str, int, str | None]:
    """Path, line number and function of a frame; the function is None where the line has no `in f`."""
    found = FRAME.match(raw)
    if found is None:
        return "", 0, None
    path, line, function = found.groups()
    return (
        path.decode("utf-8", "replace"),
        int(line[:9]),
        function.decode("utf-8", "replace") if function else None,
    )


def exception_type(part: Part) -> str | None:
    """The type as printed (`psycopg2.errors.UniqueViolation`), None where it was cut off or is no type."""
    found = _TYPE.match(part.exception)
    if found is None or (
        found["colon"] is None and _TAIL_BYTES.sub(b"", part.exception).strip() != found["type"]
    ):
        return None
    return found["type"].decode("utf-8", "replace")


def message(traceback: bytes) -> str:
    """What the last exception of a straightened traceback says, all its lines, without its type."""
    return _message_of(_segments(traceback)[-1])


def exceptions(traceback: bytes) -> list[tuple[str | None, str, list[Frame]]]:
    """Each part of a straightened traceback for people: type, message, frames with their source lines."""
    return [
        (exception_type(_part(segment)), _message_of(segment), _frames_of(segment))
        for segment in _segments(traceback)
    ]


def _segments(traceback: bytes) -> list[bytes]:
    segments = _CHAINED.split(traceback)
    if len(segments) == 1 or traceback.count(TRACEBACK) <= len(segments):
        return segments
    return _with_quotes(segments)


def _with_quotes(segments: list[bytes]) -> list[bytes]:
    """The segments, those put together that one message quotes: QWeb's errors repeat the chain that led to them."""
    whole: list[bytes] = []
    expected = 0  # the segment that a quote goes on with, 0 outside of one
    for segment in segments:
        if expected and segment.lstrip().startswith(whole[expected].strip()):
            whole[-1] += b"\n\n" + _CONNECTORS[0] + b"\n\n" + segment
            expected = (expected + 1) % (len(whole) - 1)
            continue
        quote = segment.rfind(b"\n" + TRACEBACK)
        begins = quote > 0 and len(whole) > 1 and segment[quote:].strip() == whole[0].strip()
        whole.append(segment)
        expected = 1 % (len(whole) - 1) if begins else 0
    return whole


def _exception_at(segment: bytes) -> int:
    """Where the first line in column 0 behind the frames begins; a part without frames is that line itself."""
    if not segment.startswith(TRACEBACK):
        return 0
    found = _EXCEPTION_LINE.search(segment)
    return found.end() if found else len(segment)


def _message_of(segment: bytes) -> str:
    text = _TAIL_BYTES.sub(b"", segment[_exception_at(segment) :].rstrip())
    found = _TYPE.match(text)
    if found and (found["colon"] or text[found.end() : found.end() + 1] in (b"", b"\n")):
        text = text[found.end() :]
    return text.strip().decode("utf-8", "replace")


def _frames_of(segment: bytes) -> list[Frame]:
    shown = _SHOWN_FRAME.findall(segment, 0, _exception_at(segment))
    return [
        Frame(*read_frame(raw), source.decode("utf-8", "replace").strip() or None) for raw, source in shown
    ]


def _indent_frames(body: bytes) -> bytes:
    """The traceback with its frames indented. Behind a frame stands its source, unless it is the exception already."""
    lines: list[bytes] = []
    is_inside = is_frame = False
    for line in body.split(b"\n"):
        if line.startswith(TRACEBACK):
            is_inside, is_frame = True, False
            lines.append(line)
        elif is_inside and line.startswith(b'File "'):
            is_frame = True
            lines.append(b"  " + line)
        elif is_inside and ((is_frame and not _NO_SOURCE.match(line)) or _CARETS.match(line)):
            is_frame = False
            lines.append(b"    " + line)
        else:
            is_inside = False
            lines.append(line)
    return b"\n".join(lines)


def _flatten_groups(body: bytes) -> bytes:
    """A traceback with groups as if its outermost exceptions were plain ones: their lines stand below `  | `."""
    lines: list[bytes] = []
    for line in body.split(b"\n"):
        if line.startswith(b"  + Exception Group Traceback"):
            lines.append(TRACEBACK)
        elif line.startswith(b"  | ") or line == b"  |":
            lines.append(line[4:])
        elif not _OF_SUB_EXCEPTION.match(line):
            lines.append(line)
    return b"\n".join(lines)
