"""A machine that is reached through another one: each must prove who it is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import sleep

import pytest

from app.domain.log_source import FileLog, LogSource, Machine
from app.errors import SourceUnreadable
from app.scanning.host import Patience
from app.scanning.ssh.connections import SHARED, Connections
from app.scanning.ssh.ssh_host import SshHost, fetch_host_key
from app.scanning.ssh.target import Target
from app.scanning.try_source import try_source
from tests.scanning.reader import NOW, error
from tests.scanning.ssh.stage import (
    Server,
    changed,
    connections,
    free_port,
    key,
    new_key,
    public,
    read_all,
    refused,
    said,
    sshd,
)

PATIENCE = Patience(whole=20, silence=5)


@pytest.fixture(scope="module")
def bastion(server: Server) -> Iterator[Server]:
    """A second sshd, through which the first one is reached."""
    with sshd() as running:
        yield running


@pytest.fixture
def behind(server: Server, bastion: Server) -> Target:
    """The server behind the bastion."""
    return changed(server.target, jump=bastion.target)


def test_commands_run_behind_a_jump_host(
    behind: Target, server: Server, bastion: Server, pool: Connections
) -> None:
    before = server.connection_count(), bastion.connection_count()
    host = SshHost(behind, PATIENCE, pool)
    for _ in range(3):
        assert said(host, "sh", "-c", "echo $SSH_CONNECTION").split()[3] == b"%d" % server.port
    assert said(host, "head", "-c", "10000000", "/dev/zero") == bytes(10_000_000)
    assert (server.connection_count(), bastion.connection_count()) == (before[0] + 1, before[1] + 1)


def test_each_of_both_must_be_known(behind: Target, bastion: Server, pool: Connections) -> None:
    def told(**parts: object) -> str:
        return refused(SshHost(changed(behind, **parts), PATIENCE, pool), "echo")

    other = public(new_key())
    assert "the jump host failed: the host key of 127.0.0.1" in told(
        jump=changed(bastion.target, host_key=other)
    )
    assert "is unknown" in told(jump=changed(bastion.target, host_key=None))
    assert told(host_key=other).startswith(f"the host key of {behind.name} has changed")
    assert told(host_key=None).startswith(f"the host key of {behind.name} is unknown")
    assert fetch_host_key(changed(behind, host_key=None), pool).text == behind.host_key
    with pytest.raises(SourceUnreadable, match="the jump host failed"):
        fetch_host_key(changed(behind, jump=changed(bastion.target, host_key=None)), pool)


@pytest.mark.parametrize("is_known", [True, False])
def test_a_try_shows_the_changed_key_of_a_jump_host(
    server: Server, bastion: Server, tmp_path: Path, is_known: bool
) -> None:
    (tmp_path / "odoo.log").write_bytes(error(1))
    right, other = public(bastion.host_key), public(new_key())
    jump = Machine("127.0.0.1", bastion.user, bastion.port, other, key(bastion.key).text)
    there = Machine(
        "127.0.0.1", server.user, server.port, public(server.host_key), key(server.key).text, jump=jump
    )
    if not is_known:
        there = replace(there, host_key=None)
    log = FileLog(str(tmp_path / "odoo.log"))
    before = bastion.connection_count()
    try:
        tried = try_source(LogSource(log, there), now=NOW)
        assert (tried.host_key, tried.is_host_key_pinned) == (right, False)
        assert (tried.host_key_of, tried.host_key_field) == (bastion.target.name, "source.ssh.jump.hostKey")
        assert (tried.problem or "").startswith(
            f"the jump host failed: the host key of {bastion.target.name} has changed"
        )
        assert (tried.connected, tried.log_found, bastion.connection_count()) == (False, False, before)
        accepted = replace(there, host_key=public(server.host_key), jump=replace(jump, host_key=right))
        assert try_source(LogSource(log, accepted), now=NOW).problem is None
    finally:
        SHARED.close()


def test_what_goes_wrong_is_told_of_the_right_one(behind: Target, bastion: Server, pool: Connections) -> None:
    wrong = key(new_key())
    told = refused(SshHost(changed(behind, credential=wrong), PATIENCE, pool), "echo")
    assert told.startswith(f"{behind.name} does not accept the key")
    no_entry = changed(bastion.target, credential=wrong)
    told = refused(SshHost(changed(behind, jump=no_entry), PATIENCE, pool), "echo")
    assert told.startswith(f"the jump host failed: {bastion.target.name} does not accept the key")
    away = changed(bastion.target, port=free_port())
    told = refused(SshHost(changed(behind, jump=away), PATIENCE, pool), "echo")
    assert told.startswith(f"the jump host failed: {away.name} refused the connection")
    nowhere = changed(behind, port=free_port())
    told = refused(SshHost(nowhere, PATIENCE, pool), "echo")
    assert told.startswith(f"the jump host {bastion.target.name} cannot reach {nowhere.name}: ")


def test_a_jump_host_that_forbids_it(server: Server, pool: Connections) -> None:
    with sshd(options=["AllowTcpForwarding no"]) as strict:
        target = changed(server.target, jump=strict.target)
        told = refused(SshHost(target, PATIENCE, pool), "echo")
        assert (
            told
            == f"the jump host {strict.target.name} does not let us through (AllowTcpForwarding of its sshd)"
        )
        pool.close()


def test_a_jump_host_that_goes(server: Server, pool: Connections) -> None:
    with sshd() as fragile:
        host = SshHost(changed(server.target, jump=fragile.target), PATIENCE, pool)
        with host.run(["yes"]) as output:
            output.read(100)
            fragile.kill_sessions()
            with pytest.raises(SourceUnreadable, match="was lost"):
                read_all(output)
        assert said(host, "echo", "again") == b"again\n"
        fragile.restart()
        assert said(host, "echo", "again") == b"again\n"
        pool.close()


def test_a_jump_host_stays_open_as_long_as_it_is_needed(behind: Target) -> None:
    with connections(idle=0.3) as pool:
        host = SshHost(behind, PATIENCE, pool)
        with host.run(["sh", "-c", "sleep 0.6; echo 1"]) as output:
            assert read_all(output) == b"1\n"
        sleep(0.45)
        assert behind not in pool.targets()
        sleep(0.45)
        assert pool.targets() == []
