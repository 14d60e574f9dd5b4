"""A module that a child runs: it writes down what it finds, and then does as DO says."""

import json
import os
import signal
import sys
from pathlib import Path


def main() -> int:
    """As the test asks."""
    found = Path(sys.argv[2])
    being_written = found.with_suffix(".new")
    being_written.write_text(json.dumps(_found()))
    being_written.replace(found)
    sys.stdout.write("said without an end of line ")
    match os.environ["DO"]:
        case "wait":
            signal.pause()
        case "raise":
            raise RuntimeError("it went wrong")
        case "exit with words":
            sys.exit("it cannot be done")
        case "exit with anything":
            sys.exit(["it", "cannot"])  # type: ignore[arg-type]
        case "exit with a large number":
            sys.exit(2**40 + 9)
        case "exit":
            sys.exit(3)
        case "end":
            return 7
    return 0


def _found() -> dict[str, object]:
    listed = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208
    return {
        "arguments": sys.argv[1:],
        "greeting": os.environ.get("GREETING"),
        "of the parent": os.environ.get("OF_THE_PARENT"),
        "files": [fd for fd in listed if _is_open(fd)],
        "reads": os.readlink("/proc/self/fd/0"),  # noqa: PTH115
        "handlers": [
            getattr(signal.getsignal(number), "name", None) for number in (signal.SIGTERM, signal.SIGHUP)
        ],
        "blocked": [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
        "hides from others": os.umask(0o077) == 0o077,
        "leads its session": os.getsid(0) == os.getpid(),
        "pid": os.getpid(),
    }


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
