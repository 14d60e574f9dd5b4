"""What the tests of the doors for events stand on: a server that listens, apps with keys, and what was kept of them."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn

from app import server
from app.config import Settings
from app.ingest import tallies
from app.tables.database import fetch
from app.tables.payloads import unpack
from tests.database import NOW


@dataclass(frozen=True)
class Kept:
    """An event as it is stored."""

    id: UUID
    format: int
    level: int | None
    session_id: str | None
    occurred_at: datetime
    received_at: datetime
    client_event_id: str | None
    payload: bytes
    waits: bool

    @property
    def tree(self) -> Any:
        """The payload, decoded."""
        return json.loads(self.payload)


@dataclass(frozen=True)
class App:
    """An app with a key."""

    id: UUID
    number: int
    key: str
    url: str

    @property
    def dsn(self) -> str:
        """Where its SDK reports."""
        return f"{self.url.replace('://', f'://{self.key}@')}/{self.number}"

    async def kept(self) -> list[Kept]:
        """Its events, in the order in which they came."""
        return [Kept(**{**row, "payload": unpack(row["payload"])}) for row in await fetch(_KEPT, self.id)]

    async def tallies(self) -> dict[str, int]:
        """What became of what it sent."""
        await tallies.flush(NOW)
        rows = await fetch(
            "select outcome, sum(total_count) as total from app_tally where app_id = $1 group by outcome",
            self.id,
        )
        return {row["outcome"]: int(row["total"]) for row in rows}


_KEPT = """
select e.id, e.format, e.level, e.session_id, e.occurred_at, e.received_at, e.payload, c.client_event_id,
    exists (select from inbox as i where i.event_id = e.id) as waits
from event as e
left join client_event as c on c.app_id = e.app_id and c.event_id = e.id
where e.app_id = $1 order by e.received_at, e.id
"""


async def an_app(url: str, *, quota: int | None = None) -> App:
    """A new app in a new organization."""
    organization_id, project_id, app_id, key = uuid4(), uuid4(), uuid4(), uuid4().hex
    await fetch(
        "insert into organization values ($1, 'Acme', $2, $3)", organization_id, organization_id.hex, NOW
    )
    await fetch(
        "insert into project (id, organization_id, name, slug, created_at) values ($1, $2, 'Shop', 'shop', $3)",
        project_id,
        organization_id,
        NOW,
    )
    rows = await fetch(
        """
        insert into app (id, organization_id, project_id, name, slug, platform, quota_per_minute, created_at)
        values ($1, $2, $3, 'Web', 'web', 'python', $4, $5) returning number
        """,
        app_id,
        organization_id,
        project_id,
        quota,
        NOW,
    )
    await fetch(
        "insert into app_key (id, app_id, key, created_at) values ($1, $2, $3, $4)", uuid4(), app_id, key, NOW
    )
    return App(app_id, rows[0]["number"], key, url)


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[str]:
    """The URL of a server that is ready; it listens on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            server.create(settings),
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        running = uvicorn.Server(config)
        task = asyncio.create_task(running.serve([listener]))
        try:
            await _until_ready(url)
            yield url
        finally:
            running.should_exit = True
            await task


async def _until_ready(url: str) -> None:
    async with asyncio.timeout(20), httpx.AsyncClient(base_url=url) as client:
        while True:
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.02)


def envelope(*items: tuple[dict[str, Any], bytes], **headers: Any) -> bytes:
    """An envelope of items, each with its headers and its payload."""
    lines = [json.dumps(headers).encode()]
    for told, payload in items:
        lines += [json.dumps(told).encode(), payload]
    return b"\n".join(lines) + b"\n"


def event(**fields: Any) -> tuple[dict[str, Any], bytes]:
    """An event as an item."""
    payload = json.dumps(fields).encode()
    return {"type": "event", "length": len(payload)}, payload
