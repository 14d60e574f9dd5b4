"""A module of ours that runs in a fork: what we have imported it need not import, and holds in the same memory.

Comes in: a module with a `main`, its arguments and its environment. Goes out: a process of its own session, with the
files that it is given and no others, that the kernel hangs up when we die. Only for Linux, and for a process with one
thread: elsewhere system libraries of ours may not survive a fork.
"""

import ctypes
import importlib
import os
import signal
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

from setproctitle import setproctitle

from app import memory

_PR_SET_PDEATHSIG: Final = 1
_FOR_US_ALONE: Final = 0o077  # what a process writes, as for the servers
_STANDARD: Final = (0, 1, 2)
_LIBC: Final = ctypes.CDLL(None)  # while its file can still be read


class Forked:
    """A process that was forked, with as much of `subprocess.Popen` as is asked of it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, or minus the signal that ended it; None while it runs."""
        if self.returncode is None:
            self._hear(os.WNOHANG)
        return self.returncode

    def wait(self) -> int | None:
        """Wait for its end; the status comes out."""
        if self.returncode is None:
            self._hear(0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _hear(self, how: int) -> None:
        """Hear of its end, which the kernel tells once: a handler of signals may ask just before, or just after it was told."""
        with suppress(ChildProcessError):
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)


def fork(
    title: str,
    module: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    inherited: Collection[int],
) -> Forked:
    """Run a module's `main` in a fork, as `python -m` would; `title`: what `ps` shows. OSError: there can be none.

    Never call it with another thread about: it might hold a lock, which nobody would release in the fork.
    """
    memory.keep_for_good()  # and so no garbage of ours closes files of the fork's, which have the numbers of ours
    _flush()
    parent = os.getpid()
    # Until the fork has handlers of its own, it would run ours.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            _become(parent, title, module, arguments, environment, inherited)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return Forked(pid)


def _become(
    parent: int,
    title: str,
    module: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    inherited: Collection[int],
) -> NoReturn:
    """Run the module to its end, on top of the caller's frames: what they hold must never be cleared away here."""
    status = 1
    try:
        os.setsid()
        os.umask(_FOR_US_ALONE)
        setproctitle(title)  # which finds its place by the environment that the process began with
        os.environ.clear()
        os.environ.update(environment)
        _close_files(inherited)
        _take_signals()
        _die_with(parent)
        sys.argv = [module, *arguments]
        status = _status(importlib.import_module(module).main)
    except BaseException as error:  # noqa: BLE001  there is nobody above us
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        _flush()
        os._exit(status)


def _status(main: Callable[[], int | None]) -> int:
    """The exit status, however it is told, as a Python of its own would have it."""
    code: object
    try:
        code = main()
    except SystemExit as ended:
        code = ended.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    sys.stderr.write(f"{code}\n")
    return 1


def _flush() -> None:
    """Write what was said so far, if somebody still takes it: a log that has gone keeps no process from its work."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def _close_files(inherited: Collection[int]) -> None:
    """Close all but the standard files and those that are `inherited`; nothing is read from the terminal."""
    for fd in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if fd not in (*_STANDARD, *inherited):
            with suppress(OSError):  # the one by which the folder was read
                os.close(fd)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _take_signals() -> None:
    """Have signals do what they do in a new process; those that were ignored stay so."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _die_with(parent: int) -> None:
    """Have the kernel hang us up when `parent` dies; SystemExit: it has died."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGHUP))
    if os.getppid() != parent:
        raise SystemExit(1)
