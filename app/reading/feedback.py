"""What users of apps wrote about events.

Comes in: events, as their apps name them. Goes out: what was written about each, oldest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.tables.database import fetch

MOST: Final = 20
"""Of one event."""

Key = tuple[UUID, str]
"""An app, and its own id of an event."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a user wrote; name and address are what they gave, None where they gave none."""

    id: UUID
    name: str | None
    email: str | None
    message: str
    created_at: datetime


async def feedback(organization_id: UUID, keys: Sequence[Key]) -> dict[Key, list[Feedback]]:
    """What was written about each of the events, the first `MOST`. One statement."""
    found: dict[Key, list[Feedback]] = {}
    for row in await fetch(
        _FEEDBACK, organization_id, [app_id for app_id, _ in keys], [name for _, name in keys], MOST
    ):
        found.setdefault((row[0], row[1]), []).append(Feedback(*row[2:]))
    return found


_FEEDBACK: Final = """
select n.app_id, n.client_event_id, u.id, u.name, u.email, u.message, u.created_at
from unnest($2::uuid[], $3::text[]) as n(app_id, client_event_id)
cross join lateral (
    select * from user_feedback as u
    where u.organization_id = $1 and u.app_id = n.app_id and u.client_event_id = n.client_event_id
    order by u.created_at, u.id limit $4
) as u
order by u.created_at, u.id
"""
