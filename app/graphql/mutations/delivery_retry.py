"""Have messages tried again."""

from asyncio import gather
from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.alerts.deliveries.retry import retry_deliveries
from app.errors import SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.deliveries import Delivery, delivery
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="The messages to try again.")
class DeliveryRetryInput:
    """The messages to try again."""

    ids: list[strawberry.ID] = strawberry.field(
        description="Ids of `deliveries` that have failed or wait, 1 to 100: all of them or none."
    )


@strawberry.type(description="What came of it.")
class DeliveryRetryPayload:
    """What came of it."""

    deliveries: list[Delivery] = strawberry.field(
        description="The messages as they are now, in the order of their ids; empty where nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed at all. An id at"
        ' fault is named by its place: `["ids", "3"]` is the fourth.'
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Have messages tried again, within seconds and as often as new ones are: those that were given up, and those that wait"
    " for their next attempt. One whose rule was deleted or switched off is given up again.",
)
async def delivery_retry(
    info: Info,
    given: Annotated[
        DeliveryRetryInput, strawberry.argument(name="input", description="The messages to try again.")
    ],
) -> DeliveryRetryPayload:
    context = info.context
    context.loaded.clear()
    delivery_ids = [ids.decode("Delivery", each) or ids.NOBODY for each in given.ids]
    try:
        await retry_deliveries(context.organization_id, delivery_ids, now=context.now)
    except SnaglistError as failure:
        return DeliveryRetryPayload(deliveries=[], user_errors=[user_error(failure)])
    shown = await gather(*(delivery(info, each) for each in dict.fromkeys(delivery_ids)))
    return DeliveryRetryPayload(deliveries=[each for each in shown if each], user_errors=[])
