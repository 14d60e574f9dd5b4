"""Positions as they are kept: JSON of whatever a source needs to go on."""

from typing import TypeVar

import msgspec

_T = TypeVar("_T")


def known(position: str, kind: type[_T]) -> _T | None:
    """The position; None where the log was never read, or by a source of another kind."""
    try:
        return msgspec.json.decode(position, type=kind)
    except msgspec.DecodeError:
        return None
