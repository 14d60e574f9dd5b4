"""Apps: programs of a project that send their events themselves.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them. An app that was deleted is still shown where an
error names it.
"""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from app.domain.events.dsn import dsn, ingest_url
from app.graphql import app_statistics, ids, projects
from app.graphql.app_statistics import AppStatistics
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.ignore_rules import IgnoreRule
from app.graphql.loading import load
from app.graphql.node import Node
from app.graphql.scalars import BigInt
from app.reading import apps as reading

if TYPE_CHECKING:
    from app.graphql.projects import Project

Days = Annotated[
    int | None, strawberry.argument(description="How many days back, 1 to 90, the current hour included.")
]


@strawberry.type(
    description="A key that an app sends its events with. It is no secret: it stands in front ends, for everybody to read."
)
class AppKey:
    """A key that an app sends its events with."""

    key: str = strawberry.field(
        description="The key, 32 hexadecimal digits: as `Authorization: Bearer ...` for our own API, and in the DSN."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(
        description="Until when it works, after `appRotateKey`; null: with no end."
    )

    @classmethod
    def of(cls, row: reading.AppKey) -> Self:
        """What is shown of a row."""
        return cls(key=row.key, created_at=row.created_at, expires_at=row.expires_at)


@strawberry.type(
    description="A program of a project that sends its events itself: with a Sentry SDK, or by our own API."
)
class App(Node):
    """A program of a project that sends its events itself."""

    name: str = strawberry.field(description="What people call it.")
    slug: str = strawberry.field(description="Its name in addresses, unique in its project.")
    number: int = strawberry.field(description="The number at the end of its DSN.", graphql_type=BigInt)
    platform: str = strawberry.field(
        description="What it runs on, in words of its own: `javascript`, `ios`, `python`."
    )
    ignore_rules: list[IgnoreRule] = strawberry.field(
        description="Which of its errors are left out: they are taken, and neither counted nor grouped."
    )
    sample_rate: float = strawberry.field(
        description="Which share of an error's events is stored as occurrences, 0 to 1. Counts are exact all the same."
    )
    quota_per_minute: int | None = strawberry.field(
        description="Events that are taken in a minute; the others are answered with 429; null: as many as come."
    )
    in_app_include: list[str] = strawberry.field(
        description="Beginnings of modules and paths that are the app's own code, whatever its SDK says."
    )
    in_app_exclude: list[str] = strawberry.field(
        description="Beginnings of modules and paths that are not the app's own code, whatever its SDK says."
    )
    created_at: datetime = strawberry.field(description="When it was made here.")
    deleted_at: datetime | None = strawberry.field(
        description="When it was deleted: only errors still name it then, and `app(id:)` is null. Null: it is there."
    )
    key: strawberry.Private[UUID]
    project_id: strawberry.Private[UUID]

    @strawberry.field(description="The project it belongs to.")
    async def project(self, info: Info) -> Annotated["Project", strawberry.lazy("app.graphql.projects")]:
        return await projects.project_of(info, self.project_id)

    @strawberry.field(
        description="The keys that work at this moment, the newest first; none of an app that was deleted."
    )
    async def keys(self, info: Info) -> list[AppKey]:
        return [AppKey.of(row) for row in await _keys(info, self.key)]

    @strawberry.field(
        description="What a Sentry SDK is given, with the newest key; null for an app that was deleted."
    )
    async def dsn(self, info: Info) -> str | None:
        keys = await _keys(info, self.key)
        return dsn(info.context.base_url, keys[0].key, self.number) if keys else None

    @strawberry.field(
        description='Where our own API takes its events: POST `{"events": [...]}` with the key as the bearer token.'
    )
    def ingest_url(self, info: Info) -> str:
        return ingest_url(info.context.base_url)

    @strawberry.field(description="What became of what it sent, over up to 90 days.")
    async def statistics(self, info: Info, days: Days = app_statistics.DAYS) -> AppStatistics:
        asked = app_statistics.DAYS if days is None else days
        return await app_statistics.statistics(info, self.key, asked)

    @classmethod
    def of(cls, row: reading.App) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("App", row.id),
            name=row.name,
            slug=row.slug,
            number=row.number,
            platform=row.platform,
            ignore_rules=[IgnoreRule.of(rule) for rule in row.ignore_rules],
            sample_rate=row.sample_rate,
            quota_per_minute=row.quota_per_minute,
            in_app_include=row.in_app_include,
            in_app_exclude=row.in_app_exclude,
            created_at=row.created_at,
            deleted_at=row.deleted_at,
            key=row.id,
            project_id=row.project_id,
        )


async def app_of(info: Info, app_id: UUID) -> App | None:
    """The app that something names, also a deleted one; None: there is none any more."""
    read = partial(reading.apps_by_id, info.context.organization_id, with_deleted=True)
    row = await load(info, "apps", read, app_id)
    return App.of(row) if row else None


async def app(info: Info, key: UUID) -> App | None:
    """An app that is not deleted."""
    row = await reading.app(info.context.organization_id, key)
    return App.of(row) if row else None


async def app_page(
    info: Info,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    project_id: UUID | None,
) -> Connection[App]:
    """A page of the apps of a project, or of all."""
    organization_id = info.context.organization_id
    page = await reading.apps(organization_id, window(first, after, last, before), project_id=project_id)
    count = partial(reading.count_apps, organization_id, project_id=project_id)
    return Connection[App].of(page, App.of, count)


async def _keys(info: Info, app_id: UUID) -> list[reading.AppKey]:
    read = partial(reading.keys, info.context.organization_id, now=info.context.now)
    return await load(info, "app keys", read, app_id) or []
