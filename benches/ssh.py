"""What an SSH connection gives: log text from a real sshd on loopback, against the `ssh` program read through asyncio.

First as one command writes it, then as scans read a file, batch by batch, each with a command of its own.
"""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, time

from app.scanning.remote_file import RemoteFile
from app.scanning.source import Bounds
from app.scanning.ssh.ssh_host import SshHost
from benches.logs import write_log
from benches.ripgrep import MIB
from tests.scanning.ssh.stage import SSHD, Server, connections, sshd

SIZE, ROUNDS, BLOCK, GOAL = 256 * MIB, 5, 128 * 1024, 0.8
CIPHER = "aes128-gcm@openssh.com"
BOUNDS = Bounds(first=1 << 40)


def run(size: int = SIZE) -> None:
    """Print how fast `SshHost.run` gives a log, in units of the speed of the `ssh` program."""
    if not SSHD.exists():
        print("ssh: left out, there is no sshd here")
        return
    with tempfile.TemporaryDirectory() as folder, sshd() as server, connections() as pool:
        log = Path(folder) / "odoo.log"
        write_log(log, "ordinary", size)
        length = log.stat().st_size
        host = SshHost(server.target, connections=pool)
        identity = _identity(server, Path(folder))
        rounds = [
            (
                _ours(host, log),
                asyncio.run(_theirs(server, identity, log, length, ["-c", CIPHER])),
                asyncio.run(_theirs(server, identity, log, length, [])),
                _batches(host, log),
            )
            for _ in range(ROUNDS + 1)
        ][1:]
        ours, same, usual, batches = (length / median(seconds) / 1e6 for seconds in zip(*rounds, strict=True))
        print(
            f"ssh, {length / MIB:.0f} MiB from sshd on loopback  {ours:.0f} MB/s; the ssh program through asyncio"
            f" {same:.0f} with the same cipher, {usual:.0f} with its own:"
            f" {median(r[1] / r[0] for r in rounds):.2f} and {median(r[2] / r[0] for r in rounds):.2f}"
            f" of its speed (goal: {GOAL}); in batches of {BOUNDS.batch / MIB:.0f} MiB {batches:.0f} MB/s:"
            f" {median(r[1] / r[3] for r in rounds):.2f} and {median(r[2] / r[3] for r in rounds):.2f}"
        )


def _ours(host: SshHost, log: Path) -> float:
    """Seconds in which a thread reads the log as the scanner does, connection in place."""
    start, size = perf_counter(), 0
    with host.run(["cat", str(log)]) as output:
        while block := output.read(BLOCK):
            size += len(block)
        output.finish()
    assert size == log.stat().st_size
    return perf_counter() - start


def _batches(host: SshHost, log: Path) -> float:
    """Seconds in which the log is read from position to position, as scans do."""
    start, size, position, has_more = perf_counter(), 0, "{}", True
    source = RemoteFile(host, str(log), BOUNDS)
    while has_more:
        with source.open(position, now=datetime.fromtimestamp(time(), UTC)) as stream:
            read = 0
            while read < BOUNDS.batch and (block := stream.read(BLOCK)):
                read += len(block)
            assert stream.is_intact()
            position, has_more = stream.place(stream.start + read, {})
        size += read
    assert size == log.stat().st_size
    return perf_counter() - start


async def _theirs(server: Server, identity: Path, log: Path, length: int, cipher: list[str]) -> float:
    """Seconds in which the `ssh` program gives the log to asyncio, from its first byte on: it connects each time."""
    options = [*cipher, "-F", "none", "-i", str(identity), "-p", str(server.port)]
    for option in ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"):
        options += ["-o", option]
    process = await asyncio.create_subprocess_exec(
        "ssh", *options, f"{server.user}@127.0.0.1", f"cat {log}", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    size = len(await process.stdout.read(BLOCK))
    start = perf_counter()
    while block := await process.stdout.read(BLOCK):
        size += len(block)
    spent = perf_counter() - start
    assert await process.wait() == 0
    assert size == length
    return spent


def _identity(server: Server, folder: Path) -> Path:
    path = folder / "key"
    path.touch(mode=0o600)
    path.write_bytes(server.key.export_private_key("openssh"))
    return path


if __name__ == "__main__":
    run()
