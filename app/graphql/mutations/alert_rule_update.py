"""Change what is set on an alert rule."""

from typing import Annotated, TypeVar

import strawberry
from strawberry import UNSET

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.alerts.rules.update_rule import UNSET as UNCHANGED
from app.alerts.rules.update_rule import RuleChanges, UnsetType, update_rule
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

T = TypeVar("T")


@strawberry.input(
    description="What is to be different. What is left out stays; so does what is null, unless its field says otherwise."
)
class AlertRuleUpdateInput:
    """What is to be different."""

    id: strawberry.ID = strawberry.field(description="The rule.")
    name: str | None = strawberry.field(
        default=UNSET, description="What people call it, 1 to 200 characters."
    )
    condition: AlertConditionInput | None = strawberry.field(
        default=UNSET, description="What has to happen. With another one the rule begins anew."
    )
    channels: list[AlertChannelInput] | None = strawberry.field(default=UNSET, description=CHANNELS)
    filter: AlertFilterInput | None = strawberry.field(
        default=UNSET,
        description="Which errors it is about; null: all of the project. With another one the rule begins anew.",
    )
    quiet_seconds: int | None = strawberry.field(default=UNSET, description=QUIET)
    enabled: bool | None = strawberry.field(
        default=UNSET,
        description="Whether it is switched on. Switched off, it forgets what it has found and not told.",
    )


@strawberry.type(description="What came of it.")
class AlertRuleUpdatePayload:
    """What came of it."""

    alert_rule: AlertRule | None = strawberry.field(
        default=None, description="The rule as it is now; null where there is none, or nothing was changed."
    )
    webhook_secrets: list[str] = strawberry.field(
        default_factory=list,
        description="The secrets that were made: one for each webhook of `channels` that came without, in their order. They"
        " are shown this once.",
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="What is to be put right; empty if all went well, and otherwise nothing was changed.",
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Change what is set on an alert rule: all that is given, or nothing. Without `channels` it keeps those that it has; with"
    " them they are all replaced, as nobody can read what is secret in them. A rule that is given another condition or filter"
    " begins anew: what it had found and not told is forgotten.",
)
async def alert_rule_update(
    info: Info,
    given: Annotated[
        AlertRuleUpdateInput, strawberry.argument(name="input", description="The rule, and the changes.")
    ],
) -> AlertRuleUpdatePayload:
    context = info.context
    context.loaded.clear()
    try:
        rule_id = ids.decode("AlertRule", given.id)
        if rule_id is None:
            raise NotFound("there is no such alert rule", field="id")
        secrets = await update_rule(
            context.organization_id,
            rule_id,
            _changes(given),
            now=context.now,
            actor=actor(context.signed_in),
        )
    except SnaglistError as failure:
        return AlertRuleUpdatePayload(user_errors=[user_error(failure)])
    return AlertRuleUpdatePayload(
        alert_rule=await alert_rules.alert_rule(info, rule_id), webhook_secrets=list(secrets)
    )


def _changes(given: AlertRuleUpdateInput) -> RuleChanges:
    condition, channels = _changed(given.condition), _changed(given.channels)
    return RuleChanges(
        name=_changed(given.name),
        condition=UNCHANGED if isinstance(condition, UnsetType) else condition.as_condition(),
        filters=UNCHANGED if given.filter is UNSET else as_filter(given.filter),
        quiet_seconds=_changed(given.quiet_seconds),
        enabled=_changed(given.enabled),
        channels=UNCHANGED if isinstance(channels, UnsetType) else as_channels(channels),
    )


def _changed(given: T | None) -> T | UnsetType:
    return UNCHANGED if given is None or given is UNSET else given
