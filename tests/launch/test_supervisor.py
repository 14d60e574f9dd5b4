"""What the supervisor does itself: it imports, and stays as it was."""

import json
import subprocess
import sys

import pytest

from tests.embedded.stage import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="left out: only Linux forks")
SECRET = "a-key-nobody-must-see-1234567890"  # noqa: S105
PROGRAM = """
import sys
from app import logs
from app.config import from_environment
from app.launch.supervisor import API, _import_ahead

logs.configure(from_environment({"SNAGLIST_SECRET_KEY": sys.argv[1]}))
_import_ahead([API, sys.argv[1]]).join()
raise RuntimeError(sys.argv[1])
"""


def test_what_fails_while_or_after_it_imports_is_told_as_everything_is() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, SECRET],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["nobody caught this"] * 2
    assert "ModuleNotFoundError" in lines[0]["exception"]
    assert "RuntimeError: [redacted]" in lines[1]["exception"]
    assert SECRET not in done.stderr
