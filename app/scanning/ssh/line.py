"""One connection to one target: who uses it, how many commands run on it, when it goes.

All of it happens on the thread of the connections.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import asyncssh

from app.errors import SourceUnreadable
from app.scanning.ssh.session import Session
from app.scanning.ssh.target import Target

SESSIONS: Final = 4
"""Commands that run at once on a connection; a server that nobody has configured allows 10."""

_PAUSES: Final = (0.05, 0.1, 0.2, 0.4)
"""Seconds to wait before each new try to open a session."""


class Line:
    """A connection that several may use. Through that of a jump host it keeps that one in use."""

    connection: asyncssh.SSHClientConnection

    def __init__(
        self, target: Target, idle: float, forget: Callable[["Line"], None], jump: "Line | None"
    ) -> None:
        self.target = target
        self.is_lost = False
        self._slots = asyncio.Semaphore(SESSIONS)
        self._users = 0
        self._is_retired = False
        self._idle = idle
        self._forget = forget
        self._jump = jump
        self._timer: asyncio.TimerHandle | None = None

    def hold(self) -> None:
        """Somebody uses it."""
        self._users += 1
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def release(self) -> None:
        """Whoever held it uses it no more."""
        self._users -= 1
        if self._users:
            return
        if self._is_retired:
            self.close()
        else:
            self._timer = asyncio.get_running_loop().call_later(self._idle, self._forget, self)

    def retire(self) -> None:
        """Have it close when nobody uses it any more."""
        self._is_retired = True
        if not self._users:
            self.close()

    def close(self) -> None:
        """End it, and whatever runs on it."""
        if not self.is_lost:
            self.connection.close()

    def lost(self) -> None:
        """It has gone."""
        self.is_lost = True
        jump, self._jump = self._jump, None
        if jump:
            jump.release()
        if self._timer:
            self._timer.cancel()
        self._forget(self)

    async def start(self, command: str, queue: float, wait: float) -> Session:
        """Run a command when there is room for it; `end` must follow.

        SourceUnreadable: there was none for `queue` seconds. TimeoutError: the other side has not answered for `wait`
        seconds. asyncssh's errors: the connection is lost, or the server allows no more.
        """
        try:
            async with asyncio.timeout(queue):
                await self._slots.acquire()
        except TimeoutError:
            raise SourceUnreadable(
                f"{SESSIONS} commands run on {self.target.name} already; {queue:g} seconds were waited for one of them"
            ) from None
        try:
            async with asyncio.timeout(wait):
                return await self._open_session(command)
        except BaseException:
            self._slots.release()
            raise

    async def _open_session(self, command: str) -> Session:
        for pause in _PAUSES:
            try:
                return await self._session(command)
            except asyncssh.ChannelOpenError:
                # The server counts a session for a moment longer than we do.
                if self.is_lost:
                    raise
                await asyncio.sleep(pause)
        return await self._session(command)

    async def _session(self, command: str) -> Session:
        session = Session(lambda: self.is_lost)
        await self.connection.create_session(lambda: session, command, encoding=None)
        return session

    async def end(self, session: Session, wait: float) -> bool:
        """End a command, unless it has ended; whether the other side has agreed within `wait` seconds."""
        channel = session.channel
        channel.terminate()  # which OpenSSH does, unless the user is root or the command a forced one
        channel.abort()
        try:
            async with asyncio.timeout(wait):
                await channel.wait_closed()
        except TimeoutError:
            return False
        finally:
            self._slots.release()
        return True
