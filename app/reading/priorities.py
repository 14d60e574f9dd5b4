"""Why groups have the priority that they have.

Comes in: groups. Goes out: the reasons of each, as of now: the priority of a list follows within minutes.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.domain.priority import Reason
from app.recording.priorities import scores


async def reasons(
    organization_id: UUID, group_ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, tuple[Reason, ...]]:
    """The reasons of those of the groups that are theirs. One statement."""
    found = await scores(group_ids, now=now, organization_id=organization_id)
    return {group_id: scored.score.reasons for group_id, scored in found.items()}
