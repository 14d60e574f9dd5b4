"""The text in which a group is searched for: what it was about when it was stored last, in small letters.

Comes in: what people read about an occurrence, and its module. Goes out: one text of a bounded length, to which
`folded` makes a wanted text comparable. It lives in a table of its own: counts change all the time, texts seldom.
"""

from collections.abc import Iterator
from typing import Final

from app.recording.sightings import Description
from app.recording.texts import name

TEXT_LIMIT: Final = 2000
"""Characters of a whole text; paths fill what is left, those of the application first, the innermost first."""
TYPE_LIMIT: Final = 200
MESSAGE_LIMIT: Final = 1000


def folded(text: str) -> str:
    """The text in small letters, whatever the language."""
    return text.casefold()


def searched(description: Description, module: str | None) -> str:
    """The exception's type, the title, the beginning of the message, the module and the paths, a line each."""
    lines = [
        (description.exception_type or "")[:TYPE_LIMIT],
        description.title,
        description.message[:MESSAGE_LIMIT],
        name(module) if module else "",
    ]
    left = TEXT_LIMIT - sum(len(line) + 1 for line in lines)
    for path in dict.fromkeys(_paths(description)):
        left -= len(path) + 1
        if left < 0:
            break
        lines.append(path)
    return folded("\n".join(line for line in lines if line))


def _paths(description: Description) -> Iterator[str]:
    for in_app in (True, False):
        for exception in reversed(description.detail.exceptions):
            for frame in reversed(exception.frames):
                if frame.in_app is in_app:
                    yield frame.path
