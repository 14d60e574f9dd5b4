"""A child, forked or a Python of its own: it finds what it was given and nothing else, and does not outlive its parent."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.embedded.stage import ROOT
from tests.launch.stage import wait_until

pytestmark = [
    pytest.mark.parametrize("how", ["fork", "spawn"]),
    pytest.mark.skipif(sys.platform != "linux", reason="left out: only Linux forks, and has /proc"),
]
HOW_PYTHON_WRITES = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": ""}


class Parent:
    """A parent of its own, whose child does as `do` says."""

    def __init__(self, how: str, do: str, folder: Path, stderr: int = subprocess.PIPE) -> None:
        self._found = folder / "found.json"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.launch.parent", how, self._found],
            cwd=ROOT,
            env={**os.environ, "DO": do, "PYTHONPATH": str(ROOT), **HOW_PYTHON_WRITES},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            umask=0o022,
        )

    def found(self) -> dict[str, Any]:
        """What the child has found."""
        wait_until(self._found.exists)
        found: dict[str, Any] = json.loads(self._found.read_text())
        return found

    def said(self, number: signal.Signals | None = None) -> tuple[str, str]:
        """What they say to their end, for which `number` asks the parent."""
        if number:
            self.process.send_signal(number)
        return self.process.communicate(timeout=20)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_finds_what_it_was_given_and_nothing_else(how: str, tmp_path: Path) -> None:
    parent = Parent(how, "wait", tmp_path)
    found = parent.found()
    fd, _ = found["arguments"]
    assert found == {
        "arguments": [fd, str(tmp_path / "found.json")],
        "greeting": "hello",
        "of the parent": None,
        "files": [0, 1, 2, int(fd)]
        if how == "fork"
        else [0, 1, 2, 3, int(fd)],  # 3: its folder, of embedded's launch
        "reads": "/dev/null",
        "handlers": ["SIG_DFL", "SIG_DFL"],
        "blocked": [],
        "hides from others": True,
        "leads its session": True,
        "pid": found["pid"],
    }
    title = Path(f"/proc/{found['pid']}/cmdline").read_bytes()
    assert title.startswith(b"snaglist: thing" if how == "fork" else os.fsencode(sys.executable))
    parent.said(signal.SIGTERM)


def test_it_is_ended_when_the_parent_is_asked_to_end(how: str, tmp_path: Path) -> None:
    parent = Parent(how, "wait", tmp_path)
    pid = parent.found()["pid"]
    out, _ = parent.said(signal.SIGTERM)
    assert out.endswith(f"ended {-signal.SIGTERM}\n")
    assert not is_alive(pid)


def test_it_does_not_outlive_a_parent_that_is_killed(how: str, tmp_path: Path) -> None:
    parent = Parent(how, "wait", tmp_path)
    pid = parent.found()["pid"]
    parent.process.kill()
    parent.process.wait()
    wait_until(lambda: not is_alive(pid))
    parent.said()


@pytest.mark.parametrize(
    ("do", "status", "words"),
    [
        ("end", 7, ""),
        ("exit", 3, ""),
        ("exit with words", 1, "it cannot be done\n"),
        ("exit with anything", 1, "['it', 'cannot']\n"),
        ("exit with a large number", 9, ""),
        ("raise", 1, "RuntimeError: it went wrong\n"),
    ],
)
def test_how_it_ended_is_known_and_it_is_started_again(
    how: str, do: str, status: int, words: str, tmp_path: Path
) -> None:
    out, errors = Parent(how, do, tmp_path).said()
    assert out.count(f"{status}\n") == 2
    assert out.count("said without an end of line") == 2  # what it said last was written
    assert out.count("a line that is not written yet") == 1  # and what the parent had in hand not by both
    assert errors.count("Traceback") == (2 if do == "raise" else 0)
    assert not words or errors.count(words) == 2


def test_it_is_started_again_where_nobody_reads_what_is_logged(how: str, tmp_path: Path) -> None:
    nobody, log = os.pipe()
    os.close(nobody)
    parent = Parent(how, "end", tmp_path, stderr=log)
    os.close(log)
    out, _ = parent.said()
    assert out.count("7\n") == 2
