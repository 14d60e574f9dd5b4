"""Bodies as they come: in parts, slowly, not at all, or too large."""

import asyncio
import gzip
import threading
from collections.abc import Iterable

import pytest
from starlette.types import Message, Receive

from app.ingest import bodies, encodings
from app.ingest.answers import Refused
from app.ingest.bodies import LARGE, Bodies

pytestmark = pytest.mark.anyio


def coming(*parts: bytes | None) -> Receive:
    """A client that sends the parts; None: it goes away."""
    messages: Iterable[Message] = [
        {"type": "http.disconnect"}
        if part is None
        else {"type": "http.request", "body": part, "more_body": place < len(parts) - 1}
        for place, part in enumerate(parts)
    ]
    left = iter(messages)

    async def receive() -> Message:
        await asyncio.sleep(0)
        return next(left)

    return receive


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def read(reader: Bodies, receive: Receive, limit: int = 100, **headers: bytes) -> bytes | None:
    told = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return await reader.read(receive, told, limit)


async def test_a_body_comes_whole_or_in_parts() -> None:
    reader = Bodies()
    assert await read(reader, coming(b"abc")) == b"abc"
    assert await read(reader, coming(b"")) == b""
    assert await read(reader, coming(b"a", b"", b"bc")) == b"abc"
    packed = gzip.compress(b"abc")
    assert await read(reader, coming(packed[:5], packed[5:]), content_encoding=b"gzip") == b"abc"


@pytest.mark.parametrize("parts", [(None,), (b"a", None), (b"a", b"b" * 50, None)])
async def test_a_client_that_goes_away_leaves_nothing(parts: tuple[bytes | None, ...]) -> None:
    reader = Bodies()
    assert await read(reader, coming(*parts)) is None
    assert reader.held == 0


@pytest.mark.parametrize("parts", [(b"x" * 101,), (b"x" * 100, b"x"), (b"x" * 60, b"x" * 60, None)])
async def test_a_body_that_grows_too_large_is_refused_at_once(parts: tuple[bytes | None, ...]) -> None:
    reader = Bodies()
    with pytest.raises(Refused) as refused:
        await read(reader, coming(*parts))
    assert (refused.value.status, reader.held) == (413, 0)


@pytest.mark.parametrize("announced", [b"101", b"9" * 30])
async def test_a_body_that_says_it_is_too_large_is_not_waited_for(announced: bytes) -> None:
    with pytest.raises(Refused) as refused:
        await read(Bodies(), never, content_length=announced)
    assert refused.value.status == 413


async def test_a_body_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LONGEST_SILENCE", 0.01)
    first = coming(b"a", b"never read")
    asked = 0

    async def stall() -> Message:
        nonlocal asked
        asked += 1
        return await (first() if asked == 1 else never())

    reader = Bodies()
    with pytest.raises(Refused) as refused:
        await read(reader, stall)
    assert (refused.value.status, reader.held) == (408, 0)


async def test_a_body_that_only_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a few who send a byte now and then would have all the room there is for ever."""
    monkeypatch.setattr(bodies, "LONGEST_SILENCE", 0.2)

    async def trickle() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    reader = Bodies()
    async with asyncio.timeout(10):
        with pytest.raises(Refused) as refused:
            await read(reader, trickle, limit=1000)
    assert (refused.value.status, reader.held) == (408, 0)


async def test_there_is_room_for_so_much_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "ROOM", 150)
    reader = Bodies()
    gate = asyncio.Event()

    async def slow() -> Message:
        if gate.is_set():
            return {"type": "http.request", "body": b"", "more_body": False}
        gate.set()
        return {"type": "http.request", "body": b"x" * 90, "more_body": True}

    async def wait_for_the_other() -> Message:
        await gate.wait()
        return {"type": "http.request", "body": b"x" * 90, "more_body": True}

    first = asyncio.create_task(read(reader, _held_back(slow)))
    with pytest.raises(Refused) as refused:
        await read(reader, wait_for_the_other)
    assert (refused.value.status, dict(refused.value.headers)) == (429, {"Retry-After": "1"})
    assert await first == b"x" * 90
    assert reader.held == 0


def _held_back(receive: Receive) -> Receive:
    async def held_back() -> Message:
        await asyncio.sleep(0.02)
        return await receive()

    return held_back


async def test_what_is_large_is_unpacked_aside_and_no_more_than_two_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = threading.get_ident()
    running, most, places = 0, 0, set()
    unpack = encodings.unpack

    def watched(body: bytes, coded: tuple[str, ...], limit: int) -> bytes:
        nonlocal running, most
        if limit > LARGE:
            places.add(threading.get_ident())
            running += 1
            most = max(most, running)
        try:
            return unpack(body, coded, limit)
        finally:
            running -= limit > LARGE

    monkeypatch.setattr(encodings, "unpack", watched)
    reader = Bodies()
    packed = gzip.compress(bytes(8 * LARGE), 1)
    found = await asyncio.gather(
        *(read(reader, coming(packed), 10 * LARGE, content_encoding=b"gzip") for _ in range(6))
    )
    assert {len(body or b"") for body in found} == {8 * LARGE}
    assert here not in places
    assert most <= 2


async def test_large_bodies_are_held_only_as_far_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "ROOM", 150)
    reader = Bodies()
    with reader.holding(b"x" * 90):
        with pytest.raises(Refused) as refused, reader.holding(b"x" * 90):
            raise AssertionError
        assert (refused.value.status, reader.held) == (429, 90)
        with reader.holding(b"x" * 60):
            assert reader.held == 150
    assert reader.held == 0
