"""A process that scans an instance once and is killed on the way: DATABASE_URL, the instance's id, the step at which."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from time import time
from typing import NoReturn
from uuid import UUID

from app.scanning import scan_instance
from app.tables.database import open_pool


def die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


async def run(url: str, instance_id: UUID, place: str) -> None:
    setattr(scan_instance, place, die)
    await open_pool(url)
    now = datetime.fromtimestamp(time(), UTC) + timedelta(hours=1)
    await scan_instance.scan(instance_id, now=now)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], UUID(sys.argv[2]), sys.argv[3]))
