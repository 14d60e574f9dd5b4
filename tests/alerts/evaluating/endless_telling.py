"""A process that reacts, looks and tells again and again until it is killed: DATABASE_URL.

Its clock goes ten times as fast, so that what is gathered is soon due. It hesitates here and there, so that death often comes
in between.
"""

import asyncio
import random
import sys
from datetime import UTC, datetime
from time import time
from typing import Any

from app.accounts import keys_in_force
from app.alerts.evaluating import composing, gathering, pending
from app.alerts.evaluating.levels import look
from app.alerts.evaluating.pending import tell_due
from app.reactions import react
from app.tables.database import fetch, open_pool
from tests.database import NOW

KEY = "a key of tests alone"


def clock(began: float) -> datetime:
    """A time after `NOW` that goes on faster than ours."""
    return datetime.fromtimestamp(NOW.timestamp() + 10 * (time() - began), UTC)


async def hesitant(sql: str, *values: object) -> Any:
    """As `fetch`, sometimes late."""
    rows = await fetch(sql, *values)
    await asyncio.sleep(random.random() * 0.01)
    return rows


async def run(url: str, began: float) -> None:
    """Until killed."""
    keys_in_force.use_keys(KEY)
    for module in (composing, gathering, pending):
        module.fetch = hesitant  # type: ignore[attr-defined]
    await open_pool(url)
    sys.stdout.write("telling\n")
    sys.stdout.flush()
    while True:
        await react(now=clock(began), limit=7)
        await look(now=clock(began))
        await tell_due(now=clock(began))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], float(sys.argv[2])))
