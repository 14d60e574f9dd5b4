"""The listening socket, and the question whether all is ready."""

import socket
import time
from collections.abc import Iterator

import pytest

from app.errors import ConfigurationError
from app.launch.child import Pause
from app.launch.door import Knock, listen

READY = b"HTTP/1.1 200 OK\r\n\r\n"
NOT_READY = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with listen("127.0.0.1", 0) as opened:
        opened.settimeout(5)
        yield opened


def answer(door: socket.socket, *parts: bytes) -> None:
    """Be the API for one question."""
    asker, _ = door.accept()
    with asker:
        assert asker.recv(1000).startswith(b"GET /readyz ")
        for part in parts:
            asker.sendall(part)


def asked(knock: Knock) -> bool:
    """What comes of it within a moment."""
    for _ in range(10):
        if knock.is_ready(time.monotonic()):
            return True
        time.sleep(0.02)
    return False


def test_it_is_ready_when_somebody_says_so(door: socket.socket) -> None:
    knock = Knock(door)
    assert not asked(knock)
    answer(door, NOT_READY)
    assert not asked(knock)
    answer(door, READY[:3], READY[3:])
    assert asked(knock)
    assert knock.watched() == []


def test_somebody_who_dies_in_the_answer_is_asked_again(door: socket.socket) -> None:
    knock = Knock(door)
    assert not asked(knock)
    answer(door, READY[:5])
    assert not asked(knock)
    answer(door)
    assert not asked(knock)
    answer(door, READY)
    assert asked(knock)


def test_a_question_that_nobody_answers_is_put_again(door: socket.socket) -> None:
    knock = Knock(door)
    now = time.monotonic()
    assert not knock.is_ready(now)
    assert len(knock.watched()) == 1
    assert not knock.is_ready(now + 4)
    assert knock.watched() == []
    assert not knock.is_ready(now + 5)
    answer(door, READY)  # to the first one, who has gone
    answer(door, READY)
    assert asked(knock)


def test_what_listens_everywhere_is_asked_here() -> None:
    with listen("0.0.0.0", 0) as door:  # noqa: S104
        door.settimeout(5)
        knock = Knock(door)
        assert not asked(knock)
        answer(door, READY)
        assert asked(knock)


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("192.0.2.1", "nothing can listen on 192.0.2.1, port 8000: Cannot assign requested address"),
        ("no such host", "nothing can listen on no such host, port 8000: Name or service not known"),
        ("x" * 300, "port 8000: it is no address"),
    ],
)
def test_a_host_that_is_not_ours_is_refused(host: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        listen(host, 8000)
    assert says in refused.value.message


def test_who_dies_young_waits_longer_each_time() -> None:
    pause = Pause(begun=100.0)
    waited = []
    now = 101.0
    for _ in range(7):
        due = pause.after_death(now)
        waited.append(due - now)
        pause.begun = due
        now = due + 1
    assert waited == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert pause.after_death(now + 60) == now + 60
