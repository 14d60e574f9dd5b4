"""The conditions of a statement and the values in its places, put together piece by piece.

Comes in: pieces of SQL with `?` where a value belongs. Goes out: one piece with `$1`, `$2` ..., and the values. Only
our own words become SQL; whatever was sent from outside is a value.
"""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from app.errors import BadInput

TEXT_LIMIT: Final = 1000
"""Characters that a text to search for may have."""


class Conditions:
    """Conditions that must all hold. The value of `$1` is the organization, always."""

    __slots__ = ("_texts", "values")

    def __init__(self, organization_id: UUID, *texts: str) -> None:
        self._texts = list(texts)
        self.values: list[object] = [organization_id]

    def add(self, text: str, *values: object) -> None:
        """One more condition; each `?` in it is the place of a value."""
        self._texts.append(self.filled(text, *values))

    def filled(self, text: str, *values: object) -> str:
        """A piece of the same statement that is no condition; each `?` in it is the place of a value."""
        for value in values:
            text = text.replace("?", self.place(value), 1)
        return text

    def beside(self, *texts: str) -> "Conditions":
        """Other conditions for the same statement: the values are the same list."""
        other = Conditions.__new__(Conditions)
        other._texts, other.values = list(texts), self.values
        return other

    def place(self, value: object) -> str:
        """The place of one more value."""
        self.values.append(value)
        return f"${len(self.values)}"

    def __str__(self) -> str:
        return "\n    and ".join(self._texts)


def can_be_stored(text: str) -> bool:
    """Whether PostgreSQL takes the text at all; what it does not take, no row has."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def short(text: str, field: str) -> str:
    """The text to search for, as it was sent. BadInput: it is too long."""
    if len(text) > TEXT_LIMIT:
        raise BadInput(f"a text to search for has at most {TEXT_LIMIT:,} characters", field=field)
    return text


def containing(text: str) -> str:
    """The pattern for `like` that finds the text anywhere, whatever characters are in it."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"


def moment(at: datetime, field: str) -> datetime:
    """The time in UTC. BadInput: it has no zone, or lies where there is no time."""
    if at.tzinfo is None:
        raise BadInput("a time needs its zone", field=field)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise BadInput("there is no such time", field=field) from None
