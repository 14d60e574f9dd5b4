"""The front end's build, made once for all tests of a run, by whichever of its processes needs it first.

Comes in: the sources in frontend_stub. Goes out: frontend_stub/dist, or why there is none: Node or npm's registry is away.
"""

import fcntl
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FRONT_END = ROOT / "frontend_stub"
PACKAGES = FRONT_END / "node_modules" / ".installed"
AXE = FRONT_END / "node_modules" / "axe-core" / "axe.min.js"
OLDEST_NODE = (20, 19)
LONGEST = 480.0


def build(lock: Path) -> str | None:
    """Make what `make front` makes; None, or why it cannot be made here. `lock`: a file that all processes of the run see.

    AssertionError: everything is there, and yet it cannot be built.
    """
    if shutil.which("npm") is None or _node() < OLDEST_NODE:
        return f"there is no Node {'.'.join(map(str, OLDEST_NODE))} or newer with npm on this machine"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        wrong = _make(str(PACKAGES.relative_to(ROOT)))
        if wrong is not None:
            return f"npm could not install what the front end is built with: {wrong[-300:]}"
        wrong = _make("front")
    assert wrong is None, f"the front end cannot be built: {wrong}"
    return None


def _node() -> tuple[int, ...]:
    """Node's version; empty where there is none."""
    program = shutil.which("node")
    told = (
        subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        if program
        else None
    )
    return tuple(int(part) for part in told.stdout.strip().lstrip("v").split(".")) if told else ()


def _make(target: str) -> str | None:
    """None, or what make said when it failed."""
    made = subprocess.run(
        ["make", "--no-print-directory", target],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return None if made.returncode == 0 else made.stdout.strip()[-4000:]
