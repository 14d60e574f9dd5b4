"""What somebody has entered as the source of a log, checked before it is stored or tried.

Comes in: a source. Goes out: the same in the one form in which it is stored. Nobody looks whether the log exists.
"""

from dataclasses import replace
from typing import Final

from app.domain.log_source import (
    DockerLog,
    FileLog,
    JournalLog,
    KubernetesLog,
    Log,
    LogSource,
    Machine,
    kind_of,
)
from app.errors import BadInput, SourceUnreadable
from app.scanning.local_host import LocalHost
from app.scanning.log_names import docker_container, kubernetes_name, systemd_unit
from app.scanning.pods import Pods
from app.scanning.remote_file import RemoteFile
from app.scanning.source import Bounds
from app.scanning.ssh.private_key import read_private_key
from app.scanning.ssh.target import DEEPEST, Key, Password, Target

_INPUTS: Final = {"host_key": "hostKey", "private_key": "privateKey"}


def checked(source: LogSource) -> LogSource:
    """The source as it is to be stored. Takes a tenth of a second and more for a private key that is encrypted.

    That it is not said how to log in is no mistake here: what is known may stay. BadInput, with the input's path.
    """
    _check_log(source.log, source.machine is None)
    if source.machine is None:
        return source
    if len(source.machine.way()) > DEEPEST + 1:
        raise BadInput(f"there may be {DEEPEST} jump hosts at most", field="source.ssh.jump")
    return replace(source, machine=_checked_machine(source.machine, "source.ssh"))


def _check_log(log: Log, is_local: bool) -> None:
    kind = kind_of(log)
    place = f"source.local{kind.capitalize()}" if is_local else f"source.ssh.log.{kind}"
    field = ""
    try:
        match log:
            case FileLog(path):
                field = "path"
                RemoteFile(LocalHost(), path, Bounds())
            case DockerLog(container):
                field = "container"
                docker_container(container)
            case JournalLog(unit):
                field = "unit"
                systemd_unit(unit)
            case KubernetesLog(namespace, target, container):
                field = "namespace"
                kubernetes_name(namespace, "namespace")
                field = "container"
                if container:
                    kubernetes_name(container, "container")
                field = "target"
                Pods(namespace, target, container)
    except SourceUnreadable as refused:
        raise BadInput(refused.message, field=f"{place}.{field}") from None


def _checked_machine(machine: Machine, path: str) -> Machine:
    jump = _checked_machine(machine.jump, f"{path}.jump") if machine.jump else None
    if machine.private_key is not None and machine.password is not None:
        raise BadInput("give a private key or a password, not both", field=f"{path}.password")
    if machine.passphrase is not None and machine.private_key is None:
        raise BadInput("a passphrase goes with a private key", field=f"{path}.passphrase")
    try:
        target = _target(machine)
    except BadInput as refused:
        field = refused.field or ""
        raise BadInput(refused.message, field=f"{path}.{_INPUTS.get(field, field)}") from None
    return replace(machine, host=target.host, user=target.user, host_key=target.host_key, jump=jump)


def _target(machine: Machine) -> Target:
    credential: Key | Password
    if machine.private_key is not None:
        credential = Key(machine.private_key, machine.passphrase)
        read_private_key(credential)
    else:
        credential = Password("unsaid" if machine.password is None else machine.password)
    return Target(machine.host, machine.user, credential, machine.port, machine.host_key)
