"""Take back a comment, or, for who keeps order, take away anybody's.

Comes in: who asks, and which comment. Goes out: nothing. It is shown no more from then on, and removed for good a week
later, see `purge_comments`. Who takes away what another wrote is noted.
"""

from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import Actor
from app.errors import NotFound
from app.live.announce import announce_comment
from app.tables.database import fetch_one, transaction
from app.triage.edit_comment import demand


async def delete_comment(
    organization_id: UUID, who: Actor, comment_id: UUID, *, moderates: bool, now: datetime
) -> None:
    """Delete the comment. `moderates`: they may delete what others wrote.

    NotFound: there is no such comment, or not any more. Forbidden: somebody else wrote it.
    """
    await demand(organization_id, comment_id, None if moderates else who)
    async with transaction():
        deleted = await fetch_one(
            """
            update comment as c set deleted_at = $3
            where organization_id = $1 and id = $2 and deleted_at is null
            returning author_kind, author_id, author_name, (
                select coalesce(g.merged_into_id, g.id) from error_group as g
                where g.organization_id = $1 and g.id = c.group_id
            ) as shown_with
            """,
            organization_id,
            comment_id,
            now,
        )
        if deleted is None:
            raise NotFound("there is no such comment", field="id")
        if (deleted["author_kind"], deleted["author_id"]) != (who.kind, who.id):
            await audit.note(
                organization_id,
                who,
                audit.Kind.COMMENT_DELETED,
                subject_type="Comment",
                subject_id=comment_id,
                subject_name=deleted["author_name"],
                now=now,
            )
    await announce_comment(organization_id, deleted["shown_with"])
