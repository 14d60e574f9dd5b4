"""GitHub's limits: so many requests an hour, writes not too close together; and who did not keep to them.

Comes in: each request, by whom, when. Goes out: what is refused and until when, the x-ratelimit headers, and the list of
violations.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from tests.github.stand_in.records import Seen, Violation

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TOLERANCE = 0.05
"""Seconds by which writes may arrive closer together than they were sent."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A request is over a limit: the primary one (an hour's requests) or the secondary one (writes), until then."""

    is_primary: bool
    until: datetime
    seconds: int
    """As Retry-After tells it."""


@dataclass(slots=True)
class _Hour:
    started: datetime
    used: int = 0


@dataclass(slots=True)
class Limits:
    """Numbers that tests may set at any time. None: no such limit."""

    per_hour: int = 5000
    searches_per_minute: int = 30
    min_gap: float | None = None
    """Seconds between writes below which GitHub itself answers with a secondary limit."""
    writes_per_minute: int | None = 80
    writes_per_hour: int | None = 500
    status: int = 403
    """Of secondary limits: 403 or 429."""
    retry_after: int = 60
    """Seconds that a secondary limit lasts."""
    are_told: bool = True
    """Whether x-ratelimit headers are sent and counted; a GitHub Enterprise Server as it comes does neither."""
    watched_gap: float | None = 1.0
    """Seconds between writes of one installation (or of one user's tokens) below which a violation is noted. Nothing is refused for it."""
    violations: list[Violation] = field(default_factory=list)
    _hours: dict[tuple[str, str], _Hour] = field(default_factory=dict)
    _writes: defaultdict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    _blocked: dict[str, datetime] = field(default_factory=dict)

    def watch(self, seen: Seen) -> None:
        """Note a write that came too early; call it once for each request, before anything is decided."""
        if not seen.is_write or seen.who == "nobody":
            return
        blocked = self._blocked.get(seen.who)
        if blocked and seen.at < blocked:
            self._note("while_blocked", seen, (blocked - seen.at).total_seconds())
        if (writes := self._writes[seen.who]) and self.watched_gap is not None:
            gap = (seen.at - writes[-1]).total_seconds()
            if gap < self.watched_gap - TOLERANCE:
                self._note("too_close", seen, gap)

    def _note(self, kind: Literal["too_close", "while_blocked"], seen: Seen, seconds: float) -> None:
        self.violations.append(Violation(kind, seen.who, seen.at, seen.method, seen.path, round(seconds, 3)))

    def over(self, seen: Seen) -> Blocked | None:
        """Whether this request is over a limit; it is counted by that, and a limit that it breaks begins."""
        writes = list(self._writes[seen.who])
        if seen.is_write:
            self._writes[seen.who] = [at for at in writes if seen.at - at < HOUR] + [seen.at]
        if blocked := self._over_primary(seen):
            return blocked
        if not seen.is_write:
            return None
        if self._is_blocked(seen):
            return self.block(seen.who, seen.at, 0)
        if self._breaks_secondary(seen, writes):
            return self.block(seen.who, seen.at, self.retry_after)
        return None

    def _is_blocked(self, seen: Seen) -> bool:
        return seen.who in self._blocked and seen.at < self._blocked[seen.who]

    def _breaks_secondary(self, seen: Seen, writes: list[datetime]) -> bool:
        minute = sum(seen.at - at < MINUTE for at in writes)
        hour = sum(seen.at - at < HOUR for at in writes)
        gap = (seen.at - writes[-1]).total_seconds() if writes else None
        return (
            (self.min_gap is not None and gap is not None and gap < self.min_gap)
            or (self.writes_per_minute is not None and minute >= self.writes_per_minute)
            or (self.writes_per_hour is not None and hour >= self.writes_per_hour)
        )

    def _over_primary(self, seen: Seen) -> Blocked | None:
        if not self.are_told:
            return None
        hour = self._hour(seen)
        hour.used += 1
        if hour.used <= self._size(seen):
            return None
        until = hour.started + self._length(seen)
        self._blocked[seen.who] = max(until, self._blocked.get(seen.who, until))
        return Blocked(True, until, max(1, int((until - seen.at).total_seconds())))

    def block(self, who: str, at: datetime, seconds: int) -> Blocked:
        """A secondary limit begins, or is told again; one that is in force is never made shorter."""
        until = max(at + timedelta(seconds=seconds), self._blocked.get(who, at))
        self._blocked[who] = until
        return Blocked(False, until, max(1, -int((at - until).total_seconds() // 1)))

    def use_up(self, seen: Seen) -> Blocked:
        """The hour of this caller is used up at once."""
        self._hour(seen).used = self._size(seen)
        return self._over_primary(seen) or self.block(seen.who, seen.at, self.retry_after)

    def give_back(self, seen: Seen) -> None:
        """A 304 costs nothing."""
        if self.are_told:
            self._hour(seen).used -= 1

    def lift(self) -> None:
        """Everybody starts afresh: no limit is in force; violations stay."""
        self._hours.clear()
        self._blocked.clear()
        self._writes.clear()

    def headers(self, seen: Seen) -> dict[str, str]:
        """The x-ratelimit headers of an answer to this request; empty where limits are off."""
        if not self.are_told:
            return {}
        hour, size = self._hour(seen), self._size(seen)
        return {
            "X-RateLimit-Limit": str(size),
            "X-RateLimit-Remaining": str(max(0, size - hour.used)),
            "X-RateLimit-Used": str(min(hour.used, size)),
            "X-RateLimit-Reset": str(int((hour.started + self._length(seen)).timestamp())),
            "X-RateLimit-Resource": self._resource(seen),
        }

    def _hour(self, seen: Seen) -> _Hour:
        key = (seen.who, self._resource(seen))
        if key not in self._hours or seen.at >= self._hours[key].started + self._length(seen):
            self._hours[key] = _Hour(seen.at.replace(microsecond=0))
        return self._hours[key]

    def _size(self, seen: Seen) -> int:
        return self.searches_per_minute if self._resource(seen) == "search" else self.per_hour

    def _length(self, seen: Seen) -> timedelta:
        return MINUTE if self._resource(seen) == "search" else HOUR

    def _resource(self, seen: Seen) -> str:
        return "search" if seen.path.startswith("/search/") else "core"
