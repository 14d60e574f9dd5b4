"""A process that scans an instance again and again until it is killed: DATABASE_URL, the instance's id.

It hesitates before each statement of a scan, so that death, or another scanner, often comes between two of them.
"""

import asyncio
import contextlib
import random
import sys
from datetime import UTC, datetime, timedelta
from time import time
from uuid import UUID

import asyncpg

from app.errors import SnaglistError
from app.scanning import scan_instance
from app.scanning.scan_instance import scan
from app.scanning.source import Bounds
from app.tables.database import fetch, open_pool

BOUNDS = Bounds(batch=20_000, scan=100_000, sightings=50, idle=timedelta(seconds=1))
"""Small batches, so that there are many commits to die in."""


async def hesitant(sql: str, *values: object) -> list[asyncpg.Record]:
    await asyncio.sleep(random.random() * 0.02)
    return await fetch(sql, *values)


async def run(url: str, instance_id: UUID) -> None:
    setattr(scan_instance, "fetch", hesitant)  # noqa: B010  a name that it does not export
    await open_pool(url)
    sys.stdout.write("scanning\n")
    sys.stdout.flush()
    while True:
        with contextlib.suppress(SnaglistError):
            await scan(instance_id, now=datetime.fromtimestamp(time(), UTC), bounds=BOUNDS)
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], UUID(sys.argv[2])))
