"""The doors for Sentry's SDKs: who may come in, what is kept of what they bring, and how they are answered."""

import base64
import gzip
import json
import zlib
from typing import Any
from uuid import uuid4

import brotli
import httpx
import pytest
import zstandard

from app.errors import Overloaded, SnaglistError, Unavailable
from app.ingest.inbox import Inbox
from app.tables.database import fetch
from tests.ingest.doors.stage import App, an_app, envelope, event

pytestmark = pytest.mark.anyio
ID = "9ec79c33ec9942ab8353589fcb2e04dc"
DROPPED = (
    *("transaction", "session", "sessions", "client_report", "check_in", "replay_event", "replay_recording"),
    *("profile", "profile_chunk", "span", "log", "trace_metric", "statsd", "metric_buckets", "attachment"),
    *("form_data", "raw_security", "nel", "otel_log", "what_comes_next_year"),
)


async def sent(
    client: httpx.AsyncClient, app: App, body: bytes, *, door: str = "envelope/", **headers: str
) -> httpx.Response:
    """The answer to a body with the app's key."""
    auth = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={app.key}, sentry_client=x/1"}
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(f"/api/{app.number}/{door}", content=body, headers=auth | told)


def refused(answer: httpx.Response, status: int) -> str:
    """Why it was refused."""
    assert answer.status_code == status, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-sentry-error"] == answer.json()["detail"]
    return str(answer.json()["detail"])


async def test_an_event_is_kept_byte_for_byte_and_answered_with_its_id(
    client: httpx.AsyncClient, app: App
) -> None:
    item = event(event_id=ID, message="it broke", level="error")
    answer = await sent(client, app, envelope(item, event_id=ID, dsn=app.dsn))
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    [kept] = await app.kept()
    assert (kept.client_event_id, kept.format, kept.level, kept.payload) == (ID, 2, None, item[1])
    assert kept.waits
    assert await app.tallies() == {"accepted": 1}


async def test_a_repeat_is_answered_as_before_and_kept_once(client: httpx.AsyncClient, app: App) -> None:
    body = envelope(event(message="once"), event_id=ID)
    for _ in range(2):
        assert (await sent(client, app, body)).json() == {"id": ID}
    assert len(await app.kept()) == 1
    assert await app.tallies() == {"accepted": 1, "duplicate": 1}


@pytest.mark.parametrize(
    ("named", "told", "found"),
    [
        (None, ID, ID),
        (None, "9EC79C33-EC99-42AB-8353-589FCB2E04DC", ID),
        ("9EC79C33-EC99-42AB-8353-589FCB2E04DC", None, ID),
        ("not an id", ID, ID),
        (7, ID, ID),
        (ID, "f" * 32, ID),
        (None, None, None),
        (None, "not an id", None),
        (None, 7, None),
    ],
)
async def test_the_id_is_the_envelopes_or_else_the_events_or_else_a_new_one(
    client: httpx.AsyncClient, app: App, named: object, told: object, found: str | None
) -> None:
    """Ids that stand deeper in the event are those of other things."""
    deeper = {"breadcrumbs": [{"event_id": "a" * 32}], "event_id": told, "later": {"event_id": "b" * 32}}
    answer = await sent(client, app, envelope(event(**deeper), event_id=named))
    [kept] = await app.kept()
    assert answer.json() == {"id": kept.client_event_id}
    assert len(answer.json()["id"]) == 32
    assert kept.client_event_id == found or found is None


async def test_an_id_is_found_in_what_is_not_strictly_json(client: httpx.AsyncClient, app: App) -> None:
    payload = b'{"x": NaN, "y": "\\ud800 \xff", "event_id": "%s"}' % ID.encode()
    assert (await sent(client, app, envelope(({"type": "event"}, payload)))).json() == {"id": ID}
    [kept] = await app.kept()
    assert kept.payload == payload


async def test_items_that_are_no_errors_are_taken_and_dropped(client: httpx.AsyncClient, app: App) -> None:
    items = [({"type": kind, "length": 7}, b'{"a":1}') for kind in DROPPED]
    answer = await sent(client, app, envelope(*items))
    assert (answer.status_code, answer.json()) == (200, {})
    answer = await sent(client, app, envelope(items[0], event(event_id=ID), items[-2], event_id=ID))
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert len(await app.kept()) == 1
    assert await app.tallies() == {"accepted": 1, "not_kept": len(DROPPED) + 2}


async def test_what_users_say_is_kept_and_a_repeat_of_it_once(client: httpx.AsyncClient, app: App) -> None:
    report = json.dumps({"event_id": ID, "name": "Ann", "comments": "it broke"}).encode()
    said = json.dumps({"event_id": "a" * 32, "contexts": {"feedback": {"message": "hm"}}}).encode()
    error = envelope(event(event_id=ID), ({"type": "user_report"}, report), event_id=ID)
    for body in (
        error,
        envelope(({"type": "user_report"}, report), event_id=ID),
        envelope(({"type": "feedback"}, said)),
    ):
        assert (await sent(client, app, body)).status_code == 200
    kept = await app.kept()
    assert {(one.format, one.payload) for one in kept} == {(2, event(event_id=ID)[1]), (3, said), (3, report)}
    assert len(kept) == 3
    assert {one.client_event_id for one in kept} >= {ID, "a" * 32}
    assert (await app.tallies())["duplicate"] == 1


async def test_of_several_events_in_an_envelope_each_has_its_own_id(
    client: httpx.AsyncClient, app: App
) -> None:
    body = envelope(event(message="a"), event(event_id="a" * 32), event(event_id="b" * 32), event_id=ID)
    assert (await sent(client, app, body)).json() == {"id": ID}
    assert {one.client_event_id for one in await app.kept()} == {ID, "a" * 32, "b" * 32}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("way", "door"),
    [
        *((way, door) for way in ("query", "header", "authorization") for door in ("envelope", "store")),
        ("dsn", "envelope"),  # the older door knows none
    ],
)
async def test_the_key_comes_in_any_of_sentrys_ways(
    client: httpx.AsyncClient, app: App, way: str, door: str, slash: str
) -> None:
    body = json.dumps({"event_id": ID}).encode()
    if door == "envelope":
        body = envelope(({"type": "event"}, body), **({"dsn": app.dsn} if way == "dsn" else {}))
    said = f"Sentry sentry_client=a/1,sentry_key={app.key},sentry_version=7, sentry_secret=x"
    headers = {"header": {"X-Sentry-Auth": said}, "authorization": {"Authorization": said}}.get(way, {})
    query = f"?sentry_version=7&sentry_key={app.key}&sentry_client=b%2F1" if way == "query" else ""
    answer = await client.post(f"/api/{app.number}/{door}{slash}{query}", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert len(await app.kept()) == 1


async def test_who_has_no_key_or_a_wrong_one_stays_outside(client: httpx.AsyncClient, app: App) -> None:
    other = await an_app(app.url)
    body = envelope(event(event_id=ID))
    told = "missing authorization information"
    for path in (
        f"/api/{app.number}/envelope/",
        f"/api/{app.number}/store/",
        f"/api/{app.number}/envelope/?sentry_key=",
    ):
        assert refused(await client.post(path, content=body), 401) == told
    for dsn in (app.dsn.replace(f"{app.key}@", ""), "nonsense", "://", 7):
        answer = await client.post(f"/api/{app.number}/envelope/", content=envelope(event(), dsn=dsn))
        assert refused(answer, 401) == told
    for key in (uuid4().hex, other.key, "a" * 10_000, "%00", "%C3%A4"):
        answer = await client.post(f"/api/{app.number}/envelope/?sentry_key={key}", content=body)
        refused(answer, 403)
        refused(await client.post(f"/api/{app.number}/store/?sentry_key={key}", content=body), 403)
    assert refused(await sent(client, App(app.id, other.number, app.key, app.url), body), 403)
    for number in ("x", "-1", "1.0", "%C2%B2"):
        answer = await client.post(f"/api/{number}/envelope/?sentry_key={app.key}", content=body)
        assert refused(answer, 400) == "bad project path parameter"
    for one in (app, other):
        assert await one.kept() == []


async def test_a_key_whose_time_is_over_or_whose_app_is_gone_is_none(
    client: httpx.AsyncClient, app: App
) -> None:
    expired, gone = await an_app(app.url), await an_app(app.url)
    await fetch("update app_key set expires_at = now() - interval '1 second' where app_id = $1", expired.id)
    await fetch("update app set deleted_at = now() where id = $1", gone.id)
    for one in (expired, gone):
        refused(await sent(client, one, envelope(event())), 403)
        assert await one.kept() == []


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
        ("", gzip.compress),
    ],
)
async def test_bodies_come_compressed_in_every_usual_way(
    client: httpx.AsyncClient, app: App, encoding: str, pack: Any
) -> None:
    """gzip is seen even where no header says so."""
    headers = {"Content_Encoding": encoding} if encoding else {}
    answer = await sent(client, app, pack(envelope(event(event_id=ID))), **headers)
    assert answer.json() == {"id": ID}
    [kept] = await app.kept()
    assert kept.tree == {"event_id": ID}


@pytest.mark.parametrize(
    "pack",
    [
        lambda plain: plain,
        lambda plain: base64.b64encode(zlib.compress(plain)),
        lambda plain: base64.encodebytes(zlib.compress(plain)),
        base64.b64encode,
        zlib.compress,
        lambda plain: b"\n " + plain + b" \n",
    ],
    ids=["plain", "base64 of zlib", "base64 in lines", "base64", "zlib", "with space"],
)
async def test_the_older_door_takes_what_sdks_of_old_send(
    client: httpx.AsyncClient, app: App, pack: Any
) -> None:
    plain = json.dumps({"event_id": ID, "message": "it broke \u00e4"}).encode()
    answer = await sent(client, app, pack(plain), door="store/", Content_Type="application/octet-stream")
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    [kept] = await app.kept()
    assert (kept.client_event_id, kept.payload) == (ID, plain)


async def test_the_older_door_drops_transactions_and_takes_envelopes(
    client: httpx.AsyncClient, app: App
) -> None:
    answer = await sent(
        client, app, json.dumps({"event_id": ID, "type": "transaction"}).encode(), door="store/"
    )
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert await app.kept() == []
    body = envelope(event(event_id=ID))
    answer = await sent(client, app, body, door="store/", Content_Type="application/x-sentry-envelope")
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert len(await app.kept()) == 1


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "empty request body"),
        (b"no", 400, "invalid event envelope"),
        (b"{}\nno", 400, "invalid event envelope"),
        (envelope(({"type": "event"}, b"[]")), 400, "invalid JSON data"),
        (envelope(({"type": "event"}, b"")), 400, "invalid JSON data"),
        (envelope(({"type": "event"}, b'{"a": "' + b"x" * 1024 * 1024 + b'"}')), 413, "1048576 bytes"),
        (b" " * (20 * 1024 * 1024 + 1), 413, "20971520 bytes"),
        (b"{}\n" + b'{"type":"session"}\n{}\n' * 1001, 400, "1000 items"),
    ],
)
async def test_what_cannot_be_read_is_refused_whole(
    client: httpx.AsyncClient, app: App, body: bytes, status: int, said: str
) -> None:
    assert said in refused(await sent(client, app, body), status)
    assert await app.kept() == []


@pytest.mark.parametrize(
    "body",
    [
        b"no",
        b"[]",
        b"5",
        b"{",
        b"%%%",
        b"eJw=",
        base64.b64encode(b"no"),
        base64.b64encode(zlib.compress(b"no")),
        b"\xff\xfe",
    ],
)
async def test_what_the_older_door_cannot_read_is_refused(
    client: httpx.AsyncClient, app: App, body: bytes
) -> None:
    assert refused(await sent(client, app, body, door="store/"), 400) == "invalid JSON data"
    assert await app.kept() == []


async def test_bombs_are_refused(client: httpx.AsyncClient, app: App) -> None:
    bomb = bytes(100_000_000)
    assert "bytes" in refused(await sent(client, app, gzip.compress(bomb), Content_Encoding="gzip"), 413)
    assert "bytes" in refused(
        await sent(client, app, base64.b64encode(zlib.compress(bomb)), door="store/"), 413
    )
    inside = gzip.compress(gzip.compress(bomb))
    assert "bytes" in refused(await sent(client, app, inside, Content_Encoding="gzip, gzip"), 413)


@pytest.mark.parametrize(
    ("encoding", "status"),
    [("compress", 415), ("gzip, gzip, gzip", 415), ("gzip", 400), ("br", 400), ("zstd", 400)],
)
async def test_an_encoding_that_is_none_is_refused(
    client: httpx.AsyncClient, app: App, encoding: str, status: int
) -> None:
    refused(await sent(client, app, envelope(event()), Content_Encoding=encoding), status)
    assert await app.kept() == []


async def test_a_good_item_is_kept_beside_a_broken_one(client: httpx.AsyncClient, app: App) -> None:
    answer = await sent(client, app, envelope(({"type": "event"}, b"broken"), event(event_id=ID)))
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert len(await app.kept()) == 1
    assert await app.tallies() == {"accepted": 1, "rejected": 1}


async def test_past_the_quota_the_sdk_is_told_until_when(client: httpx.AsyncClient, app: App) -> None:
    """Only what is counted is refused: sessions still come in."""
    small = await an_app(app.url, quota=2)
    for number in range(2):
        answer = await sent(client, small, envelope(event(message=number)))
        assert answer.status_code == 200
    answer = await sent(client, small, envelope(event(message="too many")))
    refused(answer, 429)
    seconds = int(answer.headers["retry-after"])
    assert 0 < seconds <= 60
    assert answer.headers["x-sentry-rate-limits"] == f"{seconds}:error;default;feedback:organization"
    assert "x-sentry-rate-limits" in answer.headers["access-control-expose-headers"]
    assert (await sent(client, small, envelope(({"type": "session"}, b"{}")))).status_code == 200
    assert len(await small.kept()) == 2
    assert await small.tallies() == {"accepted": 2, "over_quota": 1, "not_kept": 1}


@pytest.mark.parametrize(
    ("failure", "status"), [(Overloaded("full", retry_after=3), 429), (Unavailable("away"), 503)]
)
async def test_what_cannot_be_kept_now_is_not_acknowledged(
    client: httpx.AsyncClient, app: App, monkeypatch: pytest.MonkeyPatch, failure: SnaglistError, status: int
) -> None:
    async def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(Inbox, "append", fail)
    for body, door in (
        (envelope(event(event_id=ID), ({"type": "session"}, b"{}"), ({"type": "event"}, b"no")), "envelope/"),
        (b'{"event_id": "%s"}' % ID.encode(), "store/"),
    ):
        answer = await sent(client, app, body, door=door)
        assert refused(answer, status) == failure.message
        assert answer.headers["retry-after"] == ("3" if status == 429 else "1")
    # What came along is sent again as well, and counted then.
    assert (await app.kept(), await app.tallies()) == ([], {})


@pytest.mark.parametrize("path", ["/api/1/envelope/", "/api/1/envelope", "/api/1/store/", "/v1/ingest"])
async def test_browsers_of_other_sites_may_ask(client: httpx.AsyncClient, app: App, path: str) -> None:
    wanted = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    answer = await client.options(path, headers=wanted | {"Access-Control-Request-Headers": "x-sentry-auth"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert set(allowed) >= {
        *(
            "x-sentry-auth",
            "content-type",
            "content-encoding",
            "sentry-trace",
            "baggage",
            "authorization",
            "x-snaglist-key",
        )
    }
    assert answer.headers["access-control-max-age"] == "3600"


async def test_browsers_send_plain_text(client: httpx.AsyncClient, app: App) -> None:
    path = f"/api/{app.number}/envelope/?sentry_version=7&sentry_key={app.key}"
    headers = {"Content-Type": "text/plain;charset=UTF-8", "Origin": "https://shop.example"}
    answer = await client.post(path, content=envelope(event(event_id=ID)), headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"id": ID})
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, app: App, method: str) -> None:
    for door in ("envelope/", "store/"):
        answer = await client.request(method, f"/api/{app.number}/{door}?sentry_key={app.key}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
