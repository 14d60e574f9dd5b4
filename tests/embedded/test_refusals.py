"""What is refused: with which words, and that nothing was changed or left running."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app.embedded import EmbeddedError, running, start
from app.embedded.errors import (
    FolderInUseError,
    StartError,
    UnusableFolderError,
    WrongVersionError,
)
from app.embedded.process import spawn
from tests.embedded.stage import (
    IS_ROOT,
    Supervisor,
    Who,
    remember,
    remembered,
    running_on,
    snapshot,
    supervised,
    urls,
    wait_until,
)


def refused(folder: Path, error: type[EmbeddedError], *words: str) -> None:
    """Start, and be refused with these words, without a trace."""
    before = snapshot(folder.parent)
    with pytest.raises(error) as caught:
        start(folder)
    assert [word for word in words if word not in str(caught.value)] == [], str(caught.value)
    assert snapshot(folder.parent) == before
    assert running_on(folder) == {}
    if (folder / "lock").is_file():
        assert [path for path in (folder / "lock").read_text().splitlines()[1:] if Path(path).exists()] == []


def test_a_second_start_is_told_who_runs_already(data_of: Callable[[Who], Path], who: Who) -> None:
    folder = data_of(who)
    with supervised(folder, who) as (first, answer):
        remember(answer["postgresql"], answer["valkey"])
        servers, names, lock = running_on(folder), set(folder.iterdir()), (folder / "lock").read_text()
        second = Supervisor(folder, who)
        told = second.answer()
        second.stop()
        assert told["error"] == "FolderInUseError"
        assert str(folder) in told["message"]
        assert f"process {first.process.pid}" in told["message"]
        assert (running_on(folder), set(folder.iterdir()), (folder / "lock").read_text()) == (
            servers,
            names,
            lock,
        )
        assert remembered(answer["postgresql"], answer["valkey"]) == ("a row", "a key")


def test_of_two_first_starts_at_once_one_wins(closed_folder: Path) -> None:
    folder = closed_folder / "data"
    both = [Supervisor(folder), Supervisor(folder)]
    try:
        answers = [supervisor.answer() for supervisor in both]
        assert sorted("error" in answer for answer in answers) == [False, True]
        won = both[0 if "error" not in answers[0] else 1]
        lost = next(answer for answer in answers if "error" in answer)
        assert lost["error"] == "FolderInUseError"
        assert f"process {won.process.pid}" in lost["message"]
        assert sorted(path.name for path in folder.iterdir()) == [
            "lock",
            "postgres",
            "postgres.log",
            "valkey",
            "valkey.log",
        ]
    finally:
        for supervisor in both:
            supervisor.end()


def test_the_lock_is_held_in_one_process_too(data: Path) -> None:
    with start(data), pytest.raises(FolderInUseError, match=f"process {os.getpid()}"):
        start(data)


def test_a_file_instead_of_a_folder(closed_folder: Path) -> None:
    (closed_folder / "data").write_text("mine")
    refused(closed_folder / "data", UnusableFolderError, str(closed_folder / "data"), "not a folder")
    with pytest.raises(UnusableFolderError, match=f"{closed_folder / 'data'} is not a folder"):
        start(closed_folder / "data" / "deeper")
    assert (closed_folder / "data").read_text() == "mine"


def test_a_loop_of_links(closed_folder: Path) -> None:
    (closed_folder / "data").symlink_to(closed_folder / "data")
    with pytest.raises(UnusableFolderError, match="cannot be used"):
        start(closed_folder / "data")
    assert (closed_folder / "data").is_symlink()


def test_a_folder_without_write_permission(data_of: Callable[[Who], Path], who: Who) -> None:
    if who.uid == 0:
        pytest.skip("root may write everywhere")
    folder = data_of(who)
    (folder / "lock").unlink()
    folder.chmod(0o500)
    before = snapshot(folder.parent)
    with_lock = Supervisor(folder, who)
    told = with_lock.answer()
    with_lock.stop()
    assert told["error"] == "UnusableFolderError"
    assert str(folder) in told["message"]
    assert "Permission denied" in told["message"]
    assert snapshot(folder.parent) == before
    assert not (folder / "lock").exists()
    folder.chmod(0o700)


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a folder that is somebody else's")
@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_somebody_elses_folder(open_folder: Path, who: Who, mode: int) -> None:
    if who.uid == 0:
        pytest.skip("root may use everybody's folder")
    folder = open_folder / "data"
    folder.mkdir()
    folder.chmod(mode)
    supervisor = Supervisor(folder, who)
    told = supervisor.answer()
    supervisor.stop()
    assert told["error"] == "UnusableFolderError"
    assert f"belongs to uid {os.geteuid()}" in told["message"]
    assert list(folder.iterdir()) == []


def test_a_folder_that_others_may_write_to(data: Path) -> None:
    for mode in (0o770, 0o702):
        data.chmod(mode)
        refused(data, UnusableFolderError, str(data), "Others may write", "chmod go-w")


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a folder that is somebody else's")
@pytest.mark.parametrize(
    ("part", "owner", "wrong"),
    [("postgres", 2, "valkey"), ("valkey", 2, "valkey"), ("postgres", 0, "postgres")],
)
def test_data_of_two_accounts(data: Path, part: str, owner: int, wrong: str) -> None:
    """PostgreSQL's owner runs both servers, so that it is Valkey's data that is wrong, unless the owner is root."""
    os.chown(data / part, owner, owner)
    refused(data, UnusableFolderError, f"{data / wrong} belongs to uid", "must own it")


def test_data_of_another_major_version(data: Path) -> None:
    (data / "postgres" / "PG_VERSION").write_text("14\n")
    refused(data, WrongVersionError, str(data / "postgres"), "written by PostgreSQL 14", "pg_dump")


@pytest.mark.parametrize(("name", "error"), [("lock", UnusableFolderError), ("postgres.log", StartError)])
def test_a_link_is_not_written_to(data: Path, name: str, error: type[EmbeddedError]) -> None:
    """Root may start what is in a user's folder, and must not be led to write to another file."""
    (victim := data.parent / "victim").write_text("mine")
    (data / name).unlink()
    (data / name).symlink_to(victim)
    refused(data, error, "symbolic links", str(data / name))
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("part", ["postgres", "valkey"])
def test_a_file_where_a_servers_data_should_be(data: Path, part: str) -> None:
    (data / part).rename(data / "aside")
    (data / part).write_text("mine")
    refused(data, UnusableFolderError, str(data / part))
    (data / part).unlink()
    (data / "aside").rename(data / part)
    start(data).stop()


def test_a_folder_called_postgres_with_something_else_in_it(closed_folder: Path) -> None:
    (closed_folder / "data" / "postgres").mkdir(parents=True, mode=0o700)
    (closed_folder / "data").chmod(0o700)
    (closed_folder / "data" / "postgres" / "diary").write_text("mine")
    refused(closed_folder / "data", UnusableFolderError, "not empty", "PG_VERSION")


def test_when_valkey_cannot_start_postgres_ends_too(data: Path) -> None:
    with start(data) as embedded:
        remember(*urls(embedded))
    log = next((data / "valkey" / "appendonlydir").glob("*.incr.aof"))
    good = log.read_bytes()
    log.write_bytes(b"this is no log\r\n" + good)
    with pytest.raises(
        StartError, match=r"Valkey ended with status 1[^!]*valkey\.log[^!]*Bad file format"
    ) as caught:
        start(data)
    assert len(str(caught.value)) < 3000
    assert running_on(data) == {}
    log.write_bytes(good)
    with start(data) as embedded:
        assert remembered(*urls(embedded)) == ("a row", "a key")


def test_a_broken_database_is_reported_with_its_last_words(data: Path) -> None:
    control = data / "postgres" / "global" / "pg_control"
    good = control.read_bytes()
    control.write_bytes(bytes(len(good)))
    refused(
        data,
        StartError,
        "PostgreSQL ended with status",
        "postgres.log",
        "initialized with PG_CONTROL_VERSION 0",
    )
    control.write_bytes(good)
    start(data).stop()


def test_a_start_that_takes_for_ever_is_ended(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_LONGEST_START", 0.0)
    with pytest.raises(StartError, match="PostgreSQL was not ready after 0 s"):
        start(data)
    assert running_on(data) == {}
    monkeypatch.undo()
    start(data).stop()


def test_a_server_that_somebody_started_by_hand_is_left_alone(data: Path, open_folder: Path) -> None:
    """It has no name of ours, so that it is not ended, and PostgreSQL's own lock in shared memory keeps us out."""
    with start(data, valkey=False) as embedded:
        server = embedded.servers[0]
    (sockets := open_folder / "sockets").mkdir(mode=0o700)
    server.account.own(sockets)
    by_hand = spawn(
        (*server.command[:3], "-c", "listen_addresses=", "-k", str(sockets)),
        server.folder,
        server.account,
        signal.SIGTERM,
        output=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: server.is_ready(by_hand.pid))
        with pytest.raises(StartError, match="pre-existing shared memory block"):
            start(data)
        assert by_hand.poll() is None
        assert str(by_hand.pid) in (data / "postgres" / "postmaster.pid").read_text()
    finally:
        by_hand.terminate()
        by_hand.wait(10)
    start(data).stop()
