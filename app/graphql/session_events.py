"""The events of a session, as an occurrence's page shows them: what the app did before and after.

Comes in: an occurrence. Goes out: the other events of its session. What an event says is read when it is asked for.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Self, TypeVar
from uuid import UUID

import strawberry

from app.domain.events.event import Level
from app.graphql import ids
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.enumerations import EventLevel
from app.graphql.event_told import of_id
from app.graphql.loading import load
from app.reading import session_events as reading
from app.reading.occurrences import Occurrence
from app.recording.shown_events import ShownEvent

T = TypeVar("T")


@strawberry.type(description="An event of a session.")
class SessionEvent:
    """An event of a session."""

    id: strawberry.ID = strawberry.field(
        description="Its id, to tell it from others; `node` does not know it."
    )
    occurred_at: datetime = strawberry.field(description="When it happened, by the app's clock.")
    received_at: datetime = strawberry.field(description="When Snaglist heard of it.")
    row: strawberry.Private[reading.SessionEvent]

    @strawberry.field(description="How serious the app says it is; null where it cannot be read.")
    async def level(self, info: Info) -> EventLevel | None:
        if self.row.level is not None:
            return _LEVELS.get(self.row.level)
        return await self._told(info, lambda event: EventLevel[event.level.name])

    @strawberry.field(description="What it says, without secrets; null where it cannot be read.")
    async def message(self, info: Info) -> str | None:
        return await self._told(info, lambda event: event.message)

    @strawberry.field(description="The class of its last exception; null where it has none.")
    async def exception_type(self, info: Info) -> str | None:
        found = await of_id(info, self.row.id)
        return found.exceptions[-1].type if found and found.exceptions else None

    @strawberry.field(
        description="The id of the error group that shows it, for `error(id:)`; null where it is no error, and for a repeat,"
        " as an error is recorded once in a session."
    )
    async def error_id(self, info: Info) -> strawberry.ID | None:
        read = partial(reading.groups_of_events, info.context.organization_id)
        group_id: UUID | None = await load(info, "groups of events", read, self.row.id)
        return None if group_id is None else ids.encode("ErrorGroup", group_id)

    async def _told(self, info: Info, wanted: Callable[[ShownEvent], T]) -> T | None:
        found = await of_id(info, self.row.id)
        return wanted(found.event) if found and found.event else None

    @classmethod
    def of(cls, row: reading.SessionEvent) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("SessionEvent", row.id),
            occurred_at=row.occurred_at,
            received_at=row.received_at,
            row=row,
        )


_LEVELS = {level.value: EventLevel[level.name] for level in Level}


async def session_event_page(
    info: Info, of: Occurrence, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[SessionEvent]:
    """A page of the other events of an occurrence's session, in order."""
    organization_id = info.context.organization_id
    page = await reading.session_events(organization_id, of, window(first, after, last, before))
    count = partial(reading.count_session_events, organization_id, of)
    return Connection[SessionEvent].of(page, SessionEvent.of, count)
