"""The events of a session, one by one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.reading.occurrences import Occurrence
from app.reading.pages import Page, Window
from app.reading.session_events import session_events
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.recording.stage import Stage


def occurrence_in(stage: Stage) -> Occurrence:
    """An occurrence in a session of an app, whose event is not there any more."""
    return Occurrence(
        id=uuid7(NOW),
        group_id=uuid7(NOW),
        instance_id=None,
        app_id=stage.project_id,  # no table asks whether there is such an app
        occurred_at=NOW,
        received_at=NOW,
        session_id="s-1",
        user_id=None,
        app_version=None,
        environment=None,
        message="it happened",
        event_id=None,
        packed=b"",
    )


async def read(stage: Stage, window: Window) -> Page[Any]:
    """The other events of its session."""
    return await session_events(stage.organization_id, occurrence_in(stage), window)


async def add(stage: Stage, at: datetime) -> UUID:
    """One more event of the session."""
    made = uuid7(NOW)
    await fetch(
        """
        insert into event (id, received_at, organization_id, project_id, app_id, level, occurred_at, session_id, payload)
        values ($1, $2, $3, $4, $4, 20, $5, 's-1', '')
        """,
        *(made, NOW, stage.organization_id, stage.project_id, at),
    )
    return made


async def change_time(event_id: UUID | int, at: datetime) -> None:
    """What the scan does, which reads the app's own time."""
    await fetch("update event set occurred_at = $2 where id = $1", event_id, at)
