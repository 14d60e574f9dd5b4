"""One command on the other machine: filled by the thread of the connections, read by another one.

Comes in: what the other side sends, in packets of some 32 KiB. Goes out: blocks as large as there are, so that the two
threads meet seldom. Whoever reads slowly makes the other machine wait.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final

import asyncssh

from app.scanning.host import LastWords

_WAKE: Final = 256 * 1024
"""Bytes for which a reader is woken at once; for fewer it is a moment later."""
_MOMENT: Final = 0.002
_HIGH: Final = 2 * 1024 * 1024
_LOW: Final = _HIGH // 2


class Lost(Exception):
    """The connection went while the command ran."""


class Silent(Exception):
    """The command has said nothing for too long."""


class Session(asyncssh.SSHClientSession[bytes]):
    """What a command writes, and how it ended."""

    def __init__(self, is_lost: Callable[[], bool]) -> None:
        self.words = LastWords()
        self.status: int | None = None
        """The exit status, once it has ended; negative, -1, where a signal ended it."""
        self.signal: str | None = None
        self._is_lost = is_lost
        self.loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._blocks: deque[bytes] = deque()
        self._size = 0
        self._heard = monotonic()
        self._is_paused = self._is_awaited = self._is_closed = self._was_lost = False
        self._nudge: asyncio.TimerHandle | None = None

    # --- On the thread of the connections --------------------------------------------------------------

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """The channel is open."""
        self.channel = chan

    def session_started(self) -> None:
        """The command runs; we have nothing to tell it."""
        self.channel.write_eof()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """The command has written, to standard error where there is a `datatype`."""
        self._heard = monotonic()
        if datatype is not None:
            self.words.add(data)
            return
        with self._changed:
            self._blocks.append(data)
            self._size += len(data)
            if self._size > _HIGH and not self._is_paused:
                self._is_paused = True
                self.channel.pause_reading()
            if self._is_awaited and self._size >= _WAKE:
                self._changed.notify_all()
            elif self._is_awaited and self._nudge is None:
                self._nudge = self.loop.call_later(_MOMENT, self._wake)

    def eof_received(self) -> bool:
        """The command will write no more; how it ends comes later."""
        return False

    def exit_status_received(self, status: int) -> None:
        """The command has ended."""
        self.status = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """A signal has ended the command."""
        self.status, self.signal = -1, signal

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is closed. Whether that is because the connection went, it knows itself only after this."""
        self.loop.call_soon(self._close, exc)

    def _close(self, exc: Exception | None) -> None:
        # A status that came before the connection went says nothing: what was written may not have come whole.
        with self._changed:
            self._was_lost = exc is not None or self._is_lost() or self.status is None
            self._is_closed = True
            self._changed.notify_all()

    def _wake(self) -> None:
        self._nudge = None
        with self._changed:
            self._changed.notify_all()

    # --- On the thread of whoever reads -----------------------------------------------------------------

    def read(self, size: int, silence: float, until: float) -> bytes:
        """The next bytes, at most `size`; none: it has ended, and all that it wrote was read.

        Lost: what it wrote did not come whole. Silent: it said nothing for `silence` seconds, or until the clock
        (`monotonic`) stood at `until`.
        """
        with self._changed:
            self._wait(silence, until)
            taken = self._take(size)
            if self._is_paused and self._size < _LOW:
                self._is_paused = False
                self.loop.call_soon_threadsafe(self.channel.resume_reading)
        if not taken and self._was_lost:
            raise Lost
        return taken

    def _wait(self, silence: float, until: float) -> None:
        since = monotonic()
        self._is_awaited = True
        try:
            while not self._blocks and not self._is_closed:
                left = min(max(since, self._heard) + silence, until) - monotonic()
                if left <= 0:
                    raise Silent
                self._changed.wait(left)
        finally:
            self._is_awaited = False

    def _take(self, size: int) -> bytes:
        blocks = self._blocks
        taken, room = [], size
        while blocks and room:
            block = blocks.popleft()
            if len(block) > room:
                blocks.appendleft(block[room:])
                block = block[:room]
            taken.append(block)
            room -= len(block)
        self._size -= size - room
        return b"".join(taken)
