"""Answers go out in one write, and nothing that is written is lost or comes in another order."""

import asyncio
from typing import Any

import pytest

from app import one_write
from app.one_write import OneWrite

pytestmark = pytest.mark.anyio


class Socket:
    """A transport that notes what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_closed = False
        self.left = 0
        self.is_aborted = asyncio.Event()

    def write(self, data: bytes) -> None:
        assert not self.is_closed
        self.written.append(data)

    def close(self) -> None:
        self.is_closed = True

    def get_write_buffer_size(self) -> int:
        return self.left

    def abort(self) -> None:
        self.is_aborted.set()

    def is_closing(self) -> bool:
        return self.is_closed

    def get_extra_info(self, name: str) -> str:
        return f"the {name}"


def joined() -> tuple[Socket, Any]:
    """A transport, and what is below it."""
    below = Socket()
    return below, OneWrite(below)  # type: ignore[arg-type]


async def test_a_head_and_its_body_are_one() -> None:
    below, transport = joined()
    transport.write(b"head ")
    assert below.written == []
    transport.write(b"body")
    assert below.written == [b"head body"]
    await asyncio.sleep(0)
    assert below.written == [b"head body"]


async def test_a_head_whose_body_takes_its_time_goes_first() -> None:
    below, transport = joined()
    transport.write(b"head ")
    await asyncio.sleep(0)
    transport.write(b"part ")
    transport.write(b"part ")
    transport.write(b"end")
    await asyncio.sleep(0)
    assert below.written == [b"head ", b"part part ", b"end"]


async def test_what_is_held_is_written_before_the_end() -> None:
    below, transport = joined()
    transport.write(b"all")
    transport.close()
    assert (below.written, below.is_closed) == ([b"all"], True)
    await asyncio.sleep(0)
    assert below.written == [b"all"]


async def test_what_is_held_when_the_connection_is_lost_goes_nowhere() -> None:
    below, transport = joined()
    transport.write(b"head")
    below.is_closed = True
    await asyncio.sleep(0)
    assert below.written == []


async def test_who_does_not_take_what_is_left_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_write, "LONGEST", 0.01)
    (slow, transport), (quick, other) = joined(), joined()
    slow.left = 1
    other.close()
    transport.close()
    assert not slow.is_aborted.is_set()
    async with asyncio.timeout(5):
        await slow.is_aborted.wait()
    assert not quick.is_aborted.is_set()


async def test_all_else_is_the_transports_own() -> None:
    _, transport = joined()
    assert transport.get_extra_info("peername") == "the peername"
