"""What the process that runs Apprise's plug-ins may not do.

Comes in: whether private addresses may be reached, once, before the first plug-in runs. From then on, in all threads:

- connections go to public addresses only, unless private ones are allowed. Python tells of each connection, with the
  address and not the name, right before it is made; so it does not matter by which library, redirect or name;
- no programs are started, and no files written, or read outside of Python's own folders;
- memory and processor time have a limit, and after `seconds` the process ends.

There is no way back: this is for processes of their own.
"""

import mimetypes
import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import apprise

from app.alerts.channels.addresses import NotPublic, is_public

_MEMORY: Final = 1024 * 1024 * 1024
_CONNECTS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_FORBIDDEN: Final = frozenset(
    {
        "os.chmod",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.link",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.system",
        "os.truncate",
        "subprocess.Popen",
    }
)
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CERTIFICATES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Fences:
    """They stand from the moment this is made; `refused` tells whether an address was not allowed."""

    def __init__(self, *, private_targets: bool, seconds: int) -> None:
        self._private_targets = private_targets
        self._readable = tuple(_readable())
        self.refused = False
        _limit(seconds)
        sys.dont_write_bytecode = True
        sys.addaudithook(self._look)

    def _look(self, event: str, arguments: Sequence[Any]) -> None:
        if event == "open":
            self._look_at_file(*arguments)
        elif event in _CONNECTS:
            self._look_at_address(arguments[1])
        elif event in _FORBIDDEN:
            raise PermissionError(f"{event} is nothing that a message needs")

    def _look_at_file(self, path: Any, mode: Any, flags: Any) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # what is open already
        real = os.path.realpath(os.fsdecode(path))
        if real != os.devnull and (flags & _WRITING or not real.startswith(self._readable)):
            raise PermissionError("files are nothing that a message needs")

    def _look_at_address(self, address: Any) -> None:
        if self._private_targets or address is None:  # None: where it is connected to already
            return
        if not isinstance(address, tuple) or not is_public(str(address[0])):
            self.refused = True
            raise NotPublic


def _readable() -> list[str]:
    """Where Python and the libraries are, time zones, and the certificates that are trusted."""
    folders = [sys.prefix, sys.base_prefix, str(Path(apprise.__file__).parents[1]), "/usr/share/zoneinfo"]
    folders += [str(Path(__file__).parents[2]), *(os.fspath(file) for file in mimetypes.knownfiles)]
    folders += [os.environ[name] for name in _CERTIFICATES if os.environ.get(name)]
    return [os.path.realpath(folder) for folder in folders]


def _limit(seconds: int) -> None:
    limits = {
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for which, most in limits.items():
        with suppress(ValueError, OSError):  # macOS has no limit of memory
            resource.setrlimit(which, (most, most))
    signal.alarm(seconds)
