"""Documents in Redis: bounded, each organization's by themselves, and gone when nobody asks for them."""

from hashlib import sha256
from uuid import uuid4

import pytest

from app.embedded import Server
from app.errors import Unavailable
from app.live import documents, keys
from app.live.connection import client
from tests.valkey import kill

pytestmark = pytest.mark.anyio
ACME, OTHER = uuid4(), uuid4()


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


async def kept(*texts: str) -> None:
    for text in texts:
        assert await documents.keep(ACME, digest(text), text)


async def found(*texts: str) -> list[bool]:
    return [await documents.find(ACME, digest(text)) == text for text in texts]


@pytest.mark.usefixtures("valkey")
async def test_each_organization_finds_its_own() -> None:
    await kept("{ version }", "{ é }")
    assert await found("{ version }", "{ é }", "{ viewer }") == [True, True, False]
    assert await documents.find(OTHER, digest("{ version }")) is None


@pytest.mark.usefixtures("valkey")
async def test_those_asked_for_last_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 3)
    await documents.keep(OTHER, digest("other"), "other")
    await kept("1", "2", "3")
    await kept("1")  # once more
    assert await found("2") == [True]
    await kept("4", "5")
    assert await found("1", "2", "3", "4", "5") == [False, True, False, True, True]
    assert len(await client().hgetall(keys.documents(ACME))) == 3  # type: ignore[misc]  # redis-py's declaration
    assert await client().zcard(keys.documents_asked(ACME)) == 3
    assert await documents.find(OTHER, digest("other")) == "other"


@pytest.mark.usefixtures("valkey")
async def test_what_nobody_asks_for_is_forgotten() -> None:
    await kept("1")
    await client().persist(keys.documents(ACME))
    assert await found("1") == [True]
    for key in (keys.documents(ACME), keys.documents_asked(ACME)):
        assert 0 < await client().ttl(key) <= documents.KEPT


@pytest.mark.usefixtures("valkey")
async def test_where_half_was_lost_it_begins_anew() -> None:
    await kept("1", "2")
    await client().delete(keys.documents_asked(ACME))
    await kept("3")
    assert await found("1", "2", "3") == [False, False, True]
    await client().delete(keys.documents(ACME))
    await kept("4")
    assert await found("3", "4") == [False, True]
    assert await client().zcard(keys.documents_asked(ACME)) == 1


@pytest.mark.usefixtures("valkey")
async def test_a_large_text_is_not_kept() -> None:
    large = "é" * (documents.LARGEST // 2 + 1)
    assert not await documents.keep(ACME, digest(large), large)
    assert await documents.find(ACME, digest(large)) is None


async def test_redis_away_is_said(own_valkey: Server) -> None:
    kill(own_valkey)
    with pytest.raises(Unavailable):
        await documents.find(ACME, digest("1"))
    with pytest.raises(Unavailable):
        await documents.keep(ACME, digest("1"), "1")
