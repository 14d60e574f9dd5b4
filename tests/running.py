"""A whole Snaglist for tests: `snaglist run` on a data folder and a free port of its own, asked as a client would.

Its processes can be found and killed one by one, by what they are.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent
TOKEN = "a token that only these tests know"  # noqa: S105
LONGEST_START = 60.0
VICTIMS = {
    "postgres": re.compile(rb"^\S*postgres\x00"),
    "valkey": re.compile(rb"^\S*valkey-server"),
    "api": re.compile(rb"^snaglist: API|\x00app\.launch\.api\x00"),
    "worker": re.compile(rb"^snaglist: worker|\x00-m\x00workers\x00"),
}


class Running:
    """A Snaglist that runs, until `stop`."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = data
        self.lines: list[str] = []
        self._ready = threading.Event()
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SNAGLIST_") or name.endswith("_BIN")
        }
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("snaglist"), "run"],
            cwd=ROOT,
            env={
                **clean,
                "PORT": str(self.port),
                "SNAGLIST_DATA_DIR": str(data),
                "SNAGLIST_OWNER_TOKEN": TOKEN,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.client = httpx.Client(
            base_url=self.url, timeout=60, headers={"Authorization": f"Bearer {TOKEN}"}
        )

    def _listen(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                if "Snaglist is ready" in self.lines[-1]:
                    self._ready.set()

    @property
    def said(self) -> str:
        """All that it said so far."""
        return "\n".join(self.lines)

    def wait_until_ready(self) -> "Running":
        """Wait for its last line."""
        deadline = time.monotonic() + LONGEST_START
        while not self._ready.wait(0.05):
            assert self.process.poll() is None, f"it ended: {self.said}"
            assert time.monotonic() < deadline, f"it is not ready: {self.said}"
        return self

    def readiness(self) -> int:
        """The status of /readyz; 0 where nobody answers."""
        try:
            return self.client.get("/readyz", timeout=5).status_code
        except httpx.TransportError:
            return 0

    def wait_for(self, status: int, *, within: float = 30.0) -> None:
        """Wait until /readyz answers with the status."""
        deadline = time.monotonic() + within
        while (last := self.readiness()) != status:
            assert time.monotonic() < deadline, f"/readyz says {last}, not {status}: {self.said[-3000:]}"
            time.sleep(0.05)

    def ask(self, document: str, /, **variables: object) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self.answer(document, variables)
        assert not answer.get("errors"), answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def answer(self, document: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The whole answer."""
        sent = self.client.post("/graphql", json={"query": document, "variables": variables or {}})
        answer: dict[str, Any] = json.loads(sent.content)
        return answer

    def ask_until_answered(self, document: str, /, **variables: object) -> dict[str, Any]:
        """As `ask`, again and again while servers are away."""
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = self.answer(document, variables)
            except (httpx.TransportError, json.JSONDecodeError) as error:
                answer = {"errors": [{"extensions": {"code": "UNAVAILABLE"}, "message": repr(error)}]}
            if not answer.get("errors"):
                data: dict[str, Any] = answer["data"]
                return data
            codes = {error.get("extensions", {}).get("code") for error in answer["errors"]}
            assert codes <= {"UNAVAILABLE"}, f"{answer['errors']}: {self.said[-5000:]}"
            assert time.monotonic() < deadline, answer["errors"]
            time.sleep(0.2)

    def pids(self, victim: str) -> list[int]:
        """The processes of one kind that run below this Snaglist now."""
        return [pid for pid in _below(self.process.pid) if VICTIMS[victim].search(_command(pid))]

    def kill(self, victim: str) -> int | None:
        """Kill the first process of a kind with -9; its pid, None where there is none at this moment."""
        for pid in sorted(self.pids(victim)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return pid
        return None

    def stop(self) -> float:
        """End it as an operator does; the seconds that it took."""
        start = time.monotonic()
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        finally:
            self._listener.join(10)
        return time.monotonic() - start


@contextmanager
def running(data: Path, **environment: str) -> Iterator[Running]:
    """A Snaglist that is ready, and is stopped afterwards."""
    snaglist = Running(data, **environment)
    try:
        yield snaglist.wait_until_ready()
    finally:
        snaglist.stop()


def processes(snaglist: Running) -> list[int]:
    """All processes of a Snaglist, its supervisor first."""
    return [snaglist.process.pid, *_below(snaglist.process.pid)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _below(pid: int) -> list[int]:
    """The descendants of a process."""
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *_below(int(child))]
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
