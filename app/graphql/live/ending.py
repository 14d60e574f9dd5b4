"""Subscriptions end as soon as a signal asks the server to end, and not when it has waited for them in vain.

Comes in: a signal, at any moment. Goes out: the hub stops in its own loop, and with it all who listen.
"""

import asyncio
from types import FrameType

import uvicorn

from app.live.watching import Hub


class SignalledHub(Hub):
    """One for a server."""

    _loop: asyncio.AbstractEventLoop | None = None
    _stopping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Let watches begin."""
        await super().start()
        self._loop = asyncio.get_running_loop()

    def stop_soon(self) -> None:
        """Have it stop; nothing happens where it never began."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self._stopping = asyncio.ensure_future(self.stop())


class SignalledServer(uvicorn.Server):
    """uvicorn's server, of an app whose `state.hub` is such a hub."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        super().handle_exit(sig, frame)
        self.config.app.state.hub.stop_soon()  # type: ignore[union-attr]  # `app.server.create` made it
