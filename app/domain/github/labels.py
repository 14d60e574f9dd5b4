"""The labels that issues get, with their colours.

Comes in: how bad an error is, and where it is. Goes out: labels that GitHub takes.
"""

import re
from dataclasses import dataclass
from typing import Final

from app.domain.secrets.redaction import redact

NAME_LIMIT: Final = 50
"""Characters that GitHub takes of a label's name."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label: a name of at most `NAME_LIMIT` characters, a colour of six hex digits without `#`, a description of at
    most 100 characters."""

    name: str
    color: str
    description: str


BUG: Final = Label("bug", "d73a4a", "Something isn't working")
MARK: Final = Label("snaglist-error", "7057ff", "Made by Snaglist from an error")
REGRESSION: Final = Label("regression", "d93f0b", "Came back after it was resolved")

_SEVERITIES: Final[dict[str, Label]] = {
    "critical": Label("severity:critical", "b60205", "A traceback, or an app that ended"),
    "high": Label("severity:high", "f28b82", "The database or an access right refused"),
    "medium": Label("severity:medium", "fbca04", "A warning, or a message of an error"),
}
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._/-]+")


def labels(severity: str, module: str | None) -> tuple[Label, ...]:
    """The labels of a new issue: `bug`, ours, the severity's, and the module's where there is one to be named.

    `severity` is `critical`, `high` or `medium`; what is none of them is taken for the last.
    """
    of_module = _of_module(module or "")
    return (BUG, MARK, _SEVERITIES.get(severity, _SEVERITIES["medium"]), *of_module)


def _of_module(module: str) -> tuple[Label, ...]:
    # Of plain characters only: a comma parts labels in GitHub's lists, and names are equal whatever their case.
    prefix = "module:"
    name = _UNSAFE.sub("_", redact(module).strip()).strip("_")[: NAME_LIMIT - len(prefix)]
    return (Label(prefix + name, "cfd3d7", "Where the error is raised"),) if name else ()
