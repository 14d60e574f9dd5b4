"""What a group's changes ask for on its issue. Pure.

Comes in: a group with an issue, and what happened to it that the issue does not show yet. Goes out: writes, in order.

    RESOLVED              a comment, closed as completed
    SILENCED              a comment, closed as not planned
    MERGED into another   a comment, closed as a duplicate; on the issue of the one that stays a comment
    DELETED               a comment, closed as not planned
    REGRESSED             opened, the label, a comment
    REOPENED, CLAIMED     a comment, opened, where it was closed
    UNMERGED              a comment, opened, where the group is there again and is open

Of many changes only the last state is asked for; each has its comment. What GitHub itself told makes no comment there,
and asks for nothing, unless a write that was asked for before it would undo it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.domain.github.labels import REGRESSION
from app.domain.lifecycle import MoveKind, Status
from app.domain.merging import OPEN
from app.github.asking.actions import ActionKind, NewAction

_Writes = list[tuple[ActionKind, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Step:
    """One change. `by`: who did it, by name; `where`: the instance or app that was heard."""

    kind: MoveKind
    actor_kind: str
    by: str | None
    before: Status | None
    after: Status
    reason: str | None
    detail: Mapping[str, Any]
    where: str | None = None

    @property
    def leaves_it_open(self) -> bool:
        """Whether somebody should still look at the group after it."""
        return self.kind is not MoveKind.DELETED and not self.is_merged_away and self.after in OPEN

    @property
    def is_merged_away(self) -> bool:
        """Whether the group became a part of another one."""
        return self.kind is MoveKind.MERGED and "into" in self.detail


@dataclass(frozen=True, slots=True)
class Followed:
    """A group as it stands after the steps. `is_asked_open`: what its issue is, once all is done that is to be done now.

    `days`: after how many its project resolves by itself.
    """

    group_id: UUID
    status: Status
    is_merged: bool
    is_deleted: bool
    is_connected: bool
    is_asked_open: bool
    days: int
    steps: Sequence[Step]

    @property
    def is_open(self) -> bool:
        """Whether its issue should be open."""
        return self.status in OPEN and not self.is_merged and not self.is_deleted

    @property
    def state(self) -> dict[str, Any]:
        """What its issue should be, as GitHub has it."""
        if self.is_open:
            return {"state": "open", "state_reason": "reopened"}
        if self.is_merged:
            reason = "duplicate"
        elif self.status is Status.RESOLVED and not self.is_deleted:
            reason = "completed"
        else:
            reason = "not_planned"
        return {"state": "closed", "state_reason": reason}


def asked_for(group: Followed) -> list[NewAction]:
    """The writes that the steps ask for.

    Without a repository only the state is kept, for when there is one again; what is deleted then is left alone.
    """
    writes: _Writes = []
    place, is_open, is_told = None, group.is_asked_open, False
    for step in group.steps:
        is_moved = step.leaves_it_open != is_open or _decides(step, group)
        if step.actor_kind == "github":
            is_told = is_told and not is_moved
        else:
            told = _told(step, group, is_open=is_open) if group.is_connected else []
            if is_moved:
                place, is_told = len(writes) + (0 if step.kind is MoveKind.REGRESSED else len(told)), True
            writes += told
        is_open = step.leaves_it_open
    is_due = is_told or group.is_open != group.is_asked_open
    if is_due and (group.is_connected or not group.is_deleted):
        writes.insert(len(writes) if place is None else place, (ActionKind.STATE, group.state))
    return [NewAction(group.group_id, kind, detail) for kind, detail in writes]


def _decides(step: Step, group: Followed) -> bool:
    """Whether the state is asked for even where it seems to be so: GitHub's telling of an earlier one may come late.

    Besides, what is closed may be closed for another reason now.
    """
    if step.is_merged_away or step.kind in (MoveKind.RESOLVED, MoveKind.SILENCED):
        return True
    was_open = step.before is None or step.before in OPEN
    return was_open != step.leaves_it_open and not group.is_merged


def _told(step: Step, group: Followed, *, is_open: bool) -> _Writes:
    """The comment on the step, none where it is no news; `is_open`: whether its issue was before it."""
    detail: dict[str, Any] | None = None
    why = {"by": step.by, "reason": step.reason}
    if step.kind is MoveKind.REGRESSED:
        return [(ActionKind.LABEL, {"labels": [REGRESSION.name]}), (ActionKind.COMMENT, _regressed(step))]
    if step.kind is MoveKind.RESOLVED:
        detail = _resolved(step, group.days)
    elif step.kind is MoveKind.SILENCED:
        detail = {"about": "silenced"} | why
    elif step.kind in (MoveKind.REOPENED, MoveKind.CLAIMED) and step.before in _CLOSED:
        detail = {"about": "reopened"} | why
    elif step.is_merged_away:
        detail = {"about": "merged_into", "group_id": step.detail["into"]} | why
    elif step.kind is MoveKind.MERGED:
        detail = {"about": "merged", "group_ids": list(step.detail["from"])} | why
    elif step.kind is MoveKind.UNMERGED and "from" in step.detail and step.leaves_it_open and not is_open:
        detail = {"about": "unmerged"} | why
    elif step.kind is MoveKind.DELETED and not group.is_merged:
        detail = {"about": "deleted"} | why
    return [] if detail is None else [(ActionKind.COMMENT, detail)]


_CLOSED: Final = (Status.RESOLVED, Status.SILENCED)


def _resolved(step: Step, days: int) -> dict[str, Any]:
    if step.actor_kind == "system":
        return {"about": "auto_resolved", "days": step.detail.get("days", days)}
    in_next = bool(step.detail.get("in_next"))
    return {
        "about": "resolved",
        "by": step.by,
        "version": None
        if in_next
        else step.detail.get("version"),  # of the next one nobody knows the name yet
        "in_next": in_next,
        "reason": step.reason,
    }


def _regressed(step: Step) -> dict[str, Any]:
    return {
        "about": "regressed",
        "at": step.detail.get("seen_at"),
        "where": step.where,
        "version": step.detail.get("seen_version"),
    }
