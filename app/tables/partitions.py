"""The partitions of the big tables: days of receipt for occurrences and events, months of log time for hourly counts.

A partition is made as a table of its own and then attached: other than `create table ... partition of` that locks
out nobody who reads or writes. Whoever makes one asks for `LOCK` before any other lock. To drop one locks out all who
use its table, for the moment that it takes: whoever is in the way at that moment is waited for only shortly, again and
again. (To detach it `concurrently` would lock out nobody, and leaves a table that is half of it where it is cut off.)
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import asyncpg

from app.tables.database import fetch, transaction

LOCK: Final = 0x50415254  # "PART"
DAYS_AHEAD: Final = 7
BY_DAY: Final = ("occurrence", "event")
PATIENCE: Final = (50, 50, 100, 100, 200, 200, 400, 400, 800, 800, 800, 800)
"""Milliseconds for which a drop waits for those in the way, and all others for it; after each it lets them all pass."""
PAUSE: Final = 1.0
"""Seconds between two tries."""


class Partition(NamedTuple):
    """One partition: its table, and the times that belong in it, the last excluded."""

    table: str
    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """The name of the partition in the database."""
        is_month = self.end - self.start > timedelta(days=1)
        return f"{self.table}_{self.start:%Y%m}" if is_month else f"{self.table}_{self.start:%Y%m%d}"


def day(table: str, at: datetime) -> Partition:
    """The partition of a table by days that holds `at`."""
    start = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Partition(table, start, start + timedelta(days=1))


def month(at: datetime) -> Partition:
    """The partition of `hourly_count` that holds `at`."""
    start = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Partition("hourly_count", start, (start + timedelta(days=32)).replace(day=1))


async def make_partitions(now: datetime, *, days_back: int = 1, days_ahead: int = DAYS_AHEAD) -> None:
    """Make the partitions around `now` that are not there yet; may run twice and at the same time."""
    times = [now + timedelta(days=days) for days in range(-days_back, days_ahead + 1)]
    async with transaction():
        await ensure({day(table, at) for table in BY_DAY for at in times} | {month(at) for at in times})


async def ensure(wanted: Iterable[Partition]) -> None:
    """Make those of the wanted partitions that are not there yet, in the caller's transaction.

    One statement where all are there; otherwise the transaction waits for others that make some, so that
    nothing else may be locked yet.
    """
    parts = sorted(set(wanted))
    if not await _missing(parts):
        return
    await fetch("select pg_advisory_xact_lock($1)", LOCK)
    for part in await _missing(parts):
        await fetch(f"create table {part.name} (like {part.table} including all)")
        await fetch(
            f"alter table {part.table} attach partition {part.name}"
            f" for values from ('{part.start.isoformat()}') to ('{part.end.isoformat()}')"
        )


async def _missing(parts: list[Partition]) -> list[Partition]:
    # Not `to_regclass`: it would go on missing what others have made since it was asked for the first time.
    rows = await fetch(
        "select relname from pg_class where relname = any($1::text[]) and relnamespace = current_schema()::regnamespace",
        [part.name for part in parts],
    )
    there = {row["relname"] for row in rows}
    return [part for part in parts if part.name not in there]


async def there(table: str) -> list[Partition]:
    """The partitions of a table, oldest first; those that are not named as ours are left out."""
    rows = await fetch(
        """
        select p.relname from pg_inherits as i join pg_class as p on p.oid = i.inhrelid
        where i.inhparent = $1::text::regclass and p.relnamespace = current_schema()::regnamespace
        """,
        table,
    )
    found = (_named(table, row["relname"]) for row in rows)
    return sorted(part for part in found if part is not None)


async def drop(part: Partition, is_due: Callable[[], Awaitable[bool]]) -> bool:
    """Drop a partition with all that is in it; whether it was dropped. To be called outside of transactions.

    `is_due` is asked in the transaction that drops it, so that what it locks stays as it is. False: it said no, or others
    used the table all the time. Between two tries everybody gets on.
    """
    for milliseconds in PATIENCE:
        try:
            async with transaction():
                await fetch("select set_config('lock_timeout', $1, true)", f"{milliseconds}ms")
                if not await is_due():
                    return False
                await fetch(f"drop table if exists {part.name}")
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(PAUSE)
        else:
            return True
    return False


def _named(table: str, name: str) -> Partition | None:
    """The partition that has this name."""
    digits = name.removeprefix(f"{table}_")
    try:
        at = datetime.strptime(digits.ljust(8, "0")[:6] + (digits[6:] or "01"), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    part = month(at) if len(digits) == 6 else day(table, at)
    return part if part.table == table and part.name == name else None
