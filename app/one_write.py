"""HTTP answers in one write. Comes in: what uvicorn writes, the head of an answer and then its body. Goes out: both at once.

uvicorn hands each to the socket as it comes, which are two system calls, two packets, and two times that the client is
woken. Here a head waits until its body comes, or until the loop's next turn.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST: Final = 60.0
"""Seconds that a client has to take what is left when its connection is closed."""


class OneWrite:
    """A transport that joins two writes of one turn of the loop; in all else it is the one below."""

    __slots__ = ("_below", "_held", "_loop")

    def __init__(self, below: asyncio.Transport) -> None:
        self._below = below
        self._loop = asyncio.get_running_loop()
        self._held: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        """Whatever is not about writing."""
        return getattr(self._below, name)

    def write(self, data: bytes) -> None:
        """Write it with what is held, or hold it."""
        if self._held is None:
            self._held = data
            self._loop.call_soon(self.flush)
        else:
            joined, self._held = self._held + data, None
            self._below.write(joined)

    def flush(self) -> None:
        """Write what is held."""
        held, self._held = self._held, None
        if held is not None and not self._below.is_closing():
            self._below.write(held)

    def close(self) -> None:
        """Close it, after what is held was written; a client that does not take it keeps nothing here for ever."""
        self.flush()
        self._below.close()
        if self._below.get_write_buffer_size():
            self._loop.call_later(LONGEST, self._below.abort)


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol, on such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn does."""
        self._below = transport
        super().connection_made(OneWrite(transport))  # type: ignore[arg-type]

    def handle_websocket_upgrade(self) -> None:
        """Go on without it: the frames of a WebSocket are whole."""
        self.transport.flush()  # type: ignore[attr-defined]  # it is ours
        self.transport = self._below
        super().handle_websocket_upgrade()
