"""Two workers that are made by forking, so that a killed one has a successor at once."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Workers:
    """Two at a time."""

    def __init__(self, parent: subprocess.Popen[bytes], chance: random.Random) -> None:
        self._parent = parent
        self._chance = chance
        self.pids = [self._made(), self._made()]
        self.killed = 0

    def kill_one(self) -> None:
        """Kill one with -9, and have another one in its place."""
        place = self._chance.randrange(2)
        os.kill(self.pids[place], signal.SIGKILL)
        self.killed += 1
        self.pids[place] = self._made()

    def _made(self) -> int:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(b"one\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())


@contextmanager
def workers(module: str, *arguments: str, chance: random.Random) -> Iterator[Workers]:
    """Those of a module that makes one for each line; they are killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        try:
            yield Workers(parent, chance)
        finally:
            assert parent.stdin
            parent.stdin.close()
            parent.wait(timeout=20)
