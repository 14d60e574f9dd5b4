"""Telling what was gathered: one message for each rule and channel, then quiet.

Comes in: the time. Goes out: rows in `delivery`. For each rule it is one transaction in which the message is added, what
was gathered is deleted, and the rule's quiet time begins: whoever is killed, it is told once. May run many times at once:
a rule that somebody else has at hand is passed over, and nobody waits for anybody.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from app.alerts.channels.channel import Channel, unsealed
from app.alerts.channels.outgoing import Outgoing
from app.alerts.deliveries.outbox import NewDelivery, add
from app.alerts.deliveries.waking import wake_deliveries
from app.alerts.evaluating.composing import Gathered, Named, composed, named
from app.alerts.evaluating.gathering import Match
from app.domain.alerts.alert_text import Message
from app.errors import ConfigurationError
from app.tables.database import fetch, transaction

logger = logging.getLogger(__name__)

AT_ONCE: Final = 20
"""Rules in one transaction."""
LATER: Final = timedelta(minutes=5)
"""How long a rule that cannot be told is left alone."""


async def tell_due(*, now: datetime) -> int:
    """Tell what is due; how many rules were told, or had nothing left to tell.

    TransactionError: it was called inside of a transaction. What was committed before an error stays told.
    """
    count, found = 0, AT_ONCE
    while found == AT_ONCE:
        async with transaction():
            found, deliveries = await _tell_some(now)
        if deliveries:
            await wake_deliveries()
        count += found
    return count


@dataclass(slots=True)
class _Outcome:
    """What becomes of the rules that were at hand, by their ids; `quiet_until` of those that are told later."""

    told: list[UUID] = field(default_factory=list)
    dropped: list[UUID] = field(default_factory=list)
    later: dict[UUID, datetime] = field(default_factory=dict)
    deliveries: list[NewDelivery] = field(default_factory=list)


async def _tell_some(now: datetime) -> tuple[int, int]:
    """Tell the next rules: how many there were, and how many messages that made. In a transaction."""
    rows = await fetch(_DUE, now, AT_ONCE)
    if not rows:
        return 0, 0
    outcome = _Outcome()
    ripe = []
    for row in rows:
        if not row["is_told"]:
            outcome.dropped.append(row["rule_id"])
        elif row["quiet_until"] is not None and row["quiet_until"] > now:
            outcome.later[row["rule_id"]] = row["quiet_until"]
        elif gathered := _gathered(row):
            ripe.append((row, gathered))
        else:
            outcome.later[row["rule_id"]] = now + LATER
    names = await named([gathered for _, gathered in ripe], now=now)
    for row, gathered in ripe:
        _tell(row, gathered, names, outcome, now)
    added = await add(outcome.deliveries, now)
    if outcome.later:
        await fetch(_LATER, list(outcome.later), list(outcome.later.values()))
    await fetch(_DONE, [*outcome.told, *outcome.dropped], outcome.told, now)
    return len(rows), len(added)


# The rule is locked as well, so that two look at its quiet time one after the other, and nobody deletes it meanwhile.
_DUE: Final = """
select p.rule_id, p.first_at, p.total, p.sample, r.organization_id, r.project_id, r.name, r.channels,
    r.last_fired_at + make_interval(secs => r.quiet_seconds) as quiet_until,
    r.enabled and o.deleted_at is null as is_told, o.name as project
from alert_pending as p
join alert_rule as r on r.id = p.rule_id
join project as o on o.id = r.project_id
where p.due_at <= $1 order by p.due_at, p.rule_id limit $2
for no key update of r skip locked for update of p skip locked
"""
_LATER: Final = """
update alert_pending as p set due_at = n.due_at
from unnest($1::uuid[], $2::timestamptz[]) as n(rule_id, due_at) where p.rule_id = n.rule_id
"""
_DONE: Final = """
with gone as (delete from alert_pending where rule_id = any($1::uuid[]))
update alert_rule set last_fired_at = $3 where id = any($2::uuid[])
"""


def _gathered(row: Mapping[str, Any]) -> Gathered | None:
    """What a rule has gathered; None: a newer Snaglist did, and has to tell it."""
    try:
        sample = msgspec.json.decode(row["sample"], type=list[Match])
    except msgspec.ValidationError:
        logger.exception("what a rule has matched cannot be read", extra={"rule_id": str(row["rule_id"])})
        return None
    return Gathered(row["rule_id"], row["name"], row["project_id"], row["project"], row["total"], sample)


def _tell(row: Mapping[str, Any], gathered: Gathered, names: Named, outcome: _Outcome, now: datetime) -> None:
    """Add a rule's messages to what is to be done. One that cannot be told must not stop the others."""
    rule_id = row["rule_id"]
    try:
        message = composed(gathered, names)
        channels = unsealed(row["organization_id"], row["channels"])
    except (ConfigurationError, ValueError) as error:
        logger.error(
            "a rule's channels cannot be read", extra={"rule_id": str(rule_id), "reason": str(error)}
        )
        outcome.later[rule_id] = now + LATER
    except Exception:
        logger.exception("what a rule has matched cannot be told", extra={"rule_id": str(rule_id)})
        outcome.later[rule_id] = now + LATER
    else:
        if message is None:
            outcome.dropped.append(rule_id)
            return
        outcome.told.append(rule_id)
        outcome.deliveries += _deliveries(row, message, channels, now)


def _deliveries(
    row: Mapping[str, Any], message: Message, channels: Sequence[Channel], now: datetime
) -> list[NewDelivery]:
    """A message for each channel. The row that is deleted has it told once; the key tells it from all others."""
    its = Outgoing(message.title, message.text, message.html, message.data)
    return [
        NewDelivery(
            row["organization_id"],
            row["project_id"],
            row["rule_id"],
            None,
            "alert",
            channel,
            its,
            f"alert:{row['rule_id']}:{row['first_at'].isoformat()}:{now.isoformat()}:{place}",
        )
        for place, channel in enumerate(channels)
    ]
