"""Why somebody did something, as it is kept."""

from typing import Final

from app.errors import BadInput
from app.recording.texts import safe

LONGEST: Final = 1000
"""Characters."""


def in_words(reason: str | None) -> str | None:
    """The reason without secrets, and safe to store; None where there is none. BadInput: it is too long."""
    if reason is not None and len(reason) > LONGEST:
        raise BadInput(f"a reason has at most {LONGEST:,} characters", field="reason")
    return safe((reason or "").strip(), LONGEST) or None
