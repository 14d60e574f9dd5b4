"""Make an alert rule."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.alerts.rules.create_rule import create_rule
from app.alerts.rules.wanted_rule import QUIET as QUIET_SECONDS
from app.alerts.rules.wanted_rule import NewRule
from app.errors import NotFound, SnaglistError
from app.graphql import alert_rules, ids
from app.graphql.access import guarded_mutation
from app.graphql.alert_inputs import (
    CHANNELS,
    QUIET,
    AlertChannelInput,
    AlertConditionInput,
    AlertFilterInput,
    as_channels,
    as_filter,
)
from app.graphql.alert_rules import AlertRule
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="A rule to be.")
class AlertRuleCreateInput:
    """A rule to be."""

    project_id: strawberry.ID = strawberry.field(
        description="The project whose errors it is about; it has up to 100 rules."
    )
    name: str = strawberry.field(
        description="What people call it, 1 to 200 characters; its messages begin with it."
    )
    condition: AlertConditionInput = strawberry.field(description="What has to happen.")
    channels: list[AlertChannelInput] = strawberry.field(description=CHANNELS)
    filter: AlertFilterInput | None = strawberry.field(
        default=None, description="Which errors it is about; null: all of the project."
    )
    quiet_seconds: int = strawberry.field(default=QUIET_SECONDS, description=QUIET)
    enabled: bool = strawberry.field(default=True, description="Whether it is switched on.")


@strawberry.type(description="What came of it.")
class AlertRuleCreatePayload:
    """What came of it."""

    alert_rule: AlertRule | None = strawberry.field(
        default=None, description="The new rule; null where it was not made."
    )
    webhook_secrets: list[str] = strawberry.field(
        default_factory=list,
        description="The secrets that were made: one for each webhook that came without, in their order. They are shown this"
        " once.",
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Make an alert rule. It tells of what happens from now on: see `alertRulePreview` for what it would have said lately, and"
    " `alertRuleTest` for whether its messages arrive.",
)
async def alert_rule_create(
    info: Info,
    given: Annotated[AlertRuleCreateInput, strawberry.argument(name="input", description="The rule to be.")],
) -> AlertRuleCreatePayload:
    context = info.context
    context.loaded.clear()
    try:
        made = await create_rule(
            context.organization_id, _wanted(given), now=context.now, actor=actor(context.signed_in)
        )
    except SnaglistError as failure:
        return AlertRuleCreatePayload(user_errors=[user_error(failure)])
    return AlertRuleCreatePayload(
        alert_rule=await alert_rules.alert_rule(info, made.id), webhook_secrets=list(made.webhook_secrets)
    )


def _wanted(given: AlertRuleCreateInput) -> NewRule:
    project_id = ids.decode("Project", given.project_id)
    if project_id is None:
        raise NotFound("there is no such project", field="projectId")
    return NewRule(
        project_id=project_id,
        name=given.name,
        condition=given.condition.as_condition(),
        channels=as_channels(given.channels),
        filter=as_filter(given.filter),
        quiet_seconds=given.quiet_seconds,
        enabled=given.enabled,
    )
