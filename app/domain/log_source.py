"""Where an instance's log is: what kind of log it is, on which machine, and how one logs in there.

Comes in: what somebody has entered, or what is stored. Goes out: frozen values, whose secrets no `repr` shows, and the
same in the form in which they are stored: secrets apart from the rest. Whether a name can be one is checked elsewhere.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class FileLog:
    """A file; rotation and truncation are followed."""

    path: str


@dataclass(frozen=True, slots=True)
class DockerLog:
    """What `docker logs` gives of a container, by its name or id."""

    container: str


@dataclass(frozen=True, slots=True)
class JournalLog:
    """What `journalctl` gives of a systemd unit."""

    unit: str


@dataclass(frozen=True, slots=True)
class KubernetesLog:
    """What `kubectl logs` gives. `target`: a pod's name, `deploy/NAME` and the like, or labels. `container` may be empty."""

    namespace: str
    target: str
    container: str = ""


Log = FileLog | DockerLog | JournalLog | KubernetesLog

LOGS: Final[Mapping[str, type[Log]]] = {
    "file": FileLog,
    "docker": DockerLog,
    "journal": JournalLog,
    "kubernetes": KubernetesLog,
}
"""The kinds of logs, by the word that is stored for them."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that is reached over SSH, by way of `jump` where it is set.

    `host_key` is the public key that was accepted for it; without one nobody logs in. To log in there is a private
    key, with its passphrase where it has one, or a password.
    """

    host: str
    user: str
    port: int = 22
    host_key: str | None = None
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    jump: "Machine | None" = None

    @property
    def has_secret(self) -> bool:
        """Whether it says how to log in."""
        return self.private_key is not None or self.password is not None

    @property
    def address(self) -> tuple[str, int, str]:
        """The account on the machine."""
        return self.host, self.port, self.user

    def way(self) -> list["Machine"]:
        """The machine, the one that it is reached by, and so on."""
        return [self, *(self.jump.way() if self.jump else [])]

    def with_kept(self, known: "Machine") -> "Machine":
        """The machine, with what is not said of it taken from what was known, where it is still the same account.

        A password goes to the other side, and is kept only for a machine that must prove to be the same one.
        """
        jump = self.jump.with_kept(known.jump) if self.jump and known.jump else self.jump
        if self.address != known.address:
            return replace(self, jump=jump)
        kept = replace(self, jump=jump, host_key=self.host_key or known.host_key)
        if self.has_secret or self.passphrase is not None:
            return kept
        if known.private_key is not None:
            return replace(kept, private_key=known.private_key, passphrase=known.passphrase)
        is_same = kept.host_key is not None and kept.host_key == known.host_key
        return replace(kept, password=known.password) if is_same else kept


@dataclass(frozen=True, slots=True)
class LogSource:
    """A log, on another machine or on this one."""

    log: Log
    machine: Machine | None = None

    def with_kept(self, known: "LogSource") -> "LogSource":
        """The source, with what is not said of its machines taken from what was known of them."""
        if not self.machine or not known.machine:
            return self
        return replace(self, machine=self.machine.with_kept(known.machine))

    def is_elsewhere(self, known: "LogSource") -> bool:
        """Whether it is on another machine: one of another name and another host key, as either may change alone."""
        here, there = self.machine, known.machine
        if here is None or there is None:
            return here is not there
        return here.host != there.host and here.host_key != there.host_key

    def unsaid(self) -> str | None:
        """The input of a machine for which it is not said how to log in, as `source.ssh.jump`; None: there is none."""
        for depth, machine in enumerate(self.machine.way() if self.machine else []):
            if not machine.has_secret:
                return "source.ssh" + ".jump" * depth
        return None


def local_file(path: str) -> LogSource:
    """A log that is a file of this machine."""
    return LogSource(FileLog(path))


def kind_of(log: Log) -> str:
    """The word that is stored for this kind of log."""
    return next(kind for kind, known in LOGS.items() if isinstance(log, known))


def stored(source: LogSource) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """What is stored of a source beside its kind, to be JSON: where it is, and the secrets of its machines, in order."""
    place: dict[str, Any] = {part.name: getattr(source.log, part.name) for part in fields(source.log)}
    if source.machine is None:
        return place, []
    return place | {"host": _stored(source.machine)}, [_secrets(one) for one in source.machine.way()]


def restored(kind: str, place: Mapping[str, Any], secrets: Sequence[Mapping[str, str]] = ()) -> LogSource:
    """The source that was stored; without its secrets it says nothing of how to log in. ValueError: that is none."""
    known = LOGS.get(kind)
    if known is None:
        raise ValueError(f"logs of the kind {kind} cannot be read")
    given = [place.get(part.name) for part in fields(known)]
    texts = [text for text in given if isinstance(text, str)]
    if len(texts) < len(given) or not texts[0]:
        raise ValueError("the instance does not say where its log is")
    return LogSource(known(*texts), _machine(place.get("host"), list(secrets)))


def fingerprint(host_key: str) -> str:
    """A public key's fingerprint, as `ssh-keygen -l` shows it; empty where it is no key."""
    try:
        digest = sha256(b64decode(host_key.split()[1], validate=True)).digest()
    except (IndexError, ValueError, binascii.Error):
        return ""
    return "SHA256:" + b64encode(digest).decode().rstrip("=")


def _stored(machine: Machine) -> dict[str, Any]:
    return {
        "host": machine.host,
        "port": machine.port,
        "user": machine.user,
        "hostKey": machine.host_key,
        "login": "password" if machine.private_key is None else "privateKey",
        "jump": _stored(machine.jump) if machine.jump else None,
    }


def _secrets(machine: Machine) -> dict[str, str]:
    found = {
        "privateKey": machine.private_key,
        "passphrase": machine.passphrase,
        "password": machine.password,
    }
    return {name: secret for name, secret in found.items() if secret is not None}


def _machine(place: Any, secrets: list[Mapping[str, str]]) -> Machine | None:
    match place:
        case None:
            return None
        case {"host": str(host), "port": int(port), "user": str(user)}:
            own = secrets.pop(0) if secrets else {}
            key = place.get("hostKey")
            return Machine(
                host,
                user,
                port,
                key if isinstance(key, str) else None,
                own.get("privateKey"),
                own.get("passphrase"),
                own.get("password"),
                _machine(place.get("jump"), secrets),
            )
    raise ValueError("the instance does not say on which machine its log is")
