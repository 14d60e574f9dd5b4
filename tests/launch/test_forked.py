"""The end of a fork, which the kernel tells once, however many ask."""

import os
import signal
import sys
import time

import pytest

from app.launch.child import Child
from app.launch.forked import Forked
from app.launch.signals import Signals

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="left out: only Linux forks")


@pytest.fixture
def child() -> Child:
    """One that has ended, of which nobody has heard."""
    pid = os.posix_spawn(sys.executable, [sys.executable, "-S", "-c", "raise SystemExit(7)"], os.environ)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return Child("thing", "tests.launch.told", {}, process=Forked(pid), due=time.monotonic() + 60)


def test_who_is_asked_to_end_just_after_a_process_has_ended_still_hears_of_it(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = os.waitpid

    def told_and_then_a_signal(pid: int, how: int) -> tuple[int, int]:
        end = told(pid, how)
        monkeypatch.setattr(os, "waitpid", told)
        signal.raise_signal(signal.SIGTERM)
        return end

    monkeypatch.setattr(os, "waitpid", told_and_then_a_signal)
    with Signals(child.ask) as signals:
        assert child.look_after(time.monotonic()) == 7
        assert signals.asked == 1
    assert child.has_ended()


def test_who_is_asked_to_end_while_it_waits_for_one_that_it_has_killed_hears_of_it(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = os.waitpid

    def a_signal_and_then_told(pid: int, how: int) -> tuple[int, int]:
        monkeypatch.setattr(os, "waitpid", told)
        signal.raise_signal(signal.SIGTERM)
        return told(pid, how)

    monkeypatch.setattr(os, "waitpid", a_signal_and_then_told)
    with Signals(child.ask) as signals:
        assert child.process
        assert child.process.wait() == 7
        assert signals.asked == 1
