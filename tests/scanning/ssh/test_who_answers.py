"""Host keys: nothing is run, and nobody logs in, on a machine that is not the one that was accepted."""

import asyncssh
import pytest

from app.scanning.ssh.connections import Connections
from app.scanning.ssh.host_key import HostKeyChanged, HostKeyUnknown
from app.scanning.ssh.ssh_host import SshHost, fetch_host_key
from tests.scanning.ssh.stage import Server, changed, connections, new_key, public, refused, said, sshd


def test_an_unknown_machine_is_shown_accepted_and_pinned(server: Server, pool: Connections) -> None:
    unknown = changed(server.target, host_key=None)
    before = server.connection_count()
    with pytest.raises(HostKeyUnknown) as raised, SshHost(unknown, connections=pool).run(["echo"]):
        pass
    shown = fetch_host_key(unknown, pool)
    assert shown == raised.value.presented
    assert shown.fingerprint == server.host_key.get_fingerprint()
    assert shown.fingerprint in raised.value.message
    assert shown.kind == "ssh-ed25519"
    assert server.connection_count() == before  # nobody has logged in
    accepted = changed(unknown, host_key=shown.text)
    assert said(SshHost(accepted, connections=pool), "echo", "1") == b"1\n"


def test_a_changed_key_is_told_with_both_fingerprints(server: Server, pool: Connections) -> None:
    other = new_key()
    before = server.connection_count()
    host = SshHost(changed(server.target, host_key=public(other)), connections=pool)
    with pytest.raises(HostKeyChanged) as raised, host.run(["echo"]):
        pass
    assert raised.value.pinned.fingerprint == other.get_fingerprint()
    assert raised.value.presented.text == server.target.host_key
    for key in (other, server.host_key):
        assert key.get_fingerprint() in raised.value.message
    assert server.connection_count() == before


@pytest.mark.parametrize("kind", ["ecdsa-sha2-nistp256", "ssh-rsa"])
def test_a_key_of_another_kind_is_a_changed_one(server: Server, pool: Connections, kind: str) -> None:
    other = asyncssh.generate_private_key(kind)
    told = refused(SshHost(changed(server.target, host_key=public(other)), connections=pool), "echo")
    assert "has changed" in told
    assert other.get_fingerprint() in told
    assert server.host_key.get_fingerprint() in told


def test_an_open_connection_is_no_way_around_the_pinned_key(server: Server, pool: Connections) -> None:
    assert said(SshHost(server.target, connections=pool), "echo", "1") == b"1\n"
    for host_key in (None, public(new_key())):
        other = SshHost(changed(server.target, host_key=host_key), connections=pool)
        assert "host key" in refused(other, "echo")


def test_a_machine_that_was_set_up_anew_has_changed() -> None:
    with sshd() as server, connections() as pool:
        host = SshHost(server.target, connections=pool)
        assert said(host, "echo", "1") == b"1\n"
        (server.folder / "host_key").write_bytes(new_key().export_private_key("openssh"))
        server.restart()
        assert "has changed" in refused(host, "echo")
