"""One commit for many requests. Comes in: the events of requests. Goes out: after the commit, each one's duplicates.

All of it is one statement, so one round trip: client ids, payloads, the inbox, the statistics. Measured on two cores
(PostgreSQL 18, asyncpg 0.32, milliseconds of CPU for a commit of 8 events of 4 KiB / of 800 of 300 bytes):

    one statement               Python 0.3 /  8.2   PostgreSQL 0.7 / 17
    a statement and two COPYs   Python 0.8 / 12.5   PostgreSQL 1.1 / 25

Two commits at a time, on two connections, are slower than one: they wait for each other at the statistics of an app,
and each is smaller. The connection is one of its own, so that neither the graph nor the inbox waits for the other's,
and the plan, which is the same whatever is written, is made once.

Servers that write at the same time lock in one order: client ids by app and id, then statistics by app and outcome,
which the statement cannot know before all client ids are in. A client id that somebody else has written and not yet
committed is waited for.
"""

import asyncio
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pgproto import pgproto

from app.domain.events.event import Format, Level
from app.errors import BadInput, SnaglistError, Unauthenticated, Unavailable
from app.ingest.keys import IngestApp
from app.tables import partitions
from app.tables.absence import NO_ANSWER, why_away
from app.tables.database import DB, transaction
from app.tables.identifiers import uuid7
from app.tables.patience import within

LONGEST_CONNECTING: Final = 2.0
LONGEST_COMMIT: Final = 5.0
"""Seconds after which the database gives a commit up, so that nothing of it is left there."""
LONGEST_ANSWER: Final = 6.0
"""Seconds after which it is not known whether a commit came about."""
LONGEST_IDLE: Final = 300.0
"""Seconds after which a connection may have been cut off by something in between."""

_SETTINGS: Final = {"plan_cache_mode": "force_generic_plan", "jit": "off", "work_mem": "32MB"}
_LOST: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, EOFError)
_UNKNOWN: Final = "it is not known whether it was kept: send it again"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as the door took it; `payload` is packed, with the reference of `reference_id` or none.

    `occurred_at` None: the time of receipt until the scan.
    """

    client_event_id: str | None
    format: Format
    payload: bytes
    level: Level | None
    occurred_at: datetime | None
    session_id: str | None
    reference_id: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What one request brought."""

    app: IngestApp
    events: Sequence[NewEvent]


Result: TypeAlias = tuple[int, ...] | SnaglistError
"""The places of a request's duplicates, or why it was not kept."""


class Writer:
    """The connection by which events are written. Not to be used by two at a time."""

    def __init__(self) -> None:
        self._connection: asyncpg.Connection | None = None
        self._used_at = 0.0
        self._days: set[partitions.Partition] = set()

    async def write(self, requests: Sequence[Request], *, now: datetime) -> list[Result]:
        """Keep the requests in one commit; one that cannot be kept has its failure, and the others are kept without it.

        Failures: BadInput, Unauthenticated where the app is gone; Unavailable where the database is away, or the outcome
        is not known.
        """
        try:
            return await self._commit(requests, now)
        except Unavailable as away:
            return [away] * len(requests)
        except (*_LOST, ValueError) as error:
            if len(requests) == 1:
                return [_refusal(error)]
        return await self._one_by_one(requests, now)

    @property
    def is_connected(self) -> bool:
        """Whether the database was there when it was asked last."""
        return self._connection is not None

    async def close(self) -> None:
        """Disconnect; nothing happens where nothing is connected."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _one_by_one(self, requests: Sequence[Request], now: datetime) -> list[Result]:
        results: list[Result] = []
        for request in requests:
            try:
                results += await self._commit([request], now)
            except Unavailable as away:
                return results + [away] * (len(requests) - len(results))
            except (*_LOST, ValueError) as error:
                results.append(_refusal(error))
        return results

    async def _commit(self, requests: Sequence[Request], now: datetime) -> list[Result]:
        """Raises Unavailable where the database is away; anything else means that nothing was kept."""
        batch = _batch(requests, now)
        connection = await self._ready(now)
        is_over = False
        try:
            rows = await connection.fetch(_WRITE, *batch.values, timeout=LONGEST_ANSWER)
            is_over = True
        except (*_LOST, ValueError) as error:
            away = why_away(error)
            is_over = away is None and not connection.is_closed()
            if away is None and is_over:
                self._days.clear()  # one of them may be gone
                raise
            _log.warning("events could not be kept", extra={"reason": str(error) or type(error).__name__})
            raise Unavailable(_UNKNOWN) from error
        finally:
            self._used_at = asyncio.get_running_loop().time()
            if not is_over:
                await self.close()
        return batch.results(row["place"] for row in rows)

    async def _ready(self, now: datetime) -> asyncpg.Connection:
        """The connection, with a partition for the events of `now`. Raises Unavailable."""
        connection = self._connection
        is_old = asyncio.get_running_loop().time() - self._used_at > LONGEST_IDLE
        day = partitions.day("event", now)
        if connection is not None and not connection.is_closed() and not is_old and day in self._days:
            return connection
        await self.close()
        try:
            made = await within(LONGEST_CONNECTING, _connected(day))
            self._days = {day}
        except (*_LOST, Unavailable, ValueError) as error:
            _log.warning("events cannot be kept", extra={"reason": str(error) or type(error).__name__})
            raise Unavailable(NO_ANSWER) from error
        self._connection = made
        self._used_at = asyncio.get_running_loop().time()
        return made


async def _connected(day: partitions.Partition) -> asyncpg.Connection:
    """A connection, with the partition for the events of a day."""
    async with transaction():
        await partitions.ensure([day])
    settings = _SETTINGS | {"statement_timeout": str(round(LONGEST_COMMIT * 1000))}
    return await asyncpg.connect(DB.config["dsn"], server_settings=settings)


@dataclass(slots=True)
class _Batch:
    values: tuple[Any, ...]
    where: list[tuple[int, int]]  # by place in the arrays: the request, and the place in it
    duplicates: list[list[int]] = field(default_factory=list)

    def results(self, places: Iterable[int]) -> list[Result]:
        for place in places:
            request, event = self.where[place - 1]
            self.duplicates[request].append(event)
        return [tuple(sorted(found)) for found in self.duplicates]


def _batch(requests: Sequence[Request], now: datetime) -> _Batch:
    """The values of the statement, without the events that are duplicates of others among them."""
    apps: dict[UUID, IngestApp] = {}
    totals: dict[UUID, int] = {}
    for request in requests:
        id_ = request.app.id
        apps[id_] = request.app
        totals[id_] = totals.get(id_, 0) + len(request.events)
    places = {id_: place for place, id_ in enumerate(apps, 1)}
    events: list[NewEvent] = []
    app_places: list[int] = []
    where: list[tuple[int, int]] = []
    duplicates: list[list[int]] = []
    seen: set[tuple[int, str]] = set()
    for number, request in enumerate(requests):
        app_place = places[request.app.id]
        twice: list[int] = []
        for place, event in enumerate(request.events):
            if event.client_event_id is not None:
                key = (app_place, event.client_event_id)
                if key in seen:
                    twice.append(place)
                    continue
                seen.add(key)
            events.append(event)
            app_places.append(app_place)
            where.append((number, place))
        duplicates.append(twice)
    values = (
        now.replace(microsecond=now.microsecond // 1000 * 1000),
        list(apps),
        [app.organization_id for app in apps.values()],
        [app.project_id for app in apps.values()],
        list(totals.values()),
        ids(now, len(events)),
        app_places,
        *_columns(events),
    )
    return _Batch(values, where, duplicates)


def _columns(events: Sequence[NewEvent]) -> tuple[list[object], ...]:
    return (
        [event.client_event_id for event in events],
        [event.level for event in events],
        [event.occurred_at for event in events],
        [event.session_id for event in events],
        [event.payload for event in events],
        [event.format for event in events],
        [event.reference_id for event in events],
    )


def ids(now: datetime, count: int) -> list[UUID]:
    """New ids of version 7 for one moment, in the order of the events; a tenth of the time that `uuid7` takes."""
    first = uuid7(now).int >> 80 << 80 | 7 << 76 | 2 << 62
    chance = os.urandom(10 * count)
    numbers = sorted(int.from_bytes(chance[place : place + 10]) >> 6 for place in range(0, 10 * count, 10))
    return [pgproto.UUID((first | (n >> 62) << 64 | n & (1 << 62) - 1).to_bytes(16)) for n in numbers]


def _refusal(error: Exception) -> SnaglistError:
    """Why one request alone was not kept."""
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return Unauthenticated("the app is not there any more")
    if isinstance(error, asyncpg.DataError | asyncpg.ProgramLimitExceededError | ValueError | OverflowError):
        return BadInput("it holds a text or a number that cannot be kept")
    _log.error("the database refused events", exc_info=error)
    return Unavailable("it could not be kept")


_WRITE: Final = """
with kept as (
    insert into client_event (app_id, client_event_id, received_at, event_id)
    select ($2::uuid[])[e.app], e.client_id, $1, e.id
    from unnest($6::uuid[], $7::int[], $8::text[]) as e (id, app, client_id)
    where e.client_id is not null
    order by 1, e.client_id collate "C"
    on conflict do nothing
    returning event_id
), events as (
    insert into event (id, received_at, organization_id, project_id, app_id,
        level, occurred_at, session_id, payload, format, reference_id)
    select e.id, $1, ($3::uuid[])[e.app], ($4::uuid[])[e.app], ($2::uuid[])[e.app],
        e.level, coalesce(e.occurred_at, $1), e.session_id, e.payload, e.format,
        e.reference_id
    from unnest(
        $6::uuid[], $7::int[], $8::text[], $9::smallint[], $10::timestamptz[], $11::text[], $12::bytea[], $13::smallint[],
        $14::bigint[]
    ) as e (id, app, client_id, level, occurred_at, session_id, payload, format, reference_id)
    where e.client_id is null or e.id in (select event_id from kept)
    returning id, organization_id, app_id, octet_length(payload) as size
), waiting as (
    insert into inbox (event_id, received_at, app_id, organization_id, size)
    select id, $1, app_id, organization_id, size from events
), counted as (
    insert into app_tally as t (app_id, hour, outcome, total_count)
    select s.app_id, date_trunc('hour', $1::timestamptz, 'UTC'), s.outcome, sum(s.total)
    from (
        select app_id, 'accepted' as outcome, count(*) as total from events group by app_id
        union all select app_id, 'duplicate', -count(*) from events group by app_id
        union all select app_id, 'duplicate', total from unnest($2::uuid[], $5::bigint[]) as sent (app_id, total)
    ) as s
    group by s.app_id, s.outcome having sum(s.total) > 0
    order by s.app_id, s.outcome collate "C"
    on conflict (app_id, hour, outcome) do update set total_count = t.total_count + excluded.total_count
)
select e.place from unnest($6::uuid[], $8::text[]) with ordinality as e (id, client_id, place)
where e.client_id is not null and e.id not in (select event_id from kept)
"""
