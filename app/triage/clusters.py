"""Groups and those that were merged into them, locked together.

Comes in: groups that somebody names. Goes out: where they, their survivors and all tombstones of these stand, under lock
until the transaction ends. All who change groups lock them in the order of their ids, and so nobody waits in a ring;
what was looked up before the lock is looked up again under it.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

import asyncpg

from app import timeline
from app.domain.lifecycle import State
from app.domain.merging import Standing
from app.errors import Unavailable
from app.tables.database import fetch, transaction

logger = logging.getLogger(__name__)
T = TypeVar("T")

ATTEMPTS: Final = 20
"""Looks, and transactions that PostgreSQL ended to undo a ring of waits."""
_PAUSE: Final = 0.05
"""Seconds; the longest pause before the second attempt."""


@dataclass(frozen=True, slots=True)
class Member:
    """A group of a cluster; `family` is what must be equal in all that are merged."""

    standing: Standing
    family: tuple[UUID, UUID | None, str, bool]

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.standing.state


async def alone(work: Callable[[], Awaitable[T]]) -> T:
    """Do the work in a transaction, and again in a new one where PostgreSQL has ended it to undo a ring of waits.

    Unavailable: that happened again and again.
    """
    for attempt in range(ATTEMPTS):
        try:
            async with transaction():
                return await work()
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            logger.warning("a transaction is tried again", extra={"attempt": attempt})
        await asyncio.sleep(random.uniform(0, _PAUSE * (attempt + 1)))  # noqa: S311  who comes first is no secret
    raise Unavailable("too many change these errors at this moment: ask again")


async def lock(organization_id: UUID, named: Collection[UUID]) -> dict[UUID, Member]:
    """Lock the clusters of the named groups, in the caller's transaction; deleted groups are left out.

    Unavailable: they are merged and taken apart all the time.
    """
    for _ in range(ATTEMPTS):
        await fetch("savepoint look")
        wanted = await _members(organization_id, named)
        await timeline.lock(organization_id, wanted)
        if await _members(organization_id, named) <= wanted:
            await fetch("release savepoint look")
            return await _read(organization_id, wanted)
        await fetch("rollback to savepoint look")
    raise Unavailable("these errors are merged all the time: ask again")


async def _members(organization_id: UUID, named: Collection[UUID]) -> set[UUID]:
    """The named groups, their survivors, and the tombstones of these; a chain has one step at most."""
    rows = await fetch(
        """
        with heads as (
            select coalesce(merged_into_id, id) as id from error_group
            where organization_id = $1 and id = any($2::uuid[])
        )
        select g.id from error_group as g where g.organization_id = $1 and g.id in (select id from heads)
        union
        select g.id from error_group as g
        where g.organization_id = $1 and g.merged_into_id in (select id from heads)
        """,
        organization_id,
        list(named),
    )
    return {row["id"] for row in rows}


async def _read(organization_id: UUID, group_ids: Collection[UUID]) -> dict[UUID, Member]:
    rows = await fetch(
        f"""
        select id, {timeline.STATE}, last_seen_at, count_at_resolve, project_id, app_id, is_dev from error_group
        where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null
        """,  # noqa: S608  a constant
        organization_id,
        list(group_ids),
    )
    return {row["id"]: _member(row) for row in rows}


def _member(row: asyncpg.Record) -> Member:
    seen: datetime = row["last_seen_at"]
    standing = Standing(timeline.state(row), seen, row["count_at_resolve"])
    return Member(standing, (row["project_id"], row["app_id"], row["source"], row["is_dev"]))
