"""Error groups: what people work on.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them. Everything that a list shows is a plain
attribute, there when the group is; the rest is read when it is asked for, once for all groups of a page.
"""

from asyncio import gather
from collections.abc import Awaitable
from datetime import datetime
from functools import partial
from typing import Annotated, Optional, Self
from uuid import UUID

import strawberry

from app.domain.priority import Reason
from app.graphql import ids, series
from app.graphql.apps import App, app_of
from app.graphql.comments import Comment, comment_page
from app.graphql.connections import After, Before, Connection, First, Last
from app.graphql.context import Info
from app.graphql.enumerations import ErrorKind, ErrorSource, ErrorStatus, Priority, Severity
from app.graphql.event_parts import TagSummary
from app.graphql.fingerprints import ErrorFingerprint
from app.graphql.github import ISSUE, GithubIssue, issue_of
from app.graphql.history import ErrorHistoryConnection, history_page
from app.graphql.loading import load
from app.graphql.members import Member, member
from app.graphql.node import Node
from app.graphql.occurrences import Occurrence, occurrence_page
from app.graphql.priorities import PriorityReason
from app.graphql.projects import AffectedInstance, Project, project_of
from app.graphql.scalars import BigInt
from app.graphql.series import Timeline
from app.graphql.similar import FIRST, SimilarError, Similars
from app.reading import groups as reading
from app.reading import instances as reading_instances
from app.reading import merged as reading_merged
from app.reading import occurrences as reading_occurrences
from app.reading import priorities as reading_priorities
from app.reading import similar as reading_similar
from app.reading import tags as reading_tags

Days = Annotated[
    int | None, strawberry.argument(description="How many days back, 1 to 90, the current hour included.")
]
AtInstance = Annotated[
    strawberry.ID | None,
    strawberry.argument(name="instanceId", description="Only what happened on this instance."),
]

TagKey = Annotated[
    str | None, strawberry.argument(description="Only the tag with this name; null: the first 50.")
]


@strawberry.type(description="One error, however often it happened: what people work on.")
class ErrorGroup(Node):
    """One error, however often it happened."""

    source: str = strawberry.field(description="Where it was heard of.", graphql_type=ErrorSource)
    kind: str = strawberry.field(description="What it was recognised by.", graphql_type=ErrorKind)
    title: str = strawberry.field(description="One line to show, without secrets.")
    exception_type: str | None = strawberry.field(
        description="The exception's class; null where there is none."
    )
    message: str = strawberry.field(description="Its message, without secrets; may have many lines.")
    module: str | None = strawberry.field(
        description="The Odoo module at fault, null where none can be told."
    )
    severity: str = strawberry.field(description="How bad it is.", graphql_type=Severity)
    priority: str = strawberry.field(description="How soon somebody should look.", graphql_type=Priority)
    status: str = strawberry.field(description="Where it stands.", graphql_type=ErrorStatus)
    muted: bool = strawberry.field(
        description="Whether it is kept out of lists and sends no notifications for now. Counting goes on."
    )
    mute_until: datetime | None = strawberry.field(
        description="When its mute ends by itself; null: not by time, or not muted."
    )
    mute_until_count: int | None = strawberry.field(
        description="The `totalCount` at which its mute ends by itself; null: not by number, or not muted.",
        graphql_type=BigInt | None,
    )
    is_dev: bool = strawberry.field(description="Whether it comes from builds of developers.")
    total_count: int = strawberry.field(
        description="How often it happened, exactly: every detection and event.", graphql_type=BigInt
    )
    occurrence_count: int = strawberry.field(
        description="How many occurrences were recorded; repeats within the cooldown are not.",
        graphql_type=BigInt,
    )
    user_count: int = strawberry.field(
        description="How many users of apps met it; 0 for logs.", graphql_type=BigInt
    )
    session_count: int = strawberry.field(
        description="In how many sessions of apps it happened; 0 for logs.", graphql_type=BigInt
    )
    count_since_resolved: int | None = strawberry.field(
        description="How often it was counted since it was last resolved, late events included; null: it never was.",
        graphql_type=BigInt | None,
    )
    first_seen_at: datetime = strawberry.field(description="When it first happened.")
    last_seen_at: datetime = strawberry.field(description="When it last happened.")
    resolved_at: datetime | None = strawberry.field(
        description="When it was last resolved, kept after it came back; null: never."
    )
    resolved_in_version: str | None = strawberry.field(
        description="The app's version that it was resolved in, or, with `resolvedInNextVersion`, the newest one that was"
        " known then; null where nobody said."
    )
    resolved_in_next_version: bool = strawberry.field(
        description="Whether it was resolved in the version that comes after `resolvedInVersion`."
    )
    odoo_version: str | None = strawberry.field(
        description="Odoo's version where it was seen; null if unknown."
    )
    commit_sha: str | None = strawberry.field(description="The commit where it was seen; null if unknown.")
    row: strawberry.Private[reading.Group]
    # With more than 28 attributes, each object has a dictionary of its own: it takes four times as long to make one.

    @property
    def key(self) -> UUID:
        """The id of its row."""
        return self.row.id

    @strawberry.field(description="The member who is to work on it; null: nobody in particular.")
    async def assignee(self, info: Info) -> Member | None:
        return None if self.row.assignee_id is None else await member(info, self.row.assignee_id)

    @strawberry.field(
        description="What its priority has points for, as of now; the priority itself follows within minutes.",
        graphql_type=list[PriorityReason],
    )
    async def priority_reasons(self, info: Info) -> tuple[Reason, ...]:
        read = partial(reading_priorities.reasons, info.context.organization_id, now=info.context.now)
        return await load(info, "priority reasons", read, self.key) or ()

    @strawberry.field(description="The project it belongs to.")
    async def project(self, info: Info) -> Project:
        return await project_of(info, self.row.project_id)

    @strawberry.field(description="The app that sent it, also a deleted one; null for an error of a log.")
    async def app(self, info: Info) -> App | None:
        return None if self.row.app_id is None else await app_of(info, self.row.app_id)

    @strawberry.field(
        description="How often it happened in each hour of UTC: 24 x days numbers, oldest first, the last is the current hour.",
        graphql_type=list[int],
    )
    def sparkline(self, info: Info, days: Days = series.DAYS) -> list[int] | Awaitable[list[int] | None]:
        return series.sparkline(info, self.row.id, series.DAYS if days is None else days)

    @strawberry.field(description="How often it happened, over up to 90 days, perhaps on one instance.")
    async def timeline(
        self, info: Info, days: Days = series.DAYS, instance_id: AtInstance = None
    ) -> Timeline:
        return await series.timeline(info, self.key, series.DAYS if days is None else days, instance_id)

    @strawberry.field(
        description="The first 100 of the instances on which it was seen, those with the most first, deleted ones too."
    )
    async def affected_instances(self, info: Info) -> list[AffectedInstance]:
        return [AffectedInstance.of(row) for row in (await _affected(info, self.key)).instances]

    @strawberry.field(description="On how many instances it was seen, exactly.")
    async def affected_instance_count(self, info: Info) -> int:
        return (await _affected(info, self.key)).count

    @strawberry.field(
        description="The tags that its events carried, by name, each with its most frequent values; empty for logs.",
        graphql_type=list[TagSummary],
    )
    async def tags(self, info: Info, key: TagKey = None) -> list[reading_tags.Tag]:
        read = partial(reading_tags.tags, info.context.organization_id, key=key)
        return await load(info, ("tags", key), read, self.key) or []

    @strawberry.field(description="Its recorded occurrences that are still kept, newest first.")
    async def occurrences(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Occurrence]:
        return await occurrence_page(info, self.key, first, after, last, before)

    @strawberry.field(description="The newest of its occurrences; null where none is kept any more.")
    async def latest_occurrence(self, info: Info) -> Occurrence | None:
        read = partial(reading_occurrences.latest, info.context.organization_id)
        row = await load(info, "latest occurrences", read, self.key)
        return Occurrence.of(row) if row else None

    @strawberry.field(description="What happened in its life, newest first.")
    async def history(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> ErrorHistoryConnection:
        return await history_page(info, self.key, first, after, last, before)

    @strawberry.field(
        description="What people and agents said about it, and about what was merged into it, oldest first."
    )
    async def comments(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Comment]:
        return await comment_page(info, self.key, first, after, last, before)

    @strawberry.field(description=ISSUE)
    async def github_issue(self, info: Info) -> GithubIssue | None:
        return await issue_of(info, self.key)

    @strawberry.field(
        description="The group that it was merged into and that is the one to look at; null if it was not."
    )
    async def merged_into(self, info: Info) -> Optional["ErrorGroup"]:
        return None if self.row.merged_into_id is None else await group_of(info, self.row.merged_into_id)

    @strawberry.field(description="The first 100 of the errors that were merged into it, the newest first.")
    async def merged_groups(self, info: Info) -> list["ErrorGroup"]:
        read = partial(reading_merged.merged_groups, info.context.organization_id)
        return await _groups_of(info, await load(info, "merged groups", read, self.key) or [])

    @strawberry.field(
        description="The first 100 of its fingerprints: its own first, then those that came by merges, seen last first."
    )
    async def fingerprints(self, info: Info) -> list[ErrorFingerprint]:
        read = partial(reading_merged.fingerprints, info.context.organization_id)
        rows = await load(info, "fingerprints", read, self.key) or []
        return [ErrorFingerprint.of(row, self.key, partial(group_of, info)) for row in rows]

    @strawberry.field(
        description="Other errors that are probably the same one, the most alike first: to be merged by somebody who"
        " looked at them. Of the same project, or app, only."
    )
    async def similar(self, info: Info, first: Similars = FIRST) -> list[SimilarError]:
        wanted = FIRST if first is None else first
        read = partial(reading_similar.similar, info.context.organization_id, first=wanted)
        rows = await load(info, ("similar", wanted), read, self.key) or []
        groups = {group.key: group for group in await _groups_of(info, [row.group_id for row in rows])}
        return [SimilarError.of(row, groups[row.group_id]) for row in rows if row.group_id in groups]

    @classmethod
    def of(cls, row: reading.Group) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("ErrorGroup", row.id),
            source=row.source,
            kind=row.kind,
            title=row.title,
            exception_type=row.exception_type,
            message=row.message,
            module=row.module,
            severity=row.severity,
            priority=row.priority,
            status=row.status,
            muted=row.is_muted,
            mute_until=row.mute_until if row.is_muted else None,
            mute_until_count=row.mute_until_count if row.is_muted else None,
            is_dev=row.is_dev,
            total_count=row.total_count,
            occurrence_count=row.occurrence_count,
            user_count=row.user_count,
            session_count=row.session_count,
            count_since_resolved=row.count_since_resolved,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            resolved_at=row.resolved_at,
            resolved_in_version=row.resolved_in_version,
            resolved_in_next_version=row.resolved_in_next,
            odoo_version=row.odoo_version,
            commit_sha=row.commit_sha,
            row=row,
        )


async def group_of(info: Info, group_id: UUID) -> ErrorGroup | None:
    """A group that something names; None: there is none any more."""
    read = partial(reading.groups_by_id, info.context.organization_id, now=info.context.now)
    row = await load(info, "groups", read, group_id)
    return ErrorGroup.of(row) if row else None


async def _groups_of(info: Info, group_ids: list[UUID]) -> list[ErrorGroup]:
    """The groups in this order, without those that somebody has deleted meanwhile."""
    found = await gather(*(group_of(info, group_id) for group_id in group_ids))
    return [group for group in found if group]


async def _affected(info: Info, group_id: UUID) -> reading_instances.Affected:
    read = partial(reading_instances.affected, info.context.organization_id)
    return await load(info, "affected", read, group_id) or reading_instances.NOWHERE
