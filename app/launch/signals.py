"""Signals, as the supervisor wants them: they wake it, ask it to end, and interrupt what would take too long.

Only for the main thread. What was ignored before, as under nohup, stays ignored.
"""

import os
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from socket import socket
from types import FrameType
from typing import Final

_ENDING: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(BaseException):
    """We were asked to end while something took its time; no `except Exception` may hold it."""


class Signals:
    """What has come in; `asked` counts the signals that ask us to end."""

    def __init__(self, on_ask: Callable[[], None] = lambda: None) -> None:
        """`on_ask` is called at the first one, in the handler: it must be short."""
        self.asked = 0
        self._on_ask = on_ask
        self._may_interrupt = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def __enter__(self) -> "Signals":
        self._waker = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._handlers = {number: signal.getsignal(number) for number in (*_ENDING, signal.SIGCHLD)}
        for number in _ENDING:
            if self._handlers[number] is not signal.SIG_IGN:
                signal.signal(number, self._ask)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # it only wakes
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._waker)
        os.close(self._read)
        os.close(self._write)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """In here, a signal that asks us to end raises Stopped, and so does one that has come before."""
        self._may_interrupt = True
        try:
            if self.asked:
                raise Stopped
            yield
        finally:
            self._may_interrupt = False

    def wait(self, seconds: float, watched: Sequence[socket] = ()) -> None:
        """Until a signal comes, or one of the sockets has something to read, or the time is over."""
        files = [self._read, *(one.fileno() for one in watched)]
        select.select(files, [], [], max(seconds, 0.0))
        with suppress(BlockingIOError):
            os.read(self._read, 4096)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked += 1
        if self.asked == 1:
            self._on_ask()
        if self._may_interrupt:
            self._may_interrupt = False
            raise Stopped
