"""Have events that could not be recorded tried again."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.errors import SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.projects.ingest_problems import retry_problems


@strawberry.input(description="The events to try again.")
class IngestProblemRetryInput:
    """The events to try again."""

    ids: list[strawberry.ID] = strawberry.field(
        description="Ids of `ingestProblems`, 1 to 100: all of them or none."
    )


@strawberry.type(description="What came of it.")
class IngestProblemRetryPayload:
    """What came of it."""

    retried_ingest_problem_ids: list[strawberry.ID] = strawberry.field(
        description="The ids of the events that are tried again; empty where nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed at all. An id at"
        ' fault is named by its place: `["ids", "3"]` is the fourth.'
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Have events that could not be recorded tried again, within seconds. One that fails again is set aside again.",
)
async def ingest_problem_retry(
    info: Info,
    given: Annotated[
        IngestProblemRetryInput, strawberry.argument(name="input", description="The events to try again.")
    ],
) -> IngestProblemRetryPayload:
    context = info.context
    context.loaded.clear()
    event_ids = [ids.decode("IngestProblem", each) or ids.NOBODY for each in given.ids]
    try:
        await retry_problems(context.organization_id, event_ids)
    except SnaglistError as failure:
        return IngestProblemRetryPayload(retried_ingest_problem_ids=[], user_errors=[user_error(failure)])
    return IngestProblemRetryPayload(
        retried_ingest_problem_ids=[ids.encode("IngestProblem", each) for each in dict.fromkeys(event_ids)],
        user_errors=[],
    )
