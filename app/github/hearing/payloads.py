"""What GitHub's webhooks tell, cut down to what matters to us.

Comes in: the JSON of a delivery, first unchecked, then proven to be GitHub's. Goes out: whom it concerns; and a telling,
small and safe to store, or None where it tells nothing that is followed. BadInput: it is not what GitHub sends.
"""

from collections.abc import Callable
from datetime import UTC
from typing import Any, Final, TypeVar

import msgspec

from app.domain.events.event_texts import clean
from app.domain.github import markers
from app.errors import BadInput
from app.github.hearing.tellings import (
    At,
    CommentTold,
    Id,
    Issue,
    IssueTold,
    Number,
    Place,
    RepositoryTold,
    Telling,
)
from app.triage.comment_body import LIMIT

_LONGEST_NAME: Final = 200
_LONGEST_URL: Final = 2000
_MOST_MARKERS: Final = 10

ISSUE: Final = frozenset({"opened", "closed", "reopened", "deleted", "transferred"})
COMMENT: Final = frozenset({"created", "edited", "deleted"})
REPOSITORY: Final = frozenset({"renamed", "transferred", "deleted", "archived", "unarchived"})
INSTALLATION: Final = frozenset({"deleted", "suspend", "unsuspend", "new_permissions_accepted"})
INSTALLATION_REPOSITORIES: Final = frozenset({"added", "removed"})
"""The actions of each event that are followed."""


class Concerned(msgspec.Struct, frozen=True):
    """What a delivery says it is about: nothing of it is proven."""

    repository_id: int | None
    installation_id: int | None
    app_id: int | None


class _Named(msgspec.Struct):
    id: Id
    full_name: str = ""


class _Hook(msgspec.Struct):
    app_id: Id | None = None


class _Head(msgspec.Struct, kw_only=True):
    repository: _Named | None = None
    installation: _Named | None = None
    hook: _Hook | None = None


class _User(msgspec.Struct):
    login: str


class _Issue(msgspec.Struct):
    number: Number
    html_url: str
    state: str
    updated_at: At
    state_reason: str | None = None
    body: str | None = None
    user: _User | None = None
    pull_request: Any = None


class _Was(msgspec.Struct, rename={"was": "from"}):
    was: Any = None


class _Moved(msgspec.Struct):
    number: Number


class _Changes(msgspec.Struct):
    body: _Was | None = None
    new_issue: _Moved | None = None
    new_repository: _Named | None = None


class _Comment(msgspec.Struct):
    id: Id
    created_at: At
    updated_at: At
    body: str | None = None
    user: _User | None = None


class _Action(msgspec.Struct):
    action: str = ""


class _OfIssue(_Head, kw_only=True):
    repository: _Named
    action: str
    issue: _Issue
    sender: _User | None = None
    changes: _Changes | None = None


class _OfComment(_OfIssue, kw_only=True):
    comment: _Comment


class _OfRepositories(_Head, kw_only=True):
    action: str = ""
    repositories_added: list[_Named] = msgspec.field(default_factory=list)
    repositories_removed: list[_Named] = msgspec.field(default_factory=list)


T = TypeVar("T")


def _decoder(kind: type[T]) -> Callable[[bytes], T]:
    decoder = msgspec.json.Decoder(kind)

    def decode(body: bytes) -> T:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError:
            raise BadInput("this is nothing that GitHub sends") from None
        except (msgspec.DecodeError, UnicodeError):
            raise BadInput("the body is no JSON") from None
        except RecursionError:
            raise BadInput("the body is too deep") from None

    return decode


_head = _decoder(_Head)
_action = _decoder(_Action)
_of_issue = _decoder(_OfIssue)
_of_comment = _decoder(_OfComment)
_of_repositories = _decoder(_OfRepositories)


def concerned(body: bytes) -> Concerned:
    """Whom a delivery that nobody has checked says to concern. BadInput: it cannot be read."""
    head = _head(body)
    return Concerned(
        head.repository.id if head.repository else None,
        head.installation.id if head.installation else None,
        head.hook.app_id if head.hook else None,
    )


def read(event: str, body: bytes) -> Telling | None:
    """What the delivery tells; None: nothing that is followed. BadInput: it is not as GitHub describes the event."""
    reading, actions = _READ.get(event, (None, frozenset[str]()))
    if reading is None or _action(body).action not in actions:
        return None
    try:
        return reading(event, body)
    except OverflowError:
        raise BadInput("this is nothing that GitHub sends") from None


def _issue_told(_event: str, body: bytes) -> IssueTold | None:
    told = _of_issue(body)
    changes = told.changes
    place = None
    if changes and changes.new_issue and changes.new_repository:
        new = changes.new_repository
        place = Place(_short(new.full_name), new.id, changes.new_issue.number)
    if told.issue.pull_request is not None:
        return None
    named = _short(told.repository.full_name)
    return IssueTold(told.action, told.repository.id, named, _login(told.sender), _issue(told.issue), place)


def _comment_told(_event: str, body: bytes) -> CommentTold | None:
    told = _of_comment(body)
    if told.issue.pull_request is not None:
        return None
    said, before = told.comment.body or "", told.changes and told.changes.body
    was = before.was if before and isinstance(before.was, str) else ""
    return CommentTold(
        told.action,
        told.repository.id,
        _short(told.repository.full_name),
        _issue(told.issue),
        told.comment.id,
        _login(told.comment.user),
        _shortened(said),
        bool(markers.found(said) or markers.found(was)),
        told.comment.created_at.astimezone(UTC),
        told.comment.updated_at.astimezone(UTC),
    )


def _repository_told(event: str, body: bytes) -> RepositoryTold | None:
    told = _of_repositories(body)
    ids = None
    if event == "repository":
        if told.repository is None:
            raise BadInput("this is nothing that GitHub sends")
        ids = [told.repository.id]
    elif event == "installation_repositories":
        listed = told.repositories_added if told.action == "added" else told.repositories_removed
        ids = [each.id for each in listed]
    named = _short(told.repository.full_name) if told.repository else None
    installation_id = told.installation.id if told.installation else None
    return RepositoryTold(f"{event}.{told.action}", installation_id, named, ids)


_READ: Final[dict[str, tuple[Callable[[str, bytes], Telling | None], frozenset[str]]]] = {
    "issues": (_issue_told, ISSUE),
    "issue_comment": (_comment_told, COMMENT),
    "repository": (_repository_told, REPOSITORY),
    "installation": (_repository_told, INSTALLATION),
    "installation_repositories": (_repository_told, INSTALLATION_REPOSITORIES),
}


def _issue(told: _Issue) -> Issue:
    return Issue(
        told.number,
        clean(told.html_url[:_LONGEST_URL]),
        "closed" if told.state == "closed" else "open",
        told.state_reason and _short(told.state_reason),
        told.updated_at.astimezone(UTC),
        _login(told.user),
        markers.found(told.body or "")[:_MOST_MARKERS],
    )


def _login(user: _User | None) -> str:
    """Who it was; whose account was deleted is called as GitHub's pages call him."""
    return (user and _short(user.login)) or "ghost"


def _short(text: str) -> str:
    return clean(text[:_LONGEST_NAME])


def _shortened(text: str) -> str:
    """A comment as it may be stored: at most `LIMIT` bytes, its lines ended by \\n alone."""
    text = clean(text[:LIMIT]).replace("\r\n", "\n").replace("\r", "\n")
    return text.encode()[:LIMIT].decode(errors="ignore")
