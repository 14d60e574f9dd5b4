"""The socket that the API listens on, opened before anything is started and kept while the API is started again.

Comes in: HOST and PORT. Goes out: a listening socket, and later whether somebody behind it says that all is ready.
"""

import errno
import socket
from contextlib import suppress
from typing import Final

from app.errors import ConfigurationError

_WAITING: Final = 2048  # connections that wait for the API while it is started again
_PAUSE: Final = 0.05
_LONGEST_ANSWER: Final = 3.0
_QUESTION: Final = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_YES: Final = b"HTTP/1.1 200"
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where to reach what listens everywhere


def listen(host: str, port: int) -> socket.socket:
    """Listen on the first address of `host`. ConfigurationError: it is in use, not ours, or not there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        door = socket.socket(family, kind, protocol)
        try:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
            door.listen(_WAITING)
        except BaseException:
            door.close()
            raise
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(_refusal(error, host, port)) from error
    return door


def _refusal(error: Exception, host: str, port: int) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: stop what listens there, or name another one in PORT"
    if number == errno.EACCES:
        return f"port {port} is not for us to listen on: name one from 1024 on in PORT"
    why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no address"
    return f"nothing can listen on {host}, port {port}: {why} (see HOST and PORT)"


class Knock:
    """Asks at the door whether all is ready, again and again, and never waits for the answer."""

    def __init__(self, door: socket.socket) -> None:
        host, port, *rest = door.getsockname()
        self._address = (_ANYWHERE.get(host, host), port, *rest)
        self._family = door.family
        self._open: socket.socket | None = None
        self._answer = b""
        self._due = 0.0

    def watched(self) -> list[socket.socket]:
        """What shows that `is_ready` may know more."""
        return [self._open] if self._open else []

    def is_ready(self, now: float) -> bool:
        """Whether somebody has said so; `now` in seconds of any clock that runs on."""
        if self._open is None:
            if now >= self._due:
                self._ask(now)
            return False
        with suppress(BlockingIOError):
            try:
                more = self._open.recv(1024)
            except BlockingIOError:
                raise
            except OSError:
                more = b""
            self._answer += more
            if len(self._answer) >= len(_YES) or not more:
                self._hang_up(now)
                return self._answer.startswith(_YES)
        if now >= self._due:
            self._hang_up(now)
        return False

    def close(self) -> None:
        """Ask no more."""
        if self._open:
            self._open.close()
            self._open = None

    def _ask(self, now: float) -> None:
        asking = socket.socket(self._family, socket.SOCK_STREAM)
        asking.settimeout(1)
        try:
            asking.connect(self._address)  # answered by the kernel, whether or not the API is there
            asking.sendall(_QUESTION)
        except OSError:
            asking.close()
            self._due = now + _PAUSE
            return
        asking.setblocking(False)
        self._open, self._answer, self._due = asking, b"", now + _LONGEST_ANSWER

    def _hang_up(self, now: float) -> None:
        self.close()
        self._due = now + _PAUSE
