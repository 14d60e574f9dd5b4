"""Processes that die or hang: the servers', and their supervisor's."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from app.embedded import process, start
from app.embedded.account import account_for
from tests.embedded.stage import (
    Supervisor,
    Who,
    kill,
    remember,
    remembered,
    running_on,
    sql,
    supervised,
    urls,
    wait_until,
)


@contextmanager
def busy_backend(url: str) -> Iterator[int]:
    """A server process, by pid, that computes and does not look up."""
    loop = "DO $$ BEGIN FOR i IN 1..2000000000 LOOP END LOOP; END $$"
    script = """
import asyncio, sys, asyncpg
async def main():
    connection = await asyncpg.connect(sys.argv[1])
    print(connection.get_server_pid(), flush=True)
    await connection.execute(sys.argv[2])
asyncio.run(main())
"""
    client = subprocess.Popen(
        [sys.executable, "-c", script, url, loop], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert client.stdout
        pid = int(client.stdout.readline())
        time.sleep(0.2)
        yield pid
    finally:
        client.kill()
        client.communicate()


def test_servers_die_with_their_supervisor(data_of: Callable[[Who], Path], who: Who) -> None:
    folder = data_of(who)
    with supervised(folder, who) as (supervisor, answer):
        remember(answer["postgresql"], answer["valkey"])
        sockets = Path(answer["valkey"].removeprefix("unix://")).parent
        supervisor.kill()
        wait_until(lambda: running_on(folder) == {}, 5)
        assert sockets.exists()
    with supervised(folder, who) as (supervisor, answer):
        assert remembered(answer["postgresql"], answer["valkey"]) == ("a row", "a key")
        assert not sockets.exists()
        supervisor.stop()


@pytest.mark.parametrize("postgres_too", [False, True])
def test_a_start_right_after_the_kill_ends_what_is_still_there(data: Path, postgres_too: bool) -> None:
    for _ in range(2):
        with supervised(data) as (supervisor, answer), busy_backend(answer["postgresql"]) as backend:
            sql(
                answer["postgresql"], "CREATE TABLE IF NOT EXISTS many (n int)", "INSERT INTO many VALUES (1)"
            )
            old = set(running_on(data))
            assert backend in old
            if postgres_too:
                os.kill(int((data / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            supervisor.kill()
            with start(data) as embedded:
                assert not old & set(running_on(data))
                counted = sql(urls(embedded)[0], "SELECT count(*) FROM many")
    assert counted == 2


def test_a_supervisor_that_is_killed_in_its_first_start_leaves_nothing_half_made(closed_folder: Path) -> None:
    folder = closed_folder / "data"
    for wait in (0.15, 0.5):
        supervisor = Supervisor(folder)
        wait_until(lambda: any(folder.glob("postgres.new-*/PG_VERSION")) or (folder / "postgres").exists())
        time.sleep(wait)
        supervisor.kill()
    with start(folder) as embedded:
        remember(*urls(embedded))
        assert not list(folder.glob("postgres.new-*"))


def test_a_killed_postgres_comes_back_at_the_same_place(data: Path) -> None:
    with start(data) as embedded:
        assert embedded.postgres
        remember(*urls(embedded))
        with busy_backend(embedded.postgres.url) as orphan:
            kill(embedded.postgres)
            assert not embedded.postgres.alive()
            assert embedded.valkey
            assert embedded.valkey.alive()
            assert orphan in running_on(data)
            url = embedded.postgres.url
            embedded.postgres.restart()
            assert orphan not in running_on(data)
        assert embedded.postgres.alive()
        assert embedded.postgres.url == url
        assert remembered(*urls(embedded)) == ("a row", "a key")
    assert running_on(data) == {}


def test_a_killed_valkey_comes_back_at_the_same_place(data: Path) -> None:
    with start(data) as embedded:
        assert embedded.valkey
        remember(*urls(embedded))
        kill(embedded.valkey)
        assert not embedded.valkey.alive()
        with pytest.raises(redis.ConnectionError):
            remembered(*urls(embedded))
        assert embedded.postgres
        assert embedded.postgres.alive()
        embedded.valkey.restart()
        assert embedded.valkey.alive()
        assert remembered(*urls(embedded)) == ("a row", "a key")


def test_stopping_ends_orphans_of_a_postgres_that_was_killed(data: Path) -> None:
    with start(data) as embedded:
        assert embedded.postgres
        with busy_backend(embedded.postgres.url) as orphan:
            kill(embedded.postgres)
            assert orphan in running_on(data)
            embedded.stop()
            assert running_on(data) == {}
    start(data).stop()


def test_stopping_does_not_wait_for_what_hangs(data: Path) -> None:
    embedded = start(data)
    remember(*urls(embedded))
    for server in embedded.servers:
        assert server.process
        server.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    embedded.stop(timeout=3.0)
    assert time.monotonic() - began < 5.0
    assert running_on(data) == {}
    with start(data) as embedded:
        assert remembered(*urls(embedded)) == ("a row", "a key")


def test_signals_that_the_supervisor_blocks_end_the_servers_all_the_same(data: Path) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        embedded = start(data)
        embedded.stop()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    assert [server.process and server.process.returncode for server in embedded.servers] == [0, 0]


def test_ctrl_c_reaches_only_the_supervisor(data: Path) -> None:
    with supervised(data) as (supervisor, _):
        groups = {os.getpgid(pid) for pid in running_on(data)}
        assert os.getpgid(supervisor.process.pid) not in groups


@pytest.mark.parametrize("pid", ["alive", "", "nonsense"])
def test_a_stale_pid_file_is_no_hindrance(data: Path, pid: str) -> None:
    with start(data) as embedded:
        remember(*urls(embedded))
        assert embedded.postgres
        kill(embedded.postgres)
    account = account_for(data)
    stranger = subprocess.Popen(  # as after a container's restart: the pid lives, of the same account
        ["sleep", "60"], user=account.uid if account.dropped else None
    )
    try:
        pid_file = data / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        written = "\n".join([str(stranger.pid), *lines[1:]]) + "\n" if pid == "alive" else pid
        pid_file.write_text(written)
        with start(data) as embedded:
            assert remembered(*urls(embedded)) == ("a row", "a key")
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_processes_are_found_without_proc_too(data: Path) -> None:
    with start(data) as embedded:
        for server in embedded.servers:
            assert server.process
            tag, uid = server.tag, server.account.uid
            found = process.processes(tag, uid)
            assert server.process.pid in found
            assert set(process._processes_by_ps(tag, uid)) == set(found)
            assert process.processes(tag, uid + 1) == {}


def test_a_supervisor_that_is_asked_to_end_while_it_starts_ends_all(closed_folder: Path) -> None:
    supervisor = Supervisor(closed_folder / "data")
    wait_until(lambda: any((closed_folder / "data").glob("postgres.new-*/base")))
    supervisor.process.send_signal(signal.SIGINT)
    supervisor.process.communicate(timeout=10)
    assert supervisor.process.returncode != 0
    assert sorted(path.name for path in (closed_folder / "data").iterdir()) == ["lock"]
