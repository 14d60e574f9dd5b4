"""One scan of events in a process, however many ask for it: more would wait for the same locks, each with batches in memory.

Comes in: that somebody wants a scan. Goes out: the count of what was scanned; or nothing, where a scan that was there
already looks again in the asker's place. Other processes scan beside it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

from app.scanning.events.issue_scan import issue_scan


@dataclass
class _Scan:
    """The scan of a process; `is_wanted`: somebody asked for it since it began to look."""

    is_running: bool = False
    is_wanted: bool = False


_scans: Final["WeakKeyDictionary[asyncio.AbstractEventLoop, _Scan]"] = WeakKeyDictionary()


async def scan(*, now: Callable[[], datetime], goes_on: Callable[[], bool]) -> int | None:
    """Scan until nothing waits, or `goes_on` says no; how many events that were.

    None: the scan that runs here will look after this moment, and scans what it finds; unless it fails, or has no time
    left, and then it has its caller to see to what waits. Raises what `issue_scan` does.
    """
    here = _scans.setdefault(asyncio.get_running_loop(), _Scan())
    if here.is_running:
        here.is_wanted = True
        return None
    here.is_running = here.is_wanted = True
    total = 0
    try:
        while here.is_wanted and goes_on():
            here.is_wanted = False
            total += await issue_scan(now=now, goes_on=goes_on)
    finally:
        here.is_running = False
    return total
