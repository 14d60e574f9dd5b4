"""Global ids: what kind of thing it is, and which one, as one opaque text.

Comes in: the name of a GraphQL type and the row's id. Goes out: text that a client hands back as it is. What is no id,
an id of another type, or nothing at all, is None: to a client it looks like a thing that is not there.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from uuid import UUID

import strawberry

from app.domain import global_ids

LONGEST: Final = 200
NOBODY: Final = UUID(int=0)
"""The id that no row has: what an id that means nothing stands for in a filter, which then finds nothing."""


def encode(kind: str, number: UUID | int) -> strawberry.ID:
    """The global id of the row."""
    return strawberry.ID(global_ids.encode(kind, number))


def split(global_id: str) -> tuple[str, str] | None:
    """The type's name and the row's id as text; None where this is no global id, letter by letter."""
    if len(global_id) > LONGEST or not global_id.isascii():
        return None
    try:
        decoded = urlsafe_b64decode(global_id + "=" * (-len(global_id) % 4))
        kind, separator, number = decoded.decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    is_ours = separator and urlsafe_b64encode(decoded).decode().rstrip("=") == global_id
    return (kind, number) if is_ours else None


def decode(kind: str, global_id: str) -> UUID | None:
    """The row's UUID; None where this is no global id of this type."""
    found = split(global_id)
    return as_uuid(found[1]) if found and found[0] == kind else None


def wanted(kind: str, global_id: str | None) -> UUID | None:
    """The row's UUID for a filter: None where nothing was asked, NOBODY where what was asked is no such id."""
    return None if global_id is None else decode(kind, global_id) or NOBODY


def as_uuid(text: str) -> UUID | None:
    """The UUID as `encode` writes it, None for any other text."""
    try:
        number = UUID(text)
    except ValueError:
        return None
    return number if str(number) == text else None


def as_number(text: str) -> int | None:
    """The number as `encode` writes it, None for any other text."""
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_number and str(int(text)) == text else None
