"""What the event of an occurrence says, read when something of it is asked for: once for all occurrences of a page.

Comes in: an occurrence's row, and what is wanted of its detail. Goes out: that. A log's occurrence, and one whose event is
gone, have all in their own row and need nobody to be asked.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from app.graphql.context import Info
from app.graphql.event_parts import UserFeedback
from app.graphql.loading import load
from app.reading import event_details
from app.reading import feedback as reading_feedback
from app.reading.occurrences import Occurrence
from app.recording.shown_events import ShownEvent
from app.recording.sightings import Detail

T = TypeVar("T")


def detail(info: Info, row: Occurrence, wanted: Callable[[Detail], T]) -> T | Awaitable[T]:
    """What is wanted of the detail; of an event that cannot be read, of the little that the row has."""
    if row.event_id is None or row.detail.event is not None:
        return wanted(row.detail)
    return _read(info, row.event_id, row, wanted)


async def _read(info: Info, event_id: UUID, row: Occurrence, wanted: Callable[[Detail], T]) -> T:
    return wanted(await of_id(info, event_id) or row.detail)


async def of_id(info: Info, event_id: UUID) -> Detail | None:
    """What an event says; None: it is gone, or cannot be read."""
    return await load(info, "events", partial(event_details.details, info.context.organization_id), event_id)


async def of_event(info: Info, row: Occurrence, otherwise: T, wanted: Callable[[ShownEvent], T]) -> T:
    """What is wanted of the event; `otherwise` for logs, and where it cannot be read."""

    def told(found: Detail) -> T:
        return otherwise if found.event is None else wanted(found.event)

    answer = detail(info, row, told)
    return await answer if isinstance(answer, Awaitable) else answer


async def feedback(info: Info, row: Occurrence) -> list[UserFeedback]:
    """What users wrote about the event, read for all occurrences that ask in the same breath."""
    app_id = row.app_id
    client_event_id = await of_event(info, row, None, lambda event: event.client_event_id)
    if app_id is None or client_event_id is None:
        return []
    loader: DataLoader[reading_feedback.Key, list[reading_feedback.Feedback]] | None
    loader = info.context.loaded.get("feedback")
    if loader is None:
        organization_id = info.context.organization_id

        async def several(keys: list[reading_feedback.Key]) -> list[list[reading_feedback.Feedback]]:
            found = await reading_feedback.feedback(organization_id, keys)
            return [found.get(key, []) for key in keys]

        loader = info.context.loaded["feedback"] = DataLoader(load_fn=several)
    return [UserFeedback.of(written) for written in await loader.load((app_id, client_event_id))]
