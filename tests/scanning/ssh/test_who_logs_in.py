"""Keys and passwords: the right ones, and what is said of the wrong ones. Nothing that is secret is ever told."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh
import pytest

from app.errors import BadInput
from app.scanning.ssh.connections import Connections
from app.scanning.ssh.private_key import read_private_key
from app.scanning.ssh.ssh_host import SshHost
from app.scanning.ssh.target import Key, Password, Target
from tests.scanning.ssh.stage import Server, asyncssh_server, changed, key, new_key, public, refused, said

PASSPHRASE, PASSWORD = "correct horse battery", "Tr0ub4dor&3 ü"


def test_a_key_with_its_passphrase(server: Server, pool: Connections) -> None:
    target = changed(server.target, credential=key(server.key, PASSPHRASE))
    assert said(SshHost(target, connections=pool), "echo", "1") == b"1\n"


def test_a_key_pasted_from_elsewhere(server: Server, pool: Connections) -> None:
    text = key(server.key).text.replace("\n", "\r\n")
    target = changed(server.target, credential=Key(f"\n  {text}\n\n"))
    assert said(SshHost(target, connections=pool), "echo", "1") == b"1\n"


def test_a_wrong_key(server: Server, pool: Connections) -> None:
    wrong = changed(server.target, credential=key(new_key()))
    told = refused(SshHost(wrong, connections=pool), "echo")
    assert f"does not accept the key for the user {server.user}" in told
    # An open connection of somebody with the right one changes nothing.
    assert said(SshHost(server.target, connections=pool), "echo", "1") == b"1\n"
    assert "does not accept the key" in refused(SshHost(wrong, connections=pool), "echo")


def test_an_unknown_user(server: Server, pool: Connections) -> None:
    nobody = changed(server.target, user="nobody-of-that-name")
    assert "for the user nobody-of-that-name" in refused(SshHost(nobody, connections=pool), "echo")


def test_a_server_that_takes_no_passwords(server: Server, pool: Connections) -> None:
    target = changed(server.target, credential=Password(PASSWORD))
    assert "or no passwords at all" in refused(SshHost(target, connections=pool), "echo")


@pytest.mark.parametrize(
    ("wrong", "field", "told"),
    [
        (Key(key(new_key(), PASSPHRASE).text), "passphrase", "encrypted and needs its passphrase"),
        (
            Key(key(new_key(), PASSPHRASE).text, "wrong"),
            "passphrase",
            "passphrase of the private key is wrong",
        ),
        (Key(key(new_key()).text[:150]), "private_key", "the private key is damaged"),
        (Key(key(new_key()).text.replace("AAAA", "BBBB")), "private_key", "the private key is damaged"),
        (Key("not a key"), "private_key", "the private key is damaged"),
        (Key("\u2028 \ud7ff"), "private_key", "the private key is damaged"),
        (Key(public(new_key())), "private_key", "this is a public key"),
        (
            Key(new_key().export_private_key("pkcs8-pem", PASSPHRASE).decode()),
            "passphrase",
            "encrypted and needs its passphrase",
        ),
        (
            Key(
                asyncssh.generate_private_key("ssh-rsa", key_size=2048)
                .export_private_key("pkcs1-pem", "x")
                .decode()
            ),
            "passphrase",
            "encrypted and needs its passphrase",
        ),
    ],
)
def test_a_key_that_cannot_be_read(
    server: Server, pool: Connections, wrong: Key, field: str, told: str
) -> None:
    with pytest.raises(BadInput, match=told) as raised:
        read_private_key(wrong)
    assert raised.value.field == field
    before = server.connection_count()
    assert told in refused(SshHost(changed(server.target, credential=wrong), connections=pool), "echo")
    assert server.connection_count() == before


@contextmanager
def password_server(host_key: asyncssh.SSHKey, *, interactive: bool) -> Iterator[int]:
    """asyncssh's server, as OpenSSH asks for passwords only where PAM or root lets it; it echoes the command."""

    class Doorman(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return not interactive

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("odoo", PASSWORD)

        def kbdint_auth_supported(self) -> bool:
            return interactive

        def get_kbdint_challenge(
            self, username: str, lang: str, submethods: str
        ) -> tuple[str, str, str, list[tuple[str, bool]]]:
            return "", "", "", [("Password: ", False)]

        def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:  # type: ignore[override]
            return (username, responses) == ("odoo", [PASSWORD])

    def echo(process: asyncssh.SSHServerProcess[bytes]) -> None:
        process.stdout.write((process.command or "").encode())
        process.exit(0)

    with asyncssh_server(host_key, Doorman, echo) as port:
        yield port


@pytest.mark.parametrize("interactive", [False, True])
def test_passwords(pool: Connections, interactive: bool) -> None:
    host_key = new_key()
    with password_server(host_key, interactive=interactive) as port:
        target = Target("127.0.0.1", "odoo", Password(PASSWORD), port, public(host_key))
        assert said(SshHost(target, connections=pool), "echo", "a b") == (
            b"exec env LC_ALL=C timeout -k 5 600 echo 'a b'"
        )
        wrong = changed(target, credential=Password("wrong"))
        assert "does not accept the password of the user odoo" in refused(
            SshHost(wrong, connections=pool), "echo"
        )
        pool.close()


def test_secrets_are_seen_nowhere(
    server: Server, pool: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    encrypted = key(new_key(), PASSPHRASE)
    wrong_key = changed(server.target, credential=encrypted)
    wrong_password = changed(server.target, credential=Password(PASSWORD), jump=wrong_key)
    told = repr([wrong_key, wrong_password])
    for target in (wrong_key, wrong_password, changed(wrong_password, jump=None)):
        told += refused(SshHost(target, connections=pool), "echo", "argument")
    told += caplog.text
    for secret in (PASSPHRASE, PASSWORD, encrypted.text.split("\n")[1], "argument"):
        assert secret not in told
