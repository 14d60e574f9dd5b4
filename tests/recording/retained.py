"""What retention is told to end: occurrences and hours of any day, events with what they say, and all of it counted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from app.domain.events.event import Format
from app.reading.occurrences import occurrences
from app.recording.retention import Retained, retain
from app.tables import partitions, payloads
from app.tables.database import fetch, transaction
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading.stage import add_occurrence
from tests.recording.stage import Stage, recorded, sighting


def days_ago(days: float) -> datetime:
    """A time before `NOW`."""
    return NOW - timedelta(days=days)


async def room(at: datetime) -> None:
    """Have partitions for that day."""
    async with transaction():
        await partitions.ensure([partitions.day(table, at) for table in partitions.BY_DAY])


async def seen_ago(stage: Stage, error: str, *days: float) -> None:
    """Have an error recorded so many days ago, each time as it happened."""
    for ago in days:
        await recorded([sighting(stage.shop, error, days_ago(ago))], now=days_ago(ago))


async def add_event(
    stage: Stage, app_id: UUID, at: datetime, tree: Mapping[str, Any] | bytes, **columns: object
) -> UUID:
    """An event that an app sent at this time, scanned already."""
    await room(at)
    event_id = uuid7(at)
    text = tree if isinstance(tree, bytes) else msgspec.json.encode(tree)
    values: dict[str, object] = {
        "id": event_id,
        "received_at": at,
        "organization_id": stage.organization_id,
        "project_id": stage.project_id,
        "app_id": app_id,
        "level": 40,
        "occurred_at": at,
        "format": int(Format.OWN),
        "payload": payloads.pack(text),
    } | columns
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await fetch(f"insert into event ({', '.join(values)}) values ({places})", *values.values())  # noqa: S608  the tests name them
    return event_id


async def add_shown(
    stage: Stage, group_id: UUID, app_id: UUID, at: datetime, event_id: UUID, **columns: object
) -> UUID:
    """The occurrence that an event became, stored at this time."""
    await room(at)
    occurrence_id = uuid7(at)
    told = {"id": occurrence_id, "received_at": at, "occurred_at": at, "app_id": app_id, "event_id": event_id}
    await add_occurrence(stage, group_id, **told, **columns)
    return occurrence_id


async def wait_for(event_id: UUID, at: datetime, app_id: UUID, stage: Stage, problem: str | None) -> None:
    """Put an event into the inbox."""
    await fetch(
        """
        insert into inbox (event_id, received_at, app_id, organization_id, problem) values ($1, $2, $3, $4, $5)
        """,
        *(event_id, at, app_id, stage.organization_id, problem),
    )


async def names(table: str) -> set[str]:
    """The partitions of a table."""
    return {part.name for part in await partitions.there(table)}


async def shape() -> dict[str, Any]:
    """All that retention must not change: counts, groups, fingerprints, history."""
    return {
        table: [tuple(row) for row in await fetch(f"select * from {table} order by id")]  # noqa: S608  named here
        for table in ("error_group", "fingerprint", "group_change")
    }


async def retained(**more: Any) -> Retained:
    done = await retain(now=NOW, **more)
    assert done.is_complete
    return done


async def group_of(stage: Stage, error: str) -> UUID:
    [found] = [group["id"] for group in await stage.groups() if group["exception_type"] == error]
    return UUID(str(found))


async def times_of(stage: Stage, error: str) -> list[datetime]:
    """The times of the occurrences that a reader finds, newest first."""
    shown = await occurrences(stage.organization_id, await group_of(stage, error))
    return [each.occurred_at for each in shown.nodes]
