"""Delete groups: they are gone from every list, and the same error seen later opens a new one.

The rows stay, marked. Their fingerprints retire in the same transaction, under the groups' locks: whoever records the
error at that moment either comes first, and is deleted along, or looks again and opens a new group. What was merged into
a group goes with it. A group that was merged away cannot be deleted by itself, as it is part of another one.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app import timeline
from app.accounts.actors import Actor
from app.domain.lifecycle import MoveKind
from app.domain.verbs import deleted
from app.live.announce import announce
from app.tables.database import fetch, transaction
from app.timeline import Change
from app.triage.choose import choose
from app.triage.reasons import in_words


async def delete(
    organization_id: UUID,
    group_ids: Sequence[UUID],
    actor: Actor,
    *,
    reason: str | None = None,
    now: datetime,
) -> list[Change]:
    """Delete the groups; the changes are theirs, in the order given, then those of what was merged into them.

    BadInput: no group, more than 100, or a reason that is too long. Refused, and nothing is changed: some of the groups
    are not there, or were merged away.
    """
    why = in_words(reason)
    async with transaction():
        chosen = await choose(organization_id, group_ids, with_merged=True)
        entries = chosen.entries(MoveKind.DELETED, lambda _, state: deleted(state, now), why)
        await fetch(
            "update fingerprint set retired_at = $1 where group_id = any($2::uuid[]) and retired_at is null",
            now,
            [*chosen.states, *chosen.merged],
        )
        changes = await timeline.write(entries, now=now, actor=actor)
    await announce(changes)
    return changes
