"""What the stand-in holds: people, Apps, tokens, repositories, issues, and what it has seen and told.

Plain records without behaviour. Tests read them; only `changes` and `people` change them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Role = Literal["read", "triage", "write", "admin"]
State = Literal["open", "closed"]
TokenKind = Literal["classic", "fine_grained", "installation"]


@dataclass(slots=True)
class User:
    """Somebody: a person, an organization, or the bot of an App (`slug[bot]`)."""

    id: int
    login: str
    type: Literal["User", "Organization", "Bot"] = "User"


@dataclass(slots=True)
class Label:
    """A label of a repository; `made_by_default` where setting it on an issue made it, in the colour ededed."""

    id: int
    name: str
    color: str
    description: str | None = None
    made_by_default: bool = False


@dataclass(slots=True)
class Comment:
    """A comment; `app` is the slug of the App that wrote it, if one did."""

    id: int
    user: User
    body: str
    created_at: datetime
    updated_at: datetime
    app: str | None = None


@dataclass(slots=True)
class Issue:
    """An issue or a pull request. `labels` are names as the repository spells them."""

    id: int
    number: int
    user: User
    title: str
    body: str | None
    created_at: datetime
    updated_at: datetime
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    state: State = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: User | None = None
    app: str | None = None
    is_pull_request: bool = False
    is_deleted: bool = False
    is_locked: bool = False
    moved_to: tuple[int, int] | None = None
    """Where it was transferred to: the repository's id and the number there."""


@dataclass(slots=True)
class Repository:
    """A repository; `labels` by name in lower case; `roles` by login, the rest may only look, and only if it is public."""

    id: int
    owner: User
    name: str
    created_at: datetime
    private: bool = True
    has_issues: bool = True
    archived: bool = False
    is_deleted: bool = False
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"


@dataclass(slots=True)
class App:
    """A GitHub App; `public_key` is PEM; `permissions` are those that new installations get."""

    id: int
    slug: str
    bot: User
    owner: User
    public_key: str
    permissions: dict[str, str]
    created_at: datetime


@dataclass(slots=True)
class Installation:
    """An App on an account; `repositories` are ids, None: all of the account."""

    id: int
    app: App
    account: User
    permissions: dict[str, str]
    created_at: datetime
    repositories: frozenset[int] | None = None
    suspended_at: datetime | None = None
    is_deleted: bool = False


@dataclass(slots=True)
class Token:
    """What a client shows. Classic ones have `scopes`, the others `permissions` and perhaps only some `repositories`."""

    value: str
    kind: TokenKind
    user: User
    scopes: frozenset[str] = frozenset()
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: frozenset[int] | None = None
    expires_at: datetime | None = None
    installation: Installation | None = None
    is_revoked: bool = False


@dataclass(slots=True)
class Hook:
    """Where deliveries go. With `app`: of an App; else of one repository. Without `url` they are only kept in `deliveries`."""

    secret: str
    url: str | None = None
    app: App | None = None
    repository_id: int | None = None


@dataclass(slots=True)
class Delivery:
    """A webhook: `headers` and `body` are what is posted; `statuses` what the receiver answered, 0 where nobody did."""

    id: str
    event: str
    action: str
    headers: dict[str, str]
    body: bytes
    url: str | None
    at: datetime
    statuses: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Seen:
    """A request as it came in. `who` is whose limits it counts for: `installation:5`, `user:snag-bot`, `app:7` or `nobody`."""

    at: datetime
    method: str
    path: str
    query: dict[str, str]
    who: str
    token_kind: str
    user_agent: str
    api_version: str | None
    body: bytes
    fault: str | None = None
    status: int | None = None
    """What was answered; None where nothing was."""

    @property
    def is_write(self) -> bool:
        """Whether it changes something; asking for an installation's token does not count."""
        return self.method not in ("GET", "HEAD") and not self.path.endswith("/access_tokens")


@dataclass(frozen=True, slots=True)
class Violation:
    """A write that a well-behaved client would not have sent then.

    `too_close`: fewer than `limits.watched_gap` seconds after the one before; `while_blocked`: before the end that a limit named.
    """

    kind: Literal["too_close", "while_blocked"]
    who: str
    at: datetime
    method: str
    path: str
    seconds: float
    """Since the write before, or until the limit would have ended."""
