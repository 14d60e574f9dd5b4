"""Change what is set on a rule.

Comes in: the changes, what is UNSET stays, and who makes them. Goes out: the secrets of webhooks that were made. With what
was changed comes the row that says who did. A rule that asks something else begins anew, as one does that is switched
off: what it had found and not told is forgotten.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from msgspec import UNSET, UnsetType

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.alerts.channels.channel import Channel
from app.alerts.evaluating.edges import forget
from app.alerts.rules.wanted_rule import (
    JSON,
    checked_channels,
    checked_values,
    column_value,
    columns_of,
    demand_known,
    made_secrets,
    told,
)
from app.domain.alerts import filters
from app.domain.alerts.conditions import Condition
from app.domain.alerts.filters import EVERYTHING, AlertFilter
from app.errors import NotFound
from app.tables.database import fetch, fetch_one
from app.triage.clusters import alone

__all__ = ["UNSET", "RuleChanges", "UnsetType", "update_rule"]

_FIELDS: Final = ("name", "condition", "filters", "quiet_seconds", "enabled")


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """What is to be different; see `NewRule`. `channels`: all of them."""

    name: str | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    filters: AlertFilter | UnsetType = UNSET
    quiet_seconds: int | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    channels: Sequence[Channel] | UnsetType = UNSET


async def update_rule(
    organization_id: UUID, rule_id: UUID, changes: RuleChanges, *, now: datetime, actor: Actor = SYSTEM
) -> tuple[str, ...]:
    """Make all of the changes, or none; the secrets of webhooks that came without, in their order.

    To be called outside of transactions. BadInput: something that nobody can have. NotFound: the organization has no such
    rule, or not any more, or its project no such thing as the filter asks for.
    """
    after = checked_values(
        {column: value for column in _FIELDS if (value := getattr(changes, column)) is not UNSET}
    )
    given = () if isinstance(changes.channels, UnsetType) else changes.channels
    channels = () if isinstance(changes.channels, UnsetType) else await _checked(changes.channels)
    if channels:
        after |= columns_of(organization_id, channels)

    async def work() -> None:
        before = await _locked(organization_id, rule_id)
        if isinstance(changes.filters, AlertFilter):
            had = filters.read(json.loads(before["filters"])) or EVERYTHING
            await demand_known(organization_id, before["project_id"], changes.filters, had)
        different = {column: value for column, value in after.items() if value != _value(before, column)}
        if different:
            await _write(rule_id, different, now)
            await _begin_anew(rule_id, different, now)
            await _note(organization_id, actor, before, different, now)

    await alone(work)
    return made_secrets(given, channels)


async def _checked(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """In a thread: the first URL for Apprise loads all of its services."""
    return await asyncio.to_thread(checked_channels, channels)


async def _locked(organization_id: UUID, rule_id: UUID) -> asyncpg.Record:
    """The rule, which nobody else changes before the end of the transaction. NotFound: there is none."""
    row = await fetch_one(
        """
        select r.* from alert_rule as r join project as p on p.id = r.project_id and p.deleted_at is null
        where r.organization_id = $1 and r.id = $2 for no key update of r
        """,
        organization_id,
        rule_id,
    )
    if row is None:
        raise NotFound("there is no such alert rule", field="id")
    return row


def _value(row: Mapping[str, Any], column: str) -> Any:
    return json.loads(row[column]) if column in JSON else row[column]


async def _write(rule_id: UUID, different: Mapping[str, Any], now: datetime) -> None:
    places = ", ".join(f"{column} = ${place}" for place, column in enumerate(different, 3))
    values = (column_value(column, value) for column, value in different.items())
    await fetch(f"update alert_rule set updated_at = $2, {places} where id = $1", rule_id, now, *values)  # noqa: S608  our own words


async def _begin_anew(rule_id: UUID, different: Mapping[str, Any], now: datetime) -> None:
    """Forget what the rule has found, where it asks something else now; otherwise tell it after the new quiet time."""
    if "condition" in different or "filters" in different or different.get("enabled") is False:
        await forget([rule_id])
    elif "quiet_seconds" in different:
        await fetch(
            """
            update alert_pending as b set due_at = greatest($2, r.last_fired_at + make_interval(secs => r.quiet_seconds))
            from alert_rule as r where r.id = b.rule_id and b.rule_id = $1
            """,
            rule_id,
            now,
        )


async def _note(
    organization_id: UUID,
    actor: Actor,
    before: Mapping[str, Any],
    different: Mapping[str, Any],
    now: datetime,
) -> None:
    is_hidden = "channels" in different and "channels_shown" not in different
    detail = audit.changed(told({column: _value(before, column) for column in different}), told(different))
    await audit.note(
        organization_id,
        actor,
        Kind.ALERT_RULE_UPDATED,
        subject_type="AlertRule",
        subject_id=before["id"],
        subject_name=different.get("name", before["name"]),
        detail=detail | ({"channels": (None, "changed")} if is_hidden else {}),
        now=now,
    )
