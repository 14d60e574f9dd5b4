"""References: what the payloads of an app are compressed against, so that what they have in common is stored once.

Comes in: ids, as events name them. Goes out: the bytes. A reference is some of the app's own payloads, without secrets; it
never changes, is used for a time, and stays as long as an event may name it. So it is remembered by whoever has read it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from app.tables.database import fetch

SIZE: Final = 32 * 1024
"""Bytes of a reference: as much as a payload, and as little as a processor has near by."""
LEAST: Final = 2 * 1024
"""Bytes below which it is not worth one."""
LONGEST_USE: Final = timedelta(days=14)
"""How long payloads are compressed against one, so that it can end when they have."""
MOST_REMEMBERED: Final = 500

_remembered: Final[dict[int, "Reference"]] = {}


@dataclass(frozen=True, slots=True)
class Reference:
    """What payloads are compressed against."""

    id: int
    content: bytes = field(repr=False)


async def find(ids: Collection[int | None]) -> dict[int | None, Reference]:
    """The references; one that does not exist is missing. None, which a payload without one has, may be among the ids."""
    found: dict[int | None, Reference] = {}
    unknown: list[int] = []
    for id_ in set(ids) - {None}:
        if id_ in _remembered:
            found[id_] = _remembered[id_] = _remembered.pop(
                id_
            )  # the one that was asked for last stays longest
        elif id_ is not None:
            unknown.append(id_)
    if unknown:
        rows = await fetch("select id, content from payload_reference where id = any($1::bigint[])", unknown)
        for row in rows:
            found[row["id"]] = Reference(row["id"], row["content"])
            _remember(found[row["id"]])
    return found


def _remember(reference: Reference) -> None:
    while len(_remembered) >= MOST_REMEMBERED:
        _remembered.pop(next(iter(_remembered)), None)
    _remembered[reference.id] = reference
