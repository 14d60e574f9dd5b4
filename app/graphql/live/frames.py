"""Many messages in one write: a WebSocket that takes frames as they are sent.

Comes in: messages that are encoded already, the same for many connections. Goes out: bytes on the wire. With a write
for each message, and each message encoded once more for each connection, a thousand subscribers would be told of a
dozen changes a second.
"""

import socket
from collections.abc import Iterable
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from app.graphql.live.messages import LARGEST_FIRST

EXTENSION: Final = "snaglist.frames"
"""Among the extensions of a connection's scope: its `websocket.send` takes `frames`."""

HELD: Final = 64 * 1024
"""Bytes that the system holds for one connection; it takes twice that, and would take megabytes."""

KNOWN: Final = "snaglist.known"
"""The type of a message that an app sends, where there is the extension, when it knows who the client is."""
LINGER: Final = 5.0
"""Seconds that a client has to take what is left when the connection ends; then it is cut off."""
_TEXT: Final = b"\x81"  # whole, and not compressed


class FramesProtocol(WebSocketsSansIOProtocol):
    """What uvicorn speaks on a WebSocket, and `frames`."""

    def handle_connect(self, event: Request) -> None:
        """Offers the extension, and has the system hold little, so that who is slow is known to be."""
        taken = self.transport.get_extra_info("socket")
        if taken is not None:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, HELD)
        self._largest, self.conn.max_message_size = self.conn.max_message_size, LARGEST_FIRST
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][EXTENSION] = {}

    async def run_asgi(self) -> None:
        """Serves the connection; a client that does not take what is left keeps nothing here."""
        try:
            await super().run_asgi()
        finally:
            self._cut_off_soon()

    def keepalive_timeout(self) -> None:
        """As uvicorn does, for good: who does not answer may not take what is left either."""
        super().keepalive_timeout()
        self._cut_off_soon()

    def _cut_off_soon(self) -> None:
        if not self.disconnected:
            self.loop.call_later(LINGER, self.transport.abort)

    async def send(self, message: Any) -> None:
        """Sends a message, or frames of messages. Raises ClientDisconnected."""
        if message["type"] == KNOWN:
            self.conn.max_message_size = self._largest
            return
        frames = message.get("frames")
        if frames is None:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.write(frames)


def framed(texts: Iterable[bytes]) -> bytes:
    """The messages as a server sends them (RFC 6455, section 5.2)."""
    parts: list[bytes] = []
    for text in texts:
        size = len(text)
        if size < 126:
            parts += (_TEXT, size.to_bytes(1), text)
        elif size < 65_536:
            parts += (_TEXT, b"\x7e", size.to_bytes(2), text)
        else:
            parts += (_TEXT, b"\x7f", size.to_bytes(8), text)
    return b"".join(parts)
