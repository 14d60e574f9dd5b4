"""What people are told in the tests of reading: messages, as rows that nobody can send."""

from datetime import datetime
from uuid import UUID

from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.recording.stage import Stage


async def add_delivery(stage: Stage, *, status: str = "waiting", created_at: datetime = NOW) -> UUID:
    """A message about the project, with a title that is nobody else's business."""
    delivery_id = uuid7(created_at)
    await fetch(
        """
        insert into delivery (id, organization_id, project_id, kind, target, body, status, attempts, error,
            next_attempt_at, created_at)
        values ($1, $2, $3, 'test', 'https://hooks.example.com/…', '{"title": "a secret title", "text": "hidden"}', $4,
            10, 'the receiver answered 500', case $4 when 'waiting' then $5::timestamptz end, $5)
        """,
        delivery_id,
        stage.organization_id,
        stage.project_id,
        status,
        created_at,
    )
    return delivery_id
