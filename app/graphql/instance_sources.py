"""Where an instance's log is, as the graph shows it: everything but secrets.

Comes in: what is stored. Goes out: exactly one kind of source.
"""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from app.domain.log_source import (
    DockerLog,
    FileLog,
    JournalLog,
    KubernetesLog,
    Log,
    Machine,
    fingerprint,
    restored,
)


@strawberry.type(description="A file on the machine that Snaglist runs on.")
class LocalFileSource:
    """A file on the machine that Snaglist runs on."""

    path: str = strawberry.field(description="The file's absolute path.")


@strawberry.type(description="A file on a machine that is reached over SSH.")
class FileSource:
    """A file on another machine."""

    path: str = strawberry.field(description="The file's absolute path there.")


@strawberry.type(description="The log of a Docker container.")
class DockerSource:
    """The log of a Docker container."""

    container: str = strawberry.field(description="The container's name or id.")


@strawberry.type(description="The log of a systemd unit in the journal.")
class JournalSource:
    """The log of a systemd unit."""

    unit: str = strawberry.field(description="The unit, as `odoo.service`.")


@strawberry.type(description="The log of a container in one or several pods of Kubernetes.")
class KubernetesSource:
    """The log of a container in pods."""

    namespace: str = strawberry.field(description="The namespace.")
    target: str = strawberry.field(description="A pod's name, `deploy/NAME` and the like, or labels.")
    container: str | None = strawberry.field(
        description="The container; null: the pod's default, or first, one."
    )


@strawberry.type(
    description="A log on a machine that is reached over SSH: exactly one of the fields is not null."
)
class SshLog:
    """A log on another machine."""

    file: FileSource | None = strawberry.field(default=None, description="A file; null otherwise.")
    docker: DockerSource | None = strawberry.field(default=None, description="A container; null otherwise.")
    journal: JournalSource | None = strawberry.field(default=None, description="A unit; null otherwise.")
    kubernetes: KubernetesSource | None = strawberry.field(default=None, description="Pods; null otherwise.")


@strawberry.type(
    description="A machine on the way to another one. Of its secrets it is shown only that there are some."
)
class JumpHost:
    """A machine that is reached over SSH."""

    host: str = strawberry.field(description="Its name or IP address.")
    port: int = strawberry.field(description="The port of its SSH server.")
    user: str = strawberry.field(description="Who logs in there.")
    host_key: str | None = strawberry.field(
        description="The public key that was accepted for it; null: none was, and nobody logs in."
    )
    host_key_fingerprint: str | None = strawberry.field(
        description="Its fingerprint, as `ssh-keygen -l` shows it; null where there is no host key."
    )
    has_private_key: bool = strawberry.field(description="Whether one logs in with a private key.")
    has_password: bool = strawberry.field(description="Whether one logs in with a password.")
    jump: "JumpHost | None" = strawberry.field(
        description="The machine by way of which it is reached; null where it is reached directly."
    )


@strawberry.type(
    description="A log on a machine that is reached over SSH. Of secrets it is shown only that there are some."
)
class SshSource(JumpHost):
    """A log on another machine, which is shown like those on the way there."""

    log: SshLog = strawberry.field(description="The log on that machine.")


@strawberry.type(
    description="Where an instance's log is read: exactly one of the fields is not null, none where what is stored cannot be"
    " understood. No secrets."
)
class InstanceSource:
    """Where an instance's log is read."""

    local_file: LocalFileSource | None = strawberry.field(
        default=None, description="Set where the log is a file of this machine; null otherwise."
    )
    local_docker: DockerSource | None = strawberry.field(
        default=None, description="Set where it is that of a container of this machine; null otherwise."
    )
    local_journal: JournalSource | None = strawberry.field(
        default=None, description="Set where it is in the journal of this machine; null otherwise."
    )
    local_kubernetes: KubernetesSource | None = strawberry.field(
        default=None, description="Set where it is read with this machine's `kubectl`; null otherwise."
    )
    ssh: SshSource | None = strawberry.field(
        default=None, description="Set where it is on a machine that is reached over SSH; null otherwise."
    )

    @classmethod
    def of(cls, kind: str, stored: Mapping[str, Any]) -> Self:
        """What is shown of what is stored; nothing of what cannot be understood."""
        try:
            source = restored(kind, stored)
        except ValueError:
            return cls()
        if source.machine:
            return cls(ssh=SshSource(**_machine(source.machine, stored["host"]), log=_log_there(source.log)))
        match source.log:
            case FileLog(path):
                return cls(local_file=LocalFileSource(path=path))
            case DockerLog(container):
                return cls(local_docker=DockerSource(container=container))
            case JournalLog(unit):
                return cls(local_journal=JournalSource(unit=unit))
            case KubernetesLog():
                return cls(local_kubernetes=_kubernetes(source.log))


def _log_there(log: Log) -> SshLog:
    match log:
        case FileLog(path):
            return SshLog(file=FileSource(path=path))
        case DockerLog(container):
            return SshLog(docker=DockerSource(container=container))
        case JournalLog(unit):
            return SshLog(journal=JournalSource(unit=unit))
        case KubernetesLog():
            return SshLog(kubernetes=_kubernetes(log))


def _kubernetes(log: KubernetesLog) -> KubernetesSource:
    return KubernetesSource(namespace=log.namespace, target=log.target, container=log.container or None)


def _machine(machine: Machine, stored: Mapping[str, Any]) -> dict[str, Any]:
    jump = JumpHost(**_machine(machine.jump, stored["jump"])) if machine.jump else None
    return {
        "host": machine.host,
        "port": machine.port,
        "user": machine.user,
        "host_key": machine.host_key,
        "host_key_fingerprint": fingerprint(machine.host_key) if machine.host_key else None,
        "has_private_key": stored.get("login") == "privateKey",
        "has_password": stored.get("login") == "password",
        "jump": jump,
    }
