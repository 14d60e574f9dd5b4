"""The four numbers above a list of errors."""

import strawberry

from app.graphql import ids
from app.graphql.context import Info
from app.reading import stats as reading


@strawberry.input(
    description="Of what the numbers are; what is left out or null means all that the viewer sees."
)
class ErrorStatsFilter:
    """Of what the numbers are."""

    project_id: strawberry.ID | None = strawberry.field(default=None, description="Of this project only.")
    instance_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of errors seen on this instance only."
    )


@strawberry.type(
    description="Numbers of error groups at this moment; muted ones and those of developers never count."
)
class ErrorStats:
    """Numbers of error groups at this moment."""

    total_active: int = strawberry.field(description="How many are NEW, ACTIVE, IN_PROGRESS or REGRESSED.")
    new_last_24h: int = strawberry.field(
        name="newLast24h",
        description="How many were first seen in the last 24 hours, silenced ones left out.",
    )
    critical: int = strawberry.field(description="How many of the active ones are CRITICAL.")
    github_issues_this_week: int = strawberry.field(
        description="How many GitHub issues were made in the last 7 days."
    )


async def error_stats(info: Info, wanted: ErrorStatsFilter | None) -> ErrorStats:
    """The numbers for the filter."""
    found = await reading.stats(
        info.context.organization_id,
        project_id=ids.wanted("Project", wanted.project_id) if wanted else None,
        instance_id=ids.wanted("Instance", wanted.instance_id) if wanted else None,
        now=info.context.now,
    )
    return ErrorStats(
        total_active=found.total_active,
        new_last_24h=found.new_last_24h,
        critical=found.critical,
        github_issues_this_week=found.github_issues_this_week,
    )
