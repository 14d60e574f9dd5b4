"""What GitHub answers, as values.

Comes in: JSON that a server sent, which may be anything. Goes out: frozen values; or Unknown where it is not what GitHub
says, since what was asked for may have been done all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.github.api.failures import Unknown
from app.github.api.names import checked_repository

_LARGEST_ID: Final = 2**63 - 1
_LARGEST_NUMBER: Final = 2**31 - 1
_LONGEST: Final = 2000
"""Characters of what is shown or stored, but for texts of people."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository. `permissions`: what the token may do ("push", "admin" ...), empty where that is not told."""

    id: int
    full_name: str
    has_issues: bool
    archived: bool
    permissions: Mapping[str, bool]
    url: str


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a GitHub App is installed. `permissions`: "issues" -> "write" and so on."""

    id: int
    permissions: Mapping[str, str]
    suspended: bool
    app_slug: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue. `state` is "open" or "closed"; `url` is the page for people; an empty body is ""."""

    number: int
    url: str
    state: str
    state_reason: str | None
    created_at: datetime
    updated_at: datetime
    body: str
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an issue. `url` is the page for people."""

    id: int
    url: str
    body: str


def repository(told: Any) -> Repository:
    """GitHub's "full repository". Unknown: it is none."""
    found = _object(told)
    name = _text(found, "full_name")
    try:
        checked_repository(name)
    except ValueError:
        raise _strange() from None
    permissions = found.get("permissions")
    return Repository(
        id=_number(found, "id", _LARGEST_ID),
        full_name=name,
        has_issues=found.get("has_issues") is not False,  # old servers do not tell
        archived=found.get("archived") is True,
        permissions={k: v for k, v in _pairs(permissions) if isinstance(v, bool)},
        url=_link(found, "html_url"),
    )


def installation(told: Any) -> Installation:
    """GitHub's "installation". Unknown: it is none."""
    found = _object(told)
    return Installation(
        id=_number(found, "id", _LARGEST_ID),
        permissions={k: v for k, v in _pairs(found.get("permissions")) if isinstance(v, str)},
        suspended=found.get("suspended_at") is not None,
        app_slug=_text(found, "app_slug"),
    )


def issue(told: Any) -> Issue:
    """GitHub's "issue". Unknown: it is none."""
    found = _object(told)
    if found.get("state") not in ("open", "closed"):
        raise _strange()
    return Issue(
        number=_number(found, "number", _LARGEST_NUMBER),
        url=_link(found, "html_url"),
        state=found["state"],
        state_reason=_text(found, "state_reason") if found.get("state_reason") is not None else None,
        created_at=time_of(found, "created_at"),
        updated_at=time_of(found, "updated_at"),
        body=_body(found),
        is_locked=found.get("locked") is True,
    )


def made_at(told: Any) -> datetime:
    """When an issue or a pull request was made. Unknown: it is neither."""
    return time_of(_object(told), "created_at")


def is_pull_request(told: Any) -> bool:
    """Whether what stands in a list of issues is a pull request, as GitHub mixes them."""
    return _object(told).get("pull_request") is not None


def comment(told: Any) -> Comment:
    """GitHub's "issue comment". Unknown: it is none."""
    found = _object(told)
    return Comment(id=_number(found, "id", _LARGEST_ID), url=_link(found, "html_url"), body=_body(found))


def login(told: Any) -> str:
    """The login in GitHub's "user". Unknown: it is none."""
    return _text(_object(told), "login")


def app_login(told: Any) -> str:
    """The login of the bot in GitHub's "App". Unknown: it is none."""
    return _text(_object(told), "slug") + "[bot]"


def labels(told: Any) -> None:
    """Look whether it is a list of labels. Unknown: it is none."""
    if not isinstance(told, list):
        raise _strange()
    for one in told:
        label(one)


def label(told: Any) -> None:
    """Look whether it is a label. Unknown: it is none."""
    _text(_object(told), "name")


def installation_token(told: Any) -> tuple[str, datetime]:
    """An access token, and when it ends. Unknown: it is none."""
    found = _object(told)
    token = _text(found, "token")
    if not token.isascii() or " " in token:
        raise _strange()
    return token, time_of(found, "expires_at")


def time_of(found: Mapping[str, Any], name: str) -> datetime:
    """A moment, which GitHub writes as 2026-11-22T10:00:00Z. Unknown: it is none."""
    try:
        moment = datetime.fromisoformat(_text(found, name))
    except ValueError:
        raise _strange() from None
    if moment.tzinfo is None:
        raise _strange()
    return moment


def _object(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise _strange()
    return told


def _pairs(told: Any) -> list[tuple[str, Any]]:
    return list(told.items()) if isinstance(told, dict) else []


def _text(found: Mapping[str, Any], name: str) -> str:
    text = found.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST or not text.isprintable():
        raise _strange()
    return text


def _link(found: Mapping[str, Any], name: str) -> str:
    link = _text(found, name)
    if not link.startswith(("https://", "http://")):  # people click on it
        raise _strange()
    return link


def _number(found: Mapping[str, Any], name: str, largest: int) -> int:
    number = found.get(name)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number <= largest:
        raise _strange()
    return number


def _body(found: Mapping[str, Any]) -> str:
    body = found.get("body")
    if body is None:
        return ""
    if not isinstance(body, str):
        raise _strange()
    return body


def _strange() -> Unknown:
    return Unknown("the server's answer is not one of GitHub's API")
