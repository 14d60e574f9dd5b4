"""Projects, and the instances whose logs are read.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them. An instance that was deleted is still shown
where an error names it.
"""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from app.errors import NotFound
from app.graphql import apps, ids
from app.graphql.connections import After, Before, Connection, First, Last, window
from app.graphql.context import Info
from app.graphql.digests import OPTED_OUT, digest_opted_out
from app.graphql.enumerations import AlertFrequency, Environment, ScanStatus
from app.graphql.github import CONNECTION, GithubConnection, connection_of
from app.graphql.grouping_rules import GroupingRule
from app.graphql.instance_sources import InstanceSource
from app.graphql.loading import load
from app.graphql.node import Node
from app.graphql.priorities import PriorityWeights
from app.graphql.scalars import BigInt
from app.graphql.scrubbing import ProjectScrubbing
from app.reading import instances as reading_instances
from app.reading import projects as reading_projects

if TYPE_CHECKING:
    from app.graphql.apps import App


@strawberry.type(description="A running Odoo server of a project, whose log is scanned.")
class Instance(Node):
    """A running Odoo server of a project, whose log is scanned."""

    name: str = strawberry.field(description="What people call it.")
    slug: str = strawberry.field(description="Its name in addresses, unique in its project.")
    environment: str = strawberry.field(description="What it is used for.", graphql_type=Environment)
    source: InstanceSource = strawberry.field(description="Where its log is read.")
    error_detection_enabled: bool | None = strawberry.field(
        description="Whether its log is scanned each minute; null inherits: on for production, off otherwise."
    )
    is_detecting: bool = strawberry.field(
        description="Whether its log is in fact scanned each minute, with what it inherits."
    )
    error_ignore_patterns: list[str] = strawberry.field(
        description="Plain texts: a record whose first line or final exception line contains one is no error."
    )
    addon_folders: list[str] = strawberry.field(
        description="Folders of custom addons as the log names them, beside those that are known anyway."
    )
    odoo_version: str | None = strawberry.field(
        description="Odoo's version, null while the log has not told it."
    )
    commit_sha: str | None = strawberry.field(description="The commit that runs there, null where unknown.")
    created_at: datetime = strawberry.field(description="When it was made here.")
    deleted_at: datetime | None = strawberry.field(
        description="When it was deleted: only errors still name it then, and `instance(id:)` is null. Null: it is there."
    )
    last_scan_at: datetime | None = strawberry.field(
        description="When its log was last scanned; null: never."
    )
    last_scan_status: str | None = strawberry.field(
        description="How that scan ended; null while there was none.", graphql_type=ScanStatus | None
    )
    last_scan_error: str | None = strawberry.field(
        description="Why that scan failed, a sentence to show; null if it did not."
    )
    last_complete_at: datetime | None = strawberry.field(
        description="When a scan last reached the end of the log; null: never."
    )
    scan_lag_seconds: float | None = strawberry.field(
        description="Seconds by which the last scan was behind the log's end; 0 if it reached it, null where unknown."
    )
    last_missed_at: datetime | None = strawberry.field(
        description="When a scan last found that text of the log was gone before it could be read, so that its errors are"
        " not counted; null: never."
    )
    last_missed: str | None = strawberry.field(
        description="What was gone then, and why, a sentence to show; null: nothing ever was."
    )
    project_id: strawberry.Private[UUID]

    @strawberry.field(description="The project it belongs to.")
    async def project(self, info: Info) -> "Project":
        return await project_of(info, self.project_id)

    @classmethod
    def of(cls, row: reading_instances.Instance) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("Instance", row.id),
            name=row.name,
            slug=row.slug,
            environment=row.environment,
            source=InstanceSource.of(row.source_kind, row.source),
            error_detection_enabled=row.error_detection_enabled,
            is_detecting=row.is_detecting,
            error_ignore_patterns=row.error_ignore_patterns,
            addon_folders=row.addon_folders,
            odoo_version=row.odoo_version,
            commit_sha=row.commit_sha,
            created_at=row.created_at,
            deleted_at=row.deleted_at,
            last_scan_at=row.last_scan_at,
            last_scan_status=row.last_scan_status,
            last_scan_error=row.last_scan_error,
            last_complete_at=row.last_complete_at,
            scan_lag_seconds=row.lag_seconds,
            last_missed_at=row.last_missed_at,
            last_missed=row.last_missed,
            project_id=row.project_id,
        )


@strawberry.type(
    description="What belongs together: instances and apps, their errors, and how errors are dealt with."
)
class Project(Node):
    """What belongs together."""

    name: str = strawberry.field(description="What people call it.")
    slug: str = strawberry.field(description="Its name in addresses, unique in the organization.")
    time_zone: str = strawberry.field(
        description="The zone that its days and digests follow, like `Europe/Berlin`."
    )
    cooldown_seconds: int = strawberry.field(
        description="Seconds after a stored occurrence of a group in which repeats are counted, but not stored."
    )
    auto_resolve_days: int = strawberry.field(
        description="Days without a detection after which an error of a log is resolved by itself."
    )
    retention_days: int = strawberry.field(
        description="Days for which occurrences and hourly counts are kept."
    )
    regress_without_version: bool = strawberry.field(
        description="Whether a resolved error of an app comes back also where a version is not known."
    )
    priority_weights: PriorityWeights = strawberry.field(
        description="How many points each reason gives to the priority of an error."
    )
    alert_frequency: str = strawberry.field(
        description="How often the digest is sent.", graphql_type=AlertFrequency
    )
    quota_per_minute: int | None = strawberry.field(
        description="Events of all its apps together that are taken in a minute; the others are answered with 429; null: as"
        " many as come."
    )
    github_threshold: int = strawberry.field(
        description="The count at which an error becomes an issue on GitHub, where the project has a repository there."
    )
    github_daily_cap: int = strawberry.field(
        description="How many issues are made on GitHub in a day of the project's time zone; what is more waits. Those that"
        " somebody asks for are made all the same."
    )
    grouping_rules: list[GroupingRule] = strawberry.field(
        description="What makes events of its apps the same error, before all else: the first rule that matches decides."
    )
    scrubbing: ProjectScrubbing = strawberry.field(description="What is taken out of the events of its apps.")
    created_at: datetime = strawberry.field(description="When it was made.")
    key: strawberry.Private[UUID]

    @strawberry.field(description=CONNECTION)
    async def github(self, info: Info) -> GithubConnection | None:
        return await connection_of(info, self.key)

    @strawberry.field(description=OPTED_OUT)
    async def digest_opted_out(self, info: Info) -> bool:
        return await digest_opted_out(info, self.key)

    @strawberry.field(description="Its instances, by name; deleted ones are not listed.")
    async def instances(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Instance]:
        return await instance_page(info, first, after, last, before, self.key)

    @strawberry.field(description="Its apps, by name; deleted ones are not listed.")
    async def apps(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["App", strawberry.lazy("app.graphql.apps")]]:
        return await apps.app_page(info, first, after, last, before, self.key)

    @classmethod
    def of(cls, row: reading_projects.Project) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("Project", row.id),
            name=row.name,
            slug=row.slug,
            time_zone=row.time_zone,
            cooldown_seconds=row.cooldown_seconds,
            auto_resolve_days=row.auto_resolve_days,
            retention_days=row.retention_days,
            regress_without_version=row.regress_without_version,
            priority_weights=PriorityWeights.of(row.priority_weights),
            alert_frequency=row.alert_frequency,
            quota_per_minute=row.quota_per_minute,
            github_threshold=row.github_threshold,
            github_daily_cap=row.github_daily_cap,
            grouping_rules=[GroupingRule.of(rule) for rule in row.grouping_rules],
            scrubbing=ProjectScrubbing.of(row.scrubbing),
            created_at=row.created_at,
            key=row.id,
        )


@strawberry.type(description="An instance on which a group's error was seen.")
class AffectedInstance:
    """An instance on which a group's error was seen."""

    instance: Instance = strawberry.field(description="The instance, also where it was deleted since.")
    name: str = strawberry.field(description="The instance's name.")
    slug: str = strawberry.field(description="The instance's slug.")
    total_count: int = strawberry.field(
        description="How often it happened there, exactly.", graphql_type=BigInt
    )
    first_seen_at: datetime = strawberry.field(description="When it was first seen there.")
    last_seen_at: datetime = strawberry.field(description="When it was last seen there.")

    @classmethod
    def of(cls, row: reading_instances.AffectedInstance) -> Self:
        """What is shown of a row."""
        return cls(
            instance=Instance.of(row.instance),
            name=row.instance.name,
            slug=row.instance.slug,
            total_count=row.total_count,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
        )


async def project_of(info: Info, project_id: UUID) -> Project:
    """The project that something names, also a deleted one. NotFound: it was removed for good at this moment."""
    read = partial(reading_projects.projects_by_id, info.context.organization_id, with_deleted=True)
    row = await load(info, "projects", read, project_id)
    if row is None:
        raise NotFound("this project is gone")
    return Project.of(row)


async def instance_of(info: Info, instance_id: UUID) -> Instance | None:
    """The instance that something names, also a deleted one; None: there is none any more."""
    read = partial(reading_instances.instances_by_id, info.context.organization_id, with_deleted=True)
    row = await load(info, "instances", read, instance_id)
    return Instance.of(row) if row else None


async def instance_page(
    info: Info,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    project_id: UUID | None,
) -> Connection[Instance]:
    """A page of the instances of a project, or of all."""
    organization_id = info.context.organization_id
    page = await reading_instances.instances(
        organization_id, window(first, after, last, before), project_id=project_id
    )
    count = partial(reading_instances.count_instances, organization_id, project_id=project_id)
    return Connection[Instance].of(page, Instance.of, count)


async def project_page(
    info: Info, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[Project]:
    """A page of the organization's projects."""
    organization_id = info.context.organization_id
    page = await reading_projects.projects(organization_id, window(first, after, last, before))
    return Connection[Project].of(page, Project.of, partial(reading_projects.count_projects, organization_id))
