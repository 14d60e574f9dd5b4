"""Throw away events that could not be recorded."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.projects.ingest_problems import discard_problems


@strawberry.input(description="The events to throw away.")
class IngestProblemDiscardInput:
    """The events to throw away."""

    ids: list[strawberry.ID] = strawberry.field(
        description="Ids of `ingestProblems`, 1 to 100: all of them or none."
    )


@strawberry.type(description="What came of it.")
class IngestProblemDiscardPayload:
    """What came of it."""

    discarded_ingest_problem_ids: list[strawberry.ID] = strawberry.field(
        description="The ids that name nothing any more, to be dropped from caches; empty where nothing was thrown away."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed at all. An id at"
        ' fault is named by its place: `["ids", "3"]` is the fourth.'
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Throw away events that could not be recorded, with what their apps sent. It cannot be undone; `auditEntries` tells who"
    " did it.",
)
async def ingest_problem_discard(
    info: Info,
    given: Annotated[
        IngestProblemDiscardInput, strawberry.argument(name="input", description="The events to throw away.")
    ],
) -> IngestProblemDiscardPayload:
    context = info.context
    context.loaded.clear()
    event_ids = [ids.decode("IngestProblem", each) or ids.NOBODY for each in given.ids]
    try:
        await discard_problems(
            context.organization_id, event_ids, now=context.now, actor=actor(context.signed_in)
        )
    except SnaglistError as failure:
        return IngestProblemDiscardPayload(discarded_ingest_problem_ids=[], user_errors=[user_error(failure)])
    return IngestProblemDiscardPayload(
        discarded_ingest_problem_ids=[ids.encode("IngestProblem", each) for each in dict.fromkeys(event_ids)],
        user_errors=[],
    )
