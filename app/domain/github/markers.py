"""Markers: invisible lines by which an issue or a comment on GitHub is known to be ours, whatever happened to the answer.

Comes in: the id that a row was given. Goes out: the line for the text, and the ids that stand in a text.
"""

import re
from typing import Final
from uuid import UUID

_LINE: Final = re.compile(
    r"^[ \t]*<!-- snaglist:([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}) -->[ \t]*\r?$", re.MULTILINE
)


def line(marker: UUID) -> str:
    """The line that carries the marker; Markdown shows nothing of it. It has to stand alone on its line."""
    return f"<!-- snaglist:{marker} -->"


def found(text: str) -> list[UUID]:
    """The markers in the text of an issue or comment, in order; only those that stand alone on a line count.

    A text of ours holds exactly one: what comes from an error is defused. A person can copy it into a text of his
    own, so readers also have to ask who wrote what holds it.
    """
    return [UUID(match[1]) for match in _LINE.finditer(text)]
