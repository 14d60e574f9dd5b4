"""Alert rules: what has to happen for people to be told, of which errors, and how.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them, to those who manage projects: channels show
addresses. No field shows a secret.
"""

from datetime import datetime
from enum import Enum
from functools import partial
from typing import Final, Self
from uuid import UUID

import strawberry
from strawberry import enum_value

from app.domain.alerts.conditions import Condition
from app.domain.alerts.filters import AlertFilter as Wanted
from app.graphql import ids
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.enumerations import Priority, Severity
from app.graphql.loading import load
from app.graphql.node import Node
from app.graphql.projects import Project, project_of
from app.reading import alert_rules as reading

PRIORITIES: Final = ("P0", "P1", "P2", "P3")
"""By their numbers."""


@strawberry.enum(description="What has to happen for a rule to say something.")
class AlertConditionKind(Enum):
    """What has to happen; the words of `conditions.ConditionKind`."""

    OPENED = enum_value("OPENED", description="An error is seen for the first time.")
    REGRESSED = enum_value("REGRESSED", description="An error that was resolved comes back.")
    FREQUENCY = enum_value("FREQUENCY", description="An error happens `count` times within `windowSeconds`.")
    SPIKE = enum_value(
        "SPIKE",
        description="An error happens this hour at least `factor` times as often as the same hours of the past four weeks lead"
        " to expect, and at least `count` times. Errors that are younger than a week have no spikes.",
    )
    USERS = enum_value(
        "USERS", description="`count` different users of apps meet an error within `windowSeconds`."
    )
    PRIORITY = enum_value("PRIORITY", description="An error comes to `priority`, or to a more urgent one.")
    SCAN_FAILING = enum_value(
        "SCAN_FAILING", description="The log of an instance cannot be read for `windowSeconds`."
    )
    OVER_QUOTA = enum_value(
        "OVER_QUOTA",
        description="At least `count` events of an app are refused within `windowSeconds`, as they are over its quota.",
    )


@strawberry.enum(description="How a message leaves.")
class AlertChannelKind(Enum):
    """How a message leaves; the words of `channel.ChannelKind`."""

    EMAIL = enum_value("EMAIL", description="By e-mail.")
    WEBHOOK = enum_value("WEBHOOK", description="As JSON, posted to a URL and signed.")
    APPRISE = enum_value(
        "APPRISE",
        description="By a service that Apprise knows: Slack, Discord, Teams, Telegram and many more.",
    )


@strawberry.type(description="What has to happen for a rule to say something.")
class AlertCondition:
    """What has to happen for a rule to say something."""

    kind: str = strawberry.field(description="What it is.", graphql_type=AlertConditionKind)
    count: int | None = strawberry.field(description="How often, or how many; null where the kind has none.")
    window_seconds: int | None = strawberry.field(
        description="Within how many seconds; null where the kind has no window."
    )
    factor: float | None = strawberry.field(
        description="How many times as often as expected; null where the kind has none."
    )
    priority: str | None = strawberry.field(
        description="Which priority; null where the kind has none.", graphql_type=Priority | None
    )

    @classmethod
    def of(cls, condition: Condition) -> Self:
        """What is shown of it."""
        return cls(
            kind=condition.kind,
            count=condition.count,
            window_seconds=condition.window_seconds,
            factor=condition.factor,
            priority=None if condition.priority is None else PRIORITIES[condition.priority],
        )


@strawberry.type(description="A tag that an app's events carry.")
class AlertTag:
    """A tag that an app's events carry."""

    key: str = strawberry.field(description="The tag's name.")
    value: str = strawberry.field(description="Its value.")


@strawberry.type(
    description="What errors must be: any of the values in each field that has some; an empty field asks nothing. The ids are"
    " for `node(id:)`, which is null for what is gone since."
)
class AlertFilter:
    """What errors must be."""

    environments: list[str] = strawberry.field(description="Seen in one of these environments.")
    severities: list[str] = strawberry.field(
        description="One of these severities.", graphql_type=list[Severity]
    )
    modules: list[str] = strawberry.field(description="One of these modules.")
    instance_ids: list[strawberry.ID] = strawberry.field(description="Seen on one of these instances.")
    app_ids: list[strawberry.ID] = strawberry.field(description="Sent by one of these apps.")
    releases: list[str] = strawberry.field(description="Seen in one of these versions of an app.")
    tags: list[AlertTag] = strawberry.field(description="Sent with one of these tags.")
    assignee_ids: list[strawberry.ID] = strawberry.field(description="Assigned to one of these members.")

    @classmethod
    def of(cls, wanted: Wanted) -> Self:
        """What is shown of it."""
        return cls(
            environments=list(wanted.environments),
            severities=list(wanted.severities),
            modules=list(wanted.modules),
            instance_ids=[ids.encode("Instance", each) for each in wanted.instance_ids],
            app_ids=[ids.encode("App", each) for each in wanted.app_ids],
            releases=list(wanted.releases),
            tags=[AlertTag(key=key, value=value) for key, value in wanted.tags],
            assignee_ids=[ids.encode("Member", each) for each in wanted.assignee_ids],
        )


@strawberry.type(description="Where messages of a rule go, without anything secret.")
class AlertChannel:
    """Where messages of a rule go."""

    kind: str = strawberry.field(description="How they leave.", graphql_type=AlertChannelKind)
    label: str = strawberry.field(
        description="What may be seen of it: the first addresses, the server of a webhook, the name of the service."
    )


@strawberry.type(
    description="A rule by which people are told of errors. After a message it is quiet for a while; what it finds meanwhile"
    " comes in one message afterwards."
)
class AlertRule(Node):
    """A rule by which people are told of errors."""

    name: str = strawberry.field(description="What people call it; its messages begin with it.")
    enabled: bool = strawberry.field(description="Whether it is switched on.")
    quiet_seconds: int = strawberry.field(
        description="How many seconds it says nothing after it has said something."
    )
    condition: AlertCondition | None = strawberry.field(
        description="What has to happen; null: a newer version of Snaglist made it, and here it says nothing."
    )
    filter: AlertFilter | None = strawberry.field(
        description="Which errors it is about; null: a newer version of Snaglist made it, and here it says nothing."
    )
    channels: list[AlertChannel] = strawberry.field(description="Where its messages go.")
    last_fired_at: datetime | None = strawberry.field(
        description="When it last said something; null: never yet."
    )
    pending: int = strawberry.field(description="How much it has found and not told yet.")
    pending_due_at: datetime | None = strawberry.field(
        description="When it tells that, within seconds; null: it has found nothing."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed, or made.")
    project_id: strawberry.Private[UUID]

    @strawberry.field(description="The project whose errors it is about.")
    async def project(self, info: Info) -> Project:
        return await project_of(info, self.project_id)

    @classmethod
    def of(cls, row: reading.AlertRule) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("AlertRule", row.id),
            name=row.name,
            enabled=row.enabled,
            quiet_seconds=row.quiet_seconds,
            condition=AlertCondition.of(row.condition) if row.condition else None,
            filter=AlertFilter.of(row.filter) if row.filter else None,
            channels=[AlertChannel(kind=each.kind, label=each.label) for each in row.channels],
            last_fired_at=row.last_fired_at,
            pending=row.pending,
            pending_due_at=row.pending_due_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
            project_id=row.project_id,
        )


async def alert_rule(info: Info, key: UUID) -> AlertRule | None:
    """A rule; None: there is none, or not any more. The caller asks for the permission."""
    read = partial(reading.alert_rules_by_id, info.context.organization_id)
    row = await load(info, "alert rules", read, key)
    return AlertRule.of(row) if row else None


async def alert_rule_page(
    info: Info,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    project_id: UUID | None,
) -> Connection[AlertRule]:
    """A page of the rules of a project, or of all, by name."""
    organization_id = info.context.organization_id
    page = await reading.alert_rules(
        organization_id, window(first, after, last, before), project_id=project_id
    )
    count = partial(reading.count_alert_rules, organization_id, project_id=project_id)
    return Connection[AlertRule].of(page, AlertRule.of, count)
