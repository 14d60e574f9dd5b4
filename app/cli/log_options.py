"""From options of the command line to the source of a log.

Comes in: words that somebody typed, and files that they name. Goes out: a source, checked; or BadInput in words.
"""

import asyncio
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import typer

from app.domain.log_source import (
    DockerLog,
    FileLog,
    JournalLog,
    KubernetesLog,
    Log,
    LogSource,
    Machine,
    fingerprint,
)
from app.errors import BadInput
from app.scanning.checked_source import checked
from app.scanning.instance_source import target_of
from app.scanning.ssh.private_key import read_private_key
from app.scanning.ssh.ssh_host import fetch_host_key
from app.scanning.ssh.target import Key

_PLACE: Final = re.compile(
    r"(?P<user>[^@]+)@(?:\[(?P<address>[^]]+)\]|(?P<host>[^:@]+))(?::(?P<port>[0-9]{1,5}))?"
)
_LARGEST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Login:
    """What was said of a machine: USER@HOST:PORT, the file of a private key, the fingerprint that is accepted."""

    place: str
    key: Path | None
    accepted: str | None
    option: str
    """What the last one is called on the command line."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What was said of a log."""

    file: str | None = None
    docker: str | None = None
    journal: str | None = None
    kubernetes: str | None = None
    namespace: str = "default"
    container: str | None = None

    def log(self) -> Log:
        """The log. BadInput: not exactly one was named."""
        named = [self.file, self.docker, self.journal, self.kubernetes]
        if sum(name is not None for name in named) != 1:
            raise BadInput("say where the log is, with one of --file, --docker, --journal, --kubernetes")
        if self.file is not None:
            return FileLog(self.file)
        if self.docker is not None:
            return DockerLog(self.docker)
        if self.journal is not None:
            return JournalLog(self.journal)
        return KubernetesLog(self.namespace, self.kubernetes or "", self.container or "")


async def source(options: LogOptions, login: Login | None, jump: Login | None) -> LogSource:
    """The source, with the host keys that were accepted. BadInput: something makes no sense, or a key is not accepted.

    SourceUnreadable: a machine cannot be reached.
    """
    if jump and not login:
        raise BadInput("--jump says how to reach the machine that --ssh names")
    way = [_machine(one) for one in (login, jump) if one]
    wanted = LogSource(options.log(), _joined(way))
    wanted = await asyncio.to_thread(checked, wanted)
    if jump:
        wanted = await _pinned(wanted, jump, 1)
    return await _pinned(wanted, login, 0) if login else wanted


def _joined(way: list[Machine]) -> Machine | None:
    return replace(way[0], jump=_joined(way[1:])) if way else None


async def _pinned(wanted: LogSource, login: Login, depth: int) -> LogSource:
    """With the host key of a machine, if it presents the one whose fingerprint was accepted."""
    assert wanted.machine  # noqa: S101  there is a login
    machine = wanted.machine.way()[depth]
    presented = await asyncio.to_thread(fetch_host_key, target_of(machine))
    if login.accepted is None:
        raise BadInput(
            f"{machine.host} presents the host key {presented.fingerprint} ({presented.kind}). Compare it with what"
            f" `ssh-keygen -l` shows there, and if it is the same, add: {login.option} {presented.fingerprint}"
        )
    if fingerprint(presented.text) != login.accepted:
        raise BadInput(
            f"{machine.host} presents the host key {presented.fingerprint} ({presented.kind}), which is not the one in"
            f" {login.option}"
        )
    known = replace(machine, host_key=presented.text)
    whole = replace(wanted.machine, jump=known) if depth else known
    return replace(wanted, machine=whole)


def _machine(login: Login) -> Machine:
    found = _PLACE.fullmatch(login.place)
    if not found:
        raise BadInput("a machine is named as USER@HOST or USER@HOST:PORT")
    host, port = found["address"] or found["host"], int(found["port"] or 22)
    if login.key is None:
        password = _entered(f"Password of {login.place}")
        return Machine(host, found["user"], port, password=password)
    key = Key(_key(login.key))
    try:
        read_private_key(key)
    except BadInput as refused:
        if refused.field != "passphrase":
            raise
        key = replace(key, passphrase=_entered(f"Passphrase of {login.key}"))
    return Machine(host, found["user"], port, private_key=key.text, passphrase=key.passphrase)


def _entered(what: str) -> str:
    """A secret: what somebody types without seeing it, or the next line of what is piped in."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    if line := sys.stdin.readline().rstrip("\r\n"):
        return line
    raise BadInput(f"enter it in a terminal, or write it to standard input: {what}")


def _key(path: Path) -> str:
    try:
        with path.expanduser().open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as refused:
        raise BadInput(f"the private key {path} cannot be read: {refused.strerror}") from None
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise BadInput(f"{path} is no private key") from None
