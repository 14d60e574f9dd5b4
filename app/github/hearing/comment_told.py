"""What people said about an issue on GitHub, said about its error here.

Comes in: a telling, what its comment looks like, and the connection that it came by, in the caller's transaction. Goes out:
the comment's row, and the group whose comments are others now. Edits and deletions may come before what they are about.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.github.hearing.issue_told import By, followed
from app.github.hearing.tellings import CommentTold
from app.recording.texts import safe
from app.tables.database import fetch, fetch_one
from app.tables.identifiers import uuid7
from app.triage import markdown
from app.triage.purge_comments import KEPT

LONGEST_NAME: Final = 100
"""Characters of an author's name."""
OLDEST: Final = KEPT - timedelta(hours=1)
"""The age of a comment from which on it may have been deleted here and be gone for good: it is not taken up any more."""


async def follow_comment(told: CommentTold, shown: str | None, by: By, *, now: datetime) -> UUID | None:
    """Take the comment up as it is now; the group that it is shown with, to be announced after the commit, or None.

    `shown`: what its text looks like. Ours are left out, and all of them where the project wants none.
    """
    if not by.comments_back or told.is_marked or (by.kind == "app" and by.is_us(told.author)):
        return None
    found = await followed(told, by, now=now)
    if found is None:
        return None
    external_id = f"{by.project_id}:{told.comment_id}"
    known = await fetch_one(_KNOWN, external_id)
    if known is None:
        is_other = await _add(told, shown, external_id, by, found.group_id, now)
    elif known["group_id"] != found.group_id or known["deleted_at"] is not None or told.action == "created":
        is_other = False
    elif told.action == "deleted":
        await fetch("update comment set deleted_at = $2 where id = $1", known["id"], now)
        is_other = True
    else:
        edited_at = by.believed(told.updated_at)
        is_other = edited_at >= (known["edited_at"] or known["created_at"])
        if is_other:
            await fetch(_EDIT, known["id"], told.body, shown, shown and markdown.EDITION, edited_at)
    return (found.state.merged_into_id or found.group_id) if is_other else None


_KNOWN: Final = """
select id, group_id, created_at, edited_at, deleted_at from comment where external_id = $1 for no key update
"""
_EDIT: Final = """
update comment set body = $2, body_html = $3, rendering = $4, edited_at = $5 where id = $1
"""


async def _add(
    told: CommentTold, shown: str | None, external_id: str, by: By, group_id: UUID, now: datetime
) -> bool:
    """Add the comment; one that is deleted already leaves a deleted row, so that its late beginning is known for what it is."""
    if told.created_at <= by.received_at - OLDEST or not told.body.strip():
        return False
    await fetch(
        _ADD,
        uuid7(now),
        by.organization_id,
        group_id,
        safe(told.author, LONGEST_NAME),
        told.body,
        shown,
        shown and markdown.EDITION,
        external_id,
        min(told.created_at, by.received_at),
        by.believed(told.updated_at) if told.action == "edited" else None,
        now if told.action == "deleted" else None,
    )
    return told.action != "deleted"


_ADD: Final = """
insert into comment (id, organization_id, group_id, author_kind, author_name, body, body_html, rendering, external_id,
    created_at, edited_at, deleted_at)
values ($1, $2, $3, 'github', $4, $5, $6, $7, $8, $9, $10, $11)
"""
