"""The process's Redis: reached by every kind of URL, and away, hanging, or back again without anybody's doing."""

import asyncio
import os
import signal
import socket
import time
from urllib.parse import quote

import pytest

from app.embedded import Server
from app.errors import ConfigurationError, Unavailable
from app.live import connection
from app.live.connection import client, ping
from tests.valkey import kill

pytestmark = pytest.mark.anyio
PASSWORD = "p@ss/w:rd %?#é"  # noqa: S105


@pytest.mark.usefixtures("valkey")
async def test_redis_that_is_there_answers() -> None:
    await ping()


async def test_whoever_has_not_connected_is_told() -> None:
    with pytest.raises(Unavailable, match="not connected"):
        await ping()


async def test_connecting_needs_no_redis() -> None:
    connection.connect("unix:///nowhere/valkey.sock")
    try:
        with pytest.raises(Unavailable, match="nowhere"):
            await ping()
    finally:
        await connection.close()
        await connection.close()


@pytest.mark.parametrize(
    "url", ["", "http://127.0.0.1", "redis://127.0.0.1:no", "127.0.0.1:6379", "redis://[::1"]
)
async def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        connection.connect(url)
    with pytest.raises(Unavailable, match="not connected"):
        await ping()


async def test_quoted_passwords_and_databases_are_understood(own_valkey: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    await client().config_set("port", port)
    await client().config_set("requirepass", PASSWORD)
    await connection.close()
    password = quote(PASSWORD, safe="")
    socket_path = own_valkey.url.removeprefix("unix://")
    for url in (
        f"redis://:{password}@127.0.0.1:{port}/3",
        f"redis://default:{password}@127.0.0.1:{port}?db=3",
        f"unix://:{password}@{socket_path}?db=3",
    ):
        connection.connect(url)
        await ping()
        assert await client().incr("seen") == 1, url
        await client().select(3)
        assert await client().getdel("seen") == b"1"
        await connection.close()
    connection.connect(f"redis://:wrong@127.0.0.1:{port}/3")
    with pytest.raises(Unavailable) as refused:
        await ping()
    assert "wrong@" not in refused.value.message
    await connection.close()
    connection.connect(f"unix://:{password}@{socket_path}")
    await client().config_set("requirepass", "")


async def test_redis_that_hangs_is_given_up_after_a_second(own_valkey: Server) -> None:
    await ping()
    assert own_valkey.process
    os.kill(own_valkey.process.pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        answers = await asyncio.gather(*(ping() for _ in range(50)), return_exceptions=True)
        assert {type(answer) for answer in answers} == {Unavailable}
        assert time.monotonic() - began < 2.5
    finally:
        os.kill(own_valkey.process.pid, signal.SIGCONT)
    await ping()


async def test_redis_that_comes_back_is_found(own_valkey: Server) -> None:
    for _ in range(2):
        await ping()
        kill(own_valkey)
        with pytest.raises(Unavailable):
            await ping()
        own_valkey.restart()
    await ping()


async def test_a_refused_command_is_unavailable(own_valkey: Server) -> None:
    await client().config_set("maxmemory", "1")
    with pytest.raises(Unavailable, match="memory"), connection.unavailable():
        await client().set("a", "b")


@pytest.mark.usefixtures("valkey")
async def test_a_command_can_be_cancelled_at_any_moment() -> None:
    async def go_on() -> None:
        while True:
            await client().set("a", "b" * 1000)

    for steps in range(200):
        task = asyncio.create_task(go_on())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=1)
        assert done, f"cancelled after {steps} steps it went on"
    await ping()
