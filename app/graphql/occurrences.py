"""Occurrences: the recorded times at which an error happened, with all that is known about each.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them. A row's detail is unpacked when something in
it is asked for, and what an event says is read then, for all occurrences of the page at once.
"""

from collections.abc import Awaitable
from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from app.graphql import ids
from app.graphql.apps import App, app_of
from app.graphql.connections import After, Before, Connection, First, Last, window
from app.graphql.context import Info
from app.graphql.enumerations import EventLevel
from app.graphql.event_parts import Breadcrumb, EventRequest, EventTag, EventUser, UserFeedback
from app.graphql.event_told import detail, feedback, of_event
from app.graphql.frames import Frame, RaisedException
from app.graphql.node import Node
from app.graphql.projects import Instance, instance_of
from app.graphql.scalars import JSON, BigInt
from app.graphql.session_events import SessionEvent, session_event_page
from app.reading import occurrences as reading
from app.reading.printed_tracebacks import traceback_text
from app.recording.sightings import Detail, ShownException, ShownFrame


@strawberry.type(
    description="One recorded time at which an error happened. Repeats within the cooldown are not recorded."
)
class Occurrence(Node):
    """One recorded time at which an error happened."""

    error_id: strawberry.ID = strawberry.field(description="The id of its error group, for `error(id:)`.")
    occurred_at: datetime = strawberry.field(
        description="When it happened, by the clock of the log or the app."
    )
    received_at: datetime = strawberry.field(description="When Snaglist heard of it.")
    session_id: str | None = strawberry.field(description="The app's session; null for logs.")
    user_id: str | None = strawberry.field(description="The app's user; null where unknown.")
    app_version: str | None = strawberry.field(description="The app's version; null for logs.")
    release: str | None = strawberry.field(
        description="The same as `appVersion`, by the name that filters and Sentry have for it; null for logs."
    )
    environment: str | None = strawberry.field(
        description="`PRODUCTION`, `STAGING` or `DEVELOPMENT` for logs, an app's own word for events; null if unknown."
    )
    message: str = strawberry.field(description="The message, without secrets; may have many lines.")
    row: strawberry.Private[reading.Occurrence]

    @strawberry.field(description="The instance in whose log it was; null for events of apps.")
    async def instance(self, info: Info) -> Instance | None:
        instance_id = self.row.instance_id
        return None if instance_id is None else await instance_of(info, instance_id)

    @strawberry.field(description="The app that sent it, also a deleted one; null for logs.")
    async def app(self, info: Info) -> App | None:
        return None if self.row.app_id is None else await app_of(info, self.row.app_id)

    @strawberry.field(
        description="The chain of exceptions as Python prints it, or as others do for other platforms, without secrets;"
        " null without one.",
        graphql_type=str | None,
    )
    def traceback(self, info: Info) -> str | Awaitable[str | None] | None:
        return detail(info, self.row, _traceback)

    @strawberry.field(
        description="The frames of the last exception, the call that came last at the end; empty without one.",
        graphql_type=list[Frame],
    )
    def frames(self, info: Info) -> tuple[ShownFrame, ...] | Awaitable[tuple[ShownFrame, ...]]:
        return detail(info, self.row, _frames)

    @strawberry.field(
        description="The chain of exceptions, the one that came first at the start; empty without one.",
        graphql_type=list[RaisedException],
    )
    def exceptions(self, info: Info) -> tuple[ShownException, ...] | Awaitable[tuple[ShownException, ...]]:
        return detail(info, self.row, lambda told: told.exceptions)

    @strawberry.field(
        description="Up to 10 lines of the log before it, oldest first, without secrets; empty for events.",
        graphql_type=list[str],
    )
    def context_before(self) -> tuple[str, ...]:
        return self.row.detail.context_before

    @strawberry.field(
        description="Up to 3 lines of the log after it, oldest first, without secrets; empty for events.",
        graphql_type=list[str],
    )
    def context_after(self) -> tuple[str, ...]:
        return self.row.detail.context_after

    @strawberry.field(description="The scheduled action that ran, null where the log does not tell.")
    def cron_job_name(self) -> str | None:
        return self.row.detail.enrichment.cron_job_name

    @strawberry.field(
        description="The id of the server action that ran, null where the log does not tell.",
        graphql_type=BigInt | None,
    )
    def server_action_id(self) -> int | None:
        return self.row.detail.enrichment.server_action_id

    @strawberry.field(description="The Odoo model, like `sale.order`; null where the log does not tell.")
    def odoo_model(self) -> str | None:
        return self.row.detail.enrichment.odoo_model

    @strawberry.field(description="The database, null where the log does not tell.")
    def database_name(self) -> str | None:
        return self.row.detail.enrichment.database_name

    @strawberry.field(description="The URL that was asked for, null where the log does not tell.")
    def http_url(self) -> str | None:
        return self.row.detail.enrichment.http_url

    @strawberry.field(
        description="What was denied: `read`, `write`, `create` or `unlink`; null for other errors."
    )
    def acl_operation(self) -> str | None:
        return self.row.detail.enrichment.acl_operation

    @strawberry.field(
        description="The id of the Odoo user to whom it was denied; null for other errors.",
        graphql_type=BigInt | None,
    )
    def acl_uid(self) -> int | None:
        return self.row.detail.enrichment.acl_uid

    @strawberry.field(description="Odoo's version at that time, like `17.0-20260101`; null where unknown.")
    def odoo_version(self) -> str | None:
        return self.row.detail.odoo_version

    @strawberry.field(description="The commit that ran at that time; null where unknown.")
    def commit_sha(self) -> str | None:
        return self.row.detail.commit_sha

    @strawberry.field(
        description="How serious the app says it is; null for logs, and where the event is gone."
    )
    async def level(self, info: Info) -> EventLevel | None:
        return await of_event(info, self.row, None, lambda event: EventLevel[event.level.name])

    @strawberry.field(
        description="What the app said beside the exception, like the line that it logged, without secrets; null for logs,"
        " and where it said no more than the exception.",
        graphql_type=str | None,
    )
    def event_message(self, info: Info) -> str | Awaitable[str | None] | None:
        return detail(info, self.row, _said_beside)

    @strawberry.field(
        description="The logger that the app reported it with, like `shop.orders`; null where there was none."
    )
    async def logger(self, info: Info) -> str | None:
        return await of_event(info, self.row, None, lambda event: event.logger)

    @strawberry.field(
        description="What the app was doing, like a route or a job; null where it does not say."
    )
    async def transaction(self, info: Info) -> str | None:
        return await of_event(info, self.row, None, lambda event: event.transaction)

    @strawberry.field(
        description="Whether the app told no time, or one that cannot be: `occurredAt` is then the nearest that can."
    )
    async def is_clamped(self, info: Info) -> bool:
        return await of_event(info, self.row, False, lambda event: event.is_clamped)

    @strawberry.field(description="Its tags, by which errors can be filtered; empty for logs.")
    async def tags(self, info: Info) -> list[EventTag]:
        return await of_event(
            info, self.row, [], lambda event: [EventTag(key=k, value=v) for k, v in event.tags]
        )

    @strawberry.field(description="Who used the app, without secrets; null where the app does not say.")
    async def user(self, info: Info) -> EventUser | None:
        return await of_event(info, self.row, None, EventUser.of)

    @strawberry.field(description="The HTTP request that the app was answering; null where there was none.")
    async def request(self, info: Info) -> EventRequest | None:
        return await of_event(info, self.row, None, EventRequest.of)

    @strawberry.field(
        description="What the app says about where it ran: an object from the name of a context, like `os`, `device` or"
        " `browser`, to its entries; null where it says nothing.",
        graphql_type=JSON | None,
    )
    async def contexts(self, info: Info) -> object:
        return await of_event(info, self.row, None, lambda event: event.details.contexts or None)

    @strawberry.field(
        description="What else the app sent along (`attributes` of our own API, Sentry's `extra`): an object from name to"
        " value; null where there is nothing.",
        graphql_type=JSON | None,
    )
    async def extra(self, info: Info) -> object:
        return await of_event(info, self.row, None, lambda event: event.details.attributes or None)

    @strawberry.field(
        description="The last 100 things that the app did before it, oldest first; empty where it sent none."
    )
    async def breadcrumbs(self, info: Info) -> list[Breadcrumb]:
        return await of_event(info, self.row, [], Breadcrumb.all_of)

    @strawberry.field(description="What sent the event, like `sentry.python 2.44.0`; null where not told.")
    async def sdk(self, info: Info) -> str | None:
        return await of_event(info, self.row, None, lambda event: event.details.sdk)

    @strawberry.field(description="The machine that the app says it ran on; null where it does not say.")
    async def server_name(self, info: Info) -> str | None:
        return await of_event(info, self.row, None, lambda event: event.details.server_name)

    @strawberry.field(description="What users wrote about it, oldest first, up to 20; empty for logs.")
    async def feedback(self, info: Info) -> list[UserFeedback]:
        return await feedback(info, self.row)

    @strawberry.field(
        description="The other events of its session, of any level, in the order in which they happened: what the app did"
        " before and after. Those received up to 7 days before or after it; empty for logs and without a session."
    )
    async def session_events(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[SessionEvent]:
        return await session_event_page(info, self.row, first, after, last, before)

    @classmethod
    def of(cls, row: reading.Occurrence) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("Occurrence", row.id),
            error_id=ids.encode("ErrorGroup", row.group_id),
            occurred_at=row.occurred_at,
            received_at=row.received_at,
            session_id=row.session_id,
            user_id=row.user_id,
            app_version=row.app_version,
            release=row.app_version,
            environment=row.environment,
            message=row.message,
            row=row,
        )


def _traceback(told: Detail) -> str | None:
    return traceback_text(told.exceptions, told.event.platform if told.event else "python")


def _said_beside(told: Detail) -> str | None:
    if told.event is None or not told.exceptions:
        return None
    last = told.exceptions[-1]
    known = ("", last.type, last.message, f"{last.type}: {last.message}")
    return None if not last.message or told.event.message in known else told.event.message


def _frames(told: Detail) -> tuple[ShownFrame, ...]:
    return told.exceptions[-1].frames if told.exceptions else ()


async def occurrence_page(
    info: Info, group_id: UUID, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[Occurrence]:
    """A page of a group's occurrences, newest first."""
    organization_id = info.context.organization_id
    page = await reading.occurrences(organization_id, group_id, window(first, after, last, before))
    count = partial(reading.count_occurrences, organization_id, group_id)
    return Connection[Occurrence].of(page, Occurrence.of, count)
