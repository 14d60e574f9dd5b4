"""The bus: whoever reads on from a cursor hears everything, or is told that something was missed."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.embedded import Server
from app.errors import Unavailable
from app.live import bus, keys
from app.live.bus import Heard, Message, publish, read
from app.live.connection import client
from tests.valkey import kill

pytestmark = pytest.mark.anyio
ACME = uuid4()


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
    first = await read(ACME, cursor, limit=2)
    rest = await read(ACME, first.cursor)
    assert first.messages == tuple(messages(2, 3))
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
async def test_what_is_no_message_is_passed_over() -> None:
    cursor = await start()
    for name, value in (("message", b"\xc1"), ("other", b"1"), ("message", b"\x81\xa1a\x01")):
        await client().xadd(keys.changes(ACME), {name: value})
    await publish(messages(1))
    assert heard(await read(ACME, cursor)) == [1]


async def test_a_bus_that_is_away_is_told(own_valkey: Server) -> None:
    await publish(messages(1))
    cursor = await start()
    kill(own_valkey)
    with pytest.raises(Unavailable):
        await publish(messages(2))
    with pytest.raises(Unavailable):
        await read(ACME, cursor)
    own_valkey.restart()
    assert heard(await read(ACME, cursor)) == []


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
