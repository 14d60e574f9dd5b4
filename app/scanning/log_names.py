"""Names of what writes logs, as they come from people, checked before any command is made with them.

Each function gives the name back. Raises SourceUnreadable, where it is none: no name may be taken for an option, a
pattern, or anything else but a name, whatever program it is given to.
"""

import re
from typing import Final

from app.errors import SourceUnreadable

_CONTAINER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_UNIT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9:_.@\\-]{0,254}")
_KUBERNETES: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_CONTROLLER: Final = re.compile(
    r"(?:deploy|deployment|deployments|sts|statefulset|statefulsets|ds|daemonset|daemonsets|rs|replicaset|replicasets)"
    r"(?:\.apps)?/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
)
_SELECTOR: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./=!, ()-]{0,1000}")


def docker_container(name: str) -> str:
    """The name or id of a Docker container."""
    return _checked(_CONTAINER, name, "container")


def systemd_unit(name: str) -> str:
    """The name of a unit, no pattern."""
    return _checked(_UNIT, name, "systemd unit")


def kubernetes_name(name: str, kind: str) -> str:
    """The name of a namespace, pod or container."""
    return _checked(_KUBERNETES, name, kind)


def controller(name: str) -> str:
    """What runs pods: `deploy/NAME`, `statefulset/NAME`, `daemonset/NAME`, `replicaset/NAME`."""
    return _checked(_CONTROLLER, name, "deployment")


def label_selector(text: str) -> str:
    """Labels of pods: `app=odoo,tier!=cron`, `app in (odoo, odoo-cron)`."""
    return _checked(_SELECTOR, text, "label selector")


def _checked(form: re.Pattern[str], name: str, kind: str) -> str:
    if not form.fullmatch(name):
        shown = name[:100].encode("unicode_escape").decode()
        raise SourceUnreadable(
            f"{shown!r} is no name of a {kind}" if name else f"the name of the {kind} is missing"
        )
    return name
