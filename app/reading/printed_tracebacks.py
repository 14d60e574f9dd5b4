"""Chains of exceptions as one text, as their language prints it.

Comes in: exceptions as they are stored. Goes out: what stood in the log, or would have.
"""

from collections.abc import Callable, Iterator
from typing import Final

from app.recording.shown_events import Surroundings
from app.recording.sightings import ShownException, ShownFrame

_ALONE: Final = Surroundings()


def traceback_text(exceptions: tuple[ShownException, ...], platform: str = "python") -> str | None:
    """The chain as its language prints it; None where there is no exception."""
    if platform == "python":
        return "\n\n".join("\n".join(_python(part)) for part in exceptions) or None
    place = _java if platform in _JAVA else _anywhere
    # The last one first, each with what it was caused by below it, as all others do.
    texts = ["\n".join(_other(part, place)) for part in reversed(exceptions)]
    return "\nCaused by: ".join(texts) or None


_JAVA: Final = ("java", "kotlin", "scala", "groovy", "clojure")


def _final(part: ShownException) -> str:
    return ": ".join(text for text in (part.type, part.message) if text)


def _python(part: ShownException) -> Iterator[str]:
    if part.frames:
        yield "Traceback (most recent call last):"
    for frame in part.frames:
        yield f'  File "{frame.path}", line {frame.line or "?"}, in {frame.function or "?"}'
        if frame.source is not None:
            yield f"    {frame.source.strip()}"
    if final := _final(part):
        yield final


def _other(part: ShownException, place: Callable[[ShownFrame], str]) -> Iterator[str]:
    yield _final(part) or "Error"
    for frame in reversed(part.frames):
        yield f"    at {place(frame)}"


def _java(frame: ShownFrame) -> str:
    name = ".".join(text for text in (frame.module, frame.function) if text)
    where = ":".join(str(part) for part in (frame.path, frame.line) if part)
    return f"{name or '<unknown>'}({where or 'Unknown Source'})"


def _anywhere(frame: ShownFrame) -> str:
    column = (frame.around or _ALONE).column
    where = ":".join(str(part) for part in (frame.path or frame.module, frame.line, column) if part)
    return f"{frame.function} ({where or '<unknown>'})" if frame.function else where or "<unknown>"
