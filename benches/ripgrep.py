"""The peer of the scanner's benches: ripgrep 14.1, counting the lines that hold one of our words."""

import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from app.scanning.needles import NEEDLES

MIB = 1024 * 1024


def seconds(log: Path, *options: str) -> float:
    """CPU seconds, user and system, of ripgrep's whole process on one thread."""
    before = getrusage(RUSAGE_CHILDREN)
    words = [part for needle in NEEDLES for part in ("-e", needle.decode())]
    rg = Path(sys.executable).parent / "rg"
    subprocess.run(
        [rg, "--no-config", "-c", "-F", "-j1", *options, *words, log], capture_output=True, check=True
    )
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
