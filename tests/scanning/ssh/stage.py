"""A real OpenSSH server for tests: on 127.0.0.1, unprivileged, with keys and a configuration of its own.

As root it serves root, otherwise whoever runs the tests; it needs nothing of the machine's own sshd.
"""

import asyncio
import os
import pwd
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic, sleep

import asyncssh
import pytest

from app.errors import SourceUnreadable
from app.scanning.host import Host, Output
from app.scanning.ssh.connections import Connections
from app.scanning.ssh.target import Key, Target

SSHD = Path("/usr/sbin/sshd")


@dataclass
class Server:
    """A running sshd. `target` is how to reach it; `key` logs in, `host_key` is its own."""

    folder: Path
    port: int
    key: asyncssh.SSHKey
    host_key: asyncssh.SSHKey
    user: str = field(default_factory=lambda: pwd.getpwuid(os.geteuid()).pw_name)
    process: subprocess.Popen[bytes] | None = None

    @property
    def target(self) -> Target:
        """The server, with the right key, and its host key pinned."""
        return Target("127.0.0.1", self.user, key(self.key), self.port, public(self.host_key))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        log = self.folder / "sshd.log"
        command = [str(SSHD), "-D", "-f", str(self.folder / "sshd_config"), "-E", str(log)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        until = monotonic() + 10
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    assert connection.recv(4) == b"SSH-"
                    return
            except OSError:
                if self.process.poll() is not None or monotonic() > until:
                    raise AssertionError(f"sshd does not start: {log.read_text()}") from None
                sleep(0.02)

    def stop(self) -> None:
        """Kill it, and every connection that it has."""
        if self.process:
            os.kill(self.process.pid, signal.SIGSTOP)  # so that it cannot answer while its sessions die
            self.kill_sessions()
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self) -> None:
        """As when the machine was away for a moment."""
        self.stop()
        self.start()

    def kill_sessions(self) -> None:
        """Cut each connection, as a firewall or a crash does; the commands that run are not killed."""
        assert self.process
        for pid in reversed(_descendants(self.process.pid)):
            if _name(pid).startswith("sshd"):
                os.kill(pid, signal.SIGKILL)

    def freeze_sessions(self) -> None:
        """Have each connection go silent, as when a cable is pulled; new ones are answered."""
        assert self.process
        for pid in _descendants(self.process.pid):
            if _name(pid).startswith("sshd"):
                os.kill(pid, signal.SIGSTOP)

    def connection_count(self) -> int:
        """How many connections have been accepted until now."""
        return (self.folder / "sshd.log").read_text().count("Accepted publickey")


@contextmanager
def sshd(path_folder: Path | None = None, *, options: Sequence[str] = ()) -> Iterator[Server]:
    """A server whose commands find the programs in `path_folder` first, with more `options` in its configuration."""
    if not SSHD.exists():
        pytest.skip(f"left out: there is no {SSHD} (Debian: apt-get install openssh-server)")
    if pwd.getpwuid(os.geteuid()).pw_shell.endswith(("/nologin", "/false")):
        pytest.skip("left out: sshd lets in nobody who has no login shell")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(
            mode=0o755, exist_ok=True
        )  # where it locks itself in before anybody has logged in
    with tempfile.TemporaryDirectory(prefix="snaglist-sshd-") as name:
        folder = Path(name)
        server = Server(folder, free_port(), _key(), _key())
        _write_private(folder / "host_key", server.host_key)
        (folder / "authorized_keys").write_bytes(server.key.export_public_key("openssh"))
        path = os.pathsep.join(
            [*([str(path_folder)] if path_folder else []), "/usr/local/bin", "/usr/bin", "/bin"]
        )
        (folder / "sshd_config").write_text(
            "\n".join(
                [
                    *options,
                    f"Port {server.port}",
                    "ListenAddress 127.0.0.1",
                    f"HostKey {folder}/host_key",
                    f"AuthorizedKeysFile {folder}/authorized_keys",
                    "PidFile none",
                    "StrictModes no",
                    "UsePAM no",
                    "PermitRootLogin yes",
                    "PasswordAuthentication no",
                    "KbdInteractiveAuthentication no",
                    "PermitUserRC no",
                    "LogLevel VERBOSE",
                    f"SetEnv PATH={path} SHLVL=2",  # at 1, bash would run the .bashrc of whoever tests
                    "",
                ]
            )
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def asyncssh_server(
    host_key: asyncssh.SSHKey,
    made: Callable[[], asyncssh.SSHServer],
    process: Callable[[asyncssh.SSHServerProcess[bytes]], None],
) -> Iterator[int]:
    """The port of asyncssh's server, for what OpenSSH does not do when it is asked to."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=made,
            server_host_keys=[host_key],
            process_factory=process,
            encoding=None,
        )

    async def close(server: asyncssh.SSHAcceptor) -> None:
        server.close()
        await server.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=5)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    try:
        yield server.get_port()
    finally:
        asyncio.run_coroutine_threadsafe(close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def connections(*, idle: float = 60, queue: float = 30, wait: float = 5) -> Iterator[Connections]:
    """Connections of one test's own."""
    made = Connections(idle=idle, queue=queue, wait=wait)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def new_key() -> asyncssh.SSHKey:
    """Another key."""
    return _key()


def key(made: asyncssh.SSHKey, passphrase: str | None = None) -> Key:
    """A private key as text, encrypted where there is a passphrase."""
    text = made.export_private_key(
        "openssh", passphrase, rounds=16, ignore_few_rounds=True
    )  # as ssh-keygen does
    return Key(text.decode(), passphrase)


def public(made: asyncssh.SSHKey) -> str:
    """A public key as text."""
    return made.export_public_key("openssh").decode().strip()


def changed(target: Target, **parts: object) -> Target:
    """The same target, but for these parts."""
    return replace(target, **parts)  # type: ignore[arg-type]


def is_running(mark: str) -> bool:
    """Whether a process runs that has this text in its command."""
    return any(mark.encode() in _command(pid) for pid in _pids() if pid != os.getpid())


def is_gone(mark: str, seconds: float = 5) -> bool:
    """Whether no such process runs any more within this time."""
    until = monotonic() + seconds
    while monotonic() < until:
        if not is_running(mark):
            return True
        sleep(0.02)
    return False


def read_all(output: Output, size: int = 100_000) -> bytes:
    """All that a command writes, once it has ended well."""
    blocks = []
    while block := output.read(size):
        assert len(block) <= size
        blocks.append(block)
    output.finish()
    return b"".join(blocks)


def said(host: Host, *command: str, with_errors: bool = False) -> bytes:
    """All that this command writes."""
    with host.run(command, with_errors=with_errors) as output:
        return read_all(output)


def refused(host: Host, *command: str) -> str:
    """The words in which this command, or the connection to run it, fails."""
    with pytest.raises(SourceUnreadable) as raised, host.run(command) as output:
        read_all(output)
    return raised.value.message


def _key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


def _write_private(path: Path, made: asyncssh.SSHKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(made.export_private_key("openssh"))


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _descendants(pid: int) -> list[int]:
    children = [other for other in _pids() if _parent(other) == pid]
    return children + [below for child in children for below in _descendants(child)]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
