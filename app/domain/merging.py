"""Where groups stand when they become one, and when they come apart again. Pure.

Comes in: groups as they stand, and what their fingerprints add up to then. Goes out: where they stand then.

    the one that stays is             and of the others                        then it is
    IN_PROGRESS, SILENCED             whatever they are                        as it was: left only by hand
    ACTIVE, REGRESSED                 whatever they are                        as it was
    NEW (LOG)                         whatever they are                        ACTIVE: it keeps happening
    RESOLVED (LOG)                    one is open, and was seen after that     REGRESSED
    RESOLVED (LOG)                    otherwise; some may be RESOLVED later    RESOLVED, as of the latest
    any (EVENT)                       whatever they are                        as it was: apps move by versions

Its mute, its assignee and its version are its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.lifecycle import Source, State, Status

OPEN: Final = frozenset({Status.NEW, Status.ACTIVE, Status.IN_PROGRESS, Status.REGRESSED})
"""The statuses of what somebody should still look at."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a group stands, when it was last seen (log time), and its total when it was last resolved."""

    state: State
    last_seen_at: datetime
    count_at_resolve: int | None = None


def merged(primary: Standing, others: Sequence[Standing], total: int) -> Standing:
    """Where the one that stays stands with the others in it; what it counted since it was resolved stays the same."""
    seen = max(primary.last_seen_at, *(other.last_seen_at for other in others))
    state = _together(primary.state, others)
    return Standing(_recounted(state, total), seen, _count_at_resolve(primary, total))


def parted(standing: Standing, total: int, last_seen_at: datetime, *, grown: int) -> Standing:
    """Where a group stands that others have left; its status is as it was.

    `grown`: what those others counted while they were in. Where the group was resolved before, that is what goes away of
    its count since then. Where it was resolved meanwhile nobody knows how much that is: the count may then be too small.
    """
    at_resolve = _count_at_resolve(standing, total, gone=grown)
    return Standing(_recounted(standing.state, total), last_seen_at, at_resolve)


def awakened(tombstone: Standing, brought: int, total: int, last_seen_at: datetime) -> Standing:
    """Where a group stands that is there again, as if it had never been merged.

    `brought`: what the fingerprints that came back have counted; `total` and `last_seen_at` are of all that it has. A
    mute that waited for fewer has ended. A group of apps has the status that it had: whether it came back depends on
    versions, which were judged where it was.
    """
    was = tombstone.state
    was_seen = brought > was.total_count or last_seen_at > tombstone.last_seen_at
    state = replace(was, merged_into_id=None)
    if was.source is Source.LOG and was_seen and (was.resolved_at is None or last_seen_at > was.resolved_at):
        state = replace(state, status=_SEEN_AGAIN.get(was.status, was.status))
    # Others that were merged into it before may be elsewhere now; what it counted with them goes first.
    rest = min(was.total_count, total)
    state = replace(_recounted(state, rest), total_count=total)
    if state.mute is not None and state.mute.until_count is not None and total >= state.mute.until_count:
        state = replace(state, mute=None)
    return Standing(state, last_seen_at, _count_at_resolve(tombstone, rest))


_SEEN_AGAIN: Final = {Status.NEW: Status.ACTIVE, Status.RESOLVED: Status.REGRESSED}


def _together(state: State, others: Sequence[Standing]) -> State:
    if state.source is Source.EVENT:
        return state
    if state.status is Status.NEW:
        return replace(state, status=Status.ACTIVE)
    resolved_at = state.resolved_at
    if state.status is not Status.RESOLVED or resolved_at is None:
        return state
    if any(other.state.status in OPEN and other.last_seen_at > resolved_at for other in others):
        return replace(state, status=Status.REGRESSED)
    resolutions = [other.state.resolved_at for other in others if other.state.status is Status.RESOLVED]
    return replace(state, resolved_at=max([resolved_at, *filter(None, resolutions)]))


def _recounted(state: State, total: int) -> State:
    """The state with another total, where nothing happened: a mute lasts for as many more occurrences as before."""
    mute = state.mute
    if mute is not None and mute.until_count is not None:
        mute = replace(mute, until_count=mute.until_count + total - state.total_count)
    return replace(state, total_count=total, mute=mute)


def _count_at_resolve(standing: Standing, total: int, *, gone: int = 0) -> int | None:
    """Never more than the total, so that nothing counts below zero."""
    if standing.count_at_resolve is None:
        return None
    since = standing.state.total_count - standing.count_at_resolve - gone
    return total - max(0, min(since, total))
