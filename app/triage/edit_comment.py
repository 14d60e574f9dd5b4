"""Say it otherwise: only its author edits a comment.

Comes in: who asks, which comment, and its new text. Goes out: nothing.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from app.accounts.actors import Actor
from app.errors import Forbidden, NotFound
from app.live.announce import announce_comment
from app.tables.database import fetch_one
from app.triage import comment_body, markdown


async def edit_comment(
    organization_id: UUID, editor: Actor, comment_id: UUID, body: str, *, now: datetime
) -> None:
    """Exchange the comment's text; of two who do so at once, the last one stays. The same text changes nothing.

    BadInput: it is empty, above 64 KiB, or no text. NotFound: there is no such comment, or not any more.
    Forbidden: somebody else wrote it.
    """
    body = comment_body.checked(body)
    await demand(organization_id, comment_id, editor)
    shown = await markdown.render(body)
    edited = await fetch_one(
        _EDIT, organization_id, comment_id, body, shown, markdown.EDITION, now, comment_body.may_name(body)
    )
    if edited is None:
        raise NotFound("there is no such comment", field="id")
    await announce_comment(organization_id, edited["shown_with"])


async def demand(organization_id: UUID, comment_id: UUID, author: Actor | None) -> None:
    """See that the comment is there, and is this author's; None: whose it is does not matter.

    NotFound, Forbidden: as above.
    """
    row = await fetch_one(_WHOSE, organization_id, comment_id)
    if row is None:
        raise NotFound("there is no such comment", field="id")
    if author is not None and (row["author_kind"], row["author_id"]) != (author.kind, author.id):
        raise Forbidden("this comment is somebody else's")


_WHOSE: Final = """
select c.author_kind, c.author_id
from comment as c join error_group as g on g.id = c.group_id and g.organization_id = $1 and g.deleted_at is null
where c.organization_id = $1 and c.id = $2 and c.deleted_at is null
"""
_EDIT: Final = """
update comment as c
set body = $3, body_html = $4, rendering = $5, edited_at = case when c.body = $3 then c.edited_at else $6 end,
    mentions_untold = case when c.body = $3 then c.mentions_untold else $7 end
where c.organization_id = $1 and c.id = $2 and c.deleted_at is null
returning (
    select coalesce(g.merged_into_id, g.id) from error_group as g
    where g.organization_id = $1 and g.id = c.group_id
) as shown_with
"""
