"""Exceptions and their frames: what was raised, and where.

Comes in: exceptions as they are stored. Goes out: what the graph shows of them, and one text as their language prints it.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import strawberry

from app.graphql.scalars import JSON
from app.recording.shown_events import Surroundings
from app.recording.sightings import ShownException, ShownFrame

_ALONE: Final = Surroundings()


def _column(frame: strawberry.Parent[ShownFrame]) -> int | None:
    return (frame.around or _ALONE).column


def _context_before(frame: strawberry.Parent[ShownFrame]) -> tuple[str, ...]:
    return (frame.around or _ALONE).before


def _context_after(frame: strawberry.Parent[ShownFrame]) -> tuple[str, ...]:
    return (frame.around or _ALONE).after


def _variables(frame: strawberry.Parent[ShownFrame]) -> Any:
    return (frame.around or _ALONE).variables


@strawberry.type(description="One frame of a traceback: a place in the code, and what it was doing.")
class Frame:
    """One frame of a traceback; a `ShownFrame` is shown as it is."""

    path: str = strawberry.field(
        description="The file's path, as the server or the app has it; empty where that is not known."
    )
    line: int = strawberry.field(description="The line's number, from 1; 0 where an app does not tell it.")
    function: str | None = strawberry.field(description="The function's name, null where unknown.")
    module: str | None = strawberry.field(
        description="The Odoo module that the file belongs to, or what an app calls the frame's module; null if none."
    )
    in_app: bool = strawberry.field(
        description="True for the application's own code, false for Odoo's, Python's and libraries'."
    )
    source: str | None = strawberry.field(
        name="contextLine",
        description="The line of code, without secrets; null where the traceback has none.",
    )

    column: int | None = strawberry.field(
        description="The column in the line, from 1; null where it is not told.",
        resolver=_column,
        graphql_type=int | None,
    )
    context_before: tuple[str, ...] = strawberry.field(
        description="Lines of code before it, as an app sent them; empty for logs.",
        resolver=_context_before,
        graphql_type=list[str],
    )
    context_after: tuple[str, ...] = strawberry.field(
        description="Lines of code after it, as an app sent them; empty for logs.",
        resolver=_context_after,
        graphql_type=list[str],
    )
    variables: object = strawberry.field(
        description="The local variables as an app sent them, an object from name to value, without secrets; null where it"
        " sent none.",
        resolver=_variables,
        graphql_type=JSON | None,
    )


@strawberry.type(description="One exception of a chain.")
class RaisedException:
    """One exception of a chain; a `ShownException` is shown as it is."""

    type: str | None = strawberry.field(description="Its class, with the module; null where unknown.")
    message: str = strawberry.field(
        description="Its message, without secrets; may be empty and have many lines."
    )
    frames: list[ShownFrame] = strawberry.field(
        description="Its frames, the call that came last at the end. Of a very deep one the middle is left out.",
        graphql_type=list[Frame],
    )


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
