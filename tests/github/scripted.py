"""A server that answers what it was told to, one thing after the other, however wrong that is.

Comes in: canned answers, down to bytes that are no HTTP, cuts and silence. Goes out: what was asked, as it was sent.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its target as it stood in the first line, its headers by names in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


Act = Callable[[asyncio.StreamWriter], Awaitable[None]]
Answer = bytes | Act


def told(
    value: Any, status: int = 200, kind: str = "application/json; charset=utf-8", **headers: str
) -> bytes:
    """An answer of JSON, or of a text or bytes as they are; `x_y="1"` is the header x-y."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    head = {"content-type": kind, "content-length": str(len(body))}
    head |= {name.replace("_", "-"): text for name, text in headers.items()}
    lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {text}" for name, text in head.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def cut(_writer: asyncio.StreamWriter) -> None:
    """The connection ends without an answer."""


def cut_after(beginning: bytes) -> Act:
    """The connection ends in the middle of an answer."""

    async def begin(writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return begin


async def hang(_writer: asyncio.StreamWriter) -> None:
    """Nothing comes, ever."""
    await asyncio.Event().wait()


async def endless(writer: asyncio.StreamWriter) -> None:
    """A body that has no end."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        await writer.drain()


@dataclass
class Scripted:
    """The server. `otherwise` answers when `script` has come to its end."""

    script: deque[Answer]
    otherwise: Callable[[Asked], Answer]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    _at_work: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._at_work.add(task)
        try:
            while asked := await _request(reader):
                self.asked.append(asked)
                answer = self.script.popleft() if self.script else self.otherwise(asked)
                if not isinstance(answer, bytes):
                    await answer(writer)
                    break
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._at_work.discard(task)

    async def stop(self) -> None:
        for task in list(self._at_work):
            task.cancel()
            await asyncio.wait([task])


@asynccontextmanager
async def scripted(
    *answers: Answer, otherwise: Callable[[Asked], Answer] | None = None, tls: SSLContext | None = None
) -> AsyncIterator[Scripted]:
    """A server on this machine with these answers; without `otherwise` it has no more than them."""
    made = Scripted(deque(answers), otherwise or _surprised)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    made.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield made
    finally:
        server.close()
        await made.stop()
    assert not made.script, "some answers were never asked for"


def _surprised(asked: Asked) -> Answer:
    return told({"message": f"nobody expected {asked.method} {asked.target}"}, 418)


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    """The next request; None at the end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in head[1:-2])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    method, target, _ = head[0].split(" ")
    return Asked(method, target, headers, body)
