"""The sources that run commands, at the other end of a real sshd: the same text, read on and on."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.scanning.docker import DockerLogs
from app.scanning.host import Host
from app.scanning.journal import Journal
from app.scanning.kubernetes import Kubernetes
from app.scanning.remote_file import RemoteFile
from app.scanning.source import Bounds, Source
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
