"""Alert rules in the tests of reading, as rows; nobody can read their channels unless bytes are given that somebody can."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from app.tables.database import fetch
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.recording.stage import Stage

SHOWN = [{"kind": "WEBHOOK", "label": "https://hooks.example.com/…"}]


async def add_rule(stage: Stage, name: str = "A secret rule", **columns: Any) -> UUID:
    """A rule of the project about errors that open."""
    rule_id = uuid7(NOW)
    values = {
        "id": rule_id,
        "organization_id": stage.organization_id,
        "project_id": stage.project_id,
        "name": name,
        "condition": {"kind": "OPENED"},
        "channels": b"sealed",
        "channels_shown": SHOWN,
        "created_at": NOW,
    } | columns
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await fetch(
        f"insert into alert_rule ({', '.join(values)}) values ({places})",  # noqa: S608  the tests name them
        *(json.dumps(value) if isinstance(value, dict | list) else value for value in values.values()),
    )
    return rule_id


async def add_pending(rule_id: UUID, total: int = 1, due_at: datetime = NOW) -> None:
    """What the rule has found and not told."""
    await fetch(
        "insert into alert_pending (rule_id, first_at, due_at, total, sample) values ($1, $2, $3, $4, '[]')",
        rule_id,
        NOW,
        due_at,
        total,
    )
