"""Quotas of apps and of their projects, by minute. Comes in: how many events an app sends. Goes out: whether it may.

They are counted for all servers together. A server leases a fiftieth of a quota at a time, so that Redis is asked fifty
times a minute at most and not for each request; never more than the quota is let through, and what the servers have
leased and not used is lost to the others. Where Redis is away each server counts for itself.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import time
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from app.errors import Unavailable
from app.ingest.keys import IngestApp
from app.live.quotas import lease

LEASES: Final = 50
"""How many leases a quota is taken in, by one server."""
LONGEST: Final = 1.0
"""Seconds that Redis may take."""
PAUSE: Final = timedelta(seconds=5)
"""For how long Redis is not asked after it was away."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Count:
    """How much of a quota was leased, and used, in this minute by this server. `room`: what nobody had leased, if known."""

    leased: int = 0
    used: int = 0
    room: int | None = None

    def needs(self, count: int) -> int:
        """How much has to be leased first."""
        return max(0, self.used + count - self.leased)


def _clock() -> datetime:
    return datetime.fromtimestamp(time(), UTC)


@dataclass(slots=True)
class _Minute:
    number: int
    counts: dict[UUID, _Count] = field(default_factory=dict)


class Quotas:
    """What one server has counted in this minute."""

    def __init__(self, clock: Callable[[], datetime] = _clock) -> None:
        self._clock = clock
        self._minute = _Minute(0)
        self._turn = asyncio.Lock()
        self._away_until: datetime | None = None

    async def take(self, app: IngestApp, count: int) -> int | None:
        """As `take` of the module."""
        quotas = ((app.id, app.quota), (app.project_id, app.project_quota))
        limits = [(id_, quota) for id_, quota in quotas if quota is not None]
        if not limits:
            return None
        seconds = int(self._clock().timestamp())
        if self._minute.number != seconds // 60:
            self._minute = _Minute(seconds // 60)
        minute = self._minute
        taken: list[_Count] = []
        for id_, quota in limits:
            counted = minute.counts.setdefault(id_, _Count())
            if not await self._take(minute, id_, counted, quota, count):
                for other in taken:
                    other.used -= count
                return 60 - seconds % 60
            taken.append(counted)
        return None

    async def _take(self, minute: _Minute, id_: UUID, counted: _Count, quota: int, count: int) -> bool:
        """Take from one quota; whether there was room."""
        if counted.needs(count):
            async with (
                self._turn
            ):  # whoever was before us has leased for us too, or was told that there is no room
                if not await self._has_room(minute, id_, counted, quota, count):
                    return False
                counted.used += count  # before somebody else has his turn
        else:
            counted.used += count
        return True

    async def _has_room(self, minute: _Minute, id_: UUID, counted: _Count, quota: int, count: int) -> bool:
        while needed := counted.needs(count):  # what was leased before may have been taken meanwhile
            if counted.room is not None and needed > counted.room:
                return False
            if self._is_away():
                return counted.used + count <= quota
            wanted = max(1, quota // LEASES)
            try:
                async with asyncio.timeout(LONGEST):
                    got = await lease(id_, minute.number, quota=quota, needed=needed, wanted=wanted)
            except (Unavailable, TimeoutError) as away:
                self._note_away(away)
                return counted.used + count <= quota
            self._away_until = None
            counted.room = got.room
            counted.leased += got.granted
            if not got.granted:
                return False
        return True

    def _is_away(self) -> bool:
        until = self._away_until
        return until is not None and until - PAUSE <= self._clock() < until

    def _note_away(self, away: Exception) -> None:
        if self._away_until is None:
            _log.warning("quotas are counted by each server for itself", extra={"reason": str(away)})
        self._away_until = self._clock() + PAUSE


_servers: WeakKeyDictionary[asyncio.AbstractEventLoop, Quotas] = WeakKeyDictionary()


async def take(app: IngestApp, count: int) -> int | None:
    """Take `count` events of the quotas of this minute: of the app's and of its project's, or of neither.

    None: they may come. Otherwise the seconds until the minute ends. An app without quotas costs nothing.
    """
    if app.quota is None and app.project_quota is None:
        return None
    return await _servers.setdefault(asyncio.get_running_loop(), Quotas()).take(app, count)
