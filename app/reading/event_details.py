"""What the events of occurrences say, read from their payloads: for a page of them in one go.

Comes in: events of an organization. Goes out: what is shown of each; those whose payload is gone or damaged are missing,
and show what their occurrence's row has.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from app.recording import event_payloads
from app.recording.sightings import Detail

MOST_BYTES: Final = 128 * 1024 * 1024
"""Of payloads, unpacked, that are read for one page."""


async def details(organization_id: UUID, event_ids: Sequence[UUID]) -> Mapping[UUID, Detail]:
    """What the events say. Two statements for a page of ordinary events. BadInput: they are too large all together."""
    return await event_payloads.details(event_ids, organization_id, MOST_BYTES)
