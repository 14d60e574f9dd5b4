"""The traceback of an issue: a block of code, whole or without its middle.

Comes in: the traceback as it may leave, and the room that there is for it. Goes out: Markdown.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from app.domain.github.issue_facts import IssueFacts
from app.domain.github.quoting import block, fence, link
from app.domain.shown_texts import CUT

_TITLE: Final = "### Traceback\n\n"
_LONGEST: Final = 1_000
"""Characters that a line keeps of itself where the traceback is too long: two thirds of its beginning, one of its end."""
_ENDING: Final = re.compile(r"\.([A-Za-z]{1,5})(?:$|[?#:])")
_LANGUAGES: Final = {
    "py": "python",
    "js": "javascript",
    "jsx": "javascript",
    "cjs": "javascript",
    "mjs": "javascript",
    "vue": "javascript",
    "ts": "typescript",
    "tsx": "typescript",
    "rb": "ruby",
    "php": "php",
    "java": "java",
    "kt": "kotlin",
    "swift": "swift",
    "dart": "dart",
    "go": "go",
    "rs": "rust",
    "cs": "csharp",
}


def language(facts: IssueFacts) -> str:
    """What GitHub is to colour the traceback as: `python` for logs, for events what their files are, or nothing."""
    if facts.source == "LOG" or (facts.traceback or "").lstrip().startswith(
        "Traceback (most recent call last)"
    ):
        return "python"
    own = [frame for frame in facts.frames if frame.in_app]
    endings = (_ENDING.search(frame.path) for frame in own or facts.frames)
    known = (_LANGUAGES.get(found[1].lower()) for found in endings if found)
    return next(filter(None, known), "")


def whole(text: str, language: str) -> str:
    """The section with all of the traceback, which is `ready`."""
    return f"{_TITLE}{block(text, language)}"


def cut(text: str, language: str, address: str, limit: int) -> str:
    """The section in at most `limit` characters: the first and last lines, and between them how many are left out.

    The beginning gets a third of the room, the end, where the error was raised, the rest. Lines beyond `_LONGEST`
    characters lose their middle before whole lines go.
    """
    lines = [_shorter(line) for line in text.split("\n")]
    shorter = "\n".join(lines)
    if len(_TITLE) + len(block(shorter, language)) <= limit:
        return whole(shorter, language)
    marks = 2 * (2 * len(fence(shorter)) + len(language) + 2)
    room = limit - len(_TITLE) - marks - len(_left_out(len(lines), address)) - len("\n\n") * 2
    first = _fitting(lines, room // 3)
    last = _fitting(reversed(lines), room - sum(len(line) + 1 for line in lines[:first]))
    mark = fence(shorter)
    return _TITLE + "\n\n".join(
        [
            "\n".join([f"{mark}{language}", *lines[:first], mark]),
            _left_out(len(lines) - first - last, address),
            "\n".join([f"{mark}{language}", *lines[len(lines) - last :], mark]),
        ]
    )


def _shorter(line: str) -> str:
    third = _LONGEST // 3
    return line if len(line) <= _LONGEST else f"{line[: 2 * third - 3]} {CUT} {line[-third:]}"


def _fitting(lines: Iterable[str], room: int) -> int:
    """How many of the lines, from the first one on, there is room for."""
    count = 0
    for line in islice(lines, max(0, room)):
        room -= len(line) + 1
        if room < 0:
            break
        count += 1
    return count


def _left_out(count: int, address: str) -> str:
    lines = "1 line is" if count == 1 else f"{count:,} lines are"
    return f"**{lines} left out here.** {link('See all of it in Snaglist', address)}"
