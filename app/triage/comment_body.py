"""What a comment may say.

Comes in: text as somebody sent it. Goes out: text as it is stored. How it looks is `markdown`'s.
"""

import re
from typing import Final

from app.errors import BadInput

LIMIT: Final = 64 * 1024
"""Bytes of a comment."""

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL takes in no text: NUL, and halves of characters."""


def checked(text: str) -> str:
    """The text, its lines ended by \\n alone. BadInput: it is empty, too long, or no text."""
    if _UNSTORABLE.search(text):
        raise BadInput("a comment is valid text without NUL", field="body")
    if len(text) > LIMIT or len(text.encode()) > LIMIT:
        raise BadInput(f"a comment has at most {LIMIT // 1024} KiB", field="body")
    if not text.strip():
        raise BadInput("say something: a comment of blanks says nothing", field="body")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def may_name(text: str) -> bool:
    """Whether somebody may be named in it, as `@ann`: whether that is so is looked at by whoever tells them."""
    return "@" in text
