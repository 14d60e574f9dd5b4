"""Those who listen, in a process of their own: many connections, each with one subscription.

Comes in: where to, with which token, how many, and a line on standard input when no more will happen. Goes out, as JSON
in a file: what each heard of last of each error, and of a few when they heard it.

    python -m benches.live_ears HOST PORT TOKEN SUBSCRIBERS FILE
"""

import asyncio
import json
import socket
import sys
from functools import partial
from pathlib import Path
from time import monotonic
from typing import cast

import msgspec
import uvloop

DOCUMENT = "subscription { errorChanged { cursor refetch error { title status priority severity lastSeenAt totalCount"
DOCUMENT += " occurrenceCount userCount } changes { kind } } }"
SAMPLE = 50
"""One of so many notes when it heard what."""
SETTLED = 2.0
"""Seconds without a message after which nothing more comes."""
_HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: c25hZ2xpc3Qgc25hZ2xpcw==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


class Heard(msgspec.Struct):
    """What one subscriber knows: the count of each error by its title, and how often it had to fetch all anew.

    `at`: title, count and time; of one in `SAMPLE`.
    """

    counts: dict[str, int]
    messages: int
    refetches: int
    at: list[tuple[str, int, float]]


class Ear(asyncio.Protocol):
    """One subscriber."""

    told: dict[bytes, tuple[str, int] | None] = {}  # noqa: RUF012  of all: most hear the same
    last = 0.0

    def __init__(self, host: str, port: int, token: str, *, is_sample: bool) -> None:
        self.heard = Heard({}, 0, 0, [])
        self.begun = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._hello = _HANDSHAKE.format(host=host, port=port).encode()
        self._token = token
        self._is_sample = is_sample
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = cast("asyncio.Transport", transport)
        taken = self._transport.get_extra_info("socket")
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)  # as a browser far away
        self._transport.write(self._hello)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody should end it but us."""
        if not self.begun.done():
            self.begun.set_exception(ConnectionError(str(exc)))

    def data_received(self, data: bytes) -> None:
        """Take whole frames."""
        data = self._buffer + data
        if not self._is_open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            self._is_open = True
            self._say({"type": "connection_init", "payload": {"authorization": f"Bearer {self._token}"}})
            self._say({"type": "subscribe", "id": "1", "payload": {"query": DOCUMENT}})
        at = 0
        while len(data) - at >= 2:
            size, head_size = data[at + 1], 2
            if size == 126:
                size, head_size = int.from_bytes(data[at + 2 : at + 4]), 4
            if len(data) - at < head_size + size:
                break
            self._take(data[at], data[at + head_size : at + head_size + size])
            at += head_size + size
        self._buffer = data[at:]

    def _take(self, kind: int, text: bytes) -> None:
        if kind != 0x81:
            if kind == 0x89:  # a ping
                self._transport.write(b"\x8a" + bytes([0x80 | len(text)]) + b"\0\0\0\0" + text)
            return
        if b'"connection_ack"' in text:
            return
        if not self.begun.done():
            self.begun.set_result(None)
            return
        Ear.last = now = monotonic()
        if text not in self.told:
            if len(self.told) > 5_000:
                self.told.clear()
            self.told[text] = _understood(text)
        news = self.told[text]
        self.heard.messages += 1
        if news is None:
            self.heard.refetches += 1
            self.heard.counts = {}  # what it would fetch anew
            return
        self.heard.counts[news[0]] = max(news[1], self.heard.counts.get(news[0], 0))
        if self._is_sample:
            self.heard.at.append((*news, now))

    def _say(self, message: object) -> None:
        text = json.dumps(message).encode()
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
        self._transport.write(b"\x81" + size + b"\0\0\0\0" + text)


def _understood(text: bytes) -> tuple[str, int] | None:
    update = json.loads(text)["payload"]["data"]["errorChanged"]
    if update["refetch"]:
        return None
    return (update["error"]["title"], update["error"]["totalCount"]) if update["error"] else ("", 0)


def _same(ear: Ear) -> Ear:
    return ear


async def listen(host: str, port: int, token: str, count: int) -> list[Heard]:
    """What they heard until somebody says that it is over and nothing comes any more."""
    loop = asyncio.get_running_loop()
    ears = []
    for number in range(count):
        ear = Ear(host, port, token, is_sample=number % SAMPLE == 0)
        await loop.create_connection(partial(_same, ear), host, port)
        ears.append(ear)
        if number % SAMPLE == 0:
            await ear.begun
    await asyncio.gather(*(ear.begun for ear in ears))
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.readline)
    while monotonic() - Ear.last < SETTLED:  # noqa: ASYNC110  they are told, and nobody else
        await asyncio.sleep(0.1)
    return [ear.heard for ear in ears]


if __name__ == "__main__":
    _, _host, _port, _token, _count, _file = sys.argv
    Path(_file).write_bytes(msgspec.json.encode(uvloop.run(listen(_host, int(_port), _token, int(_count)))))
