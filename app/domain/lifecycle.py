"""The life of a group as far as it moves by itself: one state machine, written for many groups at once.

Comes in: where groups stand and the times at which their errors were heard of, in the order of the log, or how long
nothing was heard of them. Goes out: where they stand then, and the moves between. However a log is cut into batches,
the moves are the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


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


@dataclass(frozen=True, slots=True)
class State:
    """Where a group stands: all that a move can change.

    `resolved_at` outlives a regression: what is older than it is late. `resolved_in_version`, `resolved_in_next`: the
    app's version that has the repair, or that it is the one after the newest known then. `assignee_id` is a membership.
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


def follow(
    states: Mapping[UUID, State], heard: Iterable[tuple[UUID, datetime]]
) -> tuple[dict[UUID, State], list[Move]]:
    """Where groups stand after `heard`, in log order, and how they came there, in the same order.

    A group with a `total_count` of 0 opens with the first. KeyError: a group is not among `states`.
    """
    now_at = dict(states)
    counts: dict[UUID, int] = {}
    moves: list[Move] = []
    for place, (group_id, seen_at) in enumerate(heard):
        state = now_at[group_id]
        count = counts[group_id] = counts.get(group_id, state.total_count) + 1
        if count > 1 and state.status not in MOVING:
            continue
        kind = _move(state, count, seen_at)
        if kind is None:
            continue
        after = replace(state, status=_STATUS_AFTER[kind], total_count=count)
        now_at[group_id] = after
        before = None if kind is MoveKind.OPENED else state.status
        moves.append(Move(kind, group_id, before, after, place))
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


_STATUS_AFTER: Final = {
    MoveKind.OPENED: Status.NEW,
    MoveKind.ACTIVATED: Status.ACTIVE,
    MoveKind.REGRESSED: Status.REGRESSED,
}


def resolved(state: State, now: datetime, in_version: str | None = None, *, in_next: bool = False) -> State:
    """The state, resolved as of `now`; of an earlier resolution nothing stays."""
    return replace(
        state,
        status=Status.RESOLVED,
        resolved_at=now,
        resolved_in_version=in_version,
        resolved_in_next=in_next,
    )


def _move(state: State, count: int, seen_at: datetime) -> MoveKind | None:
    """The move that the `count`th detection of a group makes, None where it makes none."""
    if count == 1:
        return MoveKind.OPENED
    if state.source is Source.EVENT:  # moves by the app's versions, not by time
        return None
    if state.resolved_at is not None and seen_at <= state.resolved_at:
        return None
    return MoveKind.REGRESSED if state.status is Status.RESOLVED else MoveKind.ACTIVATED


def _is_over(group: Quiet, now: datetime) -> bool:
    """Whether it is known that nothing came for as long as is asked."""
    if group.read_through is None or now - group.read_through > RECENT:
        return False
    return min(now, group.read_through) - group.last_seen_at >= group.enough
