"""The way from HTTP to a result: who may ask, what is no request, and which status says what."""

import gzip
from typing import Any

import asyncpg
import httpx
import pytest
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route

from app.accounts import tokens
from app.accounts.roles import Caller, Role
from app.config import from_environment
from app.errors import Unavailable
from app.graphql.endpoint import LARGEST, Door
from app.tables.database import close_pool, fetch, open_pool
from tests.accounts.stage import later, set_up
from tests.database import NOW
from tests.graphql.door import NEW, codes, door, post

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

VIEWER = "{ viewer { name } }"
PARTIAL = '{ version node(id: "nonsense") { id } }'


async def secret(role: Role = Role.OWNER, **different: Any) -> str:
    """A token's secret."""
    return (await (await set_up(role)).token(**different)).secret


async def test_a_token_lets_somebody_in() -> None:
    async with door() as client:
        response = await post(client, VIEWER, await secret())
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        assert response.json()["data"] == {"viewer": {"name": "Ann"}}
        for accept in (NEW, f"{NEW}, application/json;q=0.9"):
            response = await post(client, VIEWER, await secret(), accept=accept)
            assert response.status_code == 200
            assert response.headers["content-type"] == f"{NEW}; charset=utf-8"


async def test_each_time_the_token_is_looked_at() -> None:
    stage = await set_up()
    made = await stage.token()
    async with door() as client:
        assert not codes(await post(client, VIEWER, made.secret))
        await tokens.revoke(made.token_id, stage.organization_id, now=NOW)
        assert codes(await post(client, VIEWER, made.secret)) == ["UNAUTHENTICATED"]


async def test_without_a_token_only_what_is_open_is_answered() -> None:
    async with door() as client:
        assert (await post(client, "{ version }")).json()["data"]
        for scheme in (None, "", " "):  # the last two are what GraphiQL sends before somebody types
            response = await post(client, VIEWER, scheme)
            assert (response.status_code, codes(response)) == (200, ["UNAUTHENTICATED"])
            assert response.json()["data"] is None
        response = await post(client, VIEWER, accept=NEW)
        assert (response.status_code, codes(response)) == (401, ["UNAUTHENTICATED"])
        assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "sent",
    [
        "Bearer nonsense",
        "Bearer snag_x y",
        "Basic YTpi",
        "nonsense",
        "Bearer \u00e9\u00ff",
        "Bearer " + "x" * 8000,
    ],
)
async def test_a_bad_token_answers_nothing(sent: str) -> None:
    """Not even what is open: whoever sends a token means it."""
    await secret()
    async with door() as client:
        for accept, status in (("application/json", 200), (NEW, 401)):
            headers = {"authorization": sent.encode("latin-1"), "accept": accept.encode()}
            response = await client.post("/graphql", json={"query": "{ version }"}, headers=headers)  # type: ignore[arg-type]
            assert (response.status_code, codes(response)) == (status, ["UNAUTHENTICATED"])
            assert "data" not in response.json()


async def test_an_expired_token_and_two_tokens_answer_nothing() -> None:
    old = await secret(expires_at=later(seconds=1))
    await fetch("update access_token set expires_at = now() - interval '1 second'")
    good = await secret()
    async with door() as client:
        assert codes(await post(client, "{ version }", old)) == ["UNAUTHENTICATED"]
        headers = [("authorization", f"Bearer {good}"), ("authorization", f"Bearer {old}")]
        response = await client.post("/graphql", json={"query": VIEWER}, headers=headers)
        assert codes(response) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    ("query", "status"),
    [("{ version", 400), ("{ nonsense }", 400), ("query Q($a: Nonsense) { node(id: $a) { id } }", 400)],
)
async def test_a_refused_document_is_200_or_400_and_says_why(query: str, status: int) -> None:
    async with door() as client:
        response = await post(client, query)
        assert (response.status_code, set(codes(response))) == (200, {"BAD_USER_INPUT"})
        assert "data" not in response.json()
        first = response.json()["errors"][0]
        assert first["locations"]
        assert "nonsense" in first["message"].lower() or "Syntax Error" in first["message"]
        assert (await post(client, query, accept=NEW)).status_code == status


async def test_a_partial_result_is_200() -> None:
    async with door() as client:
        response = await post(client, PARTIAL, accept=NEW)
        assert (response.status_code, codes(response)) == (200, ["UNAUTHENTICATED"])
        assert response.json()["data"] == {"version": response.json()["data"]["version"], "node": None}


BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "no JSON": (b"{version}", 400),
    "a list": (b'[{"query": "{ version }"}]', 400),
    "an empty list": (b"[]", 400),
    "a text": (b'"{ version }"', 400),
    "null": (b"null", 400),
    "no query": (b"{}", 400),
    "an empty query": (b'{"query": ""}', 400),
    "null for a query": (b'{"query": null}', 400),
    "a number for a query": (b'{"query": 1}', 400),
    "a list for variables": (b'{"query": "{ version }", "variables": []}', 400),
    "a text for variables": (b'{"query": "{ version }", "variables": "{}"}', 400),
    "a list for extensions": (b'{"query": "{ version }", "extensions": []}', 400),
    "a number for the operation": (b'{"query": "{ version }", "operationName": 1}', 400),
    "deep lists": (b'{"query": "{ version }", "variables": {"a": ' + b"[" * 200_000, 400),
    "deep objects": (b'{"query": "{ version }", "variables": ' + b'{"a": ' * 100_000, 400),
    "a huge integer": (b'{"query": "{ version }", "variables": {"a": ' + b"9" * 500_000 + b"}}", 400),
    "a huge float": (b'{"query": "{ version }", "variables": {"a": 1e999}}', 400),
    "half of a character": (b'{"query": "\\ud800 { version }"}', 400),
    "the other half": (b'{"query": "{ version }", "variables": {"a": "\\udc00 and more"}}', 400),
    "bytes that are no UTF-8": (b'{"query": "{ version }\xff"}', 400),
    "UTF-16": ('{"query": "{ version }"}'.encode("utf-16"), 400),
    "a NUL in a variable": (b'{"query": "{ version }", "variables": {"a": {"b": ["\\u0000"]}}}', 400),
    "a NUL in a variable's name": (b'{"query": "{ version }", "variables": {"\\u0000": 1}}', 400),
    "a NUL in the operation": (b'{"query": "{ version }", "operationName": "\\u0000"}', 400),
    "an unknown operation": (b'{"query": "query A { version }", "operationName": "B"}', 400),
    "only a fragment": (b'{"query": "fragment A on Query { version }"}', 400),
    "a schema": (b'{"query": "type Query { version: String }"}', 400),
    "a body that is too large": (b" " * (LARGEST + 1), 413),
}


@pytest.mark.parametrize("what", BODIES)
async def test_what_is_no_request_is_refused(what: str) -> None:
    body, status = BODIES[what]
    async with door() as client:
        response = await client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, set(codes(response))) == (status, {"BAD_USER_INPUT"})
    assert "data" not in response.json()


async def test_a_large_body_is_refused_before_it_has_arrived() -> None:
    async def endless() -> Any:
        for _ in range(1000):
            yield b" " * 65536
            sent.append(1)

    sent: list[int] = []
    async with door() as client:
        response = await client.post(
            "/graphql", content=endless(), headers={"content-type": "application/json"}
        )
        assert response.status_code == 413
        assert len(sent) < 30
        announced = {"content-type": "application/json", "content-length": "9" * 12}
        assert (await client.post("/graphql", content=b"", headers=announced)).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "text/plain; application/json"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
async def test_only_json_is_taken(headers: dict[str, str]) -> None:
    """A foreign page can make a browser send a form or plain text with cookies, but no JSON."""
    async with door() as client:
        response = await client.post("/graphql", content=b'{"query": "{ version }"}', headers=headers)
    assert response.status_code == 415


async def test_json_is_json_however_it_is_written() -> None:
    async with door() as client:
        for kind in (
            "application/json; charset=utf-8",
            "APPLICATION/JSON",
            "application/json ;charset=UTF-8",
        ):
            response = await client.post(
                "/graphql", content=b'{"query": "{ version }", "more": 1}', headers={"content-type": kind}
            )
            assert response.json()["data"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_is_asked_but_by_post(method: str) -> None:
    async with door() as client:
        response = await client.request(
            method, "/graphql?query={version}", headers={"accept": "application/json"}
        )
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_the_address_has_no_second_form() -> None:
    """A redirect would lose the body, or the token."""
    async with door() as client:
        assert (await post(client, "{ version }")).status_code == 200
        assert (await client.post("/graphql/", json={"query": "{ version }"})).status_code in (307, 404)


async def test_one_of_several_operations_must_be_named() -> None:
    query = "query A { a: version } query B { b: version }"
    async with door() as client:
        assert codes(await post(client, query)) == ["BAD_USER_INPUT"]
        response = await post(client, query, operationName="B")
        assert list(response.json()["data"]) == ["b"]


async def test_large_answers_are_compressed_for_those_who_can_read_that() -> None:
    query = "{ __schema { types { name description fields { name description } } } }"
    async with door() as client:
        plain = await client.post("/graphql", json={"query": query}, headers={"accept-encoding": "identity"})
        zipped = await client.post("/graphql", json={"query": query}, headers={"accept-encoding": "br, gzip"})
        small = await client.post("/graphql", json={"query": "{ version }"})
        assert "content-encoding" not in plain.headers
        assert zipped.headers["content-encoding"] == "gzip"
        assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 3
        assert zipped.json() == plain.json()
        assert "content-encoding" not in small.headers
        assert "Accept-Encoding" in plain.headers["vary"]
    assert gzip.compress(plain.content, 4)


async def test_a_client_that_goes_gets_no_answer() -> None:
    from_client = [{"type": "http.request", "body": b'{"que', "more_body": True}, {"type": "http.disconnect"}]
    answered: list[Any] = []

    async def receive() -> Any:
        return from_client.pop(0)

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}
    await Door(None, from_environment({}))(scope, receive, send)  # type: ignore[arg-type]
    assert answered == []


async def away(client: httpx.AsyncClient, token: str | None) -> None:
    """The database is away: for GraphQL, for HTTP, and whatever is accepted."""
    for accept in ("application/json", NEW):
        response = await post(client, VIEWER, token, accept=accept)
        assert (response.status_code, codes(response)) == (503, ["UNAVAILABLE"])
        assert response.headers["retry-after"] == "1"


async def test_a_database_that_is_away_is_503_until_it_is_back(database: str) -> None:
    token = await secret()
    async with door() as client:
        await close_pool()
        await away(client, token)
        assert (await post(client, "{ version }")).status_code == 200  # this one needs no database
        await open_pool(database)
        assert (await post(client, VIEWER, token)).status_code == 200


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionRefusedError(111, "refused"),
        FileNotFoundError(2, "no such socket"),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        Unavailable("the database is not connected yet"),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_every_way_to_be_away(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(*_: object, **__: object) -> Caller:
        raise failure

    token = await secret()
    async with door() as client:
        with monkeypatch.context() as patched:
            patched.setattr(tokens, "find", failing)
            await away(client, token)
        with monkeypatch.context() as patched:
            patched.setattr("app.reading.people.fetch_one", failing)
            await away(client, token)


@strawberry.type
class Query:
    """There must be one."""

    version: str


@strawberry.type
class Mutation:
    """Something that is done, and something that fails because the database went away."""

    @strawberry.mutation
    def done(self) -> bool:
        return True

    @strawberry.mutation
    def failed(self) -> bool | None:
        raise ConnectionResetError


async def test_a_mutation_that_did_something_is_not_503() -> None:
    """Whoever sees 503 asks again: what was done would be done twice."""
    schema = strawberry.Schema(query=Query, mutation=Mutation)
    app = Starlette(routes=[Route("/graphql", Door(schema, from_environment({})))])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://snaglist.test"
    ) as client:
        for query, status in (("mutation { done failed }", 200), ("mutation { failed a: failed }", 503)):
            response = await post(client, query)
            assert (response.status_code, set(codes(response))) == (status, {"UNAVAILABLE"})
