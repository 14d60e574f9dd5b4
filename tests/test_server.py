"""The server: alive at once, ready when everything is, and again after what was away is back."""

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.types import Message

from app import server
from app.config import BAD_CONFIGURATION, Settings, from_environment
from app.errors import ConfigurationError, Unavailable
from app.live import connection
from app.server import create
from tests import database as databases

READY = {"status": "ready", "database": "ready", "redis": "ready", "migrations": "done"}
pytestmark = pytest.mark.anyio


@pytest.fixture
async def settings(migrated: str, valkey_server: str) -> AsyncIterator[Settings]:
    """Settings whose servers are there; what was stored is gone afterwards."""
    yield from_environment({"DATABASE_URL": migrated, "REDIS_URL": valkey_server})
    async with databases.pool(migrated):
        await databases.empty()


@asynccontextmanager
async def served(settings: Settings, **how: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app that has been started."""
    app = create(settings, **how)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://snaglist") as client,
    ):
        yield client


async def until(client: httpx.AsyncClient, status: int) -> httpx.Response:
    """The first answer of /readyz with this status."""
    deadline = time.monotonic() + 10
    while (answer := await client.get("/readyz")).status_code != status:
        assert time.monotonic() < deadline, answer.json()
        await asyncio.sleep(0.02)
    return answer


async def asked(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/graphql", json={"query": "{ viewer { __typename } }"})


async def test_it_becomes_ready_by_itself(settings: Settings) -> None:
    async with served(settings) as client:
        answer = await until(client, 200)
        assert answer.json() == READY
        assert answer.headers["cache-control"] == "no-store"


async def test_without_a_database_it_is_alive_and_refuses_what_needs_one(valkey_server: str) -> None:
    nowhere = {"DATABASE_URL": "postgresql:///snaglist?host=/nowhere", "REDIS_URL": valkey_server}
    async with served(from_environment(nowhere)) as client:
        await asyncio.sleep(0.1)
        assert (await client.get("/healthz")).json() == {"status": "alive"}
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {
            "status": "not ready",
            "database": "away",
            "redis": "ready",
            "migrations": "pending",
        }
        refused = await asked(client)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}


async def test_without_redis_it_is_not_ready(migrated: str, settings: Settings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lost = from_environment({"DATABASE_URL": migrated, "REDIS_URL": f"unix://{folder}/valkey.sock"})
        async with served(lost) as client:
            await until_prepared(client)
            assert (await client.get("/readyz")).json() == {
                **READY,
                "status": "not ready",
                "redis": "away",
            }
            assert (await asked(client)).status_code == 200


async def until_prepared(client: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + 10
    while (await client.get("/readyz")).json()["migrations"] != "done":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_it_says_when_it_is_not_ready_any_more_and_when_it_is_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, server.__name__)
    is_away = False
    ping = connection.ping

    async def maybe() -> None:
        if is_away:
            raise Unavailable("gone")
        await ping()

    monkeypatch.setattr(connection, "ping", maybe)
    async with served(settings) as client:
        for is_away in (False, True, True, False):
            answer = await until(client, 503 if is_away else 200)
            assert (answer.json()["redis"] == "away") is is_away
    told = [record.levelname for record in caplog.records if record.message == "readiness has changed"]
    assert told == ["WARNING", "INFO"]


async def test_what_hangs_is_asked_once_and_waited_for_a_second(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = asyncio.Event()
    questions = 0

    async def hang(_sql: str) -> list[object]:
        nonlocal questions
        questions += 1
        await hanging.wait()
        return []

    monkeypatch.setattr(server, "fetch", hang)
    async with served(settings) as client:
        began = time.monotonic()
        answers = await asyncio.gather(*(client.get("/readyz") for _ in range(20)))
        assert time.monotonic() - began < 2
        assert {answer.status_code for answer in answers} == {503}
        assert questions == 1
        hanging.set()
        await until(client, 200)
        assert questions > 1


async def test_settings_that_can_never_work_are_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_settings: Settings) -> None:
        raise ConfigurationError("never")

    monkeypatch.setattr(server, "prepare_patiently", refuse)
    given_up: list[Exception] = []
    async with served(settings, give_up=given_up.append) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
    assert server._exit_status(given_up) == BAD_CONFIGURATION
    assert server._exit_status([RuntimeError("a bug")]) == 1
    assert server._exit_status([]) == 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/graphql", "/nothing"])
async def test_every_answer_keeps_browsers_from_harm(settings: Settings, path: str) -> None:
    async with served(settings) as client:
        await until(client, 200)
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_page_keeps_the_policy_that_it_brings(settings: Settings) -> None:
    async with served(settings) as client:
        await until(client, 200)
        page = await client.get("/graphql", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers.get_list("content-security-policy") != [
            "default-src 'none'; frame-ancestors 'none'"
        ]
        assert len(page.headers.get_list("content-security-policy")) == 1


async def test_requests_are_logged_without_what_was_asked(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, server.__name__)
    async with served(settings) as client:
        await until(client, 200)
        await client.get("/nothing%0Aforged?code=hunter22", headers={"X-Secret": "hunter22"})
    (told,) = [vars(record) for record in caplog.records if record.name == server.__name__]
    assert (told["message"], told["method"], told["path"], told["status"]) == (
        "answered",
        "GET",
        "/nothing\nforged",
        404,
    )
    assert told["ms"] >= 0
    assert "hunter22" not in str(told)


async def test_what_apps_send_is_logged_only_for_those_who_look_for_it(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, server.__name__)
    async with served(settings) as client:
        await until(client, 200)
        await client.post("/v1/ingest", json=[])
        await client.post("/api/7/envelope/?sentry_key=hunter22", content=b"{}")
        await client.get("/graphql")
    told = [
        (record.levelname, vars(record)["path"]) for record in caplog.records if record.message == "answered"
    ]
    assert [one for one in told if one[1] != "/readyz"] == [
        ("DEBUG", "/v1/ingest"),
        ("DEBUG", "/api/7/envelope/"),
        ("INFO", "/graphql"),
    ]
    assert "hunter22" not in str([vars(record) for record in caplog.records])


async def test_a_bug_is_500_and_tells_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_scope: object, _receive: object, _send: Callable[[Message], Awaitable[None]]) -> None:
        raise RuntimeError("hunter22")

    app = create(settings)
    for route in app.routes:
        if getattr(route, "path", "") == "/healthz":
            monkeypatch.setattr(route, "app", broken)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://snaglist") as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


async def test_a_start_that_is_not_over_does_not_hold_up_the_end(valkey_server: str) -> None:
    nowhere = {"DATABASE_URL": "postgresql:///snaglist?host=/nowhere", "REDIS_URL": valkey_server}
    began = time.monotonic()
    async with served(from_environment(nowhere)):
        await asyncio.sleep(0.05)
    assert time.monotonic() - began < 2


def test_these_are_all_the_doors() -> None:
    """The routes are these; whoever adds one adds it here too."""
    paths = [getattr(route, "path", "") for route in create(from_environment({})).routes]
    assert paths == [
        "/api/{number}/envelope/",
        "/v1/ingest",
        "/v1/ingest/schema.json",
        "/api/{number}/store/",
        "/api/{number}/envelope",
        "/api/{number}/store",
        "/healthz",
        "/readyz",
        "/graphql",
        "/graphql",  # the WebSocket
        "/graphql/files",
        "/webhooks/github",
        "/unsubscribe",
        "/invite",
        "/invite/files",
        "/{path:path}",
    ]
