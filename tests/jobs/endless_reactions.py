"""A process that reacts again and again until it is killed: DATABASE_URL.

It hesitates before and after it writes, so that death, or another process, often comes in between.
"""

import asyncio
import random
import sys
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from app.domain.lifecycle import MoveKind
from app.reactions import REACTIONS, react
from app.tables.database import fetch, open_pool
from app.timeline import Pending
from tests.database import NOW


async def note(changes: Sequence[Pending], now: datetime) -> None:
    """A reaction that writes one row for each change."""
    await fetch(
        """
        insert into delivery (id, organization_id, kind, target, body, status, created_at)
        select id, organization_id, 'note', target::text, '{}', 'waiting', $4
        from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as n(id, organization_id, target)
        """,
        [uuid4() for _ in changes],
        [change.organization_id for change in changes],
        [change.change_id for change in changes],
        now,
    )


async def hesitant(changes: Sequence[Pending], now: datetime) -> None:
    """`note`, now and then failing."""
    await asyncio.sleep(random.random() * 0.05)
    await note(changes, now)
    if random.random() < 0.2:
        raise ZeroDivisionError
    await asyncio.sleep(random.random() * 0.05)


async def run(url: str) -> None:
    REACTIONS[MoveKind.OPENED] = (hesitant,)
    await open_pool(url)
    sys.stdout.write("reacting\n")
    sys.stdout.flush()
    later = NOW.replace(year=NOW.year + 50)
    while True:
        await react(now=later, limit=7)
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
