"""Say something about an error.

Comes in: who says it, about which group, in Markdown. Goes out: the comment's id. What it looks like is stored with it.
The author's name is kept as it is at the time. A comment on a group that was merged stays with that group, and is
listed with the one that it went into; an unmerge thus takes it along. Whoever may be named in it is told afterwards:
that this is still to be done is written with it.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from app.accounts.actors import Actor
from app.errors import NotFound
from app.live.announce import announce_comment
from app.tables.database import fetch_one
from app.tables.identifiers import uuid7
from app.triage import comment_body, markdown


async def add_comment(
    organization_id: UUID, author: Actor, group_id: UUID, body: str, *, now: datetime
) -> UUID:
    """Add the comment: one statement. To be called outside of transactions.

    BadInput: it is empty, above 64 KiB, or no text. NotFound: the organization has no such group, or not any more.
    """
    body = comment_body.checked(body)
    comment_id = uuid7(now)
    shown = await markdown.render(body)
    made = await fetch_one(
        _ADD,
        organization_id,
        group_id,
        comment_id,
        author.kind,
        author.id,
        body,
        shown,
        markdown.EDITION,
        now,
        comment_body.may_name(body),
    )
    if made is None:
        raise NotFound("there is no such error", field="errorId")
    await announce_comment(organization_id, made["shown_with"])
    return comment_id


# The group's row is held until the comment is there, so that it is not deleted in between.
_ADD: Final = """
with about as (
    select id, merged_into_id from error_group where organization_id = $1 and id = $2 and deleted_at is null for key share
)
insert into comment
    (id, organization_id, group_id, author_kind, author_id, author_name, body, body_html, rendering, created_at,
        mentions_untold)
select $3, $1, about.id, $4, $5,
    coalesce(
        (select p.name from membership as m join person as p on p.id = m.person_id
            where m.id = $5 and m.organization_id = $1),
        (select t.name from access_token as t where t.id = $5 and t.organization_id = $1),
        'Somebody'
    ),
    $6, $7, $8, $9, $10
from about
returning (select coalesce(merged_into_id, id) from about) as shown_with
"""
