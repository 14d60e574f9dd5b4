"""Exceptions and their frames: what was raised, and where.

Comes in: exceptions as they are stored. Goes out: what the graph shows of them.
"""

from typing import Any, Final

import strawberry

from app.graphql.scalars import JSON
from app.recording.shown_events import Surroundings
from app.recording.sightings import ShownFrame

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
