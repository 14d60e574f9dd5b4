"""What an issue should be for where its error stands. Pure.

Comes in: a group, and where it stands. Goes out: the write that brings its issue there.
"""

from uuid import UUID

from app.github.asking.actions import ActionKind, NewAction


def state_of(group_id: UUID, status: str, *, is_merged: bool = False) -> NewAction:
    """Have the issue be what its error is, a group with this status, or one that is a part of another one now."""
    match "MERGED" if is_merged else status:
        case "MERGED":
            detail = {"state": "closed", "state_reason": "duplicate"}
        case "RESOLVED":
            detail = {"state": "closed", "state_reason": "completed"}
        case "SILENCED":
            detail = {"state": "closed", "state_reason": "not_planned"}
        case _:
            detail = {"state": "open", "state_reason": "reopened"}
    return NewAction(group_id, ActionKind.STATE, detail)
