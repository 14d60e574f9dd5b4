"""Keys of apps. Comes in: the key that a client sent. Goes out: the app that it is for, with its quotas.

What the database said is remembered for a second, also that there is no such key: a key that was revoked, or a quota
that was changed, is known to every server a second later. Who asks for a key that is being looked for waits with the
first who did.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg

from app.errors import Unauthenticated, Unavailable
from app.tables import references
from app.tables.absence import NO_ANSWER, why_away
from app.tables.database import fetch_one
from app.tables.patience import within
from app.tables.references import Reference

T = TypeVar("T")

REMEMBERED: Final = timedelta(seconds=1)
MOST_REMEMBERED: Final = 10_000
"""Keys of apps, and as many again of none."""
LONGEST_KEY: Final = 200
LONGEST_SEARCH: Final = 2.0
"""Seconds after which the database counts as away."""


@dataclass(frozen=True, slots=True)
class IngestApp:
    """What the doors need to know of an app. Quotas: events a minute; None: as many as there are."""

    id: UUID
    number: int
    organization_id: UUID
    project_id: UUID
    quota: int | None
    project_quota: int | None
    reference: Reference | None = None
    """What its payloads are packed with."""


@dataclass(frozen=True, slots=True)
class _Found:
    app: IngestApp | None
    looked_at: datetime
    until: datetime


def _clock() -> datetime:
    return datetime.fromtimestamp(time(), UTC)


class Keys:
    """The keys that were asked for in the last second; one object for a server."""

    def __init__(self, clock: Callable[[], datetime] = _clock) -> None:
        self._clock = clock
        self._apps: dict[str, _Found] = {}
        self._none: dict[str, _Found] = {}
        self._searches: dict[str, asyncio.Task[_Found]] = {}

    async def find(self, key: str) -> IngestApp:
        """The key's app.

        Unauthenticated: there is no such key, its time is over, or its app or project is deleted.
        Unavailable: the database is away, and what it said is older than a second.
        """
        now = self._clock()
        found = self._apps.get(key) or self._none.get(key)
        if found is None or not found.looked_at <= now < found.until:
            found = await self._search(key)
        if found.app is None:
            raise Unauthenticated("there is no such key, or not any more")
        return found.app

    async def _search(self, key: str) -> _Found:
        search = self._searches.get(key)
        if search is None:
            search = asyncio.create_task(self._look(key), context=Context())  # in nobody's transaction
            self._searches[key] = search
            search.add_done_callback(lambda _: self._searches.pop(key, None))
        try:
            return await asyncio.shield(search)
        except Unavailable as away:
            raise Unavailable(away.message) from away  # each who waits has one of their own

    async def _look(self, key: str) -> _Found:
        now = self._clock()
        found = _Found(None, now, now + REMEMBERED)
        if _may_be_key(key) and (row := await _row(key, now)):
            until = min(now + REMEMBERED, row["expires_at"] or now + REMEMBERED)
            app = IngestApp(
                row["id"],
                row["number"],
                row["organization_id"],
                row["project_id"],
                row["quota"],
                row["project_quota"],
                await _reference(row["reference_id"]),
            )
            found = _Found(app, now, until)
        for remembered in (self._apps, self._none):
            remembered.pop(key, None)
        remembered = self._none if found.app is None else self._apps
        if len(remembered) >= MOST_REMEMBERED:
            remembered.pop(next(iter(remembered)))  # the one that was looked for longest ago
        remembered[key] = found
        return found


def _may_be_key(key: str) -> bool:
    return 0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()


async def _row(key: str, now: datetime) -> asyncpg.Record | None:
    return await _asked(fetch_one(_FIND, key, now, references.LONGEST_USE))


async def _reference(id_: int | None) -> Reference | None:
    return (await _asked(references.find([id_]))).get(id_)


async def _asked(question: Coroutine[Any, Any, T]) -> T:
    """What the database answers. Raises Unavailable."""
    try:
        return await within(LONGEST_SEARCH, question)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        if why_away(error) is None:
            raise
        raise Unavailable(NO_ANSWER) from error


_FIND: Final = """
select a.id, a.number, a.organization_id, a.project_id, a.quota_per_minute as quota,
    p.quota_per_minute as project_quota, k.expires_at,
    (
        select max(r.id) from payload_reference as r
        where r.app_id = a.id and r.made_at > $2::timestamptz - $3::interval
    ) as reference_id
from app_key as k
join app as a on a.id = k.app_id and a.deleted_at is null
join project as p on p.id = a.project_id and p.deleted_at is null
where k.key = $1 and (k.expires_at is null or k.expires_at > $2)
"""
