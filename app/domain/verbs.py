"""What people and agents do with a group: one table of the steps, pure.

Comes in: a verb, where a group stands, and the time. Goes out: where it stands then; the very same state where the verb
asks for what is so already. InvalidTransition: the table has no such step, and nothing is changed. Both sources of
groups have the same steps.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.lifecycle import MoveKind, Mute, State, Status, resolved
from app.errors import InvalidTransition


class Verb(StrEnum):
    """What changes a group's status by hand."""

    CLAIM = "claim"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    SILENCE = "silence"


LEADS_TO: Final[Mapping[Verb, Status]] = {
    Verb.CLAIM: Status.IN_PROGRESS,
    Verb.RESOLVE: Status.RESOLVED,
    Verb.REOPEN: Status.NEW,
    Verb.SILENCE: Status.SILENCED,
}
"""Where each verb leads; a group that is there already stays as it is."""

REFUSED: Final[Mapping[Verb, frozenset[Status]]] = {
    Verb.CLAIM: frozenset({Status.RESOLVED}),
    Verb.RESOLVE: frozenset(),
    Verb.REOPEN: frozenset({Status.ACTIVE, Status.REGRESSED}),
    Verb.SILENCE: frozenset(),
}
"""From where a verb leads nowhere."""

KINDS: Final[Mapping[Verb, MoveKind]] = {
    Verb.CLAIM: MoveKind.CLAIMED,
    Verb.RESOLVE: MoveKind.RESOLVED,
    Verb.REOPEN: MoveKind.REOPENED,
    Verb.SILENCE: MoveKind.SILENCED,
}
"""What the move of each verb is called."""


def after(
    verb: Verb, state: State, now: datetime, *, in_version: str | None = None, in_next: bool = False
) -> State:
    """Where the verb leads. `in_version` and `in_next`, as `State` has them, are for what is resolved.

    What is reopened was never resolved: what is late for a resolution is no longer late. InvalidTransition: there is no
    such step.
    """
    target = LEADS_TO[verb]
    if state.status is target:
        return state
    if state.status in REFUSED[verb]:
        stands = state.status.replace("_", " ").lower()
        raise InvalidTransition(f"an error that is {stands} cannot be {KINDS[verb].lower()}")
    if verb is Verb.RESOLVE:
        return resolved(state, now, in_version, in_next=in_next)
    if verb is Verb.REOPEN:
        return replace(
            state, status=target, resolved_at=None, resolved_in_version=None, resolved_in_next=False
        )
    return replace(state, status=target)


def muted(state: State, now: datetime, until: datetime | None, after_occurrences: int | None) -> State:
    """Muted as of `now`: for good, until a time, after so many more occurrences, or whichever comes first.

    What is muted gets the new mute instead, unless the two end at the same point and the old one holds still.
    """
    until_count = None if after_occurrences is None else state.total_count + after_occurrences
    wanted = Mute(now, until, until_count)
    old = state.mute
    if old and not old.is_over(now) and replace(old, since=now) == wanted:
        return state
    return replace(state, mute=wanted)


def unmuted(state: State, now: datetime) -> State:
    """No longer muted; a mute whose time has passed ends by itself, and is none."""
    return state if state.mute is None or state.mute.is_over(now) else replace(state, mute=None)


def assigned(state: State, assignee_id: UUID | None) -> State:
    """Given to a membership, or to nobody."""
    return state if state.assignee_id == assignee_id else replace(state, assignee_id=assignee_id)


def deleted(state: State, now: datetime) -> State:
    """Deleted as of `now`."""
    return state if state.deleted_at else replace(state, deleted_at=now)
