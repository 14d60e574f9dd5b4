"""The demo's apps: made once, and sending events to this Snaglist as any app does, over HTTP and with its key.

Comes in: the organization, the demo's project and folder, and where the API listens. Goes out: two apps, a week of events
of each, and then one every few seconds. What somebody deleted stays deleted; a server that is away is waited for.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

from app.demo import app_events
from app.demo.app_events import Glitch, Write
from app.errors import NotFound, Taken
from app.projects.create_app import NewApp, create_app
from app.tables.database import fetch
from app.tables.identifiers import uuid7

PAUSE: Final = (4.0, 12.0)
"""Seconds between two events of all apps, at least and at most."""
WAIT: Final = 2.0
"""Seconds after which a server that is away is asked again."""
BATCH: Final = 100
_PATIENCE: Final = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the demo's apps: what it is called, what goes wrong in it, and how it tells."""

    name: str
    platform: str
    glitches: Sequence[Glitch]
    write: Write


KINDS: Final[Mapping[str, Kind]] = {
    "shop-front-end": Kind("Shop front end", "javascript", app_events.FRONT_END, app_events.by_sentry),
    "mobile-app": Kind("Mobile app", "ios, android", app_events.MOBILE, app_events.by_own_api),
}


@dataclass(frozen=True, slots=True)
class Sender:
    """An app that is there, with the key that it sends with."""

    id: UUID
    number: int
    key: str
    created_at: datetime
    kind: Kind


async def set_up_apps(organization_id: UUID, project_id: UUID, *, now: datetime) -> list[Sender]:
    """Make the apps that were never made, and give those that there are. To be called outside of transactions."""
    known = {row["slug"] for row in await fetch("select slug from app where project_id = $1", project_id)}
    for slug, kind in KINDS.items():
        if slug not in known:
            wanted = NewApp(project_id, kind.name, kind.platform, slug)
            with contextlib.suppress(Taken, NotFound):  # made by somebody else; the project was deleted
                await create_app(organization_id, wanted, now=now)
    rows = await fetch(_SENDERS, project_id, list(KINDS), now)
    return [
        Sender(row["id"], row["number"], row["key"], row["created_at"], KINDS[row["slug"]]) for row in rows
    ]


_SENDERS: Final = """
select distinct on (a.id) a.id, a.number, k.key, a.created_at, a.slug
from app as a
join project as p on p.id = a.project_id and p.deleted_at is null
join app_key as k on k.app_id = a.id and (k.expires_at is null or k.expires_at > $3)
where a.project_id = $1 and a.slug = any($2::text[]) and a.deleted_at is null
order by a.id, k.expires_at is null desc, k.created_at desc
"""


async def send_for_ever(
    senders: Sequence[Sender],
    address: tuple[str, int],
    folder: Path,
    clock: Callable[[], datetime],
    chance: Random,
) -> None:
    """Send the past of each app once, and then an event every few seconds, for ever."""
    for sender in senders:
        await _send_past(sender, address, folder / f".sent-{sender.id}", clock())
    while senders:
        await asyncio.sleep(chance.uniform(*PAUSE))
        sender, now = chance.choice(senders), clock()
        event = app_events.live(sender.kind.glitches, sender.kind.write, uuid7(now), now, chance)
        await _send(sender, address, [event])


async def _send_past(sender: Sender, address: tuple[str, int], sent: Path, now: datetime) -> None:
    """Send the events of the days before the app was made, until they were taken; their ids have them count once."""
    if now - sender.created_at > timedelta(days=app_events.DAYS) or await asyncio.to_thread(sent.exists):
        return
    events = app_events.past(sender.kind.glitches, sender.kind.write, sender.id, sender.created_at)
    for start in range(0, len(events), BATCH):
        while True:
            if await _send(sender, address, events[start : start + BATCH]):
                break
            await asyncio.sleep(WAIT)
    with contextlib.suppress(OSError):  # they are sent again at the next start, and count once all the same
        await asyncio.to_thread(sent.touch)


async def _send(sender: Sender, address: tuple[str, int], events: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the events need not be sent again: taken, or refused for good."""
    try:
        statuses = await asyncio.to_thread(_post, sender, address, events)
    except (OSError, HTTPException) as away:
        _log.debug("the demo's events cannot be sent", extra={"reason": str(away)})
        return False
    if refused := {status for status in statuses if status >= 400}:
        _log.debug("the demo's events are refused", extra={"statuses": sorted(refused)})
    return not any(status == 429 or status >= 500 for status in statuses)


def _post(sender: Sender, address: tuple[str, int], events: Sequence[Mapping[str, Any]]) -> list[int]:
    """The status of each answer. Raises OSError or HTTPException: there was none."""
    connection = HTTPConnection(*address, timeout=_PATIENCE)
    try:
        return [_answered(connection, *request) for request in _requests(sender, events)]
    finally:
        connection.close()


def _answered(connection: HTTPConnection, path: str, headers: Mapping[str, str], body: bytes) -> int:
    connection.request("POST", path, body, dict(headers))
    response = connection.getresponse()
    response.read()
    return response.status


def _requests(
    sender: Sender, events: Sequence[Mapping[str, Any]]
) -> list[tuple[str, Mapping[str, str], bytes]]:
    """Path, headers and body of each request: one for all by our own API, one for each as Sentry's SDKs do it."""
    if sender.kind.write is app_events.by_own_api:
        headers = {"Authorization": f"Bearer {sender.key}", "Content-Type": "application/json"}
        return [("/v1/ingest", headers, json.dumps({"events": events}).encode())]
    headers = {
        "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={sender.key}",
        "Content-Type": "application/x-sentry-envelope",
    }
    path = f"/api/{sender.number}/envelope/"
    return [(path, headers, _envelope(event)) for event in events]


def _envelope(event: Mapping[str, Any]) -> bytes:
    head = {"event_id": event["event_id"]}
    return b"\n".join(json.dumps(part).encode() for part in (head, {"type": "event"}, event)) + b"\n"
