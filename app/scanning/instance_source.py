"""The source of an instance's log, made of what is stored.

Comes in: the instance's row. Goes out: a source that can be opened, on this machine or at the other end of an SSH
connection. Nothing is read or connected yet.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from app.accounts.source_secrets import unsealed
from app.domain.log_source import (
    DockerLog,
    FileLog,
    JournalLog,
    KubernetesLog,
    Log,
    LogSource,
    Machine,
    restored,
)
from app.errors import BadInput, ConfigurationError, SourceUnreadable
from app.scanning.docker import DockerLogs
from app.scanning.host import Host, Patience
from app.scanning.journal import Journal
from app.scanning.kubernetes import Kubernetes
from app.scanning.local_host import LocalHost
from app.scanning.log_file import LogFile
from app.scanning.remote_file import RemoteFile
from app.scanning.source import Bounds, Source
from app.scanning.ssh.ssh_host import SshHost
from app.scanning.ssh.target import Key, Password, Target

_PLACE: Final = msgspec.json.Decoder(dict[str, Any])


def source_of(row: Mapping[str, Any], bounds: Bounds) -> Source:
    """The source of an instance, by its row: `id`, `source_kind`, `source` and `source_secrets`.

    SourceUnreadable: what is stored names no log, or its secrets cannot be read, as their key is not here.
    """
    return opened(described(row), bounds)


def described(row: Mapping[str, Any]) -> LogSource:
    """Where an instance's log is, with the secrets. Raises what `source_of` does."""
    try:
        return restored(row["source_kind"], _PLACE.decode(row["source"]), _secrets(row))
    except msgspec.DecodeError:
        raise SourceUnreadable("the instance does not say where its log is") from None
    except ValueError as refused:
        raise SourceUnreadable(str(refused)) from None


def opened(source: LogSource, bounds: Bounds, patience: Patience | None = None) -> Source:
    """The source that can be opened. SourceUnreadable: a name in it is none."""
    if source.machine is None and isinstance(source.log, FileLog):
        return LogFile(source.log.path, bounds)
    return on(host_of(source, patience), source.log, bounds)


def on(host: Host, log: Log, bounds: Bounds) -> Source:
    """The source that reads this log by commands on a host. SourceUnreadable: a name in it is none."""
    match log:
        case FileLog(path):
            return RemoteFile(host, path, bounds)
        case DockerLog(container):
            return DockerLogs(host, container, bounds)
        case JournalLog(unit):
            return Journal(host, unit, bounds)
        case KubernetesLog(namespace, target, container):
            return Kubernetes(host, namespace, target, container, bounds)


def host_of(source: LogSource, patience: Patience | None = None) -> Host:
    """Where its commands run. SourceUnreadable: what is said of the machine makes no sense."""
    if source.machine is None:
        return LocalHost(patience)
    try:
        return SshHost(target_of(source.machine), patience)
    except BadInput as refused:
        raise SourceUnreadable(f"{refused.field}: {refused.message}") from None


def target_of(machine: Machine) -> Target:
    """The machine, to connect to. BadInput, which names the field: something about it makes no sense."""
    if machine.private_key is not None:
        credential: Key | Password = Key(machine.private_key, machine.passphrase)
    else:
        credential = Password(machine.password or "")
    jump = target_of(machine.jump) if machine.jump else None
    return Target(machine.host, machine.user, credential, machine.port, machine.host_key, jump)


def _secrets(row: Mapping[str, Any]) -> list[dict[str, str]]:
    if row["source_secrets"] is None:
        return []
    try:
        return unsealed(row["id"], row["source_secrets"])
    except ConfigurationError as missing:
        raise SourceUnreadable(missing.message) from None
    except ValueError:
        raise SourceUnreadable(
            "the keys and passwords of the instance are damaged: enter them again"
        ) from None
