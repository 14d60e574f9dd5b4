"""Mute groups: nobody is told of them for now; they are counted, and their status goes on changing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app import timeline
from app.accounts.actors import Actor
from app.domain.lifecycle import MoveKind, State
from app.domain.verbs import muted
from app.errors import BadInput
from app.live.announce import announce
from app.tables.database import transaction
from app.timeline import Change
from app.triage.choose import choose
from app.triage.reasons import in_words

MOST_OCCURRENCES: Final = 1_000_000_000


async def mute(
    organization_id: UUID,
    group_ids: Sequence[UUID],
    actor: Actor,
    *,
    reason: str | None = None,
    until: datetime | None = None,
    after_occurrences: int | None = None,
    now: datetime,
) -> list[Change]:
    """Mute the groups, until a time, until they happened so often more, whichever comes first, or for good.

    What is muted already is muted anew, unless that changes nothing. BadInput: no group, more than 100, a reason that is
    too long, a time that is not to come, a number out of bounds. Refused, and nothing is changed: some of the groups are
    not there.
    """
    why = in_words(reason)
    if until is not None and until <= now:
        raise BadInput("a mute ends in the future", field="until")
    if after_occurrences is not None and not 1 <= after_occurrences <= MOST_OCCURRENCES:
        told = f"a mute ends after 1 to {MOST_OCCURRENCES:,} occurrences"
        raise BadInput(told, field="afterOccurrences")

    def detail(state: State) -> Mapping[str, Any]:
        return {
            "until": until and until.isoformat(),
            "after_occurrences": after_occurrences,
            "until_count": state.mute and state.mute.until_count,
        }

    async with transaction():
        chosen = await choose(organization_id, group_ids)
        entries = chosen.entries(
            MoveKind.MUTED, lambda _, state: muted(state, now, until, after_occurrences), why, detail
        )
        changes = await timeline.write(entries, now=now, actor=actor)
    await announce(changes)
    return changes
