"""The door of our own API: batches come in, and each entry is kept or refused for itself."""

import asyncio
import gzip
import json
import zlib
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

import brotli
import httpx
import pytest
import zstandard

from app.errors import BadInput, Overloaded, SnaglistError, Unauthenticated, Unavailable
from app.ingest.inbox import Inbox
from tests.ingest.doors.stage import App, an_app

pytestmark = pytest.mark.anyio


async def sent(client: httpx.AsyncClient, app: App, body: Any, **headers: str) -> httpx.Response:
    """The answer to a body with the app's key."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"Authorization": f"Bearer {app.key}", "Content-Type": "application/json"}
    return await client.post(
        "/v1/ingest",
        content=content,
        headers=told | {name.replace("_", "-"): value for name, value in headers.items()},
    )


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """Why the whole was refused."""
    assert answer.status_code == status, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["code"] == code
    return str(answer.json()["message"])


def summary(accepted: int, rejected: int = 0, duplicates: int = 0) -> dict[str, Any]:
    return {"accepted": accepted, "rejected": rejected, "duplicates": duplicates, "errors": []}


async def test_events_are_kept_as_they_came(client: httpx.AsyncClient, app: App) -> None:
    at = datetime.fromtimestamp(int(time()), UTC) - timedelta(hours=1)
    first = (
        b'{"id": "e-1", "message":"it  broke", "level": "info", "session_id": "s-1", "timestamp": "%s"}'
        % at.isoformat().encode()
    )
    second = '{"message": "and \u00e4gain"}'.encode()
    answer = await sent(client, app, b'{"events": [%s ,%s]}' % (first, second))
    assert (answer.status_code, answer.json()) == (202, summary(2))
    kept = {one.payload: one for one in await app.kept()}
    one, other = kept[first], kept[second]
    assert (one.client_event_id, one.format, one.level, one.session_id, one.occurred_at) == (
        "e-1",
        1,
        20,
        "s-1",
        at,
    )
    assert (other.client_event_id, other.level, other.session_id) == (None, 40, None)
    assert other.occurred_at == other.received_at
    assert one.waits
    assert other.waits
    assert await app.tallies() == {"accepted": 2}


@pytest.mark.parametrize("body", [{"events": [{"message": "a"}]}, [{"message": "a"}]])
@pytest.mark.parametrize("header", ["Authorization", "X-Snaglist-Key"])
async def test_a_batch_is_a_list_or_an_object_and_the_key_in_either_header(
    client: httpx.AsyncClient, app: App, header: str, body: object
) -> None:
    key = app.key if header.startswith("X") else f"bearer  {app.key}"
    answer = await client.post("/v1/ingest", json=body, headers={header: key})
    assert (answer.status_code, answer.json()) == (202, summary(1))


@pytest.mark.parametrize("body", [{"events": []}, []])
async def test_an_empty_batch_is_no_mistake(client: httpx.AsyncClient, app: App, body: object) -> None:
    answer = await sent(client, app, body)
    assert (answer.status_code, answer.json()) == (202, summary(0))


async def test_bad_entries_are_refused_one_by_one(client: httpx.AsyncClient, app: App) -> None:
    batch = [
        {"message": "good"},
        {"message": "no such level", "level": "loud"},
        {"level": "error"},
        "no object",
        {"message": "too long an id", "id": "x" * 201, "session_id": "y" * 201},
        {
            "message": "also good",
            "id": "x" * 200,
            "session_id": "no uuid, and that is fine",
            "app_version": "1" * 500,
        },
    ]
    answer = await sent(client, app, batch)
    assert answer.status_code == 202
    said = answer.json()
    assert (said["accepted"], said["rejected"], said["duplicates"]) == (2, 4, 0)
    assert [(error["index"], error["field"]) for error in said["errors"]] == [
        (1, "level"),
        (2, "message"),
        (3, None),
        (4, "id"),
        (4, "session_id"),
    ]
    assert all(error["message"] for error in said["errors"])
    assert {one.tree["message"] for one in await app.kept()} == {"good", "also good"}
    assert await app.tallies() == {"accepted": 2, "rejected": 4}


HOSTILE = {
    "a NUL in every text": b'{"message": "a\\u0000b", "id": "\\u0000i", "session_id": "s\\u0000", "tags": {"k\\u0000": "v"}}',
    "half a character": b'{"message": "\\ud800", "id": "\\udc00"}',
    "broken UTF-8": b'{"message": "\xff\xfe\xc3"}',
    "a number that is none": b'{"message": "a", "attributes": {"n": NaN, "m": -Infinity, "k": 1e999}}',
    "a time without a partition": b'{"message": "a", "timestamp": "1970-01-01T00:00:00Z"}',
    "a time that is far ahead": b'{"message": "a", "timestamp": "9999-12-31T23:59:59Z"}',
    "a time in words": b'{"message": "a", "timestamp": "yesterday"}',
    "a long version": b'{"message": "a", "app_version": "%s"}' % (b"9" * 1000),
}


@pytest.mark.parametrize("entry", HOSTILE.values(), ids=HOSTILE)
async def test_what_is_strange_in_one_entry_harms_nobody(
    client: httpx.AsyncClient, app: App, entry: bytes
) -> None:
    """Each is taken as far as it can be read, and the rest of the batch with it."""
    answer = await sent(client, app, b'[{"message": "before"}, %s, {"message": "behind"}]' % entry)
    assert (answer.status_code, answer.json()) == (202, summary(3))
    kept = await app.kept()
    assert len(kept) == 3
    assert all(isinstance(one.tree["message"], str) for one in kept)
    bounds = timedelta(days=30, seconds=10), timedelta(minutes=5, seconds=10)
    assert all(-bounds[0] <= one.occurred_at - one.received_at <= bounds[1] for one in kept)


@pytest.mark.parametrize(
    "entry",
    [
        b'{"message" 1}',
        b"nonsense",
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"message": "%s"}' % (b"a" * 1024 * 1024),
    ],
)
async def test_what_cannot_be_read_in_one_entry_harms_nobody(
    client: httpx.AsyncClient, app: App, entry: bytes
) -> None:
    answer = await sent(
        client, app, b'{"events": [{"message": "before"}, %s, {"message": "behind"}]}' % entry
    )
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (2, 1)
    [error] = answer.json()["errors"]
    assert (error["index"], error["field"]) == (1, None)
    assert len(await app.kept()) == 2


async def test_a_repeat_is_harmless_in_a_batch_later_and_at_once(client: httpx.AsyncClient, app: App) -> None:
    batch = [{"id": "a", "message": "1"}, {"id": "b", "message": "2"}, {"id": "a", "message": "3"}]
    answer = await sent(client, app, batch)
    assert answer.json() == summary(2, duplicates=1)
    assert (await sent(client, app, batch)).json() == summary(0, duplicates=3)
    answers = await asyncio.gather(*(sent(client, app, [{"id": "c", "message": "4"}]) for _ in range(8)))
    assert sum(answer.json()["accepted"] for answer in answers) == 1
    assert sorted(one.tree["message"] for one in await app.kept()) == ["1", "2", "4"]
    other = await an_app(app.url)
    assert (await sent(client, other, batch)).json() == summary(2, duplicates=1)  # ids are an app's own


async def test_a_thousand_events_and_no_more(client: httpx.AsyncClient, app: App) -> None:
    batch = [{"message": f"event {number}", "attributes": {"filler": "x" * 200}} for number in range(1000)]
    assert (await sent(client, app, batch)).json() == summary(1000)
    assert len(await app.kept()) == 1000
    assert "1000 events" in refused(await sent(client, app, [*batch, batch[0]]), 413, "TOO_LARGE")
    assert len(await app.kept()) == 1000


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", lambda body: brotli.compress(body, quality=1)),
        ("zstd", zstandard.compress),
    ],
)
async def test_bodies_come_compressed(client: httpx.AsyncClient, app: App, encoding: str, pack: Any) -> None:
    batch = [{"message": "x" * 2000} for _ in range(500)]  # so large that it is unpacked aside
    answer = await sent(client, app, pack(json.dumps(batch).encode()), Content_Encoding=encoding)
    assert answer.json() == summary(500)
    bomb = pack(bytes(50_000_000))
    refused(await sent(client, app, bomb, Content_Encoding=encoding), 413, "TOO_LARGE")
    refused(await sent(client, app, b"not packed", Content_Encoding=encoding), 400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "BAD_USER_INPUT"),
        (b"no", 400, "BAD_USER_INPUT"),
        (b"{}", 400, "BAD_USER_INPUT"),
        (b'{"events": {"message": "a"}}', 400, "BAD_USER_INPUT"),
        (b'{"message": "a"}', 400, "BAD_USER_INPUT"),
        (b'[{"message": "a"}', 400, "BAD_USER_INPUT"),
        (b" " * (10 * 1024 * 1024 + 1), 413, "TOO_LARGE"),
        (b"[" + b"0," * 500_001 + b"0]", 413, "TOO_LARGE"),
    ],
)
async def test_a_body_that_is_no_batch_is_refused_whole(
    client: httpx.AsyncClient, app: App, body: bytes, status: int, code: str
) -> None:
    assert refused(await sent(client, app, body), status, code)
    assert await app.kept() == []


@pytest.mark.parametrize(
    "kind", ["application/xml", "multipart/form-data; boundary=x", "application/msgpack", "text/csv"]
)
async def test_what_is_no_json_by_its_name_is_refused(client: httpx.AsyncClient, app: App, kind: str) -> None:
    refused(await sent(client, app, [{"message": "a"}], Content_Type=kind), 415, "UNSUPPORTED_MEDIA_TYPE")
    refused(await sent(client, app, b"[]", Content_Encoding="compress"), 415, "UNSUPPORTED_MEDIA_TYPE")
    assert await app.kept() == []


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "application/vnd.events+json",
        "APPLICATION/JSON",
    ],
)
async def test_browsers_and_curl_need_not_say_what_they_send(
    client: httpx.AsyncClient, app: App, kind: str
) -> None:
    assert (await sent(client, app, [{"message": "a"}], Content_Type=kind)).json() == summary(1)


async def test_who_has_no_key_or_a_wrong_one_stays_outside(client: httpx.AsyncClient, app: App) -> None:
    attempts: list[dict[str, str | bytes]] = [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {app.key}"},
        {"Authorization": f"Bearer {app.key}x"},
        {"X-Snaglist-Key": "\u00e4".encode()},
        {"X-Snaglist-Key": "k" * 5000},
    ]
    for headers in attempts:
        answer = await client.post("/v1/ingest", json=[{"message": "a"}], headers=httpx.Headers(headers))  # type: ignore[arg-type]
        refused(answer, 401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert await app.kept() == []


async def test_past_the_quota_nothing_of_a_batch_is_taken(client: httpx.AsyncClient, app: App) -> None:
    small = await an_app(app.url, quota=3)
    assert (await sent(client, small, [{"message": "a"}] * 2)).json() == summary(2)
    answer = await sent(client, small, [{"message": "b"}] * 2)
    assert "quota" in refused(answer, 429, "RATE_LIMITED")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert len(await small.kept()) == 2
    assert await small.tallies() == {"accepted": 2, "over_quota": 2}


async def test_who_sends_more_at_once_than_any_minute_takes_is_not_told_to_try_it_again(
    client: httpx.AsyncClient, app: App
) -> None:
    small = await an_app(app.url, quota=3)
    answer = await sent(client, small, [{"message": "a"}] * 4)
    assert "3 events" in refused(answer, 413, "TOO_LARGE")
    assert "retry-after" not in answer.headers
    assert (await sent(client, small, [{"message": "a"}] * 3)).json() == summary(3)
    assert await small.tallies() == {"accepted": 3, "over_quota": 4}


@pytest.mark.parametrize(
    ("failure", "status", "wait"),
    [
        (Overloaded("full", retry_after=3), 429, "3"),
        (Unavailable("away"), 503, "1"),
        (BadInput("it cannot be stored"), 400, None),
        (Unauthenticated("gone"), 401, None),
    ],
)
async def test_what_cannot_be_kept_is_not_acknowledged(
    client: httpx.AsyncClient,
    app: App,
    monkeypatch: pytest.MonkeyPatch,
    failure: SnaglistError,
    status: int,
    wait: str | None,
) -> None:
    async def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(Inbox, "append", fail)
    answer = await sent(client, app, [{"message": "a"}])
    assert refused(answer, status, failure.code) == failure.message
    assert answer.headers.get("retry-after") == wait
    assert await app.kept() == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, app: App, method: str) -> None:
    answer = await client.request(method, "/v1/ingest", headers={"X-Snaglist-Key": app.key})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")


async def test_the_schema_is_there_for_everybody(client: httpx.AsyncClient, app: App) -> None:
    answer = await client.get("/v1/ingest/schema.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    head = await client.head("/v1/ingest/schema.json")
    assert (head.status_code, head.content) == (200, b"")
    assert (await client.options("/v1/ingest/schema.json")).headers[
        "access-control-allow-methods"
    ] == "GET, HEAD"
    assert (await client.post("/v1/ingest/schema.json")).status_code == 405
