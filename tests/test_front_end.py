"""The front end's pages: what is served, to whom, and for how long a browser keeps it."""

import os
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from app.front_end import ASK_AGAIN, FOR_EVER, HEADERS, MISSING, OTHERS, front_end

pytestmark = pytest.mark.anyio

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Encoding": "gzip, deflate, br"}
SCRIPT = "/assets/index-AbCd1234.js"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A build with a page, a script and its compressed copies."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>the page</title>")
    script = tmp_path / SCRIPT[1:]
    script.write_text("console.log('plain')")
    script.with_name(script.name + ".br").write_bytes(b"as brotli")
    script.with_name(script.name + ".gz").write_bytes(b"as gzip")
    (tmp_path / "theme.js").write_text("// theme")
    (tmp_path / "documents.json").write_text("{}")
    return tmp_path


def client_of(dist: Path) -> httpx.AsyncClient:
    """A client of a server with a door of its own before the front end's."""

    async def taken(_request: object) -> PlainTextResponse:
        return PlainTextResponse("taken")

    app = Starlette(routes=[Route("/v1/ingest", taken, methods=["POST"]), *front_end(dist)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://snaglist")


@pytest.mark.parametrize("path", ["/", "/errors", "/errors/RXJyb3JHcm91cDox", "/what/ever", "/index.html"])
async def test_what_a_person_opens_is_the_page(dist: Path, path: str) -> None:
    async with client_of(dist) as client:
        answer = await client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "the page" in answer.text
    assert answer.headers["cache-control"] == ASK_AGAIN
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_the_policy_lets_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.startswith("default-src 'none';")


@pytest.mark.parametrize("path", ["/errors", "/assets/index-older.js", "/documents.json", "/robots.txt"])
async def test_a_program_gets_no_page_for_what_is_not_there(dist: Path, path: str) -> None:
    async with client_of(dist) as client:
        answer = await client.get(path, headers={"Accept": "*/*"})
    assert (answer.status_code, answer.text) == (404, "Not Found")


@pytest.mark.parametrize("first", OTHERS)
async def test_what_is_mistyped_at_other_doors_is_no_page(dist: Path, first: str) -> None:
    async with client_of(dist) as client:
        assert (await client.get(f"/{first}/nothing", headers=BROWSER)).status_code == 404


async def test_what_is_no_path_at_all_is_not_found(dist: Path) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "*", "query_string": b"", "headers": []}
    await Starlette(routes=front_end(dist))(scope, receive, send)
    assert sent[0]["status"] == 404


async def test_it_takes_no_path_and_no_method_from_another_door(dist: Path) -> None:
    async with client_of(dist) as client:
        assert (await client.post("/v1/ingest")).text == "taken"
        wrong = await client.get("/v1/ingest", headers=BROWSER)
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
        assert (await client.post("/errors", headers=BROWSER)).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br", "br", b"as brotli"),
        ("gzip", "gzip", b"as gzip"),
        ("br;q=0, gzip;q=0.5", "gzip", b"as gzip"),
        ("identity", None, b"console.log('plain')"),
    ],
)
async def test_a_script_comes_as_the_browser_can_read_it_and_is_kept_for_ever(
    dist: Path, accepted: str, encoding: str | None, body: bytes
) -> None:
    async with (
        client_of(dist) as client,
        client.stream("GET", SCRIPT, headers={"Accept-Encoding": accepted}) as answer,
    ):
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == encoding
    assert sent == body
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_what_the_browser_has_already_is_not_sent_again(dist: Path) -> None:
    async with client_of(dist) as client:
        first = await client.get("/theme.js")
        again = await client.get(
            "/theme.js", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'}
        )
        other = await client.get("/theme.js", headers={"If-None-Match": '"other"'})
    assert first.headers["cache-control"] == ASK_AGAIN
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


async def test_a_copy_that_an_older_build_left_is_not_sent(dist: Path) -> None:
    os.utime(dist / (SCRIPT[1:] + ".br"), (1, 1))
    async with client_of(dist) as client, client.stream("GET", SCRIPT, headers=BROWSER) as answer:
        assert answer.headers["content-encoding"] == "gzip"


async def test_a_build_is_served_as_it_was_at_the_start(dist: Path) -> None:
    client = client_of(dist)
    (dist / "index.html").write_text("half of another")
    async with client:
        assert "the page" in (await client.get("/", headers=BROWSER)).text


async def test_without_a_build_it_says_how_to_get_one(tmp_path: Path) -> None:
    async with client_of(tmp_path / "nothing") as client:
        answer = await client.get("/", headers=BROWSER)
        assert (answer.status_code, answer.content) == (200, MISSING)
        assert answer.headers["cache-control"] == "no-store"
        assert (await client.get(SCRIPT)).status_code == 404
        assert (await client.get("/v1/nothing", headers=BROWSER)).status_code == 404
