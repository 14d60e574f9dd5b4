"""Commands on a machine that is reached over SSH, against OpenSSH's own server."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep

import pytest

from app.errors import SourceUnreadable
from app.scanning.host import Patience
from app.scanning.ssh.connections import Connections
from app.scanning.ssh.ssh_host import SshHost
from tests.scanning.ssh.stage import Server, connections, is_gone, is_running, read_all, refused, said

NASTY = [
    "x; rm -rf /",
    "$(touch f)",
    "`touch f`",
    "a\nb",
    'it\'s "quoted"',
    "",
    "*",
    "~",
    "$HOME",
    "a\\b",
    "!!",
    "&& touch f",
    "> f",
    "--help",
    "ü 日本",
    "\t\r\x01\x7f",
    "#",
]


@pytest.fixture
def host(server: Server, pool: Connections) -> SshHost:
    """The server, with little patience."""
    return SshHost(server.target, Patience(whole=30, silence=10), pool)


def test_words_reach_the_program_as_they_are(host: SshHost) -> None:
    got = said(host, "printf", "%s\\0", *NASTY)
    assert got.decode().split("\0")[:-1] == NASTY
    assert b"f" not in said(host, "ls").split()


def test_a_command_speaks_plain_english_and_waits_for_no_input(host: SshHost) -> None:
    assert said(host, "sh", "-c", "echo $LC_ALL; cat") == b"C\n"


def test_programs_are_found_on_the_path_of_the_server(host: SshHost, programs: Path) -> None:
    docker = programs / "docker"
    docker.write_text('#!/bin/sh\necho "stand-in: $*"\n')
    docker.chmod(0o755)
    assert said(host, "docker", "logs", "--", "odoo") == b"stand-in: logs -- odoo\n"


def test_every_byte_arrives(host: SshHost, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(bytes(range(256)) * 1000 + b"\xff\xfe\0\xc3" * 5)
    assert said(host, "cat", str(log)) == log.read_bytes()


def test_a_line_of_50_mib_arrives_whole(host: SshHost) -> None:
    got = said(host, "sh", "-c", "head -c 52428800 /dev/zero | tr '\\0' x; echo")
    assert sha256(got).digest() == sha256(b"x" * 52428800 + b"\n").digest()


def test_a_reader_that_is_slow_misses_nothing(host: SshHost) -> None:
    """It all came, and the command ended, while nobody read."""
    size = 3_000_000
    with host.run(["head", "-c", str(size), "/dev/zero"]) as output:
        sleep(0.5)
        assert read_all(output, 7001) == bytes(size)


def test_a_slow_reader_makes_the_other_machine_wait(host: SshHost, pool: Connections) -> None:
    with host.run(["head", "-c", "200000000", "/dev/zero"]) as output:
        before = resident()
        sleep(0.5)
        assert resident() - before < 20_000_000
        assert len(output.read(1000)) == 1000


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_20_mb_of_complaints_do_not_hold_up_the_output(host: SshHost) -> None:
    told = refused(
        host, "sh", "-c", "yes complaint | head -c 20000000 >&2; echo out; echo the end >&2; exit 4"
    )
    assert "ended with status 4" in told
    assert told.endswith("complaint the end")
    assert len(told) < 600


def test_complaints_come_in_order_when_asked_for(host: SshHost) -> None:
    script = "echo 1; echo 2 >&2; echo 3; echo 4 >&2"
    assert said(host, "sh", "-c", script, with_errors=True) == b"1\n2\n3\n4\n"
    assert said(host, "sh", "-c", script) == b"1\n3\n"
    with pytest.raises(SourceUnreadable, match="status 1: 1 no such container"):  # noqa: SIM117
        with host.run(["sh", "-c", "echo 1; echo no such container >&2; exit 1"], with_errors=True) as output:
            read_all(output)


def test_how_a_command_failed_is_told_in_words(host: SshHost, tmp_path: Path) -> None:
    (tmp_path / "plain").touch(mode=0o644)
    assert "there is no program dockre on 127.0.0.1" in refused(host, "dockre", "logs")
    assert "may not be executed: timeout: failed to run command" in refused(host, str(tmp_path / "plain"))
    assert "ended with status 3: it is not so" in refused(host, "sh", "-c", "echo it is not so >&2; exit 3")
    assert refused(host, "sh", "-c", "exit 255").endswith("ended with status 255")
    assert "was ended by SIGKILL" in refused(host, "sh", "-c", "kill -9 $$")
    assert "NUL" in refused(host, "echo", "a\0b")
    assert "NUL" in refused(host, "")


def test_what_a_command_says_is_told_without_secrets(host: SshHost) -> None:
    told = refused(host, "sh", "-c", "echo 'login failed: password=hunter22x' >&2; exit 1")
    assert "login failed" in told
    assert "hunter22x" not in told


def test_commands_that_take_too_long_or_say_nothing(server: Server, pool: Connections) -> None:
    short = SshHost(server.target, Patience(whole=1, silence=30), pool)
    quiet = SshHost(server.target, Patience(whole=3, silence=0.5), pool)
    stubborn = "trap '' TERM; while :; do sleep 0.1; done; echo 31.4152"
    complaining = "for i in 1 2 3 4; do sleep 0.2; echo still there >&2; done; echo done"
    with ThreadPoolExecutor(4) as threads:
        long = threads.submit(refused, short, "sleep", "31.4151")
        longer = threads.submit(refused, short, "sh", "-c", stubborn)
        silent = threads.submit(refused, quiet, "sh", "-c", "echo 1; sleep 31")
        loud = threads.submit(said, quiet, "sh", "-c", complaining)
    assert long.result() == f"sleep on {server.target.name} did not end within 1 seconds"
    assert longer.result() == f"sh on {server.target.name} did not end within 1 seconds"
    assert silent.result() == f"sh on {server.target.name} said nothing for 0.5 seconds"
    assert loud.result() == b"done\n"
    assert is_gone("31.4151")
    assert is_gone("31.4152")


def test_status_124_of_the_program_itself_is_no_time_limit(host: SshHost) -> None:
    assert refused(host, "sh", "-c", "exit 124").endswith("ended with status 124")


def test_leaving_early_ends_what_writes(host: SshHost) -> None:
    with host.run(["yes", "31.4153"]) as output:
        assert output.read(100).startswith(b"31.4153\n")
        assert is_running("31.4153")
        since = monotonic()
    assert monotonic() - since < 1.5
    assert is_gone("31.4153")
    with pytest.raises(ZeroDivisionError), host.run(["yes", "31.4154"]):
        1 / 0  # noqa: B018
    assert is_gone("31.4154")


def test_leaving_a_silent_command_is_quick_and_disturbs_nobody(
    host: SshHost, server: Server, pool: Connections
) -> None:
    """Root cannot be sent signals by OpenSSH; then only the limit ends what is silent, and so we do not wait for it."""
    impatient = SshHost(server.target, Patience(whole=30 if os.geteuid() else 2), pool)
    with host.run(["sh", "-c", "echo 1; sleep 3; echo 2"]) as other:
        assert other.read(100) == b"1\n"
        with impatient.run(["sleep", "31.4155"]):
            sleep(0.2)
            since = monotonic()
        assert monotonic() - since < 3
        if os.geteuid():
            assert is_gone("31.4155", 1)
        assert said(host, "echo", "3") == b"3\n"
        assert read_all(other) == b"2\n"
    assert is_gone("31.4155")


def test_six_at_once_take_turns_on_one_connection(host: SshHost, server: Server, tmp_path: Path) -> None:
    before = server.connection_count()
    script = f"touch {tmp_path}/$0; sleep 0.2; ls {tmp_path} | wc -l; sleep 0.2; rm {tmp_path}/$0"
    with ThreadPoolExecutor(6) as threads:
        counts = list(threads.map(lambda number: int(said(host, "sh", "-c", script, str(number))), range(6)))
    assert max(counts) == 4
    assert server.connection_count() == before + 1


def test_waiting_for_a_turn_has_an_end(server: Server) -> None:
    with connections(queue=0.3) as pool:
        host = SshHost(server.target, Patience(whole=3), pool)
        begun, done = threading.Barrier(5), threading.Event()

        def occupy() -> None:
            with host.run(["yes"]):
                begun.wait(10)
                done.wait(10)

        with ThreadPoolExecutor(4) as threads:
            for _ in range(4):
                threads.submit(occupy)
            begun.wait(10)
            assert "4 commands run on 127.0.0.1" in refused(host, "echo", "1")
            done.set()
        assert said(host, "echo", "1") == b"1\n"


def test_a_connection_is_used_again_and_closed_when_idle(server: Server) -> None:
    before = server.connection_count()
    with connections(idle=0.3) as pool:
        host = SshHost(server.target, connections=pool)
        for _ in range(3):
            assert said(host, "echo", "1") == b"1\n"
        assert server.connection_count() == before + 1
        sleep(0.8)
        assert pool.targets() == []
        assert said(host, "echo", "1") == b"1\n"
        assert server.connection_count() == before + 2


def test_closing_ends_what_is_being_read(server: Server) -> None:
    with connections() as pool:
        host = SshHost(server.target, Patience(whole=5), pool)
        with ThreadPoolExecutor(1) as threads, host.run(["sh", "-c", "echo 1; sleep 4"]) as output:
            assert output.read(100) == b"1\n"
            threads.submit(pool.close)
            with pytest.raises(SourceUnreadable, match="was lost"):
                output.read(100)
        assert said(host, "echo", "anew") == b"anew\n"
