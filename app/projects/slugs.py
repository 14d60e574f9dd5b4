"""Slugs made of names: a name's own, or the next free one behind it.

Comes in: a name, and how to look and how to store. Goes out: the id of what was stored.
"""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Set
from itertools import count
from typing import Final
from uuid import UUID

from app.errors import Taken

LIMIT: Final = 63
STEM: Final = 50
"""Characters that a slug and the numbered ones behind it have in common."""
ATTEMPTS: Final = 100
"""Each that fails is one in which somebody else took the slug between look and store."""


def derived(name: str, otherwise: str) -> str:
    """The slug of a name; `otherwise` where none of its characters can stand in one."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:LIMIT].rstrip("-") or otherwise


def free(slug: str, taken: Set[str]) -> str:
    """The slug, or the first one not taken of those ending in -2, -3 ..."""
    numbered = (_numbered(slug, number) for number in count(2))
    return slug if slug not in taken else next(one for one in numbered if one not in taken)


async def store(
    slug: str,
    *,
    taken: Callable[[str], Awaitable[Set[str]]],
    make: Callable[[str], Awaitable[UUID | None]],
) -> UUID:
    """Store something under this slug, or the next free one.

    `taken` gives the slugs in use that start so; `make` gives the new id, None where the slug was in use.
    Taken: somebody else was faster, time and again.
    """
    for _ in range(ATTEMPTS):
        if made := await make(free(slug, await taken(slug[:STEM]))):
            return made
    raise refusal()


def refusal() -> Taken:
    """What is raised for a slug in use."""
    return Taken("this slug is in use", field="slug")


def _numbered(slug: str, number: int) -> str:
    end = f"-{number}"
    return slug[: LIMIT - len(end)].rstrip("-") + end
