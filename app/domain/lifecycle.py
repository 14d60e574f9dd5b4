"""The life of a group as far as it moves by itself: one state machine, written for many groups at once.

Comes in: where groups stand and the times at which their errors were heard of, in the order of the log, or how long
nothing was heard of them. Goes out: where they stand then, and the moves between. However a log is cut into batches,
the moves are the same. What people do is in `app.domain.verbs`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from app.domain.versions import is_newer


class Source(StrEnum):
    """Where a detection was heard of: in a log, or from an app."""

    LOG = "LOG"
    EVENT = "EVENT"


class Status(StrEnum):
    """Where a group stands; IN_PROGRESS and SILENCED are left only by hand."""

    NEW = "NEW"
    ACTIVE = "ACTIVE"
    IN_PROGRESS = "IN_PROGRESS"
    RESOLVED = "RESOLVED"
    REGRESSED = "REGRESSED"
    SILENCED = "SILENCED"


class MoveKind(StrEnum):
    """What a move is called."""

    OPENED = "OPENED"
    ACTIVATED = "ACTIVATED"
    REGRESSED = "REGRESSED"
    RESOLVED = "RESOLVED"
    CLAIMED = "CLAIMED"
    REOPENED = "REOPENED"
    SILENCED = "SILENCED"
    MUTED = "MUTED"
    UNMUTED = "UNMUTED"
    ASSIGNED = "ASSIGNED"
    MERGED = "MERGED"
    UNMERGED = "UNMERGED"
    DELETED = "DELETED"


MOVING: Final = frozenset({Status.NEW, Status.RESOLVED, Status.REGRESSED})
"""The statuses that one more detection can change."""
_MOVING: Final = {Source.LOG: MOVING, Source.EVENT: frozenset({Status.RESOLVED})}
"""Those of them by what the group is of: one of events is moved by one more only where it was resolved."""
OPEN: Final = frozenset({Status.NEW, Status.ACTIVE, Status.REGRESSED})
"""The statuses that end by themselves when nothing is heard for long."""
RECENT: Final = timedelta(minutes=15)
"""How old the newest complete scan of an instance may be for its silence to mean anything; one is made each minute."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Nobody is told of the group: for good, until a time, or until its `total_count` has come to `until_count`."""

    since: datetime
    until: datetime | None = None
    until_count: int | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether its time has passed, even where nobody has ended it yet."""
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class State:
    """Where a group stands: all that a move can change.

    `resolved_at` outlives a regression: what is older than it is late. `resolved_in_version`: the app's version that has
    the repair; with `resolved_in_next` the newest that was known then, and the repair is in the one after it. Either way
    only what is newer than it brings a group of events back. `assignee_id` is a membership.
    """

    source: Source
    status: Status = Status.NEW
    total_count: int = 0
    resolved_at: datetime | None = None
    resolved_in_version: str | None = None
    resolved_in_next: bool = False
    mute: Mute | None = None
    assignee_id: UUID | None = None
    merged_into_id: UUID | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One step of one group. `heard` is the place, in the order given, of what made it move; `before` is None for a new one."""

    kind: MoveKind
    group_id: UUID
    before: Status | None
    after: State
    heard: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """How long nothing was heard of a group, and how long that must be.

    `last_seen_at`: the log time of its newest detection. `read_through`: when the logs of all its instances whose
    detection is on had been read to their ends, the present where there is no such instance; None where one never was.
    """

    state: State
    last_seen_at: datetime
    read_through: datetime | None
    enough: timedelta


Heard: TypeAlias = tuple[UUID, datetime] | tuple[UUID, datetime, str | None]
"""A group that was heard of, when, and in which version of an app, where there is one and it is known."""


def follow(
    states: Mapping[UUID, State],
    heard: Iterable[Heard],
    *,
    without_version: Collection[UUID] = frozenset(),
) -> tuple[dict[UUID, State], list[Move]]:
    """Where groups stand after `heard`, in log order, and how they came there, in the same order.

    A group with a `total_count` of 0 opens with the first. `without_version`: the groups whose project lets them regress
    where versions cannot be compared. KeyError: a group is not among `states`.
    """
    now_at = dict(states)
    counts: dict[UUID, int] = {}
    moves: list[Move] = []
    for place, each in enumerate(heard):
        group_id = each[0]
        state = now_at[group_id]
        count = counts[group_id] = counts.get(group_id, state.total_count) + 1
        if count > 1 and state.mute is None and state.status not in _MOVING[state.source]:
            continue
        for kind in _moves(state, count, each, without_version):
            before = None if kind is MoveKind.OPENED else state.status
            state = _after(state, kind, count)
            moves.append(Move(kind, group_id, before, state, place))
        now_at[group_id] = state
    for group_id, count in counts.items():
        now_at[group_id] = replace(now_at[group_id], total_count=count)
    return now_at, moves


def resolve_quiet(quiet: Mapping[UUID, Quiet], now: datetime) -> list[Move]:
    """The moves of those groups that have been quiet for long enough, in the order given; they are resolved as of `now`.

    Only LOG groups that are `OPEN`. What was not read is not quiet: the logs must have been read not longer ago than
    `RECENT`, and through the whole time that is asked for. A line from before `now` that is read later is late.
    """
    return [
        Move(
            MoveKind.RESOLVED,
            group_id,
            group.state.status,
            resolved(group.state, now),
            place,
        )
        for place, (group_id, group) in enumerate(quiet.items())
        if group.state.source is Source.LOG and group.state.status in OPEN and _is_over(group, now)
    ]


def end_mutes(states: Mapping[UUID, State], now: datetime) -> list[Move]:
    """The moves of those groups whose mute's time has passed at `now`, in the order given."""
    return [
        Move(MoveKind.UNMUTED, group_id, state.status, replace(state, mute=None), place)
        for place, (group_id, state) in enumerate(states.items())
        if state.mute is not None and state.mute.is_over(now)
    ]


def resolved(state: State, now: datetime, in_version: str | None = None, *, in_next: bool = False) -> State:
    """The state, resolved as of `now`; of an earlier resolution nothing stays."""
    return replace(
        state,
        status=Status.RESOLVED,
        resolved_at=now,
        resolved_in_version=in_version,
        resolved_in_next=in_next,
    )


_STATUS_AFTER: Final = {
    MoveKind.OPENED: Status.NEW,
    MoveKind.ACTIVATED: Status.ACTIVE,
    MoveKind.REGRESSED: Status.REGRESSED,
}


def _after(state: State, kind: MoveKind, count: int) -> State:
    if kind is MoveKind.UNMUTED:
        return replace(state, mute=None, total_count=count)
    return replace(state, status=_STATUS_AFTER[kind], total_count=count)


def _moves(state: State, count: int, heard: Heard, without_version: Collection[UUID]) -> list[MoveKind]:
    """The moves that the `count`th detection of a group makes: the end of a mute first, so that the rest is told."""
    found = []
    if state.mute is not None and state.mute.until_count is not None and count >= state.mute.until_count:
        found.append(MoveKind.UNMUTED)
    if count == 1:
        found.append(MoveKind.OPENED)
    elif state.status in MOVING and (state.resolved_at is None or heard[1] > state.resolved_at):
        if state.source is Source.LOG:
            is_back = state.status is Status.RESOLVED
            found.append(MoveKind.REGRESSED if is_back else MoveKind.ACTIVATED)
        elif state.status is Status.RESOLVED and _is_back(state, heard, without_version):
            found.append(MoveKind.REGRESSED)
    return found


def _is_back(state: State, heard: Heard, without_version: Collection[UUID]) -> bool:
    """Whether an event says that the repair did not hold: its version is newer than the one that was resolved in."""
    version = heard[2] if len(heard) == 3 else None
    known = state.resolved_in_version
    found = None if version is None or known is None else is_newer(version, known)
    return heard[0] in without_version if found is None else found


def _is_over(group: Quiet, now: datetime) -> bool:
    """Whether it is known that nothing came for as long as is asked."""
    if group.read_through is None or now - group.read_through > RECENT:
        return False
    return min(now, group.read_through) - group.last_seen_at >= group.enough
