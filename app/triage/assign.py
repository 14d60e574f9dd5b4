"""Assign groups: they are given to a member, or to nobody."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app import timeline
from app.accounts.actors import Actor
from app.domain.lifecycle import MoveKind
from app.domain.verbs import assigned
from app.errors import NotFound
from app.live.announce import announce
from app.tables.database import fetch_one, transaction
from app.timeline import Change
from app.triage.choose import choose
from app.triage.reasons import in_words


async def assign(
    organization_id: UUID,
    group_ids: Sequence[UUID],
    actor: Actor,
    *,
    membership_id: UUID | None,
    reason: str | None = None,
    now: datetime,
) -> list[Change]:
    """Give the groups to a member, None: to nobody; the changes are those of groups that were not theirs yet.

    BadInput: no group, more than 100, or a reason that is too long. NotFound: the organization has no such member.
    Refused, and nothing is changed: some of the groups are not there.
    """
    why = in_words(reason)
    async with transaction():
        chosen = await choose(organization_id, group_ids)
        name = None if membership_id is None else await _name(organization_id, membership_id)
        detail = {"assignee_id": membership_id and str(membership_id), "assignee_name": name}
        entries = chosen.entries(
            MoveKind.ASSIGNED, lambda _, state: assigned(state, membership_id), why, lambda _: detail
        )
        changes = await timeline.write(entries, now=now, actor=actor)
    await announce(changes)
    return changes


async def _name(organization_id: UUID, membership_id: UUID) -> str:
    """The member's name; the member stays until the transaction ends. Locked behind the groups, as who removes does."""
    row = await fetch_one(
        """
        select p.name from membership as m join person as p on p.id = m.person_id
        where m.organization_id = $1 and m.id = $2
        for key share of m
        """,
        organization_id,
        membership_id,
    )
    if row is None:
        raise NotFound("there is no such member", field="memberId")
    return str(row["name"])
