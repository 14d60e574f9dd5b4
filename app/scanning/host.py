"""Where a log is: this machine, or one that is reached over SSH. What a source of log text sees of it is one command at a time.

Comes in: a command as separate words, never a line for a shell. Goes out: what it writes, in blocks of bytes, and
whether it ended well. Only then may a position move.
"""

import signal
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from app.domain.secrets.redaction import redact
from app.errors import SourceUnreadable

TOLD: Final = 500
"""Characters of what a command said that an error tells."""

_KEPT: Final = 8192


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a command may take, `whole`, and how many of them it may say nothing at all, `silence`.

    Only those of a silence count in which somebody waits for it to say something.
    """

    whole: float = 600
    silence: float = 120


class Output(Protocol):
    """What a running command writes to its standard output; called from a thread that may wait."""

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none: it has ended. Raises SourceUnreadable, also after a silence that is too long."""

    def finish(self) -> None:
        """Wait until it has ended. Raises SourceUnreadable, in words and with what it said on standard error, unless it ended with 0.

        What it still writes goes unread. Not to be called by whoever has read enough: leaving the context ends the
        command.
        """


class Host(Protocol):
    """A machine that runs commands for us."""

    def run(self, command: Sequence[str], *, with_errors: bool = False) -> AbstractContextManager[Output]:
        """Start a command; leaving the context ends it, wherever it is. Raises SourceUnreadable.

        `with_errors`: what it writes to standard error comes in the output, in the order in which it was written.
        """


class LastWords:
    """The end of what a command said: little is kept, however much that was."""

    def __init__(self) -> None:
        self._said = b""
        self._is_cut = False

    def add(self, said: bytes) -> None:
        """It has gone on."""
        if len(said) + len(self._said) > _KEPT:
            self._is_cut = True
        self._said = (self._said + said[-_KEPT:])[-_KEPT:]

    def __str__(self) -> str:
        """The words in one line, without secrets, at most `TOLD` characters."""
        said = self._said
        if self._is_cut:
            # Of the first line there is only an end, which may be that of a secret without its name.
            said = said.partition(b"\n")[2]
        text = redact(said.decode(errors="replace"))
        printable = "".join(letter if letter.isprintable() else " " for letter in text)
        return " ".join(printable.split())[-TOLD:]


def checked(command: Sequence[str]) -> list[str]:
    """The words of a command, if it can be run at all. Raises SourceUnreadable."""
    try:
        text = "".join(command).encode()
    except UnicodeEncodeError:
        raise SourceUnreadable("a word of the command is not Unicode text") from None
    if not command or not command[0] or b"\0" in text:
        raise SourceUnreadable("a word of the command is empty or holds a NUL byte")
    return list(command)


def ended_badly(program: str, where: str, status: int, words: LastWords) -> SourceUnreadable:
    """What to say of a program that ended with this status; it is negative where a signal ended it."""
    told = f"{program} {where} ended with status {status}" if status > 0 else _killed(program, where, -status)
    said = str(words)
    return SourceUnreadable(f"{told}: {said}" if said else told)


def too_long(program: str, where: str, seconds: float) -> SourceUnreadable:
    """What to say of a program that did not end in time."""
    return SourceUnreadable(f"{program} {where} did not end within {seconds:g} seconds")


def too_silent(program: str, where: str, seconds: float) -> SourceUnreadable:
    """What to say of a program that says nothing for too long."""
    return SourceUnreadable(f"{program} {where} said nothing for {seconds:g} seconds")


def _killed(program: str, where: str, number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"{program} {where} was ended by {name}"
