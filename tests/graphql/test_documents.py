"""Persisted documents: a hash stands for its document, for nobody else's, and nothing breaks without Redis."""

import asyncio
import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.config import from_environment
from app.errors import ConfigurationError
from app.graphql import persisted
from app.live import connection, documents, keys
from app.live.connection import client as redis
from tests.accounts.stage import Stage, set_up
from tests.graphql.door import NEW, codes, door, post

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

VIEWER = "{ viewer { name } }"
ANN = {"viewer": {"name": "Ann"}}
OWN = "query Own { version }"


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def apollos(text: str, **different: Any) -> dict[str, Any]:
    """What Apollo's clients send beside, or instead of, a document."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(text)} | different}}


async def secret(stage: Stage | None = None) -> str:
    return (await (stage or await set_up()).token()).secret


async def by_hash(client: httpx.AsyncClient, text: str, token: str | None) -> httpx.Response:
    return await post(client, None, token, documentId=f"sha256:{digest(text)}")


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A front end that was built with one document."""
    path = tmp_path / "documents.json"
    path.write_text(json.dumps({digest(OWN): OWN}))
    monkeypatch.setattr(persisted, "MANIFEST", path)
    return path


@pytest.mark.usefixtures("valkey")
async def test_apollos_clients_send_a_document_once() -> None:
    stage = await set_up()
    token = await secret(stage)
    async with door() as client:
        first = await post(client, None, token, **apollos(VIEWER))
        assert first.status_code == 200
        [error] = first.json()["errors"]
        assert error == {
            "message": "PersistedQueryNotFound",
            "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
        }
        assert (await post(client, None, token, accept=NEW, **apollos(VIEWER))).status_code == 400
        assert (await post(client, VIEWER, token, **apollos(VIEWER))).json()["data"] == ANN
        assert (await post(client, None, token, **apollos(VIEWER))).json()["data"] == ANN
        assert (await by_hash(client, VIEWER, token)).json()["data"] == ANN
        assert (await by_hash(client, VIEWER.upper(), token)).json()["errors"]
    async with door() as another:  # another server on the same Redis
        assert (await by_hash(another, VIEWER, token)).json()["data"] == ANN
        upper = {"documentId": f"sha256:{digest(VIEWER).upper()}", "query": ""}
        assert (
            await another.post("/graphql", json=upper, headers={"authorization": f"Bearer {token}"})
        ).json()["data"]


@pytest.mark.usefixtures("valkey")
async def test_a_hash_is_no_key_to_anything() -> None:
    """Other organizations do not know the document, and whoever knows it asks with their own rights."""
    token, others = await secret(), await secret()
    async with door() as client:
        await post(client, VIEWER, token, **apollos(VIEWER))
        assert codes(await by_hash(client, VIEWER, others)) == ["PERSISTED_QUERY_NOT_FOUND"]
        assert codes(await by_hash(client, VIEWER, None)) == ["PERSISTED_QUERY_NOT_FOUND"]
        assert codes(await by_hash(client, VIEWER, "nonsense")) == ["UNAUTHENTICATED"]
        assert codes(await post(client, VIEWER, None, **apollos(VIEWER))) == ["UNAUTHENTICATED"]


@pytest.mark.usefixtures("valkey")
async def test_a_document_is_kept_under_its_own_hash_only() -> None:
    stage = await set_up()
    token = await secret(stage)
    async with door() as client:
        response = await post(client, "{ version }", token, **apollos(VIEWER))
        assert codes(response) == ["BAD_USER_INPUT"]
        assert "data" not in response.json()
        assert not await redis().keys("snaglist:documents:*")
        place = keys.documents(stage.organization_id)
        await redis().hset(place, digest(VIEWER), "{ version }")  # type: ignore[misc]  # redis-py's declaration
        assert codes(await by_hash(client, VIEWER, token)) == ["PERSISTED_QUERY_NOT_FOUND"]


@pytest.mark.usefixtures("valkey")
async def test_what_is_refused_or_comes_from_strangers_is_not_kept() -> None:
    token = await secret()
    deep, large = "{ nonsense }", f"{{ version }} # {'x' * documents.LARGEST}"
    async with door() as client:
        for text in (deep, "{", large):
            assert await post(client, text, token, **apollos(text))
        await post(client, "{ version }", None, **apollos("{ version }"))
        assert (await post(client, "{ version }", token)).json()["data"]  # without its hash
        assert not await redis().keys("snaglist:documents:*")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"documentId": ""},
        {"documentId": "sha256:"},
        {"documentId": "sha512:" + "0" * 128},
        {"documentId": "sha256:" + "g" * 64},
        {"documentId": "sha256:" + "0" * 63 + "\n"},
        {"documentId": "sha256:" + "٣" * 64},
        {"documentId": 1},
        {"documentId": "sha256:" + "0" * 64, **apollos(VIEWER)},
        {"extensions": {"persistedQuery": "x"}},
        {"extensions": {"persistedQuery": {}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": ["0" * 64]}}},
        apollos(VIEWER, version=2),
        apollos(VIEWER, version=[]),
        {"extensions": []},
    ],
)
async def test_what_is_no_hash_is_no_request(more: dict[str, Any]) -> None:
    async with door() as client:
        for query in (None, VIEWER) if more else (None, ""):
            response = await post(client, query, None, **more)
            assert response.status_code == 400
            assert codes(response) == ["BAD_USER_INPUT"]


async def test_without_redis_it_works_and_says_so() -> None:
    connection.connect("redis://127.0.0.1:1")
    try:
        token = await secret()
        async with door() as client:
            assert codes(await post(client, None, token, **apollos(VIEWER))) == ["PERSISTED_QUERY_NOT_FOUND"]
            assert (await post(client, VIEWER, token, **apollos(VIEWER))).json()["data"] == ANN
            response = await by_hash(client, VIEWER, token)
            assert response.status_code == 503
            assert codes(response) == ["UNAVAILABLE"]
            assert "send `query`" in response.json()["errors"][0]["message"]
    finally:
        await connection.close()


@pytest.mark.usefixtures("valkey")
async def test_what_was_asked_for_lately_needs_no_redis(valkey: str) -> None:
    token = await secret()
    async with door() as client:
        await post(client, VIEWER, token, **apollos(VIEWER))
        await connection.close()
        assert (await by_hash(client, VIEWER, token)).json()["data"] == ANN
        connection.connect(valkey)


@pytest.mark.usefixtures("valkey")
async def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "REMEMBERED", 2)
    monkeypatch.setattr(persisted, "FRESH", 0)
    token = await secret()
    texts = [f"query Number{number} {{ version }}" for number in range(4)]
    async with door() as client:
        for text in texts:
            await post(client, text, token, **apollos(text))
        await redis().flushdb()  # and what is held too long is looked up again
        assert [codes(await by_hash(client, text, token)) for text in texts] == [
            ["PERSISTED_QUERY_NOT_FOUND"]
        ] * 4
        await connection.close()
        answers = [(await by_hash(client, text, token)).status_code for text in texts]
        assert answers == [503, 503, 200, 200]


@pytest.mark.usefixtures("manifest")
async def test_the_front_ends_own_documents_are_known_to_everybody() -> None:
    async with door() as client:  # and there is no Redis
        assert (await by_hash(client, OWN, None)).json()["data"]["version"]
        assert (await post(client, "{ version }", None)).json()["data"]["version"]


@pytest.mark.usefixtures("manifest", "valkey")
async def test_where_only_they_are_answered() -> None:
    token = await secret()
    async with door(SNAGLIST_DOCUMENTS="own") as client:
        for response in (
            await by_hash(client, OWN, None),
            await post(client, None, token, **apollos(OWN)),
            await post(client, OWN, token),
        ):
            assert response.json()["data"]["version"]
        for response in (
            await post(client, "{ version }", token),
            await post(client, f"{OWN} ", token),
            await post(client, VIEWER, token, **apollos(VIEWER)),
            await by_hash(client, VIEWER, token),
            await post(client, "{ __schema { queryType { name } } }", token),
        ):
            assert codes(response) == ["DOCUMENT_NOT_ALLOWED"]
            assert "data" not in response.json()
        assert codes(await post(client, VIEWER, token, **apollos(OWN))) == ["BAD_USER_INPUT"]
        assert (await post(client, VIEWER, token, accept=NEW)).status_code == 400
    assert not await redis().keys("snaglist:documents:*")


async def test_a_redis_that_hangs_costs_little_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def hang(_organization_id: UUID, digest: str) -> str | None:
        asked.append(digest)
        await asyncio.sleep(60)
        return None

    monkeypatch.setattr(documents, "find", hang)
    monkeypatch.setattr(persisted, "PATIENCE", 0.01)
    token = await secret()
    async with door() as client:
        for _ in range(2):
            assert codes(await by_hash(client, VIEWER, token)) == ["UNAVAILABLE"]
        assert len(asked) == 1


@pytest.fixture(params=[None, "{", "[]", '{"a": 1}', json.dumps({digest(OWN): VIEWER})])
def broken(request: pytest.FixtureRequest, manifest: Path) -> Path:
    """A front end's documents that are not there, or cannot be right."""
    if request.param is None:
        manifest.unlink()
    else:
        manifest.write_text(request.param)
    return manifest


async def test_documents_that_cannot_be_read_are_nobodys(broken: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"documents\.json"):
        persisted.persisted(from_environment({"SNAGLIST_DOCUMENTS": "own"}), broken)
    async with door() as client:
        assert (await post(client, "{ version }", None)).json()["data"]["version"]
        assert codes(await by_hash(client, OWN, None)) == ["PERSISTED_QUERY_NOT_FOUND"]
