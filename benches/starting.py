"""A cold start on a new data folder, and what everything takes while nobody asks: wall seconds, and PSS of all processes."""

import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

from tests.running import Running, processes

ROUNDS, IDLE = 3, 10.0
SECONDS_GOAL, MIB_GOAL = 8.0, 300.0


def run() -> None:
    """Print seconds from the command to the ready line, cold and warm, and MiB ten seconds later."""
    cold, warm, memory = zip(*(_round() for _ in range(ROUNDS)), strict=True)
    print(
        f"start: cold {median(cold):.1f} s = {median(cold) / SECONDS_GOAL:.2f} of the goal ({SECONDS_GOAL:.0f} s),"
        f" warm {median(warm):.1f} s; idle {median(memory):.0f} MiB PSS = {median(memory) / MIB_GOAL:.2f}"
        f" of the goal ({MIB_GOAL:.0f} MiB)"
    )


def _round() -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory(prefix="snaglist-bench-") as folder:
        data = Path(folder) / "data"
        cold, memory = _start(data, IDLE)
        warm, _ = _start(data, 0.0)
    return cold, warm, memory


def _start(data: Path, idle: float) -> tuple[float, float]:
    start = time.monotonic()
    snaglist = Running(data)
    try:
        snaglist.wait_until_ready()
        seconds = time.monotonic() - start
        time.sleep(idle)
        return seconds, sum(_pss(pid) for pid in processes(snaglist))
    finally:
        snaglist.stop()


def _pss(pid: int) -> float:
    """Proportional set size in MiB."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    run()
