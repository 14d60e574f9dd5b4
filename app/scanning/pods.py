"""Which pods there are, and which container's log is which.

Comes in: a namespace and what tells the pods: a name, labels, or what runs them. Goes out: the pods that `kubectl` names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from app.errors import SourceUnreadable
from app.scanning.host import Host
from app.scanning.log_names import controller, kubernetes_name, label_selector

_T = TypeVar("_T")
_LONGEST: Final = 32 * 1024 * 1024
_BLOCK: Final = 128 * 1024
_DEFAULT: Final = "kubectl.kubernetes.io/default-container"
_OPERATORS: Final = {"In": "{} in ({})", "NotIn": "{} notin ({})", "Exists": "{}", "DoesNotExist": "!{}"}


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod and its container: `current` is the id of the one whose log `kubectl logs` gives, `previous` with `--previous`.

    Both are empty where there is none.
    """

    name: str
    uid: str
    container: str
    current: str
    previous: str


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods by one of: a pod's name; `deploy/NAME` and the like; labels, which hold a `=`, or ` in ` and the like."""

    namespace: str
    target: str
    container: str

    def __post_init__(self) -> None:
        """Raises SourceUnreadable where a name is none."""
        kubernetes_name(self.namespace, "namespace")
        if self.container:
            kubernetes_name(self.container, "container")
        if self._is_selector():
            label_selector(self.target)
        elif "/" in self.target:
            controller(self.target)
        else:
            kubernetes_name(self.target, "pod")

    def selector(self, host: Host) -> str:
        """The labels of the pods, empty where there is but one pod. They never change. Raises SourceUnreadable."""
        if self._is_selector():
            return self.target
        if "/" not in self.target:
            return ""
        command = ["kubectl", "get", "--namespace", self.namespace, "--output", "json", "--", self.target]
        found = _decoded(_read(host, command), _Controller).spec.selector
        parts = [f"{name}={value}" for name, value in found.matchLabels.items()]
        parts += [
            _OPERATORS.get(rule.operator, "").format(rule.key, ",".join(rule.values))
            for rule in found.matchExpressions
        ]
        if not parts or not all(parts):
            raise SourceUnreadable(f"the pods of {self.target} cannot be told by labels")
        return label_selector(",".join(parts))

    def listed(self, host: Host, selector: str) -> list[Pod]:
        """The pods that there are, by name; those that have not started yet are left out. Raises SourceUnreadable."""
        command = ["kubectl", "get", "--namespace", self.namespace, "--output", "json"]
        if selector:
            found = _decoded(_read(host, [*command, f"--selector={selector}", "--", "pods"]), _Pods).items
        else:
            found = [_decoded(_read(host, [*command, "--", "pods", self.target]), _Pod)]
        pods = [self._pod(pod) for pod in found]
        return sorted((pod for pod in pods if pod.current), key=lambda pod: pod.name)

    def _is_selector(self) -> bool:
        return any(sign in self.target for sign in "=!( ")

    def _pod(self, found: "_Pod") -> Pod:
        names = [container.name for container in found.spec.containers]
        wanted = self.container or found.metadata.annotations.get(_DEFAULT, "") or next(iter(names), "")
        if wanted not in names:
            raise SourceUnreadable(
                f"the pod {found.metadata.name} has no container {wanted}: it has {', '.join(names)}"
            )
        status = next(
            (status for status in found.status.containerStatuses if status.name == wanted), _Status(wanted)
        )
        ended = status.lastState.get("terminated", _Terminated()).containerID
        current = status.containerID or ended
        return Pod(
            kubernetes_name(found.metadata.name, "pod"),
            found.metadata.uid,
            kubernetes_name(wanted, "container"),
            current,
            ended if ended != current else "",
        )


class _Rule(msgspec.Struct):
    key: str
    operator: str
    values: list[str] = []


class _Labels(msgspec.Struct):
    matchLabels: dict[str, str] = {}  # noqa: N815  as Kubernetes calls it
    matchExpressions: list[_Rule] = []  # noqa: N815


class _ControllerSpec(msgspec.Struct):
    selector: _Labels


class _Controller(msgspec.Struct):
    spec: _ControllerSpec


class _Metadata(msgspec.Struct):
    name: str
    uid: str
    annotations: dict[str, str] = {}


class _Container(msgspec.Struct):
    name: str


class _PodSpec(msgspec.Struct):
    containers: list[_Container]


class _Terminated(msgspec.Struct):
    containerID: str = ""  # noqa: N815


class _Status(msgspec.Struct):
    name: str
    containerID: str = ""  # noqa: N815
    lastState: dict[str, _Terminated] = {}  # noqa: N815


class _PodStatus(msgspec.Struct):
    containerStatuses: list[_Status] = []  # noqa: N815


class _Pod(msgspec.Struct):
    metadata: _Metadata
    spec: _PodSpec
    status: _PodStatus = msgspec.field(default_factory=_PodStatus)


class _Pods(msgspec.Struct):
    items: list[_Pod]


def _decoded(text: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as refused:
        raise SourceUnreadable(f"the answer of kubectl is not understood: {refused}") from refused


def _read(host: Host, command: Sequence[str]) -> bytes:
    text = b""
    with host.run(command) as output:
        while read := output.read(_BLOCK):
            text += read
            if len(text) > _LONGEST:
                raise SourceUnreadable("kubectl names too many pods")
        output.finish()
    return text
