"""Delete an alert rule."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.alerts.rules.delete_rule import delete_rule
from app.errors import NotFound, SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="The rule to delete.")
class AlertRuleDeleteInput:
    """The rule to delete."""

    id: strawberry.ID = strawberry.field(description="The rule.")


@strawberry.type(description="What came of it.")
class AlertRuleDeletePayload:
    """What came of it."""

    deleted_alert_rule_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id that names nothing any more, to be dropped from caches; null where nothing was deleted.",
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Delete an alert rule. What it has found and not told is forgotten, and alerts of it that wait to be sent are not sent;"
    " `deliveries` still lists those that were.",
)
async def alert_rule_delete(
    info: Info,
    given: Annotated[
        AlertRuleDeleteInput, strawberry.argument(name="input", description="The rule to delete.")
    ],
) -> AlertRuleDeletePayload:
    context = info.context
    context.loaded.clear()
    try:
        rule_id = ids.decode("AlertRule", given.id)
        if rule_id is None:
            raise NotFound("there is no such alert rule", field="id")
        await delete_rule(context.organization_id, rule_id, now=context.now, actor=actor(context.signed_in))
    except SnaglistError as failure:
        return AlertRuleDeletePayload(user_errors=[user_error(failure)])
    return AlertRuleDeletePayload(deleted_alert_rule_id=ids.encode("AlertRule", rule_id))
