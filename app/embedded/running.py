"""Servers from their start to their end: begun, awaited, begun again, ended; and what an earlier run left, ended.

Call it from a thread that lives as long as the servers, best the main one: Linux ends a child with the thread
that began it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.embedded.account import Account
from app.embedded.errors import StartError
from app.embedded.folder import reason
from app.embedded.logs import Log
from app.embedded.process import processes, scarce, spawn

_LONGEST_START: Final = 600.0  # recovery after a crash may take minutes, and must not be cut short
_STEP: Final = 0.01


@dataclass
class Server:
    """A server: its URL, how to run it in `folder`, see that it is ready, and end it.

    `tag` stands in the command line of each of its processes, those that it forks too; `forked` is how the command
    line of such a one begins. `prepare` readies the folder and says what the environment needs. It does not come
    back by itself when it died: see `restart`.
    """

    name: str
    url: str
    command: tuple[str, ...]
    folder: Path
    account: Account
    log: Log
    tag: str
    ask: signal.Signals
    insist: signal.Signals
    prepare: Callable[[], Mapping[str, str]]
    is_ready: Callable[[int], bool]
    forked: str | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def alive(self) -> bool:
        """Whether its process runs; for PostgreSQL, its first process."""
        return self.process is not None and self.process.poll() is None

    def restart(self) -> None:
        """Start it again at the same URL after it died, or end it first if it did not. StartError."""
        self.stop()
        start_all([self])

    def stop(self, timeout: float = 7.0) -> None:
        """End it and all its processes, in order if it can be done in time."""
        stop_all([self], timeout)


def start_all(servers: Collection[Server]) -> None:
    """Start servers side by side and wait until they are ready. StartError: one is not, and none was left running."""
    try:
        for server in servers:
            _begin(server)
        for server in servers:
            _await_ready(server)
    except BaseException:
        stop_all(servers)
        raise


def stop_all(servers: Collection[Server], timeout: float = 7.0) -> None:
    """End servers side by side: ask, insist two seconds before the time is up, then kill."""
    deadline = time.monotonic() + timeout
    with ExitStack() as ending:  # each of them, even if one cannot be ended
        for server in servers:
            if server.process:
                server.process.send_signal(server.ask)
                ending.callback(_end, server, server.process, deadline)


def end_leftovers(server: Server, *, ask: bool) -> None:
    """End what an earlier run of a server has left, first by asking, if wanted. StartError: it cannot be ended."""
    left = processes(server.tag, server.account.uid)
    forked = server.forked
    first = [pid for pid, command in left.items() if not (forked and command.startswith(forked))]
    asked = [(first, server.ask, 5.0)] if ask and first else []
    for pids, number, patience in [*asked, (None, server.insist, 1.0), (None, signal.SIGKILL, 1.0)]:
        for pid in left if pids is None else pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            time.sleep(_STEP)
            left = processes(server.tag, server.account.uid)
    if left:
        raise StartError(f"Processes of {server.name} on {server.folder} cannot be ended: {list(left)}.")


def _begin(server: Server) -> None:
    try:
        end_leftovers(server, ask=True)
        environment = server.prepare()
        log = server.log.open()
        try:
            server.process = spawn(
                server.command,
                server.folder,
                server.account,
                server.ask,
                output=log,
                environment=environment,
            )
        finally:
            os.close(log)
    except OSError as error:
        raise StartError(
            f"{server.name} cannot be started: {reason(error)}.{scarce(server.log.folder)}"
        ) from error


def _await_ready(server: Server) -> None:
    deadline = time.monotonic() + _LONGEST_START
    while server.process and not server.is_ready(server.process.pid):
        if server.process.poll() is not None:
            outcome = f"ended with status {server.process.returncode} before it was ready"
        elif time.monotonic() > deadline:
            outcome = f"was not ready after {_LONGEST_START:.0f} s"
        else:
            time.sleep(_STEP)
            continue
        log = server.log
        raise StartError(
            f"{server.name} {outcome}.{scarce(log.folder)} Its log is {log.path}:{log.last_words()}"
        )


def _end(server: Server, process: subprocess.Popen[bytes], deadline: float) -> None:
    """Wait for a process that was asked to end, and see to it that it does, soon after the deadline at the latest."""
    steps = ((deadline - 2.0, server.insist), (deadline - 1.0, signal.SIGKILL), (deadline, None))
    for until, stronger in steps:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(until - time.monotonic(), _STEP))
            break
        if stronger:
            process.send_signal(stronger)
    if process.returncode != 0:
        end_leftovers(server, ask=False)
