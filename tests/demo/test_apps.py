"""The demo's apps are made once and send as any app does: all of their past, once, and then what happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

import msgspec
import pytest

from app.accounts.roles import Role
from app.demo import app_events, apps
from app.demo.apps import KINDS, Sender, send_for_ever, set_up_apps
from app.demo.fill import set_up
from app.domain.events import event_fingerprints, own_events, sentry_events
from app.domain.events.event_frames import Rules
from app.projects.delete_app import delete_app
from app.projects.rotate_key import rotate_key
from app.tables.database import fetch
from tests.accounts import stage as accounts
from tests.database import NOW
from tests.recording.stage import later

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def filled(folder: Path) -> tuple[UUID, UUID]:
    """An organization, and its demo's project."""
    organization_id = (await accounts.set_up(Role.OWNER)).organization_id
    return organization_id, await set_up(organization_id, folder, now=NOW)


async def test_apps_are_made_once_and_what_was_deleted_stays_deleted(tmp_path: Path) -> None:
    organization_id, project_id = await filled(tmp_path)
    made = await asyncio.gather(*(set_up_apps(organization_id, project_id, now=NOW) for _ in range(4)))
    senders = await set_up_apps(organization_id, project_id, now=later(days=1))
    assert {sender.kind.name for sender in senders} == {"Shop front end", "Mobile app"}
    assert all({one.key for one in each} <= {one.key for one in senders} for each in made)
    assert len(await fetch("select from app_key")) == 2
    key = await rotate_key(organization_id, senders[0].id, now=later(days=1))
    [first, _] = await set_up_apps(organization_id, project_id, now=later(days=1))
    assert first.key == key
    await delete_app(organization_id, first.id, now=NOW)
    left = await set_up_apps(organization_id, project_id, now=later(days=1))
    assert [one.id for one in left] == [senders[1].id]
    await fetch("update project set deleted_at = now()")
    assert await set_up_apps(organization_id, project_id, now=NOW) == []


async def test_what_they_send_is_understood_and_makes_a_few_groups() -> None:
    for kind in KINDS.values():
        sent = app_events.past(kind.glitches, kind.write, UUID(int=7), NOW)
        assert sent == app_events.past(kind.glitches, kind.write, UUID(int=7), NOW)
        is_own = kind.write is app_events.by_own_api
        read = own_events.read if is_own else sentry_events.read
        trees = [msgspec.json.decode(msgspec.json.encode(one)) for one in sent]
        assert not is_own or not any(own_events.check(one) for one in trees)
        events = [read(one, NOW) for one in trees]
        assert not any(event.is_clamped for event in events)
        errors = [event for event in events if event.level.is_error]
        groups = {event_fingerprints.fingerprint(event, Rules((), ()), ()).digest for event in errors}
        possible = [one for one in kind.glitches if one.level == "error"]
        assert len(groups) == len(possible)
        assert len(errors) < len(events)
        assert {event.version is None for event in errors} == {False}
        assert any(event.exceptions and event.exceptions[0].frames for event in errors)


class Door:
    """Takes requests as the doors do, with these statuses first."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.taken: dict[str, list[Any]] = {}
        self.came = 0
        self.taking: set[asyncio.Task[Any]] = set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.taking.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])
                }
                body = await reader.readexactly(int(headers["content-length"]))
                status = self.statuses.pop(0) if self.statuses else 202
                self.came += 1
                if status == 202:
                    self._keep(head[0].split()[1], headers, body)
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def ids(self) -> set[str]:
        """Of all that was taken."""
        return {each.get("event_id") or each["id"] for events in self.taken.values() for each in events}

    def _keep(self, path: str, headers: dict[str, str], body: bytes) -> None:
        if path == "/v1/ingest":
            key, found = headers["authorization"].removeprefix("Bearer "), json.loads(body)["events"]
        else:
            head, item, event, *_ = body.split(b"\n")
            assert json.loads(item) == {"type": "event"}
            assert json.loads(head)["event_id"] == json.loads(event)["event_id"]
            key, found = headers["x-sentry-auth"].rpartition("sentry_key=")[2], [json.loads(event)]
        self.taken.setdefault(key, []).extend(found)


@asynccontextmanager
async def listening(door: Door) -> AsyncIterator[tuple[str, int]]:
    server = await asyncio.start_server(door.take, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield host, port
        await asyncio.gather(*door.taking)  # their clients hang up in a thread of their own


async def sent(senders: list[Sender], door: Door, folder: Path, number: int, *, days: int = 0) -> None:
    """Let the apps send until so many requests have come."""
    posting: list[None] = []
    original = apps._post

    def post(*given: Any) -> list[int]:
        posting.append(None)
        try:
            return original(*given)
        finally:
            posting.pop()

    with patch.object(apps, "_post", post):
        async with listening(door) as address:
            sending = asyncio.create_task(
                send_for_ever(senders, address, folder, lambda: later(days=days), Random(3))
            )
            while door.came < number:  # noqa: ASYNC110  a server of its own
                await asyncio.sleep(0.01)
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
            while posting:  # noqa: ASYNC110  in a thread that no cancelling ends
                await asyncio.sleep(0.01)


async def test_the_past_is_sent_until_it_is_taken_and_then_what_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "PAUSE", (0.0, 0.0))
    monkeypatch.setattr(apps, "WAIT", 0.0)
    monkeypatch.setattr(app_events, "A_DAY", 20)
    senders = await set_up_apps(*await filled(tmp_path), now=NOW)
    past = {
        one.key: app_events.past(one.kind.glitches, one.kind.write, one.id, one.created_at) for one in senders
    }
    door = Door(503, 429, 500)
    await sent(senders, door, tmp_path, 300)
    for one in senders:
        own = "id" if one.kind.write is app_events.by_own_api else "event_id"
        kept = [each[own] for each in door.taken[one.key]]
        wanted = {each[own] for each in past[one.key]}
        assert len(wanted) == 140
        assert wanted <= set(kept)
        assert len(set(kept)) > len(wanted)  # and what happened since

    ids_of_past = {each.get("event_id") or each["id"] for events in past.values() for each in events}
    assert len(ids_of_past) == 280
    again = Door()
    await sent(senders, again, tmp_path, 5)
    assert not ids_of_past & again.ids()  # the past is not sent a second time
    for one in senders:
        await asyncio.to_thread((tmp_path / f".sent-{one.id}").unlink)
    late = Door()
    await sent(senders, late, tmp_path, 5, days=8)
    assert not ids_of_past & late.ids()


async def test_a_refused_key_is_not_asked_about_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "PAUSE", (0.0, 0.0))
    senders = await set_up_apps(*await filled(tmp_path), now=NOW)
    door = Door(*[401] * 1000)
    await sent([one for one in senders if one.kind.name == "Mobile app"], door, tmp_path, 10)
    assert not door.taken
