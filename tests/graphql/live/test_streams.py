"""Server-sent events: the same as over a WebSocket, one subscription for each request."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import ASGIApp, Message

from app.accounts import tokens
from app.errors import SnaglistError, Unauthenticated
from app.graphql.live import checks, streams
from app.graphql.live.mailboxes import Mailbox
from app.graphql.live.share import Share
from app.tables.database import fetch
from tests.graphql.live.stage import CHANGED, OPENED, happen, secret_of, serving
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database", "valkey")]

STREAM = "text/event-stream"


class Response:
    """What comes back, while it comes."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self.status = 0
        self.headers: dict[str, str] = {}

    async def part(self) -> str:
        """The next part; empty at the end."""
        async with asyncio.timeout(10):
            message = await self.heard.get()
        return str(message["body"].decode())

    async def told(self) -> dict[str, Any]:
        """The payload of the next event."""
        while (part := await self.part()) == ":\n\n":
            pass
        event, data, *rest = part.split("\n")
        assert (event, rest) == ("event: next", ["", ""])
        found: dict[str, Any] = json.loads(data.removeprefix("data: "))
        return found


@asynccontextmanager
async def asked(
    app: ASGIApp, document: str, secret: str | None, accept: str = STREAM
) -> AsyncIterator[Response]:
    """The response to a request, whose client goes at the end."""
    headers = {"content-type": "application/json", "accept": accept, "host": "snaglist.test"}
    if secret is not None:
        headers["authorization"] = f"Bearer {secret}"
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    sent: asyncio.Queue[Message] = asyncio.Queue()
    await sent.put({"type": "http.request", "body": json.dumps({"query": document}).encode()})
    response = Response()

    async def serve() -> None:
        await app(scope, sent.get, response.heard.put)

    served = asyncio.create_task(serve())
    try:
        async with asyncio.timeout(10):
            start = await response.heard.get()
        response.status = start["status"]
        response.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        yield response
    finally:
        await sent.put({"type": "http.disconnect"})
        async with asyncio.timeout(10):
            await served


async def test_events_are_told_as_they_happen_and_the_connection_is_kept_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.02)
    stage = await set_up()
    secret = await secret_of(stage.organization_id)
    async with serving() as app, asked(app, OPENED, secret) as response:
        assert (response.status, response.headers["cache-control"]) == (200, "no-store")
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        first = (await response.told())["data"]["errorOpened"]
        assert await response.part() == ":\n\n"
        await happen(stage.shop, "KeyError")
        told = (await response.told())["data"]["errorOpened"]
        assert told["error"] == {"title": "KeyError: 'partner_id'"}
        again = OPENED.replace("after: $after", f'after: "{first["cursor"]}"')
        async with asked(app, again.replace(", $after: String", ""), secret) as other:
            assert (await other.told())["data"]["errorOpened"] == told


async def test_who_may_not_listen_is_told_so_by_the_status_or_by_the_last_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "EVERY", 0.05)
    stage = await set_up()
    secret = await secret_of(stage.organization_id)
    async with serving() as app:
        for document, who, accept, status in (
            (OPENED, None, STREAM, 401),
            (OPENED, "snag_made_up", STREAM, 200),  # as for a query
            ("subscription { nothing }", secret, STREAM, 400),
            (OPENED, secret, "application/json", 400),
        ):
            async with asked(app, document, who, accept) as response:
                assert response.status == status, document
                assert "errors" in json.loads(await response.part())
        # Clients accept both for whatever they ask: a query is answered as ever.
        async with asked(app, "{ version }", secret, f"application/json, {STREAM}") as response:
            assert "version" in json.loads(await response.part())["data"]
        async with asked(app, OPENED, secret) as response:
            await response.told()
            await fetch("update access_token set revoked_at = now() where digest = $1", tokens.digest(secret))
            last = await response.part()
            assert "UNAUTHENTICATED" in last
            assert last.endswith("event: complete\ndata:\n\n")
            assert await response.part() == ""


@pytest.mark.parametrize("who", ["caller", "share"])
async def test_nothing_is_told_after_the_end_however_much_comes(who: str) -> None:
    stream, sent = streams._Stream(), list[bytes]()
    mailbox = Mailbox(stream.wake)
    mailbox.open([b"1"])

    async def send(message: Message) -> None:
        sent.append(message.get("body", b""))
        assert len(sent) < 20, "it would never end"
        mailbox.put([b"more"])
        if len(sent) == 3 and who == "caller":
            stream.end(Unauthenticated("revoked"))
        elif len(sent) == 3:
            mailbox.end()

    await stream.send_all(mailbox, send)
    assert sum(b"more" in part for part in sent) == 1
    assert ("revoked" in str(sent)) == (who == "caller")


async def test_who_loses_its_rights_while_it_is_let_in_is_told_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "EVERY", 0.02)
    stage = await set_up()
    secret = await secret_of(stage.organization_id)
    first, end, has_ended = Share.first, streams._Stream.end, asyncio.Event()

    async def slow(share: Share, after: str | None) -> list[bytes]:
        found = await first(share, after)
        await fetch("update access_token set revoked_at = now() where digest = $1", tokens.digest(secret))
        await has_ended.wait()
        return found

    def noted(stream: streams._Stream, why: SnaglistError | None) -> None:
        end(stream, why)
        has_ended.set()

    monkeypatch.setattr(Share, "first", slow)
    monkeypatch.setattr(streams._Stream, "end", noted)
    async with serving() as app, asked(app, OPENED, secret) as response:
        last = await response.part()
        assert "UNAUTHENTICATED" in last
        assert last.endswith("event: complete\ndata:\n\n")


async def test_the_servers_end_ends_a_stream_without_completing_it() -> None:
    stage = await set_up()
    secret = await secret_of(stage.organization_id)
    async with serving() as app:
        listening = asked(app, CHANGED, secret)
        response = await listening.__aenter__()
        await response.told()
    assert await response.part() == ""
    await listening.__aexit__(None, None, None)
    async with asked(app, CHANGED, secret) as refused:
        assert refused.status == 503
