"""Texts as they may be stored: without secrets, and without what PostgreSQL refuses."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from app.domain.events.event_texts import clean as clean
from app.domain.secrets.redaction import redact
from app.domain.secrets.scrubbed_texts import is_harmless

NAME_LIMIT: Final = 500


def safe(text: str, limit: int) -> str:
    """The text clean, without secrets, at most `limit` characters long: cut in the middle where it was longer."""
    text = clean(text[: limit // 2] + "\n…\n" + text[-(limit // 2 - 3) :] if len(text) > limit else text)
    return (text if is_harmless(text) else redact(text))[:limit]


@lru_cache(maxsize=8192)
def name(text: str) -> str:
    """A path, a module, a type ...: like `safe`, and remembered, as the same names come again and again."""
    return safe(text, NAME_LIMIT)


def safe_lines(lines: Sequence[str]) -> list[str]:
    """Each line clean and without secrets, read as one text: what a name above tells of a value below is seen."""
    if not lines:
        return []
    return redact(clean("\n".join(line.replace("\n", " ") for line in lines))).split("\n")
