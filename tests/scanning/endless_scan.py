"""A process that scans an instance again and again until it is killed: DATABASE_URL, the instance's id.

It hesitates before each statement of a scan, so that death, or another scanner, often comes between two of them.
"""

import asyncio
import contextlib
import random
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any
from uuid import UUID

from app.errors import SnaglistError
from app.scanning import scan_state
from app.scanning.scan_instance import scan
from app.scanning.source import Bounds
from app.tables.database import fetch, fetch_one, open_pool

BOUNDS = Bounds(batch=20_000, scan=100_000, sightings=50, idle=timedelta(seconds=1))
"""Small batches, so that there are many commits to die in."""
LEASE = timedelta(seconds=0.02)
"""So short that another scanner often comes in the midst of a batch."""


def hesitant(true: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def later(sql: str, *values: object) -> Any:
        await asyncio.sleep(random.random() * 0.02)
        return await true(sql, *values)

    return later


async def run(url: str, instance_id: UUID) -> None:
    setattr(scan_state, "fetch", hesitant(fetch))  # noqa: B010  a name that it does not export
    setattr(scan_state, "fetch_one", hesitant(fetch_one))  # noqa: B010
    setattr(scan_state, "LEASE", LEASE)  # noqa: B010
    await open_pool(url)
    sys.stdout.write("scanning\n")
    sys.stdout.flush()
    while True:
        with contextlib.suppress(SnaglistError):
            await scan(instance_id, now=datetime.fromtimestamp(time(), UTC), bounds=BOUNDS)
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], UUID(sys.argv[2])))
