"""What apps have sent in the tests of reading: events as they are stored, and such as could not be recorded."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.domain.events.event import Format
from app.tables.database import fetch
from app.tables.identifiers import uuid7
from app.tables.payloads import pack
from tests.database import NOW
from tests.recording.stage import Stage


async def add_event(
    stage: Stage, app_id: UUID, sent: Any, *, format_: Format = Format.OWN, at: datetime = NOW
) -> UUID:
    """An event that the app sent: a tree, or bytes that are none."""
    event_id = uuid7(at)
    payload = sent if isinstance(sent, bytes) else msgspec.json.encode(sent)
    await fetch(
        """
        insert into event (id, received_at, organization_id, project_id, app_id, occurred_at, payload, format)
        values ($1, $2, $3, $4, $5, $2, $6, $7)
        """,
        event_id,
        at,
        stage.organization_id,
        stage.project_id,
        app_id,
        pack(payload),
        format_,
    )
    return event_id


async def add_problem(stage: Stage, app_id: UUID, sent: Any, *, at: datetime = NOW) -> UUID:
    """An event that could not be recorded."""
    event_id = await add_event(stage, app_id, sent, at=at)
    await fetch(
        """
        insert into inbox (event_id, received_at, app_id, organization_id, attempts, problem)
        values ($1, $2, $3, $4, 3, 'it holds a secret that nobody can read')
        """,
        event_id,
        at,
        app_id,
        stage.organization_id,
    )
    return event_id
