"""Opens a connection to a machine that proves to be the right one.

Comes in: a target, and the connection to its jump host. Goes out: a connection that is logged in, or the reason in
words. Nothing of this machine's user takes part: no `~/.ssh`, no agent, no known_hosts.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import asyncssh

from app.errors import BadInput, SourceUnreadable
from app.scanning.ssh import failures
from app.scanning.ssh.host_key import HostKey, HostKeyChanged, HostKeyUnknown
from app.scanning.ssh.private_key import read_private_key
from app.scanning.ssh.target import Key, Target

WAIT: Final = 10.0
"""Seconds until a connection must be open and logged in."""

_KINDS: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
"""Of which kinds host keys are, those first that we would rather pin."""
_CIPHERS: Final = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
"""To be preferred where the other side has them: the fastest ones on processors with AES."""


async def open_connection(
    target: Target, tunnel: asyncssh.SSHClientConnection | None, lost: Callable[[], None], wait: float = WAIT
) -> asyncssh.SSHClientConnection:
    """Connect and log in; `lost` is called when the connection has gone, for whatever reason.

    Raises SourceUnreadable; HostKeyUnknown and HostKeyChanged tell the key that was presented.
    """
    if target.host_key is None:
        raise HostKeyUnknown(target, await presented_key(target, tunnel, wait))
    client = _Client(lost)
    options = await _login(target, wait)
    pinned = asyncssh.import_public_key(target.host_key)
    try:
        async with asyncio.timeout(wait):
            return await asyncssh.connect(
                **_place(target, tunnel),
                **options,
                client_factory=lambda: client,
                known_hosts=([pinned], [], []),
                # The others, too: a machine that has no key of that kind any more is to show what it has.
                server_host_key_algs=[*(kind.decode() for kind in pinned.sig_algorithms), *_KINDS],
                username=target.user,
                encryption_algs=_CIPHERS,
                compression_algs=None,
                login_timeout=wait,
                keepalive_interval=15,
                keepalive_count_max=3,
            )
    except (OSError, asyncssh.Error) as refused:
        if client.presented:
            raise HostKeyChanged(target, client.presented) from None
        raise failures.connecting(refused, target, was_answered=client.was_answered, seconds=wait) from None


async def presented_key(
    target: Target, tunnel: asyncssh.SSHClientConnection | None, wait: float = WAIT
) -> HostKey:
    """The key by which whoever answers there wants to be known; nobody logs in. Raises SourceUnreadable."""
    client = _Client(lambda: None)
    options = asyncssh.SSHClientConnectionOptions(config=None, client_factory=lambda: client)
    try:
        async with asyncio.timeout(wait):
            key = await asyncssh.get_server_host_key(
                **_place(target, tunnel), options=options, server_host_key_algs=_KINDS
            )
    except (OSError, asyncssh.Error) as refused:
        raise failures.connecting(refused, target, was_answered=client.was_answered, seconds=wait) from None
    if key is None:
        raise SourceUnreadable(f"{target.name} presents no host key")
    return HostKey.of(key)


class _Client(asyncssh.SSHClient):
    """What happens to a connection, as asyncssh tells it."""

    def __init__(self, lost: Callable[[], None]) -> None:
        self.was_answered = False
        self.presented: HostKey | None = None
        self._lost = lost

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self.was_answered = True

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost()

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Asked about a key that is not the pinned one."""
        self.presented = HostKey.of(key)
        return False


def _place(target: Target, tunnel: asyncssh.SSHClientConnection | None) -> dict[str, Any]:
    return {"host": target.host, "port": target.port, "tunnel": tunnel, "config": None}


async def _login(target: Target, wait: float) -> dict[str, Any]:
    """What to log in with, and nothing else."""
    nothing: dict[str, Any] = {
        "agent_path": None,
        "client_host_keys": None,
        "client_keys": None,
        "gss_host": None,
        "host_based_auth": False,
        "x509_trusted_certs": None,
    }
    credential = target.credential
    if not isinstance(credential, Key):
        return nothing | {"password": credential.text, "preferred_auth": "password,keyboard-interactive"}
    try:
        async with asyncio.timeout(wait):
            key = await asyncio.to_thread(read_private_key, credential)
    except TimeoutError:
        raise SourceUnreadable(f"{target.name}: it takes too long to decrypt the private key") from None
    except BadInput as refused:
        raise SourceUnreadable(f"{target.name}: {refused.message}") from None
    return nothing | {"client_keys": [key], "preferred_auth": "publickey"}
