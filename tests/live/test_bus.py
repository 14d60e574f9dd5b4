"""The bus: whoever reads on from a cursor hears everything, or is told that something was missed."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.embedded import Server
from app.errors import Unavailable
from app.live import bus, keys, untold
from app.live.bus import Heard, Message, publish, read
from app.live.connection import client
from tests.valkey import kill

pytestmark = pytest.mark.anyio
ACME, OTHER = uuid4(), uuid4()


def messages(*numbers: int, organization_id: UUID = ACME) -> list[Message]:
    return [Message(organization_id, "OPENED", UUID(int=number), number) for number in numbers]


def heard(answer: Heard) -> list[int]:
    assert not answer.refetch
    return [message.change_id for message in answer.messages]


async def start(organization_id: UUID = ACME) -> str:
    return (await read(organization_id, None)).cursor


@pytest.mark.usefixtures("valkey")
async def test_whoever_reads_on_hears_everything_once_and_in_order() -> None:
    await publish(messages(1))
    cursor = await start()
    await publish(messages(2, 3))
    await publish([])
    await publish(messages(4))
    first = await read(ACME, cursor, limit=1)
    rest = await read(ACME, first.cursor)
    assert first.messages == tuple(messages(2, 3)), "what was published together is one entry"
    assert (first.goes_on, rest.goes_on) == (True, False)
    assert heard(rest) == [4]
    assert await read(ACME, rest.cursor) == Heard(rest.cursor)
    assert heard(await read(ACME, cursor)) == [2, 3, 4]


@pytest.mark.usefixtures("valkey")
async def test_a_reader_may_begin_before_anything_was_ever_said() -> None:
    cursor = await start()
    await publish(messages(1))
    assert heard(await read(ACME, cursor)) == [1]


@pytest.mark.usefixtures("valkey")
async def test_organizations_hear_nothing_of_each_other() -> None:
    other = uuid4()
    cursor, others = await start(), await start(other)
    await publish([*messages(1), *messages(2, organization_id=other)])
    assert heard(await read(ACME, cursor)) == [1]
    assert heard(await read(other, others)) == [2]
    # Not even where another's message stands in the stream.
    await client().rename(keys.changes(other), keys.changes(ACME))
    assert heard(await read(ACME, cursor)) == []


@pytest.mark.usefixtures("valkey")
async def test_a_reader_that_waits_is_woken() -> None:
    cursor = await start()
    waiting = asyncio.create_task(read(ACME, cursor, block_ms=10_000))
    others = [asyncio.create_task(read(ACME, cursor, block_ms=10_000)) for _ in range(5)]
    await asyncio.sleep(1.2)
    assert not waiting.done()
    await publish(messages(1))
    assert [heard(answer) for answer in await asyncio.gather(waiting, *others)] == [[1]] * 6


@pytest.mark.usefixtures("valkey")
async def test_a_reader_waits_no_longer_than_it_wants() -> None:
    cursor = await start()
    async with asyncio.timeout(1):
        assert await read(ACME, cursor, block_ms=50) == Heard(cursor)


@pytest.mark.usefixtures("valkey")
async def test_what_was_trimmed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "LENGTH", 100)
    monkeypatch.setattr(bus, "TOGETHER", 1)
    beginning = await start()
    await publish(messages(*range(90)))
    assert len(heard(await read(ACME, beginning))) == 90
    early = (await read(ACME, beginning, limit=10)).cursor
    await publish(messages(*range(90, 400)))
    late = (await read(ACME, None)).cursor
    assert await client().xlen(keys.changes(ACME)) < 400
    for cursor in (beginning, early):
        answer = await read(ACME, cursor)
        assert answer == Heard(late, refetch=True)
        await publish(messages(400))
        assert heard(await read(ACME, answer.cursor)) == [400]
        late = (await read(ACME, None)).cursor


@pytest.mark.usefixtures("valkey")
async def test_lost_data_is_told_even_to_whoever_waits_meanwhile() -> None:
    await publish(messages(1))
    cursor = await start()
    waiting = asyncio.create_task(read(ACME, cursor, block_ms=10_000))
    await asyncio.sleep(0.1)
    await client().flushdb()
    await publish(messages(2, 3))
    assert (await waiting).refetch
    answer = await read(ACME, cursor)
    assert answer.refetch
    assert answer.cursor.partition(".")[0] != cursor.partition(".")[0]
    await publish(messages(4))
    assert heard(await read(ACME, answer.cursor)) == [4]


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "0" * 16 + ".0-0", "\0", "{epoch}.1-1", "{epoch}.-1-0", "{epoch}.99999999999999999999-0", "{epoch}.0-0 "]
)  # fmt: skip
async def test_a_cursor_of_nobodys_making_means_refetch(cursor: str) -> None:
    await publish(messages(1))
    present = await start()
    epoch = present.partition(".")[0]
    assert await read(ACME, cursor.format(epoch=epoch)) == Heard(present, refetch=True)


@pytest.mark.usefixtures("valkey")
async def test_what_is_no_message_may_have_been_one() -> None:
    for name, value in (("messages", b"\xc1"), ("other", b"1"), ("messages", b"\x81\xa1a\x01")):
        cursor = await start()
        await client().xadd(keys.changes(ACME), {name: value})
        await publish(messages(1))
        answer = await read(ACME, cursor)
        assert answer == Heard(await start(), refetch=True)
        await publish(messages(2))
        assert heard(await read(ACME, answer.cursor)) == [2]


@pytest.mark.usefixtures("valkey")
async def test_a_message_comes_as_it_was_published() -> None:
    cursor = await start()
    stored = tuple(uuid4() for _ in range(100))
    told = [
        Message(ACME, "COUNTED", uuid4(), occurrence_ids=stored),
        Message(ACME, "REGRESSED", uuid4(), 2**62, "RESOLVED", stored[:1]),
        *messages(*range(50)),
    ]
    await publish(told)
    assert (await read(ACME, cursor)).messages == tuple(told)
    lengths = [len(entry[b"messages"]) for _, entry in await client().xrange(keys.changes(ACME))]
    assert len(lengths) == 4
    assert max(lengths) < 2_000, "an entry is small, so that a stream of many is"


@pytest.mark.usefixtures("valkey")
async def test_of_too_many_at_once_it_is_only_told_that_they_were_many() -> None:
    other = uuid4()
    cursor, others = await start(), await start(other)
    await publish([*messages(*range(bus.MOST + 1)), *messages(1, organization_id=other)])
    answer = await read(ACME, cursor)
    assert answer == Heard(await start(), refetch=True)
    assert heard(await read(other, others)) == [1]
    await publish(messages(*range(bus.MOST)))
    assert heard(await read(ACME, answer.cursor)) == list(range(bus.MOST))


@pytest.mark.parametrize("how", ["gone", "refuses"])
async def test_what_could_not_be_published_is_told_as_missed_once_redis_answers(
    own_valkey: Server, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untold, "PAUSE", 0.02)
    cursor, others = await start(), await start(OTHER)
    if how == "gone":
        kill(own_valkey)
    else:
        await client().config_set("maxmemory", "1")
    for number in range(3):
        with pytest.raises(Unavailable):
            await publish(messages(number))
    if how == "gone":
        own_valkey.restart()
        cursor, others = await start(), await start(OTHER)
    else:
        await client().config_set("maxmemory", "0")
    assert (await read(ACME, cursor, block_ms=5_000)).refetch
    assert heard(await read(OTHER, others)) == [], "nobody else has missed anything"
    async with asyncio.timeout(5):  # it ends, though a server that is starting may have been told it twice
        while (await read(ACME, await start(), block_ms=200)).refetch:
            pass


async def test_a_bus_that_is_away_is_told(own_valkey: Server) -> None:
    await publish(messages(1))
    cursor = await start()
    kill(own_valkey)
    with pytest.raises(Unavailable):
        await publish(messages(2))
    with pytest.raises(Unavailable):
        await read(ACME, cursor)
    own_valkey.restart()
    answer = await read(ACME, cursor)
    assert answer.refetch, "the last second may be lost"
    assert heard(await read(ACME, answer.cursor, block_ms=0)) == []


@pytest.mark.usefixtures("valkey")
async def test_many_at_once_lose_nothing() -> None:
    cursor = await start()

    async def listen() -> set[int]:
        got: set[int] = set()
        at = cursor
        while len(got) < 1000:
            answer = await read(ACME, at, block_ms=5000, limit=37)
            got.update(heard(answer))
            at = answer.cursor
        return got

    listening = [asyncio.create_task(listen()) for _ in range(3)]
    await asyncio.gather(*(publish(messages(*range(n * 20, n * 20 + 20))) for n in range(50)))
    async with asyncio.timeout(10):
        assert await asyncio.gather(*listening) == [set(range(1000))] * 3
