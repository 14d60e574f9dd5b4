"""Scan, parse and fingerprint whole logs, against ripgrep counting the lines that match the same words."""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median
from time import process_time

from app.domain.detections import Detector
from app.scanning.log_scan import detections
from benches.logs import write_log
from benches.ripgrep import MIB, seconds

SIZE, ROUNDS = 512 * MIB, 5
GOALS = {"ordinary": 0.5, "storm": 0.25}


def run(size: int = SIZE) -> None:
    """Print, for each kind of log, how fast we are in units of ripgrep's speed."""
    with tempfile.TemporaryDirectory() as folder:
        for kind, goal in GOALS.items():
            log = Path(folder) / f"{kind}.log"
            write_log(log, kind, size)
            pairs = [(_ours(log), seconds(log)) for _ in range(ROUNDS + 1)][1:]
            ours, peer = median(a for a, _ in pairs), median(b for _, b in pairs)
            ratio = median(b / a for a, b in pairs)
            print(
                f"scan + parse + fingerprint, {kind:8} {log.stat().st_size / MIB:.0f} MiB  {ours:.3f} s,"
                f" ripgrep {peer:.3f} s: {ratio:.2f} of its speed (goal: {goal})"
            )
            log.unlink()


def _ours(log: Path) -> float:
    """CPU seconds of a process of its own, its start left out."""
    done = subprocess.run([sys.executable, "-m", "benches.pipeline", log], capture_output=True, check=True)
    return float(done.stdout.split()[0])


def _measure(log: Path) -> None:
    start = process_time()
    found: Counter[str] = Counter()
    with log.open("rb", buffering=0) as stream:
        for finding in detections(stream, Detector(), count_lines=False):
            found[finding.detection.fingerprint.digest] += 1
    print(process_time() - start, sum(found.values()), len(found))


if __name__ == "__main__":
    _measure(Path(sys.argv[1]))
