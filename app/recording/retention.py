"""Retention: what is older than a project keeps goes, whole partitions at a time where nobody keeps them any longer.

Comes in: the time. Goes out: partitions dropped; in partitions that another project still keeps, rows deleted. Counts,
groups and their history stay. Of each fingerprint the first and the newest occurrence stay (`recording.kept`), and
before an event goes, the occurrences that stay are told what its payload says (`recording.filling`).

Each step is a transaction of its own and takes one lock that all runs share: where another run is at work, this one ends.
Steps come in an order in which each may be the last: rows are kept before their partition is dropped, occurrences are
filled before their events are. A run that is cut off anywhere is gone on with by the next one.
"""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from app.recording import expiry, filling, kept
from app.tables import partitions
from app.tables.database import fetch, transaction
from app.tables.partitions import Partition

_log = logging.getLogger(__name__)

LOCK: Final = 0x4B454550  # "KEEP"
LATE: Final = timedelta(days=1)
"""How long hours are kept beyond their time: somebody may be at recording with the time at which they began."""
TABLES: Final = {"occurrence": timedelta(0), "event": timedelta(0), "hourly_count": LATE}
"""In this order: what is kept of occurrences is known before their events go."""


@dataclass(slots=True)
class Retained:
    """What a run did. `is_complete`: nothing was left for the next one."""

    dropped: list[str] = field(default_factory=list)
    deleted: int = 0
    kept: int = 0
    filled: int = 0
    ended: int = 0
    """Problems of the inbox that were given up."""
    is_complete: bool = True


class _Kept(NamedTuple):
    """What a project keeps: all since `cut`; what is older than `clean` is known to be gone."""

    project_id: UUID
    cut: datetime
    clean: datetime | None


class _Ended(Exception):
    """Another run is at work, or the time is up."""


@dataclass(slots=True)
class _Run:
    """One run: its time, whether it may go on, and what it did so far."""

    now: datetime
    goes_on: Callable[[], bool]
    done: Retained = field(default_factory=Retained)
    in_use: set[str] = field(default_factory=set)
    """Tables of which a partition could not be dropped, as somebody used them all the time."""

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """A transaction in which no other run is at work. Raises _Ended."""
        if not self.goes_on():
            raise _Ended
        async with transaction():
            [row] = await fetch("select pg_try_advisory_xact_lock($1)", LOCK)
            if not row[0]:
                raise _Ended
            yield


async def retain(*, now: datetime, goes_on: Callable[[], bool] = lambda: True) -> Retained:
    """Remove what is no longer kept as far as `goes_on` lets it. To be called outside of transactions.

    May be cut off at any moment and run many times at once.
    """
    run = _Run(now, goes_on)
    try:
        await _retain(run)
    except _Ended:
        run.done.is_complete = False
    return run.done


async def _retain(run: _Run) -> None:
    async with run.step():
        run.done.ended += await expiry.end_problems(run.now)
        run.done.deleted += await expiry.end_feedback(run.now)
    projects = await _projects(run.now)
    for table, late in TABLES.items():
        for part in await partitions.there(table):
            with suppress(asyncpg.UndefinedTableError):  # another run has dropped it meanwhile
                await _end(run, part, late, projects)
    forgotten = kept.AT_ONCE
    while forgotten == kept.AT_ONCE:
        async with run.step():
            forgotten = await kept.forget()
    if run.done.is_complete:
        async with run.step():
            await fetch(_NOTE, [its.project_id for its in projects], [its.cut for its in projects])
            run.done.deleted += await expiry.end_references()


async def _end(run: _Run, part: Partition, late: timedelta, projects: Sequence[_Kept]) -> None:
    """Have nothing in a partition that is not kept."""
    theirs = [its.project_id for its in projects if _is_theirs(part, its, late)]
    if part.end + late <= await _kept_by_all(run.now):
        if part.table not in run.in_use:
            await _drop(run, part, late)
    elif theirs:
        await _thin_out(run, part, theirs)


def _is_theirs(part: Partition, its: _Kept, late: timedelta) -> bool:
    """Whether a project keeps nothing of the partition, and something of it may be there."""
    return part.end + late <= its.cut and (its.clean is None or part.end + late > its.clean)


async def _drop(run: _Run, part: Partition, late: timedelta) -> None:
    """Drop a partition that nobody keeps, after what stays of it was put elsewhere."""
    if part.table == "occurrence":
        await _keep(run, part, None)
    elif part.table == "event":
        if await expiry.is_waited_for(part):
            _log.warning("events are older than they are kept, and not scanned yet", extra={"of": part.name})
            run.done.is_complete = False
            return
        await _fill(run, part, None)
    if not run.goes_on():
        raise _Ended
    if await partitions.drop(part, partial(_is_due, run.now, part, late)):
        run.done.dropped.append(part.name)
    else:
        _log.warning("a partition is in use, and is dropped another time", extra={"of": part.name})
        run.in_use.add(part.table)
        run.done.is_complete = False


async def _is_due(now: datetime, part: Partition, late: timedelta) -> bool:
    """Whether nobody keeps the partition, now that no project can begin to until the transaction ends."""
    await fetch("lock table project in share mode")
    [row] = await fetch("select pg_try_advisory_xact_lock($1)", LOCK)
    is_waited_for = part.table == "event" and await expiry.is_waited_for(part)
    return bool(row[0]) and not is_waited_for and part.end + late <= await _kept_by_all(now)


async def _thin_out(run: _Run, part: Partition, project_ids: Sequence[UUID]) -> None:
    """Delete what these projects do not keep of a partition, after what stays of it was put elsewhere."""
    if part.table == "occurrence":
        await _keep(run, part, project_ids)
    elif part.table == "event":
        await _fill(run, part, project_ids)
    through: expiry.Place | None = None
    while True:
        async with run.step():
            through, count = await expiry.delete(part, through, project_ids)
        run.done.deleted += count
        if through is None:
            break
    if part.table == "event" and await expiry.is_waited_for(part, project_ids):
        run.done.is_complete = False


async def _keep(run: _Run, part: Partition, project_ids: Sequence[UUID] | None) -> None:
    through: int | None = 0
    while through is not None:
        async with run.step():
            through, count = await kept.keep(part, through, project_ids)
        run.done.kept += count


async def _fill(run: _Run, part: Partition, project_ids: Sequence[UUID] | None) -> None:
    through: UUID | None = filling.BEGINNING
    while through is not None:
        async with run.step():
            through, count = await filling.fill(part, through, project_ids)
        run.done.filled += count


async def _projects(now: datetime) -> list[_Kept]:
    """What each project keeps, deleted ones too: their rows go in their time."""
    rows = await fetch("select id, retention_days, retained_from from project order by id")
    return [
        _Kept(row["id"], now - timedelta(days=row["retention_days"]), row["retained_from"]) for row in rows
    ]


async def _kept_by_all(now: datetime) -> datetime:
    """Since when something is kept by the project that keeps the most; where there is none, since a day ago."""
    [row] = await fetch("select coalesce(max(retention_days), 1) from project where deleted_at is null")
    return now - timedelta(days=row[0])


_NOTE: Final = """
update project as p set retained_from = n.cut
from unnest($1::uuid[], $2::timestamptz[]) as n(id, cut)
where p.id = n.id and p.retained_from is distinct from n.cut
"""
