"""The sources that run commands, at the other end of a real sshd: the same text, read on and on."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest

from app.scanning import kubernetes
from app.scanning.docker import DockerLogs
from app.scanning.host import Host, Output
from app.scanning.journal import Journal
from app.scanning.kubernetes import Kubernetes
from app.scanning.remote_file import RemoteFile
from app.scanning.source import Bounds, Source
from app.scanning.ssh.line import SESSIONS
from app.scanning.ssh.ssh_host import SshHost
from tests.scanning.reader import Reader, error
from tests.scanning.ssh.stage import connections, sshd
from tests.scanning.stand_ins.hosts import install
from tests.scanning.test_docker import Containers
from tests.scanning.test_journal import Units
from tests.scanning.test_kubernetes import Cluster

SMALL = Bounds(batch=20_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("host")


@pytest.fixture(scope="module")
def host(folder: Path) -> Iterator[SshHost]:
    """A machine with stand-ins for the programs, each with a folder of its own for what it knows."""
    for program in ("docker", "kubectl", "journalctl"):
        (folder / f"{program}-state").mkdir()
        install(program, folder / "programs", folder / f"{program}-state")
    with sshd(folder / "programs") as server, connections() as pool:
        yield SshHost(server.target, None, pool)


def _read(host: Host, source: Callable[[Bounds], Source], write: Callable[[bytes], None]) -> None:
    scans = Reader(source, SMALL)
    for number in range(300):
        write(error(number))
    scans.scan()
    for number in range(300, 900):
        write(error(number))
    assert scans.scan().scan().numbers == list(range(900))


def test_a_container(host: SshHost, folder: Path) -> None:
    containers = Containers(folder / "docker-state")
    _read(host, lambda bounds: DockerLogs(host, "odoo", bounds), containers.write)


def test_a_unit(host: SshHost, folder: Path) -> None:
    units = Units(folder / "journalctl-state")
    _read(host, lambda bounds: Journal(host, "odoo.service", bounds), lambda text: units.write(text[:-1]))


def test_a_deployment(host: SshHost, folder: Path) -> None:
    cluster = Cluster(folder / "kubectl-state")
    cluster.add("odoo-1")
    _read(
        host,
        lambda bounds: Kubernetes(host, "prod", "deploy/odoo", "odoo", bounds),
        lambda text: cluster.write("odoo-1", text),
    )


def test_a_file(host: SshHost, folder: Path) -> None:
    path = folder / "it's a $(log); *.log"

    def write(text: bytes) -> None:
        with path.open("ab") as file:
            file.write(text)

    def source(bounds: Bounds) -> Source:
        return RemoteFile(host, str(path), bounds)

    scans = Reader(source, SMALL)
    for number in range(1000):
        write(error(number))
    scans.scan()
    path.rename(f"{path}.1")
    for number in range(1000, 2000):
        write(error(number))
    for old in (path, Path(f"{path}.1")):
        times = old.stat().st_mtime_ns - 3600 * 10**9
        os.utime(old, ns=(times, times))
    assert scans.scan().scan().numbers == list(range(2000))


class MeetingHost:
    """A host on which nobody goes on with a log's command before as many as may run at once have begun one."""

    def __init__(self, host: Host, meeting: Barrier) -> None:
        self._host = host
        self._meeting = meeting

    @contextmanager
    def run(self, command: Sequence[str], *, with_errors: bool = False) -> Iterator[Output]:
        with self._host.run(command, with_errors=with_errors) as output:
            if kubernetes._LOGS in command:
                with suppress(BrokenBarrierError):
                    self._meeting.wait(2)
            yield output


def test_several_instances_of_one_host_never_wait_for_each_other(tmp_path: Path) -> None:
    """Each needs several commands, and the host runs four at once: whoever kept one while waiting for one more stood still."""
    install("kubectl", tmp_path / "programs", tmp_path)
    cluster = Cluster(tmp_path)
    names = [f"odoo-{number}" for number in range(6)]
    for name in names:
        cluster.add(name)
        cluster.write(name, error(1) + error(2))
    meeting = Barrier(SESSIONS)
    with sshd(tmp_path / "programs") as server, connections(queue=3) as pool:
        host = MeetingHost(SshHost(server.target, None, pool), meeting)

        def scan(name: str) -> list[int]:
            scans = Reader(lambda bounds: Kubernetes(host, "prod", name, "odoo", bounds), Bounds())
            return scans.scan().scan().numbers

        with ThreadPoolExecutor(len(names)) as threads:
            assert list(threads.map(scan, names)) == [[1, 2]] * len(names)
