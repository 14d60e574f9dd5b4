"""Logs that somebody writes to, and what befalls them: files that are rotated, a container that is created anew."""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tests.scanning.stand_ins.container_logs import append, cut, messages

LOGROTATE = shutil.which("logrotate", path="/usr/sbin:/usr/bin:/sbin")
IsEnding = Callable[[], bool]


class Log(Protocol):
    """Where a writer writes."""

    def append(self, text: bytes) -> None:
        """Write on; the text may end in mid-line."""

    def rotate(self, chance: random.Random, is_ending: IsEnding) -> bool:
        """Let befall it what does, while nobody writes; False: it was to end before that."""


class FileLog:
    """A file, rotated as logrotate does; names of old files never come back, so that none is lost while servers are away."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rotations = 0

    def append(self, text: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(text)

    def rotate(self, chance: random.Random, is_ending: IsEnding) -> bool:
        self._rotations += 1
        to = self._path.with_name(f"{self._path.name}.{100_000 - self._rotations}")
        time.sleep(0.02)
        if chance.random() < 0.5:
            shutil.copyfile(self._path, to)
            os.truncate(self._path, 0)
        else:
            self._path.rename(to)
        time.sleep(0.02)
        return True


class RotatedLog:
    """A file that logrotate itself rotates by one of its methods: `create` or `copytruncate`."""

    def __init__(self, folder: Path, method: str) -> None:
        folder.mkdir()
        self.path = folder / "odoo.log"
        self._state = folder.with_name(f"{folder.name}.state")
        self._rules = folder.with_name(f"{folder.name}.rules")
        self._rules.write_text(f'"{self.path}" {{\n rotate 1000\n {method}\n missingok\n}}\n')
        self.path.touch()

    def append(self, text: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(text)

    def rotate(self, chance: random.Random, is_ending: IsEnding) -> bool:
        assert LOGROTATE
        time.sleep(0.02)
        subprocess.run([LOGROTATE, "-f", "-s", self._state, self._rules], check=True)
        time.sleep(0.02)
        return True


class ContainerLog:
    """The log of a container named odoo, as the stand-in of docker shows it, in a folder.

    It is created anew, or its log cut down by the daemon, only once all was read: what is gone then is gone.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.created = 0
        self.is_read: Callable[[], bool] = lambda: False
        self._rest = b""
        self._create()

    def append(self, text: bytes) -> None:
        # The daemon keeps a line until it has ended.
        whole, newline, self._rest = (self._rest + text).rpartition(b"\n")
        now = time.time_ns()
        append(
            self._log,
            [part._replace(time=now + number) for number, part in enumerate(cut(whole + newline, now))],
        )

    def rotate(self, chance: random.Random, is_ending: IsEnding) -> bool:
        while not self.is_read():
            if is_ending():
                return False
            time.sleep(0.1)
        if self.created == 1 or chance.random() < 0.7:
            self._create()
        else:
            self._cut_down(chance.randint(0, 200))
        return True

    @property
    def _log(self) -> Path:
        return self.folder / f"c0ffee{self.created}.log"

    def _create(self) -> None:
        if self.created:
            self._log.unlink()
        self.created += 1
        self._log.touch()
        named = self.folder / "new"
        named.write_text(self._log.stem)
        named.replace(self.folder / "odoo.id")

    def _cut_down(self, keep: int) -> None:
        log, new = messages(self._log), self.folder / "new"
        new.touch()
        append(new, log[len(log) - keep :] if keep < len(log) else log)
        new.replace(self._log)
