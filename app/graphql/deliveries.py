"""Messages that Snaglist sends, and what became of them.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them, to those who manage projects: neither what they
say beyond their titles, nor the secrets in where they go.
"""

from datetime import datetime
from enum import Enum
from functools import partial
from typing import Self
from uuid import UUID

import strawberry
from strawberry import enum_value

from app.graphql import ids
from app.graphql.alert_rules import AlertRule, alert_rule
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.enumerations import word
from app.graphql.loading import load
from app.graphql.members import Member, member
from app.graphql.node import Node
from app.graphql.projects import Project, project_of
from app.reading import deliveries as reading


@strawberry.enum(description="How far a message has come.")
class DeliveryStatus(Enum):
    """How far a message has come."""

    WAITING = enum_value("waiting", description="It is to be sent, for the first time or again.")
    SENT = enum_value("sent", description="Whoever was to get it has taken it.")
    FAILED = enum_value(
        "failed", description="It was given up: see `error`. `deliveryRetry` has it tried again."
    )


@strawberry.enum(description="What a message is.")
class DeliveryKind(Enum):
    """What a message is."""

    ALERT = enum_value("alert", description="What an alert rule tells.")
    DIGEST = enum_value("digest", description="A project's digest, to one member.")
    ASSIGNED = enum_value("assigned", description="Tells a member that errors were assigned to them.")
    MENTIONED = enum_value("mentioned", description="Tells a member that a comment names them.")
    TEST = enum_value("test", description="Sent by hand, to see whether it arrives.")


@strawberry.type(
    description="A message that is to be sent, was, or could not be. One that fails is tried 10 times, over some three"
    " hours. Sent ones are forgotten after 30 days, failed ones after 90."
)
class Delivery(Node):
    """A message that is to be sent, was, or could not be."""

    kind: str = strawberry.field(description="What it is.", graphql_type=DeliveryKind)
    target: str = strawberry.field(
        description="Where it goes, to show: an address or a service, without anything secret."
    )
    title: str = strawberry.field(description="Its title, or subject: text, not HTML.")
    status: str = strawberry.field(description="How far it has come.", graphql_type=DeliveryStatus)
    attempts: int = strawberry.field(
        description="How often it was tried since it was made or `deliveryRetry` was asked; also the attempt that is made"
        " at this moment counts."
    )
    error: str | None = strawberry.field(
        description="Why the last attempt failed, or why none is made, a sentence to show; null where none has failed, or"
        " it was sent."
    )
    next_attempt_at: datetime | None = strawberry.field(
        description="When it is tried next; null once it was sent or given up."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    sent_at: datetime | None = strawberry.field(description="When it was taken; null while it was not.")
    row: strawberry.Private[reading.Delivery]

    @strawberry.field(
        description="The alert rule that tells it; null: it is of no rule, or the rule was deleted."
    )
    async def rule(self, info: Info) -> AlertRule | None:
        return await alert_rule(info, self.row.rule_id) if self.row.rule_id else None

    @strawberry.field(description="The project that it is about, also a deleted one; null: it is about none.")
    async def project(self, info: Info) -> Project | None:
        return await project_of(info, self.row.project_id) if self.row.project_id else None

    @strawberry.field(
        description="The member whom it concerns; null: it goes wherever its rule says, and concerns nobody alone."
    )
    async def member(self, info: Info) -> Member | None:
        return await member(info, self.row.membership_id) if self.row.membership_id else None

    @classmethod
    def of(cls, row: reading.Delivery) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("Delivery", row.id),
            kind=row.kind,
            target=row.target,
            title=row.title,
            status=row.status,
            attempts=row.attempts,
            error=row.error,
            next_attempt_at=row.next_attempt_at,
            created_at=row.created_at,
            sent_at=row.sent_at,
            row=row,
        )


async def delivery(info: Info, key: UUID) -> Delivery | None:
    """One of them, for who manages projects; None: there is none, or not any more. The caller asks for the permission."""
    row = await load(info, "deliveries", partial(reading.deliveries_by_id, info.context.organization_id), key)
    return Delivery.of(row) if row else None


async def delivery_page(
    info: Info,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    project_id: UUID | None,
    status: DeliveryStatus | None,
) -> Connection[Delivery]:
    """A page of them, the newest first."""
    organization_id = info.context.organization_id
    wanted = reading.Wanted(project_id, None if status is None else word(status))
    page = await reading.deliveries(organization_id, wanted, window(first, after, last, before))
    count = partial(reading.count_deliveries, organization_id, wanted)
    return Connection[Delivery].of(page, Delivery.of, count)
