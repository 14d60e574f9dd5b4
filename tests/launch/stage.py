"""A running Snaglist for the tests: what it says, what runs, and what it answers."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx

from tests.embedded.stage import ROOT, running_on

SNAGLIST = Path(sys.executable).parent / "snaglist"
LONGEST_START = 30.0
FOREIGN = ("DATABASE_URL", "REDIS_URL", "HOST", "PORT", "DEMO")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def environment(folder: Path, port: int, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a person would have set who wants Snaglist in this folder and on this port."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN and not name.startswith("SNAGLIST_")
    }
    kept |= {"PORT": str(port), "SNAGLIST_DATA_DIR": str(folder)}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **(more or {})}


def refused(command: str, folder: Path, port: int, more: Mapping[str, str] | None = None) -> str:
    """What `snaglist COMMAND` says that cannot start."""
    done = subprocess.run(
        [SNAGLIST, command],
        env=environment(folder, port, more),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


class Snaglist:
    """A `snaglist run`, or whatever else starts one."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        command: Sequence[str | Path] = (SNAGLIST, "run"),
        more: Mapping[str, str] | None = None,
        **popen: Any,
    ) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.out: list[str] = []
        self.log: list[str] = []
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(folder, port, more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **popen,
        )
        assert self.process.stdout
        assert self.process.stderr
        self._readers = [_reading(self.process.stdout, self.out), _reading(self.process.stderr, self.log)]

    def ready(self) -> "Snaglist":
        """Wait for the line that says so."""
        deadline = self.began + LONGEST_START
        while not self.is_said_to_be_ready() and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self.is_said_to_be_ready(), self.log
        wait_until(lambda: self.status() == 200)
        return self

    def is_said_to_be_ready(self) -> bool:
        return f"Snaglist is ready: {self.url}\n" in self.out

    def readyz(self) -> tuple[int, dict[str, str]]:
        answer = httpx.get(f"{self.url}/readyz", timeout=10, trust_env=False)
        return answer.status_code, answer.json()

    def status(self) -> int:
        """The status of /readyz; 0 where nobody answers."""
        try:
            return self.readyz()[0]
        except httpx.TransportError:
            return 0

    def graph(self, query: str, token: str) -> Any:
        return httpx.post(
            f"{self.url}/graphql",
            json={"query": query},
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
            trust_env=False,
        ).json()

    def supervisor(self) -> int:
        return next(pid for pid, command in tree(self.process.pid).items() if "app.launch" in command)

    def pid(self, words: str) -> int:
        """The process with these words in its command line; waits for it."""
        found: list[int] = []

        def is_there() -> bool:
            found[:] = [pid for pid, command in tree(self.process.pid).items() if words in command]
            return bool(found)

        wait_until(is_there)
        return found[0]

    def postgres(self) -> int:
        return int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])

    def kill(self, pid: int) -> None:
        """Kill a process, and wait until it is gone and the supervisor knows."""
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: pid not in tree(self.process.pid))

    def end(self, number: signal.Signals = signal.SIGTERM, within: float = 10.0) -> int:
        """Ask it to end; its exit status. Nothing of it runs any more."""
        everything = tree(self.process.pid)
        self.process.send_signal(number)
        status = self.process.wait(within)
        for reader in self._readers:
            reader.join(5)
        assert_gone(everything, self.folder, 0.5)
        return status

    def destroy(self) -> None:
        """Leave nothing behind, whatever happened."""
        everything = tree(self.process.pid)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pid in everything:
            try:
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        assert_gone(everything, self.folder, 10)


@contextmanager
def started(
    folder: Path, port: int | None = None, *, more: Mapping[str, str] | None = None, **how: Any
) -> Iterator[Snaglist]:
    """A Snaglist that is ready."""
    snaglist = Snaglist(folder, port or free_port(), more=more, **how)
    try:
        yield snaglist.ready()
    finally:
        snaglist.destroy()


def tree(pid: int) -> dict[int, str]:
    """A process and its descendants with their command lines; those that have ended are not among them."""
    found = {}
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        if command:
            found[pid] = command
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found |= tree(int(child))
    except OSError:
        pass
    return found


def assert_gone(processes: Mapping[int, str], folder: Path, seconds: float) -> None:
    """None of these processes runs any more, nor a server on this folder."""

    def left() -> dict[int, str]:
        alive = {pid: command for pid, command in processes.items() if tree(pid).get(pid) == command}
        return alive | running_on(folder)

    deadline = time.monotonic() + seconds
    while (still := left()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert still == {}


def wait_until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _reading(pipe: IO[str], lines: list[str]) -> threading.Thread:
    def read() -> None:
        with pipe:
            lines.extend(iter(pipe.readline, ""))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return reader
