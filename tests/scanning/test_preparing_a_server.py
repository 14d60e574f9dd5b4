"""What docs/preparing-a-server.md gives people to prepare a server: the script there is run by a real sshd as forced command."""

import hashlib
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.domain.log_source import DockerLog, FileLog, LogSource, Machine
from app.errors import SourceUnreadable
from app.scanning import docker, journal, kubernetes, remote_files
from app.scanning.docker import DockerLogs
from app.scanning.host import Patience
from app.scanning.journal import Journal
from app.scanning.kubernetes import Kubernetes
from app.scanning.remote_file import RemoteFile
from app.scanning.source import Bounds, Source
from app.scanning.ssh.connections import SHARED
from app.scanning.ssh.ssh_host import SshHost, _line
from app.scanning.try_source import try_source
from tests.scanning.reader import NOW, Reader, error
from tests.scanning.ssh.stage import Server, connections, public, refused, sshd
from tests.scanning.ssh.stage import key as key_text
from tests.scanning.stand_ins.hosts import install
from tests.scanning.test_docker import Containers
from tests.scanning.test_journal import Units
from tests.scanning.test_kubernetes import Cluster

PAGE = Path(__file__).parents[2] / "docs" / "preparing-a-server.md"
SCRIPTS = {
    "docker": (docker._LOGS, docker._END),
    "file": (remote_files._READ,),
    "folder": (remote_files._LIST,),
    "journal": (journal._READ, journal._END),
    "kubernetes": (kubernetes._LOGS, kubernetes._END),
}
SHELLS = [["dash"], ["bash", "--posix"], ["busybox", "sh"]]


def script() -> str:
    """The forced command, as the page has it."""
    found = re.search(r"```sh\n(#!/bin/sh\n.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    return found[1]


def digest(text: str) -> str:
    """Of a script as it is asked for, quoted, without what follows."""
    asked = shlex.join(["sh", "-c", text, "sh"])
    return hashlib.sha256(asked.removesuffix("' sh").encode()).hexdigest()


def test_the_page_knows_the_scripts_that_snaglist_sends() -> None:
    """Whoever changes one of them writes its digest into the page, and into CHANGELOG that servers need the new ones."""
    for kind, scripts in SCRIPTS.items():
        known = re.search(rf"^ *([0-9a-f| ]+)\) kind={kind} ;;$", script(), re.MULTILINE)
        assert known, kind
        assert known[1] == " | ".join(map(digest, scripts)), kind


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("there")


@pytest.fixture(scope="module")
def log(folder: Path) -> Path:
    (folder / "logs of it").mkdir()
    return folder / "logs of it" / "odoo.log"


@pytest.fixture(scope="module")
def command(folder: Path, log: Path) -> Path:
    """The script of the page, with the names of what is there."""
    text = script()
    names = {"files": f"{log}\n/srv/some.d/log", "units": "odoo.service", "namespaces": "prod\nstaging"}
    for name, value in names.items():
        text, count = re.subn(rf"^{name}='.*'$", f"{name}='{value}'", text, flags=re.MULTILINE)
        assert count == 1
    path = folder / "snaglist-logs"
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def server(folder: Path, command: Path) -> Iterator[Server]:
    """A server that is prepared as the page says."""
    for program in ("docker", "kubectl", "journalctl"):
        (folder / f"{program}-state").mkdir()
        install(program, folder / "programs", folder / f"{program}-state")
    with sshd(folder / "programs") as running:
        keys = running.folder / "authorized_keys"
        keys.write_text(f'command="{command}",restrict {public(running.key)} snaglist\n')
        yield running


@pytest.fixture(scope="module")
def host(server: Server) -> Iterator[SshHost]:
    with connections() as pool:
        yield SshHost(server.target, None, pool)


def test_a_container_is_read(host: SshHost, folder: Path) -> None:
    containers = Containers(folder / "docker-state")
    scans = Reader(lambda bounds: DockerLogs(host, "odoo", bounds), Bounds(batch=2000))
    for number in range(100):
        containers.write(error(number))
        if number == 50:
            scans.scan()
    assert scans.scan().scan().numbers == list(range(100))
    with pytest.raises(SourceUnreadable, match="refused: the container other is not named in"):
        Reader(lambda bounds: DockerLogs(host, "other", bounds), Bounds()).scan()


@pytest.mark.parametrize("rotated", ["odoo.log.1", "odoo.log-20261122", "odoo-2026-11-22.log"])
def test_a_file_is_read_through_rotation(host: SshHost, log: Path, rotated: str) -> None:
    log.write_bytes(b"")
    scans = Reader(lambda bounds: RemoteFile(host, str(log), bounds), Bounds())
    scans.scan()
    for number in range(20):
        with log.open("ab") as file:
            file.write(error(number))
    scans.scan()
    with log.open("ab") as file:
        file.write(error(20))
    log.rename(log.with_name(rotated))
    log.write_bytes(error(21))
    for path in log.parent.iterdir():
        os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns - 3600 * 10**9))
    assert scans.scan().scan().numbers == list(range(22))
    log.with_name(rotated).unlink()
    for other in (log.with_name("odoo.conf"), log.with_name("odoo.log.1") / "x.log", Path("/etc/passwd")):
        with pytest.raises(SourceUnreadable, match=r"refused: the file .* is not named in"):
            Reader(lambda bounds, other=other: RemoteFile(host, str(other), bounds), Bounds()).scan()  # type: ignore[misc]


def test_a_unit_is_read(host: SshHost, folder: Path) -> None:
    units = Units(folder / "journalctl-state")
    scans = Reader(lambda bounds: Journal(host, "odoo.service", bounds), Bounds())
    units.write(error(0)[:-1])
    scans.scan()
    units.write(error(1)[:-1])
    assert scans.scan().scan().numbers == [0, 1]
    with pytest.raises(SourceUnreadable, match=r"refused: the unit ssh\.service is not named in"):
        Reader(lambda bounds: Journal(host, "ssh.service", bounds), Bounds()).scan()


@pytest.mark.parametrize("target", ["odoo-1", "app=odoo", "deploy/odoo"])
def test_pods_are_read(host: SshHost, folder: Path, target: str) -> None:
    cluster = Cluster(folder / "kubectl-state")
    cluster.add("odoo-1")
    cluster.rotate("odoo-1")
    cluster.write("odoo-1", error(0) + error(1))

    def source(bounds: Bounds) -> Source:
        return Kubernetes(host, "prod", target, "", bounds)

    assert Reader(source, Bounds()).scan().scan().numbers == [0, 1]
    with pytest.raises(SourceUnreadable, match="refused: the namespace kube-system is not named in"):
        Reader(lambda bounds: Kubernetes(host, "kube-system", target, "", bounds), Bounds()).scan()


def test_a_connection_is_tried(server: Server, folder: Path, log: Path) -> None:
    """As `snaglist instance test` and `instanceTestConnection` do."""
    Containers(folder / "docker-state").write(error(1))
    log.write_bytes(error(1) + error(2))
    machine = Machine(
        "127.0.0.1",
        server.user,
        server.port,
        host_key=public(server.host_key),
        private_key=key_text(server.key).text,
    )
    try:
        for source in (FileLog(str(log)), DockerLog("odoo")):
            tried = try_source(LogSource(source, machine), now=NOW)
            assert (tried.connected, tried.log_found, tried.problem) == (True, True, None)
            assert tried.lines_read
        tried = try_source(LogSource(FileLog("/etc/passwd"), machine), now=NOW)
        assert (tried.connected, tried.log_found, tried.lines_read) == (True, False, 0)
        assert "refused: the file /etc/passwd is not named" in (tried.problem or "")
    finally:
        SHARED.close()


@pytest.mark.parametrize(
    "words",
    [
        ["rm", "-rf", "/nowhere"],
        ["cat", "/etc/passwd"],
        ["docker", "exec", "odoo", "sh"],
        ["docker", "logs", "--timestamps", "--", "odoo"],
        ["sh", "-c", "id", "sh"],
        ["sh", "-c", docker._LOGS.replace("docker logs", "docker exec"), "sh", "odoo", "", ""],
        ["sh", "-c", docker._LOGS, "sh", "odoo;id", "", ""],
        ["sh", "-c", docker._LOGS, "sh", "odoo\nid", "", ""],
        ["sh", "-c", docker._LOGS, "sh", "$(id)", "", ""],
        ["sh", "-c", remote_files._READ, "sh", "/etc/shadow", "", "", "0", "1", "1", "1"],
        ["sh", "-c", remote_files._READ, "sh", "/srv/some-1.d/log", "", "", "0", "1", "1", "1"],
        [
            "sh",
            "-c",
            remote_files._READ,
            "sh",
            "/srv/some.d/log.1/../../../etc/shadow",
            "",
            "",
            "0",
            "1",
            "1",
            "1",
        ],
        ["sh", "-c", remote_files._LIST, "sh", "/etc", "shadow", "shadow", ""],
        ["kubectl", "get", "--namespace", "prod", "--output", "json", "--", "secrets"],
        ["kubectl", "get", "--namespace", "prod", "--output", "json", "--", "deploy/a,secrets/b"],
        ["kubectl", "delete", "--namespace", "prod", "--", "pods"],
        ["sh", "-c", journal._READ, "sh", "--output=json", "--unit=odoo.service", "--file=/etc/shadow"],
        ["sh", "-c", journal._READ, "sh", "--output=json"],
    ],
)
def test_anything_else_is_refused_by_the_server(host: SshHost, words: Sequence[str]) -> None:
    assert "refused: " in refused(host, *words)


ASKED = _line(["sh", "-c", docker._LOGS, "sh", "odoo", "", ""], Patience(), False)


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
@pytest.mark.parametrize(
    "asked",
    [
        None,
        "",
        "id",
        "exec env",
        "exec env LC_ALL=C timeout -k 5 ",
        "exec env LC_ALL=C timeout -k 5 600",
        "exec env LC_ALL=C timeout -k 5 600 ",
        "exec env LC_ALL=C timeout -k 5 600;id sh -c ' sh x",
        "exec env LC_ALL=C timeout -k 5 600 sh -c '' sh odoo",
        f"{ASKED}; touch ran",
        f"{ASKED};touch ran",
        f"{ASKED}\ntouch ran",
        f"{ASKED} | touch ran",
        f"{ASKED} && touch ran",
        f"{ASKED} & touch ran",
        f"{ASKED} > ran",
        f"{ASKED} $(touch ran)",
        f"{ASKED} `touch ran`",
        f'{ASKED} "$(touch ran)"',
        f"{ASKED} ''$(touch ran)",
        f"{ASKED} 'a'$(touch ran)'b'",
        f"{ASKED} \\",
        f"{ASKED} '",
        f"{ASKED} 'x' sh '; touch ran; '",
        f"{ASKED} ",
        f"touch ran; {ASKED}",
        ASKED.replace("sh odoo", "sh 'odoo\nid'"),
        ASKED.replace("docker logs", "touch ran; docker logs"),
        ASKED.replace("exec env LC_ALL=C", "exec env PATH=. LC_ALL=C"),
        ASKED.replace("-k 5 600 sh", "-k 5 600 -s 9 sh"),
    ],
)
def test_no_line_gets_more_run_in_any_shell(
    shell: Sequence[str], asked: str | None, command: Path, tmp_path: Path
) -> None:
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    for program in ("docker", "id"):
        (tmp_path / program).write_text("#!/bin/sh\ntouch ran\n")
        (tmp_path / program).chmod(0o755)
    if asked is not None:
        environment["SSH_ORIGINAL_COMMAND"] = asked
    done = subprocess.run(
        [*shell, command], env=environment, cwd=tmp_path, capture_output=True, check=False, timeout=20
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"refused: ")
    assert not (tmp_path / "ran").exists()
