"""Clients that send in parts, stop half-way, or say beforehand that they send too much."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.ingest.doors.stage import App, envelope, event

pytestmark = pytest.mark.anyio


async def said(app: App, *parts: bytes, ends: bool = False) -> bytes:
    """What the server says to these bytes; `ends`: the client goes away after them and hears nothing."""
    address = urlsplit(app.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        return b"" if ends else await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    finally:
        writer.close()


def head(app: App, *headers: str) -> bytes:
    """The head of a request to the envelope door."""
    lines = (f"POST /api/{app.number}/envelope/?sentry_key={app.key} HTTP/1.1", "Host: snaglist", *headers)
    return "\r\n".join((*lines, "", "")).encode()


async def test_a_client_that_goes_away_half_way_leaves_nothing(client: httpx.AsyncClient, app: App) -> None:
    body = envelope(event(message="half"))
    for sent in (b"", body[:1], body[:-1]):
        await said(app, head(app, f"Content-Length: {len(body)}"), sent, ends=True)
        await said(
            app,
            head(app, "Transfer-Encoding: chunked"),
            b"%x\r\n%s\r\n" % (len(sent), sent) if sent else b"",
            ends=True,
        )
    answer = await client.post(
        f"/api/{app.number}/envelope/?sentry_key={app.key}", content=envelope(event(message="whole"))
    )
    assert answer.status_code == 200
    assert [one.tree["message"] for one in await app.kept()] == ["whole"]


async def test_who_announces_too_much_need_not_send_it(app: App) -> None:
    asked = head(app, "Content-Length: 999999999", "Expect: 100-continue")
    assert (await said(app, asked)).startswith(b"HTTP/1.1 413 ")


async def test_who_has_no_key_need_not_send_anything(app: App) -> None:
    asked = head(app, "Content-Length: 1000", "Expect: 100-continue").replace(app.key.encode(), b"x" * 32)
    assert (await said(app, asked)).startswith(b"HTTP/1.1 403 ")


async def test_a_body_that_never_ends_is_cut_off_at_the_limit(client: httpx.AsyncClient, app: App) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1024 * 1024
            yield b" " * 1024 * 1024

    answer = await client.post(f"/api/{app.number}/envelope/?sentry_key={app.key}", content=endless())
    assert answer.status_code == 413


async def test_bodies_in_parts_are_kept_whole(client: httpx.AsyncClient, app: App) -> None:
    """Large ones too, which are unpacked and read aside."""
    events = [{"message": f"event {number}", "attributes": {"filler": "x" * 4000}} for number in range(500)]
    packed = gzip.compress(json.dumps(events).encode(), 1)

    async def parts() -> AsyncIterator[bytes]:
        for place in range(0, len(packed), 1000):
            yield packed[place : place + 1000]

    headers = {"X-Snaglist-Key": app.key, "Content-Encoding": "gzip"}
    answer = await client.post("/v1/ingest", content=parts(), headers=headers)
    assert answer.json()["accepted"] == 500
    assert len(await app.kept()) == 500


async def test_the_server_answers_others_while_it_reads_what_is_large(
    client: httpx.AsyncClient, app: App
) -> None:
    filler = gzip.compress(b"[" + b",".join([b'{"message": "%s"}' % (b"x" * 9000)] * 1000) + b"]", 1)
    headers = {"X-Snaglist-Key": app.key, "Content-Encoding": "gzip"}
    large = [
        asyncio.create_task(client.post("/v1/ingest", content=filler, headers=headers)) for _ in range(4)
    ]
    answered = 0
    while not all(task.done() for task in large):
        assert (await client.get("/healthz")).status_code == 200
        answered += 1
    assert [task.result().json()["accepted"] for task in large] == [1000] * 4
    assert answered >= len(large)  # between the requests too, not only after them
