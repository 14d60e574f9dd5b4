"""Occurrences: the recorded times at which an error happened, with all that is known about each.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them. A row's detail is unpacked when something in
it is asked for.
"""

from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from app.graphql import ids
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.node import Node
from app.graphql.projects import Instance, instance_of
from app.graphql.scalars import BigInt
from app.reading import occurrences as reading
from app.recording.sightings import ShownException, ShownFrame


@strawberry.type(description="One frame of a traceback: a place in the code, and what it was doing.")
class Frame:
    """One frame of a traceback; a `ShownFrame` is shown as it is."""

    path: str = strawberry.field(description="The file's path, as the server has it.")
    line: int = strawberry.field(description="The line's number, from 1.")
    function: str | None = strawberry.field(description="The function's name, null where unknown.")
    module: str | None = strawberry.field(
        description="The Odoo module that the file belongs to, null if to none."
    )
    in_app: bool = strawberry.field(
        description="True for the application's own code, false for Odoo's, Python's and libraries'."
    )
    source: str | None = strawberry.field(
        name="contextLine",
        description="The line of code, without secrets; null where the traceback has none.",
    )


@strawberry.type(description="One exception of a chain.")
class RaisedException:
    """One exception of a chain; a `ShownException` is shown as it is."""

    type: str | None = strawberry.field(description="Its class, with the module; null where unknown.")
    message: str = strawberry.field(
        description="Its message, without secrets; may be empty and have many lines."
    )
    frames: list[ShownFrame] = strawberry.field(
        description="Its frames, the call that came last at the end. Of a very deep one the middle is left out.",
        graphql_type=list[Frame],
    )


def traceback_text(exceptions: tuple[ShownException, ...]) -> str | None:
    """The chain as Python prints it; None where there is no exception."""
    return "\n\n".join(_printed(part) for part in exceptions) or None


def _printed(part: ShownException) -> str:
    lines = ["Traceback (most recent call last):"] if part.frames else []
    for frame in part.frames:
        lines.append(f'  File "{frame.path}", line {frame.line}, in {frame.function or "?"}')
        if frame.source is not None:
            lines.append(f"    {frame.source}")
    final = ": ".join(text for text in (part.type, part.message) if text)
    return "\n".join((*lines, final) if final else lines)


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
    environment: str | None = strawberry.field(
        description="`PRODUCTION`, `STAGING` or `DEVELOPMENT` for logs, an app's own word for events; null if unknown."
    )
    message: str = strawberry.field(description="The message, without secrets; may have many lines.")
    row: strawberry.Private[reading.Occurrence]

    @strawberry.field(description="The instance in whose log it was; null for events of apps.")
    async def instance(self, info: Info) -> Instance | None:
        instance_id = self.row.instance_id
        return None if instance_id is None else await instance_of(info, instance_id)

    @strawberry.field(
        description="The chain of exceptions as Python prints it, without secrets; null without one."
    )
    def traceback(self) -> str | None:
        return traceback_text(self.row.detail.exceptions)

    @strawberry.field(
        description="The frames of the last exception, the call that came last at the end; empty without one.",
        graphql_type=list[Frame],
    )
    def frames(self) -> tuple[ShownFrame, ...]:
        exceptions = self.row.detail.exceptions
        return exceptions[-1].frames if exceptions else ()

    @strawberry.field(
        description="The chain of exceptions, the one that came first at the start; empty without one.",
        graphql_type=list[RaisedException],
    )
    def exceptions(self) -> tuple[ShownException, ...]:
        return self.row.detail.exceptions

    @strawberry.field(
        description="Up to 10 lines of the log before it, oldest first, without secrets.",
        graphql_type=list[str],
    )
    def context_before(self) -> tuple[str, ...]:
        return self.row.detail.context_before

    @strawberry.field(
        description="Up to 3 lines of the log after it, oldest first, without secrets.",
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
            environment=row.environment,
            message=row.message,
            row=row,
        )


async def occurrence_page(
    info: Info, group_id: UUID, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[Occurrence]:
    """A page of a group's occurrences, newest first."""
    organization_id = info.context.organization_id
    page = await reading.occurrences(organization_id, group_id, window(first, after, last, before))
    count = partial(reading.count_occurrences, organization_id, group_id)
    return Connection[Occurrence].of(page, Occurrence.of, count)
