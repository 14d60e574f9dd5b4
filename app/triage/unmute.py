"""Unmute groups: people are told of them again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app import timeline
from app.accounts.actors import Actor
from app.domain.lifecycle import MoveKind
from app.domain.verbs import unmuted
from app.live.announce import announce
from app.tables.database import transaction
from app.timeline import Change
from app.triage.choose import choose
from app.triage.reasons import in_words


async def unmute(
    organization_id: UUID,
    group_ids: Sequence[UUID],
    actor: Actor,
    *,
    reason: str | None = None,
    now: datetime,
) -> list[Change]:
    """Unmute the groups; the changes are those of groups that were muted.

    BadInput: no group, more than 100, or a reason that is too long. Refused, and nothing is changed: some of the groups
    are not there.
    """
    why = in_words(reason)
    async with transaction():
        chosen = await choose(organization_id, group_ids)
        entries = chosen.entries(MoveKind.UNMUTED, lambda _, state: unmuted(state, now), why)
        changes = await timeline.write(entries, now=now, actor=actor)
    await announce(changes)
    return changes
