"""Silence groups: nobody wants to hear of them, whatever becomes of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app import timeline
from app.accounts.actors import Actor
from app.domain.verbs import KINDS, Verb, after
from app.live.announce import announce
from app.tables.database import transaction
from app.timeline import Change
from app.triage.choose import choose
from app.triage.reasons import in_words


async def silence(
    organization_id: UUID,
    group_ids: Sequence[UUID],
    actor: Actor,
    *,
    reason: str | None = None,
    now: datetime,
) -> list[Change]:
    """Silence the groups; the changes are those of groups that were not silenced yet.

    BadInput: no group, more than 100, or a reason that is too long. Refused, and nothing is changed: some of the groups
    are not there, or the table of `domain.verbs` has no such step.
    """
    why = in_words(reason)
    async with transaction():
        chosen = await choose(organization_id, group_ids)
        entries = chosen.entries(KINDS[Verb.SILENCE], lambda _, state: after(Verb.SILENCE, state, now), why)
        changes = await timeline.write(entries, now=now, actor=actor)
    await announce(changes)
    return changes
