"""`python -m tests.launch.parent HOW FOUND`: looks after a child, as the supervisor does; the statuses of its ends go out."""

import fcntl
import os
import signal
import socket
import sys
import time

from app.launch import child as launched
from app.launch.child import Child
from app.launch.signals import Signals


def run(how: str, found: str) -> None:
    """Until we are asked to end, or the child has ended twice."""
    launched.FORKS = how == "fork"  # type: ignore[misc]
    passed, kept = socket.socketpair()
    fd = fcntl.fcntl(passed.fileno(), fcntl.F_DUPFD_CLOEXEC, 10)
    environment = {
        name: os.environ[name] for name in ("DO", "PATH", "PYTHONPATH", "LANG") if name in os.environ
    }
    child = Child("thing", "tests.launch.told", environment | {"GREETING": "hello"}, (str(fd), found), (fd,))
    ends = 0
    sys.stdout.write("a line that is not written yet ")
    with Signals(child.ask) as signals, kept:
        while ends < 2 and not signals.asked:
            status = child.look_after(time.monotonic())
            if status is not None:
                ends += 1
                sys.stdout.write(f"{status}\n")
            signals.wait(0.05)
        while not child.has_ended():
            signals.wait(0.05)
    sys.stdout.write(f"ended {child.process and child.process.returncode}\n")


if __name__ == "__main__":
    os.environ["OF_THE_PARENT"] = "its own"
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
    run(*sys.argv[1:])
