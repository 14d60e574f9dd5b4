"""Machines that are away, hang, or cut the connection: it is told in words, nothing counts as read, and it mends itself."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep

import asyncssh
import pytest

from app.errors import SourceUnreadable
from app.scanning.host import Patience
from app.scanning.ssh.connections import Connections
from app.scanning.ssh.ssh_host import SshHost, fetch_host_key
from app.scanning.ssh.target import Password, Target
from tests.scanning.ssh.stage import (
    Server,
    asyncssh_server,
    changed,
    connections,
    free_port,
    is_gone,
    new_key,
    public,
    read_all,
    refused,
    said,
    silent_server,
    sshd,
)

PATIENCE = Patience(whole=20, silence=5)


def place(port: int, host: str = "127.0.0.1") -> Target:
    return Target(host, "odoo", Password("secret"), port, public(new_key()))


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port on which nobody accepts connections: what asks for one is never answered."""
    with socket.socket() as server, ExitStack() as opened:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(3):
            filler = opened.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@contextmanager
def talking_port(greeting: bytes) -> Iterator[int]:
    """A port on which something else than SSH listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(greeting)

        thread = threading.Thread(target=greet)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_host_that_nobody_knows(pool: Connections) -> None:
    target = place(22, "no-such-host.invalid")
    assert "nobody knows a host no-such-host.invalid" in refused(SshHost(target, connections=pool), "echo")
    with pytest.raises(SourceUnreadable, match="nobody knows a host"):
        fetch_host_key(target, pool)
    assert pool.targets() == []


def test_a_host_that_refuses(pool: Connections) -> None:
    target = place(free_port())
    assert f"refused the connection: does an SSH server listen on port {target.port}" in refused(
        SshHost(target, connections=pool), "echo"
    )
    with pytest.raises(SourceUnreadable, match="refused the connection"):
        fetch_host_key(target, pool)


def test_a_host_that_does_not_answer() -> None:
    with connections(wait=0.5) as pool, deaf_port() as port:
        since = monotonic()
        told = refused(SshHost(place(port), connections=pool), "echo")
        assert "did not answer within 0.5 seconds" in told
        assert monotonic() - since < 2


def test_a_host_that_accepts_and_says_nothing() -> None:
    with connections(wait=0.5) as pool, silent_server() as port:
        assert "accepts connections and then says nothing" in refused(
            SshHost(place(port), connections=pool), "echo"
        )
        with pytest.raises(SourceUnreadable, match="accepts connections and then says nothing"):
            fetch_host_key(place(port), pool)


@pytest.mark.parametrize(
    "greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\0" * 5000, b"SSH-1.5-old\r\n"]
)
def test_something_that_is_no_ssh_server(pool: Connections, greeting: bytes) -> None:
    with talking_port(greeting) as port:
        told = refused(SshHost(place(port), connections=pool), "echo")
    assert told.startswith(f"127.0.0.1:{port} ")
    assert any(
        words in told for words in ("is it an SSH server", "ended the connection", "cannot be reached")
    )


def test_a_connection_that_is_cut_in_mid_output(server: Server, pool: Connections) -> None:
    host = SshHost(server.target, PATIENCE, pool)
    with host.run(["yes", "31.4161"]) as output:
        output.read(100_000)
        server.kill_sessions()
        with pytest.raises(SourceUnreadable, match=r"the connection to .* was lost"):
            read_all(output)
    assert pool.targets() == []
    assert said(host, "echo", "again") == b"again\n"
    assert is_gone("31.4161")


def test_a_connection_that_is_cut_while_a_command_is_silent(server: Server, pool: Connections) -> None:
    host = SshHost(server.target, PATIENCE, pool)
    with host.run(["sh", "-c", "echo 1; sleep 3"]) as output:
        assert output.read(100) == b"1\n"
        server.kill_sessions()
        with pytest.raises(SourceUnreadable, match="was lost"):
            output.finish()


def test_an_exit_status_proves_nothing_where_the_end_of_the_output_is_missing(
    server: Server, pool: Connections
) -> None:
    """The command has ended well and all has been sent; but it has not all been taken when the connection goes."""
    host = SshHost(server.target, PATIENCE, pool)
    size = 3_000_000
    with host.run(["head", "-c", str(size), "/dev/zero"]) as output:
        sleep(0.5)
        server.kill_sessions()
        sleep(0.1)
        got = 0
        with pytest.raises(SourceUnreadable, match="was lost"):  # noqa: PT012
            while block := output.read(100_000):
                got += len(block)
            output.finish()
    assert got < size


class Open(asyncssh.SSHServer):
    """A server that lets everybody in."""

    def begin_auth(self, username: str) -> bool:
        return False


def test_a_command_whose_end_is_not_told(pool: Connections) -> None:
    def vanish(process: asyncssh.SSHServerProcess[bytes]) -> None:
        process.stdout.write(b"1\n")
        process.close()

    host_key = new_key()
    with asyncssh_server(host_key, Open, vanish) as port:
        host = SshHost(changed(place(port), host_key=public(host_key)), PATIENCE, pool)
        with host.run(["echo"]) as output:
            assert output.read(100) == b"1\n"
            with pytest.raises(SourceUnreadable, match="was lost"):
                output.read(100)
        pool.close()


def test_a_connection_that_has_died_unnoticed_is_replaced() -> None:
    with sshd() as server, connections(wait=1) as pool:
        host = SshHost(server.target, PATIENCE, pool)
        assert said(host, "echo", "1") == b"1\n"
        server.freeze_sessions()
        assert said(host, "echo", "2") == b"2\n"


def test_what_lives_on_over_there_takes_no_room_from_others() -> None:
    with sshd(options=["MaxSessions 1"]) as server, connections() as pool:
        host = SshHost(server.target, Patience(whole=4, silence=5), pool)
        with host.run(["sleep", "31.4162"]):
            sleep(0.2)
        assert said(host, "echo", "1") == b"1\n"


def test_a_server_that_hangs_is_given_up_and_connected_to_anew() -> None:
    with sshd() as server, connections() as pool:
        host = SshHost(server.target, Patience(whole=20, silence=0.5), pool)
        with pytest.raises(SourceUnreadable, match="said nothing for"):  # noqa: SIM117, PT012
            with host.run(["sh", "-c", "echo 1; sleep 2; echo 2"]) as output:
                assert output.read(100) == b"1\n"
                server.freeze_sessions()
                output.read(100)
        assert said(host, "echo", "again") == b"again\n"


def test_a_server_that_is_restarted_between_two_commands() -> None:
    with sshd() as server, connections() as pool:
        host = SshHost(server.target, PATIENCE, pool)
        for _ in range(3):
            assert said(host, "echo", "1") == b"1\n"
            server.restart()
        server.stop()
        assert "refused the connection" in refused(host, "echo")
        server.start()
        assert said(host, "echo", "1") == b"1\n"


def test_a_server_that_allows_fewer_sessions() -> None:
    with sshd(options=["MaxSessions 1"]) as server, connections() as pool:
        host = SshHost(server.target, PATIENCE, pool)
        with host.run(["sh", "-c", "echo 1; sleep 1.2; echo 2"]) as output:
            assert output.read(100) == b"1\n"
            assert "allows no more sessions on a connection (MaxSessions" in refused(host, "echo")
            assert read_all(output) == b"2\n"
        assert said(host, "echo", "1") == b"1\n"


def test_a_server_that_allows_no_sessions_at_all() -> None:
    with sshd(options=["MaxSessions 0"]) as server, connections() as pool:
        assert "allows no more sessions" in refused(SshHost(server.target, PATIENCE, pool), "echo")


def test_a_forced_command_gets_the_words_quoted() -> None:
    """What an administrator writes into authorized_keys to let us read one log only."""
    with sshd(options=['ForceCommand echo "$SSH_ORIGINAL_COMMAND"']) as server, connections() as pool:
        got = said(SshHost(server.target, PATIENCE, pool), "docker", "logs", "--", "odoo; id")
    assert got == b"exec env LC_ALL=C timeout -k 5 20 docker logs -- 'odoo; id'\n"


@pytest.mark.parametrize("times", range(6))
def test_a_connection_cut_at_any_moment_never_looks_like_an_end(
    server: Server, pool: Connections, times: int
) -> None:
    host = SshHost(server.target, PATIENCE, pool)
    said(host, "echo")
    cut = threading.Timer(0.025 * times, server.kill_sessions)
    cut.start()
    try:
        got = said(host, "seq", "1000000")
    except SourceUnreadable as told:
        assert "was lost" in told.message  # noqa: PT017
    else:
        assert got == b"".join(b"%d\n" % number for number in range(1, 1000001))
    cut.join()
