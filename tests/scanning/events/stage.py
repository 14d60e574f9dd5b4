"""What the tests of the issue scan put into the inbox, as the doors would have, and what they ask afterwards."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.events.event import Format, Level
from app.domain.lifecycle import Source
from app.recording.sightings import Origin
from app.scanning.events.issue_scan import issue_scan
from app.tables import partitions, payloads
from app.tables.database import fetch, transaction
from app.tables.identifiers import uuid7
from tests.database import NOW
from tests.reading.stage import add_app
from tests.recording.stage import Stage, set_up


async def with_app() -> tuple[Stage, Origin]:
    """A project, and an app of it."""
    stage = await set_up()
    app_id = await add_app(stage)
    return stage, Origin(stage.organization_id, stage.project_id, app_id, app_id, Source.EVENT)


async def put(
    app: Origin,
    *trees: Mapping[str, Any] | bytes,
    format: Format = Format.OWN,  # noqa: A002  as everywhere
    received_at: datetime = NOW,
) -> list[UUID]:
    """Put payloads into the inbox; the ids of the events."""
    async with transaction():
        await partitions.ensure([partitions.day("event", received_at)])
    ids = [uuid7(received_at) for _ in trees]
    packed = [payloads.pack(tree if isinstance(tree, bytes) else json.dumps(tree).encode()) for tree in trees]
    await fetch(
        """
        with put as (
            insert into event (id, received_at, organization_id, project_id, app_id, level, occurred_at, format, payload)
            select n.id, $3, $4, $5, $6, $7, $3, $8, n.payload from unnest($1::uuid[], $2::bytea[]) as n(id, payload)
            returning id, octet_length(payload) as size
        )
        insert into inbox (event_id, received_at, app_id, organization_id, size) select id, $3, $6, $4, size from put
        """,
        ids,
        packed,
        received_at,
        app.organization_id,
        app.project_id,
        app.id,
        Level.ERROR if format is Format.OWN else None,
        format,
    )
    return ids


async def scanned(now: datetime = NOW) -> int:
    """How many events a scan of all that waits takes."""
    return await issue_scan(now=lambda: now, goes_on=lambda: True)


async def waiting() -> list[UUID]:
    """The events that nobody has scanned yet."""
    return [
        row[0] for row in await fetch("select event_id from inbox where problem is null order by event_id")
    ]


async def aside() -> list[tuple[UUID, str]]:
    """The events that cannot be recorded, and why."""
    rows = await fetch("select event_id, problem from inbox where problem is not null order by event_id")
    return [tuple(row) for row in rows]


async def tallies() -> dict[str, int]:
    """What became of events."""
    rows = await fetch("select outcome, sum(total_count)::integer from app_tally group by outcome")
    return {row[0]: row[1] for row in rows}


async def payload(event_id: UUID) -> Any:
    """What is kept of an event."""
    [[packed]] = await fetch("select payload from event where id = $1", event_id)
    return payloads.tree(payloads.unpack(packed))


def crash(
    kind: str = "KeyError",
    message: str = "'partner_id'",
    functions: Sequence[str] = ("main", "write"),
    **more: Any,
) -> dict[str, Any]:
    """An error with frames, by our own API."""
    frames = [
        {
            "filename": f"/srv/shop/{name}.py",
            "module": f"shop.{name}",
            "function": name,
            "lineno": 7,
            "in_app": True,
        }
        for name in functions
    ]
    return {
        "level": "error",
        "message": f"{kind}: {message}",
        "exception": {"type": kind, "value": message, "stacktrace": {"frames": frames}},
    } | more
