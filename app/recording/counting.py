"""Sightings added up in memory: what each fingerprint, hour, instance and group gains, and which are stored.

Everything goes by the order of the log, so that the sum is the same however the log is cut into batches.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from app.domain.lifecycle import Source
from app.recording.freshness import due
from app.recording.grouping import SEVERITY_NUMBER, Group, Place
from app.recording.sightings import Origin, Sighting
from app.recording.thinning import Thinning

_Id = TypeVar("_Id")

AHEAD: Final = timedelta(days=1)
"""How far a log's clock may be ahead of ours; what is later counts as of now."""
_HOUR: Final = timedelta(hours=1)
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where clocks begin that were never set; what is earlier is no time, and counts as of now."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a project asks for: seconds between stored occurrences, days for which hours are kept.

    `regress_without_version`: events bring a resolved error back also where versions cannot be compared.
    `issue_threshold`: the count at which a group becomes an issue; None: the project has no repository.
    """

    cooldown: timedelta
    retention: timedelta
    regress_without_version: bool = False
    issue_threshold: int | None = None


@dataclass(slots=True)
class Sum:
    """What a fingerprint, a group, or a fingerprint on an instance gains.

    `last`: the place of the sighting that is stored last; `newest`: of the one whose texts a group takes, which is no
    guest's: people know a group by what its own fingerprint says.
    """

    first_seen_at: datetime
    last_seen_at: datetime
    total: int = 0
    stored: int = 0
    last_stored_at: datetime | None = None
    last: int | None = None
    newest: int | None = None
    severity: int = 1

    def count(self, at: datetime, severity: int) -> None:
        """Count one more."""
        self.total += 1
        if at < self.first_seen_at:
            self.first_seen_at = at
        elif at > self.last_seen_at:
            self.last_seen_at = at
        if severity > self.severity:
            self.severity = severity

    def store(self, at: datetime, place: int) -> None:
        """Count one more that is stored."""
        self.stored += 1
        self.last_stored_at = at
        self.last = self.newest = place

    def add(self, other: "Sum", *, is_guest: bool = False) -> None:
        """Count all that `other` has counted."""
        self.total += other.total
        self.stored += other.stored
        self.first_seen_at = min(self.first_seen_at, other.first_seen_at)
        self.last_seen_at = max(self.last_seen_at, other.last_seen_at)
        self.severity = max(self.severity, other.severity)
        if other.last is not None and (self.last is None or other.last > self.last):
            self.last, self.last_stored_at = other.last, other.last_stored_at
        if not is_guest and other.newest is not None and (self.newest is None or other.newest > self.newest):
            self.newest = other.newest


@dataclass(slots=True)
class Sums:
    """All that a batch adds. `stored`: the places of the sightings that become occurrences.

    `refreshed`: the groups that get new texts and a new score.
    """

    times: list[datetime]
    group_ids: list[UUID]
    fingerprints: dict[int, Sum] = field(default_factory=dict)
    groups: dict[UUID, Sum] = field(default_factory=dict)
    instances: dict[tuple[int, UUID], Sum] = field(default_factory=dict)
    thinned_until: dict[UUID, datetime] = field(default_factory=dict)
    refreshed: set[UUID] = field(default_factory=set)
    hours: dict[tuple[int, datetime, UUID], int] = field(default_factory=dict)
    stored: list[int] = field(default_factory=list)


def log_times(sightings: Sequence[Sighting], now: datetime) -> list[datetime]:
    """When each was seen, in UTC; now for those before `EARLIEST`, or whose clock is ahead by more than `AHEAD`."""
    latest = now + AHEAD
    return [
        now if at > latest or at < EARLIEST else at if at.tzinfo is UTC else at.astimezone(UTC)
        for at in (sighting.seen_at for sighting in sightings)
    ]


def hour(at: datetime) -> datetime:
    """The hour that holds `at`."""
    return at.replace(minute=0, second=0, microsecond=0)


def add_up(
    sightings: Sequence[Sighting],
    leads: Sequence[Place],
    times: list[datetime],
    groups: Mapping[UUID, Group],
    limits: Mapping[UUID, Limits],
    now: datetime,
    fresh: Mapping[UUID, Set[str]],
) -> Sums:
    """What the sightings add to the groups. `leads`: where each leads to. `fresh`: the sessions that are new to each group."""
    sums = Sums(times, [led.group_id for led in leads], refreshed=due(groups, now))
    last_stored = {group_id: group.last_stored_at for group_id, group in groups.items()}
    thinned = {id_: Thinning(group, fresh.get(id_, frozenset()), now) for id_, group in groups.items()}
    lanes: dict[tuple[int, UUID], _Lane] = {}
    for place, (sighting, led, at) in enumerate(zip(sightings, leads, times, strict=True)):
        origin = sighting.origin
        lane = lanes.get((led.fingerprint_id, origin.id))
        if lane is None:
            limit = limits[origin.project_id]
            oldest = hour(now - limit.retention)
            lane = _Lane(*led, origin, oldest, limit.cooldown, Sum(at, at))
            lanes[led.fingerprint_id, origin.id] = lane
        lane.count(at, SEVERITY_NUMBER[sighting.severity])
        if sighting.reported is None:
            is_stored = _is_due(at, last_stored[lane.group_id], lane.cooldown)
        else:
            is_stored = thinned[lane.group_id].is_stored(sighting.reported)
        if is_stored:
            last_stored[lane.group_id] = at
            lane.sum.store(at, place)
            sums.stored.append(place)
    for lane in lanes.values():
        lane.pour(sums)
    sums.thinned_until = {id_: each.until for id_, each in thinned.items() if each.until is not None}
    for group_id, its_sum in sums.groups.items():
        if group_id not in sums.refreshed:
            its_sum.newest = None
    return sums


@dataclass(slots=True)
class _Lane:
    """One fingerprint from one origin: what a batch is counted by."""

    fingerprint_id: int
    group_id: UUID
    is_guest: bool
    origin: Origin
    oldest: datetime
    cooldown: timedelta
    sum: Sum
    hours: dict[datetime, int] = field(default_factory=dict)
    hour: datetime = EARLIEST
    """That of the one before, as most are of the same; it ends at `next_hour`."""
    next_hour: datetime = EARLIEST

    def count(self, at: datetime, severity: int) -> None:
        """Count one more."""
        self.sum.count(at, severity)
        if at >= self.oldest:
            if not self.hour <= at < self.next_hour:
                self.hour = hour(at)
                self.next_hour = self.hour + _HOUR
            self.hours[self.hour] = self.hours.get(self.hour, 0) + 1

    def pour(self, sums: Sums) -> None:
        """Add the lane to what the batch adds."""
        _sum(sums.fingerprints, self.fingerprint_id, self.sum.first_seen_at).add(self.sum)
        _sum(sums.groups, self.group_id, self.sum.first_seen_at).add(self.sum, is_guest=self.is_guest)
        if self.origin.source is Source.LOG:
            sums.instances[self.fingerprint_id, self.origin.id] = self.sum
        for at, count in self.hours.items():
            sums.hours[self.fingerprint_id, at, self.origin.id] = count


def _is_due(at: datetime, last_stored_at: datetime | None, cooldown: timedelta) -> bool:
    """Whether an occurrence at `at` is stored: it is the first, or not near the one that was stored last.

    The log of another instance may lie behind; what is older by more than the cooldown is stored like what is newer.
    """
    return last_stored_at is None or abs(at - last_stored_at) >= cooldown


def _sum(sums: dict[_Id, Sum], of: _Id, at: datetime) -> Sum:
    found = sums.get(of)
    if found is None:
        found = sums[of] = Sum(at, at)
    return found
