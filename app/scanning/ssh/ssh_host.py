"""A machine that is reached over SSH, as a place where logs are.

Comes in: a command as separate words. Goes out: what it writes there. The shell that every SSH server puts before a
command gets each word quoted, and `timeout` there sees to it that nothing we have started stays for ever:

    exec env LC_ALL=C timeout -k 5 600 docker logs --timestamps -- odoo
"""

import math
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from app.errors import SourceUnreadable
from app.scanning.host import LastWords, Patience, checked, ended_badly, too_long, too_silent
from app.scanning.ssh import failures
from app.scanning.ssh.connections import SHARED, Connections
from app.scanning.ssh.host_key import HostKey
from app.scanning.ssh.session import Lost, Session, Silent
from app.scanning.ssh.target import Target

_BLOCK: Final = 256 * 1024
_KILL_AFTER: Final = 5
"""Seconds between asking a command to end and making it, on the other machine."""
_MARGIN: Final = 10.0
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_TIMED_OUT: Final = (124, 137)
"""What `timeout` ends with when time is up: the command ended when it was asked to, or had to be made to."""


class SshHost:
    """A machine at the other end of an SSH connection."""

    def __init__(
        self, target: Target, patience: Patience | None = None, connections: Connections = SHARED
    ) -> None:
        self._target = target
        self._patience = patience or Patience()
        self._connections = connections

    @contextmanager
    def run(self, command: Sequence[str], *, with_errors: bool = False) -> Iterator["SshOutput"]:
        """Start a command there; leaving ends it. To be called from a thread that may wait. Raises SourceUnreadable.

        HostKeyUnknown and HostKeyChanged, which are SourceUnreadable, tell the key that the machine presented.
        """
        words = checked(command)
        line = _line(words, self._patience, with_errors)
        with self._connections.session(self._target, line) as session:
            yield SshOutput(session, self._target, words[0], self._patience, with_errors)


class SshOutput:
    """What a command on the other machine writes."""

    def __init__(
        self, session: Session, target: Target, program: str, patience: Patience, with_errors: bool
    ) -> None:
        self._session = session
        self._target = target
        self._program = program
        self._where = f"on {target.name}"
        self._patience = patience
        self._output = LastWords() if with_errors else None
        self._started = monotonic()
        self._until = self._started + patience.whole + _KILL_AFTER + _MARGIN

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none: it has ended. Raises SourceUnreadable."""
        try:
            said = self._session.read(size, self._patience.silence, self._until)
        except Lost:
            raise failures.lost(self._target) from None
        except Silent:
            if monotonic() >= self._until:
                raise too_long(self._program, self._where, self._patience.whole) from None
            raise too_silent(self._program, self._where, self._patience.silence) from None
        if self._output:
            self._output.add(said)
        return said

    def finish(self) -> None:
        """Wait until it has ended. Raises SourceUnreadable unless it ended with 0."""
        while self.read(_BLOCK):
            pass
        session = self._session
        if session.status:
            raise self._ended_badly(session.status, session.signal, self._output or session.words)

    def _ended_badly(self, status: int, killed_by: str | None, words: LastWords) -> SourceUnreadable:
        program, where, whole = self._program, self._where, self._patience.whole
        # Over there the time began a little earlier.
        if monotonic() - self._started >= 0.9 * whole and (status in _TIMED_OUT or killed_by):
            return too_long(program, where, whole)
        told = {
            _NOT_FOUND: f"there is no program {program} {where}",
            _NOT_EXECUTABLE: f"the program {program} {where} may not be executed",
        }.get(status)
        if killed_by:
            told = f"{program} {where} was ended by SIG{failures.said(killed_by)}"
        if told is None:
            return ended_badly(program, where, status, words)
        return SourceUnreadable(f"{told}: {words}" if str(words) else told)


def fetch_host_key(target: Target, connections: Connections = SHARED) -> HostKey:
    """The key that the machine presents now, pinned or not, for people to compare. To be called from a thread that may wait.

    Nobody logs in there; jump hosts on the way must be known. Raises SourceUnreadable.
    """
    return connections.presented_key(target)


def _line(words: list[str], patience: Patience, with_errors: bool) -> str:
    """The command for the shell there. `exec` puts the command in the shell's place, so that signals reach it."""
    limit = ["exec", "env", "LC_ALL=C", "timeout", "-k", str(_KILL_AFTER), str(math.ceil(patience.whole))]
    return shlex.join(limit + words) + (" 2>&1" if with_errors else "")
