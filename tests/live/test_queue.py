"""The queues: plain values only, one entry an id, and wishes that are never lost."""

import asyncio
import datetime as times
from typing import Any
from uuid import uuid4

import pytest
from arq.jobs import DeserializationError, deserialize_job_raw
from hypothesis import given, settings
from hypothesis import strategies as st

from app.embedded import Server
from app.errors import Unavailable
from app.live import keys
from app.live.connection import client
from app.live.queue import Queue, begun, enqueue, is_worked, packed, unpacked, wake
from tests.valkey import kill

pytestmark = pytest.mark.anyio

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=5), parts, max_size=4),
    max_leaves=20,
)


def stored(*arguments: Any) -> dict[str, Any]:
    return {"t": None, "f": "react", "a": arguments, "k": {}, "et": 1}


class Text(str):
    __slots__ = ()


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


async def queued(queue: Queue = Queue.QUICK) -> list[str]:
    entries = await client().zrange(keys.queue(queue), 0, -1)
    return [entry.decode() for entry in entries]


@given(value=PLAIN)
@settings(max_examples=50, deadline=None)
def test_plain_values_come_out_as_they_went_in(value: Any) -> None:
    assert unpacked(packed(stored(value)))["a"] == [value]


@pytest.mark.parametrize(
    "value",
    [
        b"bytes", uuid4(), times.datetime(2026, 1, 1, tzinfo=times.UTC), times.timedelta(1), {1}, object(), len, int,
        {1: "a"}, {b"a": 1}, 2**64, -(2**63) - 1, "\ud800", Text("a"), Queue.QUICK, 1j, deep(40), deep(5000), endless(),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
async def test_other_values_are_refused_and_nothing_is_queued(value: Any, valkey: str) -> None:
    assert valkey
    for hidden in (value, [value], {"a": [value]}):
        with pytest.raises((TypeError, ValueError, OverflowError)):
            await enqueue("react", hidden, job_id="a", queue=Queue.QUICK)
    assert await client().dbsize() == 0


def test_an_exception_is_its_text() -> None:
    assert packed({"r": ValueError("no: é")}) == packed({"r": "no: é"})


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xc1", packed({}), packed([1]), packed(1),  # type: ignore[arg-type]
        b"cos\nsystem\n(S'true'\ntR.", b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.",
        packed({**stored(), "f": ["a"]}), packed({**stored(), "f": None}), packed({**stored(), "a": 1}),
        packed({**stored(), "k": [1]}), packed({**stored(), "et": "1"}), packed({**stored(), "et": 2**63}),
        packed({**stored(), "t": "1"}), packed({**stored(), "t": -1}), packed(stored()) + b"\0",
        b"\x85\xa1t\xc0\xa1f\xa1f\xa1k\x80\xa2et\x01\xa1a\x91\xd6\xff\0\0\0\0",  # a time
        b"\x85\xa1t\xc0\xa1f\xa1f\xa1k\x80\xa2et\x01\xa1a\x91\xd4\x05\0",  # an extension
        b"\x85\xa1t\xc0\xa1f\xa1f\xa1k\x80\xa2et\x01\xa1a\x91\xc4\x01\0",  # bytes
        b"\x85\xa1t\xc0\xa1f\xa1f\xa1k\x80\xa2et\x01\xa1a" + b"\x91" * 100_000 + b"\xc0",
    ],
    ids=range(20),
)  # fmt: skip
def test_what_a_stranger_put_into_redis_is_no_job(data: bytes) -> None:
    with pytest.raises(DeserializationError):
        deserialize_job_raw(data, deserializer=unpacked)


@pytest.mark.usefixtures("valkey")
async def test_a_job_is_queued_once_while_it_waits() -> None:
    assert await enqueue("scan", job_id="scan:1", queue=Queue.QUICK)
    assert not await enqueue("scan", job_id="scan:1", queue=Queue.QUICK)
    assert await enqueue("scan", job_id="scan:2", queue=Queue.SCAN)
    at_once = await asyncio.gather(*(enqueue("scan", job_id="scan:3", queue=Queue.QUICK) for _ in range(20)))
    assert sum(at_once) == 1
    assert await queued() == ["snaglist:scan:1", "snaglist:scan:3"]
    assert await queued(Queue.SCAN) == ["snaglist:scan:2"]


@pytest.mark.usefixtures("valkey")
async def test_a_job_may_wait_for_a_time() -> None:
    at = times.datetime(2040, 1, 1, tzinfo=times.UTC)
    await enqueue("scan", job_id="a", queue=Queue.QUICK, defer_until=at)
    assert await client().zscore(keys.queue(Queue.QUICK), "snaglist:a") == at.timestamp() * 1000


@pytest.mark.usefixtures("valkey")
async def test_many_wishes_make_one_job_until_it_begins() -> None:
    await asyncio.gather(*(wake("react", Queue.QUICK) for _ in range(20)))
    [first] = await queued()
    await begun("react")
    await asyncio.gather(*(wake("react", Queue.QUICK) for _ in range(20)))
    assert len(await queued()) == 2
    assert (await queued())[0] == first


@pytest.mark.usefixtures("valkey")
async def test_a_wish_whose_job_was_lost_is_made_again() -> None:
    await wake("react", Queue.QUICK)
    [lost] = await queued()
    await client().delete(keys.queue(Queue.QUICK), f"arq:job:{lost}")
    await wake("react", Queue.QUICK)
    assert await queued() == [lost]


@pytest.mark.usefixtures("valkey")
async def test_nobody_serves_a_queue_without_workers() -> None:
    assert not await is_worked(Queue.SCAN)


async def test_queues_that_are_away_are_told(own_valkey: Server) -> None:
    kill(own_valkey)
    for asked in (wake("react", Queue.QUICK), begun("react"), is_worked(Queue.QUICK)):
        with pytest.raises(Unavailable):
            await asked
    with pytest.raises(Unavailable):
        await enqueue("scan", job_id="a", queue=Queue.QUICK)
    own_valkey.restart()
    assert await enqueue("scan", job_id="a", queue=Queue.QUICK)


@pytest.mark.usefixtures("valkey")
async def test_everything_in_redis_bears_our_name() -> None:
    await wake("react", Queue.QUICK)
    names = {name.decode() for name in await client().keys()}
    assert {name for name in names if not name.startswith("snaglist:")} == {
        name for name in names if name.startswith("arq:job:snaglist:")
    }
