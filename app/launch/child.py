"""A process of ours: started, started again when it died, and ended.

On Linux it is a fork of ours, which shares what we have imported; elsewhere a Python of its own. It does not outlive us:
on Linux the kernel hangs it up when we die, which ends it at once; elsewhere it sees by itself that we are gone.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGHUP, SIGTERM
from typing import Final

from app import embedded
from app.launch.forked import Forked, fork

FORKS: Final = sys.platform == "linux"
_BECOME: Final = Path(embedded.__file__).with_name("launch.py")
_SUPERVISOR: Final = "SNAGLIST_SUPERVISOR"  # as app.startup reads it
_LONG_LIFE: Final = 10.0  # seconds; who dies younger is started again later each time
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 5.0

_log = logging.getLogger(__name__)


@dataclass
class Pause:
    """How long to wait before something that died is started again; times are seconds of a clock that runs on."""

    begun: float = 0.0
    length: float = 0.0

    def after_death(self, now: float) -> float:
        """When to start it again."""
        lived_long = now - self.begun > _LONG_LIFE
        self.length = 0.0 if lived_long else min(max(self.length * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
        return now + self.length


@dataclass
class Child:
    """A Python module that runs in a process of its own; `may_end` says that its status 0 is no death.

    Its `main` takes no arguments, for which it looks in `sys.argv`, and gives the exit status, or exits.
    """

    name: str
    module: str
    environment: Mapping[str, str] = field(repr=False)
    arguments: tuple[str, ...] = ()
    inherited: Collection[int] = ()
    may_end: bool = False
    process: Forked | subprocess.Popen[bytes] | None = field(default=None, repr=False)
    due: float | None = 0.0
    pause: Pause = field(default_factory=Pause)

    def look_after(self, now: float) -> int | None:
        """Start it if it is time to; the status if it has just ended."""
        status = self.process.poll() if self.process else None
        if self.process and status is not None:
            self.process = None
            self._bury(status, now)
        if self.process is None and self.due is not None and now >= self.due:
            self._begin(now)
        return status

    def wakes_at(self) -> float | None:
        """When `look_after` must be called at the latest."""
        return self.due if self.process is None else None

    def ask(self) -> None:
        """Ask it to end, and start it no more."""
        self.due = None
        if self.process:
            self.process.send_signal(SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def has_ended(self) -> bool:
        """Whether it does not run."""
        return self.process is None or self.process.poll() is not None

    def _bury(self, status: int, now: float) -> None:
        if self.due is None or (self.may_end and status == 0):
            self.due = None
            return
        self.due = self.pause.after_death(now)
        _log.warning(
            "a process has ended and is started again",
            extra={"child": self.name, "status": status, "seconds": self.pause.length},
        )

    def _begin(self, now: float) -> None:
        self.pause.begun = now
        try:
            self.process = self._forked() if FORKS else self._spawned()
        except OSError as error:
            self.due = self.pause.after_death(now)
            _log.error(
                "a process could not be started",
                extra={"child": self.name, "reason": error.strerror, "seconds": self.pause.length},
            )

    def _forked(self) -> Forked:
        title = f"snaglist: {self.name}"
        return fork(title, self.module, self.arguments, self.environment, self.inherited)

    def _spawned(self) -> subprocess.Popen[bytes]:
        python = [sys.executable, "-P", "-m", self.module, *self.arguments]
        become = [sys.executable, "-I", "-S", str(_BECOME), str(os.getpid()), str(int(SIGHUP)), "-1", "-1"]
        watch = {} if sys.platform == "linux" else {_SUPERVISOR: str(os.getpid())}
        return subprocess.Popen(  # noqa: S603  our own Python, and our own modules
            [*become, *python],
            env={**self.environment, **watch},
            pass_fds=self.inherited,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # so that Ctrl-C reaches only us
        )
