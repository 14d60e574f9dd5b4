"""Texts of strangers, made such that GitHub only shows them: nothing in them is alive.

Comes in: any text: of an error, of a path, a name or a reason that a person gave. Goes out: Markdown. Everything goes
into code, where GitHub knows no mention, reference, closing keyword, link, Markdown or HTML; only titles, which have no
code, are kept readable by a mark of no width. Secrets go out of every text here, so that none is forgotten.
"""

import re
from typing import Final
from urllib.parse import quote

from app.domain.shown_texts import CUT, on_one_line, shown

LINK_LIMIT: Final = 500
"""Characters of an address; a longer one is left out, and only its words are shown."""

_RUN_LIMIT: Final = 32
"""Backticks in a row: a fence has to be longer than any, and GitHub knows no span of code with more than 80."""
_NO_WIDTH: Final = "\u200b"

_LONG_RUN: Final = re.compile(rf"`{{{_RUN_LIMIT},}}")
_RUN: Final = re.compile("`+")
_MARKER: Final = re.compile(r"<!--(?=\s*snaglist)", re.IGNORECASE)
_ALIVE: Final = re.compile(
    r"(?<=@)(?=\w)|(?<=#)(?=\d)|(?<=GH-)(?=\d)|(?<=/issues/)(?=\d)|(?<=/pull/)(?=\d)|(?<=/discussions/)(?=\d)",
    re.IGNORECASE,
)


def ready(text: str) -> str:
    """The text as it may leave: lines end in LF, U+FFFD stands for what cannot be shown, no secret that we know of, no
    marker of ours, and no run of backticks beyond 32. It still has to be put into code, or through `defused`."""
    return _MARKER.sub("<! --", _LONG_RUN.sub("`" * _RUN_LIMIT, shown(text)))


def one_line(text: str, limit: int, *, from_end: bool = False) -> str:
    """The text on one line of at most `limit` characters, single-spaced; `from_end` keeps the end of a longer one."""
    return on_one_line(ready(text), limit, from_end=from_end)


def code(text: str, limit: int, *, from_end: bool = False) -> str:
    """A span of code that shows the text as `one_line` gives it; `?` where there is none."""
    line = one_line(text, limit, from_end=from_end) or "?"
    mark = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{mark}{pad}{line}{pad}{mark}"


def block(text: str, language: str = "") -> str:
    """A block of code that shows the text, which is `ready`; `language` is ours, and never the text's."""
    mark = fence(text)
    return f"{mark}{language}\n{text}\n{mark}"


def fence(text: str) -> str:
    """Backticks to stand above and below the text, three at least, and more than it holds in a row."""
    return "`" * max(3, _longest_run(text) + 1)


def defused(text: str, limit: int) -> str:
    """One line for where there is no code: a mark of no width stands within each mention and reference.

    Those are `@name`, `#12`, `GH-12`, `owner/repo#12` and addresses of issues. Commit ids stay as they are: no title
    links them.
    """
    line = _ALIVE.sub(_NO_WIDTH, one_line(text, limit))
    return line if len(line) <= limit else line[: limit - 1] + CUT


def link(words: str, address: str) -> str:
    """A link under our own words (or a span of code) to an address of ours, whatever its characters."""
    safe = quote(address, safe=":/?#[]@!$&'*+,;=%~", errors="replace")
    if not safe.lower().startswith(("http://", "https://")) or len(safe) > LINK_LIMIT:
        return words
    return f"[{words}](<{safe}>)"


def _longest_run(text: str) -> int:
    return max(map(len, _RUN.findall(text)), default=0)
