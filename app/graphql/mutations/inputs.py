"""What several mutations are given.

Comes in: inputs of a client. Goes out: sources, checked as far as that can be done without looking.
"""

import asyncio
from typing import Final

import strawberry
from strawberry import UNSET

from app.domain.log_source import (
    DockerLog,
    FileLog,
    JournalLog,
    KubernetesLog,
    Log,
    LogSource,
    Machine,
    local_file,
)
from app.errors import BadInput
from app.scanning.checked_source import checked

_MOST_MACHINES: Final = 10
_PATIENCE: Final = 10.0
"""Seconds for which a private key may take to be decrypted."""


@strawberry.input(description="A file on the machine that Snaglist runs on.")
class LocalFileInput:
    """A file on the machine that Snaglist runs on."""

    path: str = strawberry.field(
        description="Its absolute path. It need not exist yet; rotation and truncation are followed."
    )


@strawberry.input(description="A file on a machine that is reached over SSH.")
class FileInput:
    """A file on another machine."""

    path: str = strawberry.field(
        description="Its absolute path there. It need not exist yet; rotation and truncation are followed."
    )


@strawberry.input(description="The log of a Docker container, read with `docker logs`.")
class DockerInput:
    """The log of a Docker container."""

    container: str = strawberry.field(
        description="The container's name or id. One that is created anew under its name is followed."
    )


@strawberry.input(description="The log of a systemd unit, read with `journalctl`.")
class JournalInput:
    """The log of a systemd unit."""

    unit: str = strawberry.field(description="The unit, as `odoo.service`; no pattern.")


@strawberry.input(description="The log of a container in one or several pods, read with `kubectl logs`.")
class KubernetesInput:
    """The log of a container in pods."""

    namespace: str = strawberry.field(description="The namespace.")
    target: str = strawberry.field(
        description="Which pods: a pod's name; `deploy/NAME`, `statefulset/NAME` and the like; or labels, as `app=odoo`."
    )
    container: str | None = strawberry.field(
        default=None, description="The container; null: the pod's default, or its first one."
    )

    def as_log(self) -> KubernetesLog:
        """The log that is meant."""
        return KubernetesLog(self.namespace, self.target, self.container or "")


@strawberry.input(
    description="A log on a machine that is reached over SSH: exactly one of the fields.", one_of=True
)
class SshLogInput:
    """A log on another machine."""

    file: FileInput | None = strawberry.field(default=UNSET, description="A file.")
    docker: DockerInput | None = strawberry.field(default=UNSET, description="A Docker container's log.")
    journal: JournalInput | None = strawberry.field(default=UNSET, description="A systemd unit's log.")
    kubernetes: KubernetesInput | None = strawberry.field(
        default=UNSET, description="The log of a container in pods."
    )


@strawberry.input(
    description="A machine on the way to another one. One logs in with a private key or a password."
)
class JumpHostInput:
    """A machine on the way to another one."""

    host: str = strawberry.field(description="Its name or IP address.")
    port: int = strawberry.field(default=22, description="The port of its SSH server.")
    user: str = strawberry.field(description="Who logs in there.")
    private_key: str | None = strawberry.field(
        default=None,
        description="The private key, as text in the form of OpenSSH or PEM. It is stored encrypted and never shown.",
    )
    passphrase: str | None = strawberry.field(
        default=None, description="What the private key is encrypted with; null if it is not."
    )
    password: str | None = strawberry.field(
        default=None, description="The password. It is stored encrypted and never shown."
    )
    host_key: str | None = strawberry.field(
        default=None,
        description="The public key by which the machine is known, as `ssh-ed25519 AAAA...`: `instanceTestConnection`"
        " shows it, with its fingerprint. Giving it accepts it; without one nobody logs in.",
    )
    jump: "JumpHostInput | None" = strawberry.field(
        default=None, description="The machine by way of which it is reached; null: directly."
    )


@strawberry.input(description="A log on a machine that is reached over SSH.")
class SshInput(JumpHostInput):
    """A log on another machine, which is described like those on the way there."""

    log: SshLogInput = strawberry.field(description="The log on that machine.")


@strawberry.input(description="Where an instance's log is read: exactly one of the fields.", one_of=True)
class InstanceSourceInput:
    """Where an instance's log is read."""

    local_file: LocalFileInput | None = strawberry.field(
        default=UNSET, description="A file on the machine that Snaglist runs on."
    )
    local_docker: DockerInput | None = strawberry.field(
        default=UNSET, description="The log of a container on the machine that Snaglist runs on."
    )
    local_journal: JournalInput | None = strawberry.field(
        default=UNSET, description="A unit's log in the journal of the machine that Snaglist runs on."
    )
    local_kubernetes: KubernetesInput | None = strawberry.field(
        default=UNSET, description="A log that the `kubectl` of the machine that Snaglist runs on can read."
    )
    ssh: SshInput | None = strawberry.field(
        default=UNSET, description="A log on a machine that is reached over SSH."
    )


async def as_source(given: InstanceSourceInput) -> LogSource:
    """The source that a client means, checked. BadInput: something in it makes no sense, or it is none."""
    source = _source(given)
    try:
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.to_thread(checked, source)
    except TimeoutError:
        raise BadInput(
            "it takes too long to decrypt the private key", field="source.ssh.privateKey"
        ) from None


def _source(given: InstanceSourceInput) -> LogSource:
    if given.local_file:
        return local_file(given.local_file.path)
    if given.local_docker:
        return LogSource(DockerLog(given.local_docker.container))
    if given.local_journal:
        return LogSource(JournalLog(given.local_journal.unit))
    if given.local_kubernetes:
        return LogSource(given.local_kubernetes.as_log())
    if given.ssh:
        return LogSource(_log(given.ssh.log), _machine(given.ssh))
    raise BadInput("say where the log is", field="source")  # the graph's own rules say so before


def _log(given: SshLogInput) -> Log:
    if given.file:
        return FileLog(given.file.path)
    if given.docker:
        return DockerLog(given.docker.container)
    if given.journal:
        return JournalLog(given.journal.unit)
    if given.kubernetes:
        return given.kubernetes.as_log()
    raise BadInput("say which log", field="source.ssh.log")


def _machine(given: JumpHostInput, left: int = _MOST_MACHINES) -> Machine:
    jump = _machine(given.jump, left - 1) if given.jump and left else None
    return Machine(
        given.host,
        given.user,
        given.port,
        given.host_key,
        given.private_key,
        given.passphrase,
        given.password,
        jump,
    )
