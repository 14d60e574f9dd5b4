"""Who sends events in the tests of the inbox: an app of a project, its key, and what it sends."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from app.domain.events.event import Format, Level
from app.ingest.keys import IngestApp
from app.ingest.writing import NewEvent
from app.tables.database import fetch, fetch_one
from app.tables.payloads import pack
from tests.database import NOW

KEY = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Clock:
    """A clock that goes where it is told to."""

    times: list[datetime]

    def __call__(self) -> datetime:
        return self.times[-1]

    def set(self, at: datetime) -> None:
        """Let it be so late."""
        self.times.append(at)


def clock(at: datetime = NOW) -> Clock:
    """A clock that stands."""
    return Clock([at])


async def an_app(
    slug: str = "shop", key: str = KEY, *, expires_at: datetime | None = None, of: IngestApp | None = None
) -> IngestApp:
    """A new app with a key, in the project of another one or in a project of its own."""
    if of is None:
        organization_id, project_id = await _a_project()
    else:
        organization_id, project_id = of.organization_id, of.project_id
    app_id = uuid4()
    [row] = await fetch(
        """
        insert into app (id, organization_id, project_id, name, slug, platform, created_at)
        values ($1, $2, $3, $4, $4, 'python', $5) returning number
        """,
        app_id,
        organization_id,
        project_id,
        slug,
        NOW,
    )
    await fetch(
        "insert into app_key (id, app_id, key, created_at, expires_at) values ($1, $2, $3, $4, $5)",
        uuid4(),
        app_id,
        key,
        NOW,
        expires_at,
    )
    return IngestApp(app_id, row["number"], organization_id, project_id, None, None)


async def _a_project() -> tuple[UUID, UUID]:
    organization_id, project_id = uuid4(), uuid4()
    await fetch(
        "insert into organization values ($1, 'Acme', $2, $3)", organization_id, organization_id.hex, NOW
    )
    await fetch(
        """
        insert into project (id, organization_id, name, slug, created_at) values ($1, $2, 'Odoo', 'odoo', $3)
        """,
        project_id,
        organization_id,
        NOW,
    )
    return organization_id, project_id


def sent(client_event_id: str | None = None, **different: Any) -> NewEvent:
    """An event as the door took it."""
    told: dict[str, Any] = {
        "client_event_id": client_event_id,
        "format": Format.OWN,
        "payload": pack(b'{"message": "no stock"}'),
        "level": Level.ERROR,
        "occurred_at": NOW,
        "session_id": None,
    }
    return NewEvent(**(told | different))


async def kept_ids(app: IngestApp, *, in_order: bool = False) -> list[str]:
    """The client ids of the app's events that are kept and wait for their scan, by name or as they were kept.

    What has none is "".
    """
    rows = await fetch(
        """
        select c.client_event_id as id, i.event_id is not null as waits from event as e
        left join client_event as c on c.event_id = e.id and c.app_id = e.app_id
        left join inbox as i on i.event_id = e.id and i.app_id = e.app_id and i.organization_id = e.organization_id
        where e.app_id = $1 order by e.received_at, e.id
        """,
        app.id,
    )
    assert all(row["waits"] for row in rows)
    names = [row["id"] or "" for row in rows]
    return names if in_order else sorted(names)


async def tallied(app_id: UUID) -> dict[str, int]:
    """The app's statistics, all hours together."""
    rows = await fetch(
        "select outcome, sum(total_count)::int as n from app_tally where app_id = $1 group by outcome", app_id
    )
    return {row["outcome"]: row["n"] for row in rows}


@asynccontextmanager
async def hanging() -> AsyncIterator[None]:
    """Meanwhile the database neither answers nor ends, on the connection that is asked next: its process stands still."""
    serving = await fetch_one("select pg_backend_pid() as pid")
    assert serving
    os.kill(serving["pid"], signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(serving["pid"], signal.SIGCONT)
