"""Turns: how many of the questions that can take long one organization asks at once.

Comes in: the organization. Goes out: its turn. A search looks at every group, and one request may ask for dozens of
searches; without turns these take every connection of the pool, and nobody else is even let in until they are done.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

AT_ONCE: Final = 4
"""Of one organization, in one process; the pool has ten connections."""

# A semaphore belongs to a loop, and is forgotten when nobody holds it or waits for it.
_turns: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[UUID, asyncio.Semaphore]]] = (
    WeakKeyDictionary()
)


@asynccontextmanager
async def turn(organization_id: UUID) -> AsyncIterator[None]:
    """Wait until fewer than `AT_ONCE` of the organization's long questions run, and be one of them. Never nested."""
    theirs = _turns.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    semaphore = theirs.get(organization_id) or theirs.setdefault(organization_id, asyncio.Semaphore(AT_ONCE))
    async with semaphore:
        yield
