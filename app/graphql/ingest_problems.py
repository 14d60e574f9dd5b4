"""Events that were taken and could not be recorded.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them, to those who manage projects.
"""

from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from app.graphql import ids
from app.graphql.apps import App, app_of
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.loading import load
from app.graphql.node import Node
from app.reading import ingest_problems as reading


@strawberry.type(
    description="An event that was taken and could not be recorded. It waits aside, in nobody's way, until somebody has it"
    " tried again or discards it, or retention ends it."
)
class IngestProblem(Node):
    """An event that was taken and could not be recorded."""

    received_at: datetime = strawberry.field(description="When it was taken.")
    problem: str = strawberry.field(description="Why it could not be recorded, a sentence to show.")
    attempts: int = strawberry.field(description="How often a scan of it was tried, retries included.")
    key: strawberry.Private[UUID]
    app_id: strawberry.Private[UUID]

    @strawberry.field(description="The app that sent it, also a deleted one; null: it is gone for good.")
    async def app(self, info: Info) -> App | None:
        return await app_of(info, self.app_id)

    @strawberry.field(
        description="What the app sent, as JSON without secrets, cut in the middle where it is long; null where it cannot"
        " be read, or is not kept any more."
    )
    async def payload_excerpt(self, info: Info) -> str | None:
        read = partial(reading.excerpts, info.context.organization_id)
        return await load(info, "payload excerpts", read, self.key)

    @classmethod
    def of(cls, row: reading.IngestProblem) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("IngestProblem", row.id),
            received_at=row.received_at,
            problem=row.problem,
            attempts=row.attempts,
            key=row.id,
            app_id=row.app_id,
        )


async def ingest_problem(info: Info, key: UUID) -> IngestProblem | None:
    """One of them; None: there is none, or not any more."""
    row = await reading.ingest_problem(info.context.organization_id, key)
    return IngestProblem.of(row) if row else None


async def ingest_problem_page(
    info: Info, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[IngestProblem]:
    """A page of them, the newest first."""
    organization_id = info.context.organization_id
    page = await reading.ingest_problems(organization_id, window(first, after, last, before))
    count = partial(reading.count_ingest_problems, organization_id)
    return Connection[IngestProblem].of(page, IngestProblem.of, count)
