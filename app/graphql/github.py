"""GitHub: the issues that errors became, and the repositories of projects.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them. No field shows a credential.
"""

from datetime import datetime
from enum import Enum
from functools import partial
from typing import Final, Self
from uuid import UUID

import strawberry
from strawberry import enum_value

from app import links
from app.github.connecting.base_urls import website
from app.graphql.context import Info
from app.graphql.loading import load
from app.reading import github as reading

ISSUE: Final = (
    "The issue that it became on GitHub, or is to become; null: it has none, and nobody asked for one. What happens there"
    " is not told live: ask again after a few seconds where `syncStatus` is WAITING."
)
CONNECTION: Final = "The repository on GitHub that its errors become issues of; null: none."


@strawberry.enum(description="What an issue is on GitHub.")
class GithubIssueState(Enum):
    """What an issue is on GitHub."""

    OPEN = enum_value("open", description="It is open.")
    CLOSED = enum_value("closed", description="It is closed.")


@strawberry.enum(description="Whether all that is to be done on GitHub for an error was done.")
class GithubSyncStatus(Enum):
    """Whether all that is to be done on GitHub for an error was done."""

    WAITING = enum_value(
        "waiting", description="Something is to be done, and will be by itself: see `nextAttemptAt`."
    )
    CAPPED = enum_value(
        "capped",
        description="It is made another day, as the project has made as many today as it may. Asking for it makes it now.",
    )
    FAILED = enum_value(
        "failed",
        description="It was tried many times in vain: see `syncError`. It is tried again every few hours, and can be"
        " retried.",
    )
    SYNCED = enum_value("synced", description="All is done.")
    DETACHED = enum_value(
        "detached",
        description="The issue is not followed any more: it was deleted or transferred on GitHub, or the project has another"
        " repository now, or none. Asking for an issue makes a new one.",
    )


@strawberry.enum(description="How Snaglist logs in on GitHub.")
class GithubCredentialsKind(Enum):
    """How Snaglist logs in on GitHub."""

    APP = enum_value("app", description="As a GitHub App that is installed in the repository.")
    TOKEN = enum_value("token", description="With a personal access token, as the person whose it is.")


@strawberry.type(description="The issue on GitHub that an error became, or is to become.")
class GithubIssue:
    """The issue that an error became, or is to become."""

    number: int | None = strawberry.field(description="Its number in the repository; null: not made yet.")
    url: str | None = strawberry.field(description="Its page on GitHub; null: not made yet.")
    state: str | None = strawberry.field(
        description="What it is there, as far as is known; null: not made yet.",
        graphql_type=GithubIssueState | None,
    )
    repository: str | None = strawberry.field(
        description="The repository it is in, or is to be made in, as `owner/name`; null where that is not known any more."
    )
    sync_status: str = strawberry.field(
        description="Whether all is done that is to be done there.", graphql_type=GithubSyncStatus
    )
    sync_error: str | None = strawberry.field(
        description="What holds it up, or why it is not followed any more, a sentence to show; null: nothing."
    )
    next_attempt_at: datetime | None = strawberry.field(
        description="When it goes on, within seconds of it; in the past: any moment; null: there is nothing to do."
    )
    created_at: datetime = strawberry.field(
        description="When it was asked for, by the project's threshold or by somebody."
    )

    @classmethod
    def of(cls, row: reading.Issue) -> Self:
        """What is shown of a row."""
        return cls(
            number=row.number,
            url=row.url,
            state=row.state,
            repository=row.repository,
            sync_status=row.sync_status,
            sync_error=row.sync_error,
            next_attempt_at=row.next_attempt_at,
            created_at=row.created_at,
        )


@strawberry.type(description="A project's repository on GitHub, and how Snaglist gets there. Never a secret.")
class GithubConnection:
    """A project's repository on GitHub."""

    base_url: str = strawberry.field(
        description="The address of the API: `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server."
    )
    repository: str = strawberry.field(description="The repository, as `owner/name`, as it was last heard.")
    repository_url: str = strawberry.field(description="The repository's page.")
    credentials_kind: str = strawberry.field(
        description="How Snaglist logs in there.", graphql_type=GithubCredentialsKind
    )
    app_id: int | None = strawberry.field(description="The GitHub App's id; null with a token.")
    login: str = strawberry.field(
        description="Who writes there: `name[bot]`, or the login of the token's person."
    )
    comments_back: bool = strawberry.field(
        description="Whether comments on the issues appear as comments of the errors."
    )
    webhook_url: str = strawberry.field(
        description="Where GitHub is to send its webhooks: content type `application/json`; events `Issues`,"
        " `Issue comments` and `Repositories`."
    )
    problem: str | None = strawberry.field(
        description="Why nothing can be done there at the moment, a sentence to show; null: nothing is known to be wrong."
    )
    retry_at: datetime | None = strawberry.field(
        description="When it is tried again after that; null: nothing is known to be wrong."
    )
    checked_at: datetime = strawberry.field(
        description="When it was last tried by somebody, and found to work."
    )
    created_at: datetime = strawberry.field(description="When the project was given this repository.")
    waiting: int = strawberry.field(
        description="Of how many issues something is still to be done, those beyond the daily cap among them."
    )
    failed: int = strawberry.field(description="How many issues are given up for now: see `syncStatus`.")

    @classmethod
    def of(cls, row: reading.Connection) -> Self:
        """What is shown of a row."""
        return cls(
            base_url=row.base_url,
            repository=row.repository,
            repository_url=f"{website(row.base_url)}/{row.repository}",
            credentials_kind=row.kind,
            app_id=row.app_id,
            login=row.login,
            comments_back=row.comments_back,
            webhook_url=webhook_url(),
            problem=row.problem,
            retry_at=row.retry_at,
            checked_at=row.checked_at,
            created_at=row.created_at,
            waiting=row.waiting,
            failed=row.failed,
        )


async def issue_of(info: Info, group_id: UUID) -> GithubIssue | None:
    """The issue of a group; those of all groups of a page are read at once."""
    row = await load(info, "github issues", partial(reading.issues, info.context.organization_id), group_id)
    return GithubIssue.of(row) if row else None


async def connection_of(info: Info, project_id: UUID) -> GithubConnection | None:
    """The repository of a project; those of all projects of a page are read at once."""
    read = partial(reading.connections, info.context.organization_id)
    row = await load(info, "github connections", read, project_id)
    return GithubConnection.of(row) if row else None


def webhook_url() -> str:
    """Where GitHub sends its webhooks."""
    return f"{links.base_url()}/webhooks/github"
