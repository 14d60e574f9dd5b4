"""Texts of strangers, made such that they can be shown and may leave: without secrets and without what nobody sees.

Comes in: any text: of an error, of a path, a name that a person gave. Goes out: text of lines, or one line. What a reader of
it would make alive, such as mentions and markup, is for those who know the reader.
"""

import re
from typing import Final

from app.domain.events import event_texts
from app.domain.secrets.redaction import redact

CUT: Final = "…"

_COLOUR: Final = re.compile(r"\x1b\[[0-9;:?]*+[ -/]*+[@-~]")
# Controls but tab and line end, what turns the direction of writing, line ends that are none to Markdown, lone
# surrogates, tags and annotations (which nobody sees), and what is no character.
_UNSHOWN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)


def shown(text: str) -> str:
    """The text with lines that end in LF, U+FFFD for what cannot be shown, and no secret that we know of."""
    text = event_texts.clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    return redact(_UNSHOWN.sub(event_texts.UNKNOWN, _COLOUR.sub("", text)))


def one_line(text: str, limit: int) -> str:
    """The text, `shown`, on one line of at most `limit` characters, single-spaced."""
    return on_one_line(shown(text), limit)


def on_one_line(text: str, limit: int, *, from_end: bool = False) -> str:
    """The text as it is, on one line of at most `limit` characters; `from_end` keeps the end of a longer one."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return (CUT + line[1 - limit :].lstrip()) if from_end else line[: limit - 1].rstrip() + CUT
