"""The stand-in as tests hold it: started on a free port, furnished, watched, and asked what came of it.

Comes in: requests over HTTP, as GitHub's REST API v3 takes them, under `/` and under `/api/v3`. Goes out: the answers, webhooks,
and what tests want to know afterwards.

    async with started() as github:                          # or the fixtures `github_stand_in`, `github_shop`
        github.add_repository("acme/shop")
        token = github.add_token("snag-bot")
        github.faults.next("dropped_after", method="POST", path="/issues$")
        ...
        assert not github.duplicates()
        assert not github.violations
"""

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.github.stand_in.accounts import Accounts
from tests.github.stand_in.faults import Faults
from tests.github.stand_in.limits import Limits
from tests.github.stand_in.people import SHOP, People
from tests.github.stand_in.records import Comment, Delivery, Issue, Repository, Seen, Violation
from tests.github.stand_in.server import Server
from tests.github.stand_in.webhooks import redelivered
from tests.github.stand_in.world import Clock, Settings, World

MARKER = re.compile(r"<!-- snaglist:([0-9a-f-]{36}) -->")


class GithubStandIn(Accounts, People):
    """A GitHub of one test's own."""

    def __init__(self) -> None:
        self.world = World()
        self.server = Server(self.world)

    @property
    def url(self) -> str:
        """Where the API is: `http://127.0.0.1:PORT`."""
        return self.world.url

    @property
    def enterprise_url(self) -> str:
        """Where it is as on a GitHub Enterprise Server: with `/api/v3`."""
        return f"{self.world.url}/api/v3"

    @property
    def clock(self) -> Clock:
        """`clock.advance(seconds)` puts it forward."""
        return self.world.clock

    @property
    def limits(self) -> Limits:
        """`per_hour`, `min_gap`, `writes_per_minute`, `watched_gap` ...: see there."""
        return self.world.limits

    @property
    def faults(self) -> Faults:
        """`next(kind, ...)`, `at_random(rate, seed, kinds)`, `stop()`, `met`."""
        return self.world.faults

    @property
    def settings(self) -> Settings:
        """`knows_duplicate`, `search_lag`, `token_life` ..."""
        return self.world.settings

    @property
    def requests(self) -> list[Seen]:
        """Every request, oldest first."""
        return self.world.requests

    @property
    def writes(self) -> list[Seen]:
        """Those that were to change something."""
        return [seen for seen in self.world.requests if seen.is_write]

    @property
    def violations(self) -> list[Violation]:
        """Writes that came too close together or while a limit was in force."""
        return self.world.limits.violations

    @property
    def deliveries(self) -> list[Delivery]:
        """Every webhook, oldest first, posted or not."""
        return self.world.deliveries

    @property
    def labels_made_by_default(self) -> list[tuple[str, str]]:
        """(repository, label) of those that came to be because an issue got them, in the colour ededed."""
        return [
            (repository.full_name, label.name)
            for repository in self.world.repositories.values()
            for label in repository.labels.values()
            if label.made_by_default
        ]

    def repository(self, name: str = SHOP) -> Repository:
        """By its name of now; KeyError where there is none."""
        return self.world.repository(name)

    def issue(self, number: int, repository: str = SHOP) -> Issue:
        """One issue; KeyError where it is not there (any more)."""
        return self.world.issue(number, repository)

    def issues(self, repository: str | None = None) -> list[Issue]:
        """Those that are there, by number: of one repository, or of all."""
        return [
            issue for at, issue in self.world.all_issues() if repository is None or at.full_name == repository
        ]

    def issues_marked(self, marker: object) -> list[Issue]:
        """The issues with this marker (a UUID) in their text."""
        return [issue for issue in self.issues() if str(marker) in _markers(issue.body)]

    def comments_marked(self, marker: object) -> list[Comment]:
        """The comments with this marker in their text."""
        return [
            comment for _, _, comment in self.world.all_comments() if str(marker) in _markers(comment.body)
        ]

    def markers(self) -> dict[str, list[str]]:
        """Where each marker is: `acme/shop#3`, or `acme/shop#3/1017` for a comment of it."""
        places: defaultdict[str, list[str]] = defaultdict(list)
        for repository, issue in self.world.all_issues():
            for marker in _markers(issue.body):
                places[marker].append(f"{repository.full_name}#{issue.number}")
        for repository, issue, comment in self.world.all_comments():
            for marker in _markers(comment.body):
                places[marker].append(f"{repository.full_name}#{issue.number}/{comment.id}")
        return dict(places)

    def duplicates(self) -> dict[str, list[str]]:
        """The markers that are in more than one issue or comment, with where they are; empty where all is well."""
        return {marker: places for marker, places in self.markers().items() if len(places) > 1}

    def redeliver(self, delivery: Delivery) -> Delivery:
        """The same once more, with the same id, as a person does it on GitHub's pages."""
        return redelivered(self.world, delivery)

    async def delivered(self) -> None:
        """Wait until every webhook that has a URL was posted."""
        await self.server.delivered()

    async def settled(self) -> None:
        """Wait until every write that was to land late (`late_commit`) has landed."""
        await self.server.settled()


def _markers(text: str | None) -> set[str]:
    return set(MARKER.findall(text or ""))


@asynccontextmanager
async def started(port: int = 0) -> AsyncIterator[GithubStandIn]:
    """An empty stand-in that listens on this port of 127.0.0.1 (0: a free one), in this loop."""
    github = GithubStandIn()
    await github.server.start(port)
    try:
        yield github
    finally:
        await github.server.stop()
