"""All that the stand-in knows, with a clock that tests may put forward.

Comes in: what `changes`, `people` and `accounts` add. Goes out: look-ups by name, and identifiers.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import time

from tests.github.stand_in.faults import Faults
from tests.github.stand_in.limits import Limits
from tests.github.stand_in.records import (
    App,
    Comment,
    Delivery,
    Hook,
    Installation,
    Issue,
    Repository,
    Seen,
    Token,
    User,
)


@dataclass(slots=True)
class Clock:
    """The time of the stand-in: that of this machine, and `ahead` of it."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """What time it is there."""
        return datetime.fromtimestamp(time(), UTC) + self.ahead

    def advance(self, seconds: float) -> None:
        """Put the clock forward: tokens end, limits end."""
        self.ahead += timedelta(seconds=seconds)


@dataclass(slots=True)
class Settings:
    """What differs between servers, and what takes its time. Tests may set these at any time."""

    knows_duplicate: bool = True
    """Whether `state_reason: duplicate` is known; an old Enterprise Server answers 422."""
    search_lag: float = 5.0
    """Seconds until an issue is found by search."""
    status_of_moved_write: int = 307
    """What a write to a renamed repository answers; a read answers 301."""
    token_life: float = 3600.0
    """Seconds that an installation's token lives."""


@dataclass(slots=True)
class World:
    """The state. `url` is where the stand-in listens, without a slash at the end."""

    url: str = "http://github.stand-in"
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    settings: Settings = field(default_factory=Settings)
    users: dict[str, User] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    old_names: dict[str, int] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    send: Callable[[Delivery], None] | None = None
    """Posts a delivery to its URL, soon; None where nobody does."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    def now(self) -> datetime:
        """The time there."""
        return self.clock.now()

    def new_id(self) -> int:
        """A number that nothing else has."""
        return next(self.numbers)

    def repository(self, name: str) -> Repository:
        """The repository that has this `owner/name` now; KeyError where none has."""
        for repository in self.repositories.values():
            if repository.full_name.lower() == name.lower() and not repository.is_deleted:
                return repository
        raise KeyError(name)

    def issue(self, number: int, repository: str) -> Issue:
        """An issue that is there; KeyError where it was deleted, transferred, or never was."""
        issue = self.repository(repository).issues[number]
        if issue.is_deleted or issue.moved_to:
            raise KeyError(number)
        return issue

    def all_issues(self) -> Iterator[tuple[Repository, Issue]]:
        """Every issue that is there, repository by repository, by number."""
        for repository in self.repositories.values():
            for issue in repository.issues.values():
                if not (issue.is_deleted or issue.moved_to or repository.is_deleted):
                    yield repository, issue

    def all_comments(self) -> Iterator[tuple[Repository, Issue, Comment]]:
        """Every comment of every issue that is there."""
        for repository, issue in self.all_issues():
            for comment in issue.comments:
                yield repository, issue, comment

    def user(self, login: str) -> User:
        """The user of this name, who comes to be if there is none."""
        if login.lower() not in self.users:
            is_bot = login.endswith("[bot]")
            self.users[login.lower()] = User(self.new_id(), login, "Bot" if is_bot else "User")
        return self.users[login.lower()]
