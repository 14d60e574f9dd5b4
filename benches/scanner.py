"""The scanner alone: exact blocks, against ripgrep counting the lines that hold the same words."""

import io
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

from app.scanning.blocks import scan_stream
from benches.logs import write_log
from benches.ripgrep import MIB, seconds
from tests.scanning.reference import scan

SIZE, ROUNDS, COMPARED = 512 * MIB, 7, 16 * MIB
GOALS = {"ordinary": 1.0, "storm": 0.6}


def run(size: int = SIZE) -> None:
    """Print, for each kind of log, how fast the scanner is in units of ripgrep's speed, and its memory."""
    with tempfile.TemporaryDirectory() as folder:
        for kind, goal in GOALS.items():
            log = Path(folder) / f"{kind}.log"
            write_log(log, kind, size)
            _compare(log)
            rounds = [(*_ours(log), seconds(log), seconds(log, "--no-mmap")) for _ in range(ROUNDS + 1)][1:]
            ours, blocks, memory = (
                median(a for a, *_ in rounds),
                rounds[0][1],
                max(m for _, _, m, *_ in rounds),
            )
            peer, reading = median(r[3] for r in rounds), median(r[4] for r in rounds)
            length = log.stat().st_size
            print(
                f"exact blocks, {kind:8} {length / MIB:.0f} MiB, {blocks} blocks  {length / ours / 1e9:.2f} GB/s, {memory:.0f} MiB"
                f" of memory (64 at most); ripgrep {length / peer / 1e9:.2f}, {length / reading / 1e9:.2f} without mmap:"
                f" {median(r[3] / r[0] for r in rounds):.2f} and {median(r[4] / r[0] for r in rounds):.2f}"
                f" of its speed (goal: {goal})"
            )
            log.unlink()


def _compare(log: Path) -> None:
    """Hold the scanner's blocks against those of its rules, read line by line, on the first part of the log."""
    with log.open("rb") as stream:
        part = stream.read(COMPARED)
    expected = [(found.start, found.end, found.line, found.text) for found in scan(part)]
    assert [(b.start, b.end, b.line, b.text) for b in scan_stream(io.BytesIO(part))] == expected


def _ours(log: Path) -> tuple[float, int, float]:
    """CPU seconds, blocks and MiB of memory of a process of its own, its start left out of the seconds."""
    done = subprocess.run([sys.executable, "-m", "benches.scanner", log], capture_output=True, check=True)
    spent, blocks, memory = done.stdout.split()
    return float(spent), int(blocks), float(memory)


def _measure(log: Path) -> None:
    start, blocks = process_time(), 0
    with log.open("rb", buffering=0) as stream:
        for _ in scan_stream(stream, count_lines=False):
            blocks += 1
    spent = process_time() - start
    print(spent, blocks, _peak_mib())


def _peak_mib() -> float:
    """The most memory this process had; `ru_maxrss` would count the parent's before this program began."""
    status = Path("/proc/self/status")
    if status.exists():
        [peak] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


if __name__ == "__main__":
    _measure(Path(sys.argv[1]))
