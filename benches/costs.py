"""What a running Snaglist uses: CPU seconds by kind of process, the most memory of all together, and what lies on the disk.

Comes in: a process above all of them, and a database. Goes out: numbers, taken while it works. Memory is PSS, in which
what processes share counts once.
"""

import asyncio
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg

from tests.running import VICTIMS

MIB = 1024 * 1024
_TICKS = os.sysconf("SC_CLK_TCK")
_KINDS = {"api": "server", "worker": "worker", "postgres": "PostgreSQL", "valkey": "Valkey"}
_EVERY = 0.1


def cpu(pid: int) -> Counter[str]:
    """CPU seconds so far of the processes below `pid`, by what they are; those that have ended are in their parent's."""
    used: Counter[str] = Counter()
    for below, kind in _below(pid, None):
        with suppress(OSError):
            fields = Path(f"/proc/{below}/stat").read_text().rpartition(")")[2].split()
            used[kind] += sum(map(int, fields[11:15])) / _TICKS  # type: ignore[assignment]
    return used


def pss(pid: int) -> Counter[str]:
    """Memory of the processes below `pid` in MiB, by what they are."""
    held: Counter[str] = Counter()
    for below, kind in _below(pid, None):
        with suppress(OSError):
            for line in Path(f"/proc/{below}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    held[kind] += int(line.split()[1]) / 1024  # type: ignore[assignment]
    return held


def _below(pid: int, kind: str | None) -> Iterator[tuple[int, str]]:
    """The descendants of a process; what descends from a server is that server."""
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                its = kind or _kind(child)
                if its is not None:
                    yield child, its
                    yield from _below(child, None if its == "supervisor" else its)


def _kind(pid: int) -> str | None:
    """What a process is; None: it does not belong to Snaglist."""
    with suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        for victim, kind in _KINDS.items():
            if VICTIMS[victim].search(command):
                return kind
        return None if b"load_sentry" in command or b"\0benches." in command else "supervisor"
    return None


class Watch(threading.Thread):
    """Looks at a database and at processes every other moment: how many events can be seen, and the most memory.

    `visible` is a file that holds the number; `peak` what all had together when they had most.
    """

    def __init__(self, database: str, pid: int, visible: Path) -> None:
        super().__init__(daemon=True)
        self.visible = visible
        self.peak: Counter[str] = Counter()
        self._database = database
        self._pid = pid
        self._ending = threading.Event()
        visible.write_text("0")

    def run(self) -> None:
        """Until `stop`."""
        asyncio.run(self._watch())

    async def _watch(self) -> None:
        connection = await asyncpg.connect(self._database)
        measured = 0.0
        while not self._ending.is_set():
            total = await connection.fetchval("select coalesce(sum(total_count), 0) from error_group")
            new = self.visible.with_suffix(".new")
            new.write_text(str(total))
            new.replace(self.visible)
            if time.monotonic() - measured > 1:
                self.peak = max(self.peak, pss(self._pid), key=Counter.total)
                measured = time.monotonic()
            await asyncio.sleep(_EVERY)
        await connection.close()

    def count(self) -> int:
        """How many events can be seen."""
        return int(self.visible.read_text())

    def stop(self) -> None:
        """End."""
        self._ending.set()
        self.join()


def value(database: str, sql: str) -> int:
    """The only value of a statement."""

    async def ask() -> int:
        connection = await asyncpg.connect(database)
        try:
            return int(await connection.fetchval(sql))
        finally:
            await connection.close()

    return asyncio.run(ask())


def size(database: str) -> float:
    """What a database takes on the disk in MiB, without the write-ahead log."""
    return value(database, "select pg_database_size(current_database())") / MIB
