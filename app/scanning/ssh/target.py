"""Which machine is meant, who logs in there, and who it must prove to be.

Comes in: what somebody has entered. Goes out: frozen values that make sense, whose secrets no `repr` shows.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Final

import asyncssh

from app.errors import BadInput

DEEPEST: Final = 3
"""How many jump hosts there may be, one behind the other."""

_HOST_LIMIT: Final = 253
_USER_LIMIT: Final = 128
_SECRET_LIMIT: Final = 64 * 1024
_LABEL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Key:
    """A private key as text, in the form of OpenSSH or PEM, and the passphrase that it is encrypted with, if it is."""

    text: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check that there is one; whether it can be read, `private_key` says. Raises BadInput."""
        _secret(self.text, "private_key")
        if self.passphrase is not None:
            _secret(self.passphrase, "passphrase")


@dataclass(frozen=True, slots=True)
class Password:
    """A password."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        """Check that there is one. Raises BadInput."""
        _secret(self.text, "password")


@dataclass(frozen=True, slots=True)
class Target:
    """A machine and an account on it.

    `host_key` is the public key, as OpenSSH writes it, that the machine must prove to have; without one nothing is
    run there, and nobody logs in. `jump` is the machine from which it is reached, where that is not this one.
    """

    host: str
    user: str
    credential: Key | Password
    port: int = 22
    host_key: str | None = None
    jump: "Target | None" = None

    def __post_init__(self) -> None:
        """Check each part, and write each in one form only. Raises BadInput, which names the field."""
        object.__setattr__(self, "host", _host(self.host))
        if not 1 <= self.port <= 65535:
            raise BadInput("a port is a number from 1 to 65535", field="port")
        object.__setattr__(self, "user", _user(self.user))
        if self.host_key is not None:
            object.__setattr__(self, "host_key", _host_key(self.host_key))
        if self.jump is not None and self.jump.depth > DEEPEST:
            raise BadInput(f"there may be {DEEPEST} jump hosts at most", field="jump")

    @property
    def depth(self) -> int:
        """How many machines there are on the way, this one included."""
        return 1 + (self.jump.depth if self.jump else 0)

    @property
    def name(self) -> str:
        """The machine, as people call it."""
        if self.port == 22:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _host(text: str) -> str:
    host = text.strip().lower()
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    labels = host.split(".")
    # What ends in a number is an address, if anything: the resolver would read `127.1` as one.
    if len(host) > _HOST_LIMIT or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise BadInput("this is neither the name nor the IP address of a host", field="host")
    return host


def _user(text: str) -> str:
    user = text.strip()
    is_plain = user.isprintable() and " " not in user and not user.startswith("-")
    if not user or not is_plain or len(user) > _USER_LIMIT:
        raise BadInput("this cannot be the name of a user", field="user")
    return user


def _host_key(text: str) -> str:
    """The key without its comment."""
    problem = "this is no public key as OpenSSH writes it, such as: ssh-ed25519 AAAA..."
    words = text.split()
    if "\n" in text.strip() or len(words) < 2 or len(text) > _SECRET_LIMIT:
        raise BadInput(problem, field="host_key")
    try:
        key = asyncssh.import_public_key(" ".join(words[:2]))
    except (asyncssh.KeyImportError, UnicodeEncodeError):
        raise BadInput(problem, field="host_key") from None
    return exported(key)


def exported(key: asyncssh.SSHKey) -> str:
    """A public key in the one form in which we keep them."""
    return " ".join(key.export_public_key("openssh").decode().split()[:2])


def _secret(text: str, name: str) -> None:
    if not text or len(text) > _SECRET_LIMIT or "\0" in text:
        raise BadInput("this is empty, or cannot be one", field=name)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput("this is not Unicode text", field=name) from None
