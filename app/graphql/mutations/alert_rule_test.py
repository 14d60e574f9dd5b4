"""Send a test message through each channel of an alert rule."""

from asyncio import gather
from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.alerts.rules.try_rule import try_rule
from app.errors import NotFound, SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.deliveries import Delivery, delivery
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="The rule to try.")
class AlertRuleTestInput:
    """The rule to try."""

    id: strawberry.ID = strawberry.field(description="The rule, which need not be switched on.")


@strawberry.type(description="What came of it.")
class AlertRuleTestPayload:
    """What came of it."""

    deliveries: list[Delivery] = strawberry.field(
        default_factory=list,
        description="The messages, which are sent within seconds: ask `node(id:)` what became of each. A mail to several"
        " addresses is one for each.",
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Send a message through each channel of an alert rule that says that it is a test, whatever the rule's quiet time. It"
    " answers when they are queued.",
)
async def alert_rule_test(
    info: Info,
    given: Annotated[AlertRuleTestInput, strawberry.argument(name="input", description="The rule to try.")],
) -> AlertRuleTestPayload:
    context = info.context
    context.loaded.clear()
    try:
        rule_id = ids.decode("AlertRule", given.id)
        if rule_id is None:
            raise NotFound("there is no such alert rule", field="id")
        queued = await try_rule(context.organization_id, rule_id, now=context.now)
    except SnaglistError as failure:
        return AlertRuleTestPayload(user_errors=[user_error(failure)])
    shown = await gather(*(delivery(info, each) for each in queued))
    return AlertRuleTestPayload(deliveries=[each for each in shown if each])
