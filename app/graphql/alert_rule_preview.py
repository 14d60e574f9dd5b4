"""What an alert rule would have said, before somebody saves it.

Comes in: a project, and a rule. Goes out: numbers by the day, and the newest of the errors.
"""

from asyncio import gather
from datetime import datetime
from typing import Annotated

import strawberry

from app.alerts.rules import preview as reading
from app.alerts.rules.wanted_rule import QUIET as QUIET_SECONDS
from app.graphql import ids
from app.graphql.alert_inputs import QUIET, AlertConditionInput, AlertFilterInput, as_filter
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup, group_of


@strawberry.input(description="A rule to be.")
class AlertRulePreviewInput:
    """A rule to be."""

    project_id: strawberry.ID = strawberry.field(description="The project whose errors it is about.")
    condition: AlertConditionInput = strawberry.field(description="What has to happen.")
    filter: AlertFilterInput | None = strawberry.field(
        default=None, description="Which errors it is about; null: all of the project."
    )
    quiet_seconds: int = strawberry.field(default=QUIET_SECONDS, description=QUIET)


Rule = Annotated[AlertRulePreviewInput, strawberry.argument(name="input", description="The rule to be.")]


@strawberry.type(description="What a rule would have said on a day of UTC.")
class AlertRulePreviewDay:
    """What a rule would have said on a day of UTC."""

    starts_at: datetime = strawberry.field(description="The beginning of the day.")
    count: int = strawberry.field(description="How often it would have found something.")
    message_count: int = strawberry.field(
        description="How many messages would have gone out, with its quiet time: what is found in it comes at its end."
    )


@strawberry.type(
    description="What a rule would have said over the last 7 days of UTC, today among them, told from what is stored. Counts"
    " are stored by the hour, so conditions that count are told to the hour."
)
class AlertRulePreview:
    """What a rule would have said over the last 7 days."""

    total: int | None = strawberry.field(
        description="How often it would have found something; null where that cannot be told: see `note`."
    )
    message_count: int | None = strawberry.field(
        description="How many messages would have gone out; null where that cannot be told: see `note`."
    )
    days: list[AlertRulePreviewDay] = strawberry.field(
        description="Day by day, oldest first, the last one not over; empty where nothing can be told."
    )
    examples: list[ErrorGroup] = strawberry.field(
        description="Up to 20 of the errors, found last first; none for conditions about instances and apps."
    )
    is_estimate: bool = strawberry.field(
        description="Whether the numbers are rough, as not all is stored that the rule looks at."
    )
    note: str = strawberry.field(description="What is to be known of the numbers, sentences to show.")


async def preview(info: Info, given: AlertRulePreviewInput) -> AlertRulePreview:
    """The preview. NotFound: there is no such project, or thing of the filter. BadInput: a rule that nobody can have."""
    found = await reading.preview(
        info.context.organization_id,
        ids.decode("Project", given.project_id) or ids.NOBODY,
        given.condition.as_condition(),
        as_filter(given.filter),
        given.quiet_seconds,
        now=info.context.now,
    )
    examples = await gather(*(group_of(info, group_id) for group_id in found.group_ids))
    return AlertRulePreview(
        total=found.match_count,
        message_count=found.message_count,
        days=[
            AlertRulePreviewDay(
                starts_at=day.starts_at, count=day.match_count, message_count=day.message_count
            )
            for day in found.days
        ],
        examples=[group for group in examples if group],
        is_estimate=found.is_estimate,
        note=found.note,
    )
