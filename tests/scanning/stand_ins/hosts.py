"""Where stand-ins of programs run: for real, from a folder on PATH; or within the test, for thousands of scans."""

import shlex
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.errors import SourceUnreadable

ROOT = Path(__file__).parents[3]
Answer = Callable[[Sequence[str]], tuple[bytes, bytes, int]]
"""What a command writes to standard output and error, and its exit status."""


def install(program: str, folder: Path, state: Path) -> None:
    """Put a stand-in into a folder for PATH; what it reads stands in `state`."""
    folder.mkdir(exist_ok=True)
    command = shlex.join([sys.executable, "-S", "-m", f"tests.scanning.stand_ins.{program}", str(state)])
    path = folder / program
    path.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {command} "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


class Inside:
    """A host whose commands are functions; what they write comes in pieces of any size."""

    def __init__(self, answer: Answer, sizes: Iterator[int]) -> None:
        self._answer = answer
        self._sizes = sizes
        self.runs = 0

    @contextmanager
    def run(self, command: Sequence[str], *, with_errors: bool = False) -> Iterator["Written"]:
        self.runs += 1
        yield Written(*self._answer(command), self._sizes)


class Written:
    """What a function has written."""

    def __init__(self, text: bytes, words: bytes, status: int, sizes: Iterator[int]) -> None:
        self._text = text
        self._words = words.decode()
        self._status = status
        self._sizes = sizes

    def read(self, size: int) -> bytes:
        size = min(size, next(self._sizes))
        text, self._text = self._text[:size], self._text[size:]
        return text

    def finish(self) -> None:
        if self._status:
            raise SourceUnreadable(f"ended with status {self._status}: {self._words}")
