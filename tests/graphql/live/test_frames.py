"""WebSockets on a real socket: who does not take what is sent keeps nothing here, and strangers say little."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.graphql.live import frames
from app.graphql.live.frames import KNOWN, FramesProtocol, framed

pytestmark = pytest.mark.anyio

HANDSHAKE = b"GET / HTTP/1.1\r\nHost: snaglist.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
HANDSHAKE += b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c25hZ2xpc3Qgc25hZ2xpcw==\r\n\r\n"


@asynccontextmanager
async def serving(app: ASGIApp, ping: float | None = None) -> AsyncIterator[tuple[int, ServerState]]:
    """The port, and what the server knows. `ping`: seconds after which a client is asked, and given up."""
    state = ServerState()
    config = uvicorn.Config(
        app, log_config=None, ws=FramesProtocol, ws_ping_interval=ping, ws_ping_timeout=ping, lifespan="off"
    )
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FramesProtocol(config, state, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], state
    finally:
        server.close()


@pytest.mark.parametrize("who_ends", ["app", "uvicorn"])
async def test_who_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch, who_ends: str) -> None:
    monkeypatch.setattr(frames, "LINGER", 0.1)
    full = asyncio.Event()

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(0.3):
                while True:
                    await send({"type": "websocket.send", "frames": framed([b"x" * 500_000])})
        full.set()
        while who_ends != "app" and (await receive())["type"] != "websocket.disconnect":
            pass

    async with serving(app, None if who_ends == "app" else 0.1) as (port, state):
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
            await asyncio.get_running_loop().sock_sendall(client, HANDSHAKE)
            await full.wait()
            async with asyncio.timeout(5):
                while state.connections:  # noqa: ASYNC110  nobody tells
                    await asyncio.sleep(0.02)


@pytest.mark.parametrize("path", ["/unknown", "/known"])
async def test_who_is_not_known_yet_says_nothing_long(path: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        if scope["path"] == "/known":
            await send({"type": KNOWN})
        size = str(len((await receive()).get("text", "")))
        await send({"type": "websocket.send", "frames": framed([size.encode()])})

    async with serving(app) as (port, _), connect(f"ws://127.0.0.1:{port}{path}") as client:
        await client.send("x" * 20_000)
        if path == "/known":
            assert await client.recv() == "20000"
        else:
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1009
