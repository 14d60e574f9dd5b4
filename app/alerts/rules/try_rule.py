"""Try a rule's channels: a message that says that it is none, sent as all are.

Comes in: the rule. Goes out: the deliveries, queued. They have their own log and retries; what becomes of each is seen
there.
"""

import json
from datetime import datetime
from typing import Final
from uuid import UUID

from app.alerts.channels.channel import Channel, unsealed
from app.alerts.channels.outgoing import Outgoing
from app.alerts.deliveries.outbox import NewDelivery, add
from app.alerts.deliveries.waking import wake_deliveries
from app.domain.alerts import conditions
from app.domain.alerts.alert_text import Told, message
from app.domain.alerts.conditions import Condition, ConditionKind
from app.errors import BadInput, ConfigurationError, NotFound
from app.tables.database import fetch_one, transaction
from app.tables.identifiers import uuid7

SAID: Final = "This is a test. Nothing has happened."


async def try_rule(organization_id: UUID, rule_id: UUID, *, now: datetime) -> list[UUID]:
    """Queue a message through each of the rule's channels, also of one that is switched off; the ids of the deliveries.

    Each call sends anew. A mail to several addresses is a delivery for each. To be called outside of transactions.
    NotFound: the organization has no such rule, or not any more. BadInput: its channels cannot be read any more.
    """
    async with transaction():
        rule = await fetch_one(
            """
            select r.project_id, r.name, r.condition, r.channels, p.name as project
            from alert_rule as r join project as p on p.id = r.project_id and p.deleted_at is null
            where r.organization_id = $1 and r.id = $2 for key share of r
            """,
            organization_id,
            rule_id,
        )
        if rule is None:
            raise NotFound("there is no such alert rule", field="id")
        try:
            channels = unsealed(organization_id, rule["channels"])
        except (ValueError, ConfigurationError):
            told = "the channels of this rule cannot be read any more, as the key is gone: give them again"
            raise BadInput(told, field="id") from None
        condition = conditions.read(json.loads(rule["condition"]))
        said = _message(rule["name"], condition, rule["project"], now)
        call = uuid7(now)

        def delivery(place: int, channel: Channel) -> NewDelivery:
            key = f"test:{call}:{place}"
            return NewDelivery(organization_id, rule["project_id"], rule_id, None, "test", channel, said, key)

        queued = await add([delivery(place, channel) for place, channel in enumerate(channels)], now)
    await wake_deliveries()
    return queued


def _message(rule_name: str, condition: Condition | None, project: str, now: datetime) -> Outgoing:
    """Like the messages of the rule, so that it is seen how these will look."""
    kind = condition.kind if condition else ConditionKind.OPENED
    said = message(rule_name, [Told(kind, None, SAID, None, project, None, None, now, None)], 1, None)
    return Outgoing(f"[Test] {said.title}", said.text, said.html, {**said.data, "isTest": True})
