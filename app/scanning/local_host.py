"""This machine, as a place where logs are: runs a command as separate words, without any shell.

Comes in: a command. Goes out: what it writes; it ends, with all that it started, when whoever runs it leaves.
"""

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from app.errors import SourceUnreadable
from app.scanning.host import LastWords, Patience, checked, ended_badly, too_long, too_silent

_WHERE: Final = "on this machine"
_BLOCK: Final = 64 * 1024
_GRACE: Final = 2.0
"""Seconds between asking a command to end and making it."""
_OURS: Final = ("SNAGLIST_", "DATABASE_URL", "REDIS_URL")
"""Settings of our own, which are no other program's business."""


class LocalHost:
    """This machine."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()

    @contextmanager
    def run(self, command: Sequence[str], *, with_errors: bool = False) -> Iterator["LocalOutput"]:
        """Start a command; leaving ends it. Raises SourceUnreadable."""
        words = checked(command)
        with _started(words, with_errors) as process:
            output = LocalOutput(process, words[0], self._patience, with_errors)
            try:
                yield output
            finally:
                output.close()
                _end(process)


class LocalOutput:
    """What a command of this machine writes, and what it complains of, which is read along with it."""

    def __init__(
        self, process: subprocess.Popen[bytes], program: str, patience: Patience, with_errors: bool
    ) -> None:
        self._process = process
        self._program = program
        self._patience = patience
        self._words = LastWords()
        self._tells_all = with_errors
        self._started = monotonic()
        self._pipes = selectors.DefaultSelector()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                self._pipes.register(pipe, selectors.EVENT_READ)

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none: it has ended. Raises SourceUnreadable."""
        since = monotonic()
        while self._pipes.get_map():
            for key, _ in self._pipes.select(self._left(since)):
                is_output = key.fileobj is self._process.stdout
                said = os.read(key.fd, size if is_output else _BLOCK)
                since = monotonic()
                if not said:
                    self._pipes.unregister(key.fileobj)
                elif is_output:
                    if self._tells_all:
                        self._words.add(said)
                    return said
                else:
                    self._words.add(said)
        return b""

    def finish(self) -> None:
        """Wait until it has ended. Raises SourceUnreadable unless it ended with 0."""
        while self.read(_BLOCK):
            pass
        try:
            status = self._process.wait(self._left(monotonic()))
        except subprocess.TimeoutExpired:
            raise too_silent(self._program, _WHERE, self._patience.silence) from None
        if status:
            raise ended_badly(self._program, _WHERE, status, self._words)

    def close(self) -> None:
        """Listen no more."""
        self._pipes.close()

    def _left(self, since: float) -> float:
        """Seconds until it has been silent, or has taken, too long. Raises SourceUnreadable once it has."""
        now, patience = monotonic(), self._patience
        whole, silence = self._started + patience.whole - now, since + patience.silence - now
        if whole <= 0:
            raise too_long(self._program, _WHERE, patience.whole)
        if silence <= 0:
            raise too_silent(self._program, _WHERE, patience.silence)
        return min(whole, silence)


def _started(words: list[str], with_errors: bool) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    try:
        return subprocess.Popen(  # noqa: S603  words, which no shell reads
            words,
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if with_errors else subprocess.PIPE,
            env={**kept, "LC_ALL": "C"},
            start_new_session=True,  # and so a group of its own, which can be ended as a whole
        )
    except FileNotFoundError:
        raise SourceUnreadable(f"there is no program {words[0]} {_WHERE}") from None
    except PermissionError:
        raise SourceUnreadable(f"the program {words[0]} {_WHERE} may not be executed") from None
    except OSError as refused:
        told = f"the program {words[0]} {_WHERE} cannot be executed: {refused.strerror}"
        raise SourceUnreadable(told) from refused


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, unless it has ended by itself, and what it started."""
    if process.returncode is not None:
        return
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
