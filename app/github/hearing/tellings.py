"""What GitHub told, as far as it matters to us: small, safe to store, and the same whatever GitHub adds to its payloads.

Comes in: `payloads` reads it of deliveries. Goes out: JSON in `github_delivery`, and what is done about it.
"""

from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

import msgspec

Id: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Number: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
At: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]


class Issue(msgspec.Struct, frozen=True):
    """An issue as it was when GitHub told. `markers`: those in its text; `author`: the login of whose it is."""

    number: Number
    url: str
    state: str
    state_reason: str | None
    updated_at: At
    author: str
    markers: list[UUID]


class Place(msgspec.Struct, frozen=True):
    """Where an issue was transferred to."""

    repository: str
    repository_id: Id
    number: Number


class IssueTold(msgspec.Struct, frozen=True, tag="issue"):
    """Somebody did something with an issue."""

    action: str
    repository_id: Id
    repository: str
    sender: str
    issue: Issue
    moved_to: Place | None = None


class CommentTold(msgspec.Struct, frozen=True, tag="comment"):
    """Somebody said something about an issue. `is_marked`: it has, or had, a marker of ours."""

    action: str
    repository_id: Id
    repository: str
    issue: Issue
    comment_id: Id
    author: str
    body: str
    is_marked: bool
    created_at: At
    updated_at: At


class RepositoryTold(msgspec.Struct, frozen=True, tag="repository"):
    """Something became of repositories, or of an installation. `what`: event and action, `repository.renamed`.

    `repository_ids`: which ones; None: all of the installation.
    """

    what: str
    installation_id: Id | None
    repository: str | None
    repository_ids: list[Id] | None


Telling: TypeAlias = IssueTold | CommentTold | RepositoryTold
