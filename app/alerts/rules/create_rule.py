"""Make a rule: from now on it says what it is asked to.

Comes in: the rule, and who makes it. Goes out: its id, and the secrets of webhooks that were made, which nobody can read
later. With it comes the row that says who made it.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import SYSTEM, Actor
from app.accounts.audit import Kind
from app.alerts.rules.wanted_rule import (
    RULES_LIMIT,
    NewRule,
    checked_channels,
    checked_values,
    column_value,
    columns_of,
    demand_known,
    made_secrets,
    told,
)
from app.errors import BadInput, NotFound
from app.tables.database import fetch, fetch_one, transaction
from app.tables.identifiers import uuid7


@dataclass(frozen=True, slots=True)
class MadeRule:
    """A new rule. `webhook_secrets`: one for each webhook that came without, in their order."""

    id: UUID
    webhook_secrets: tuple[str, ...] = field(repr=False)


async def create_rule(
    organization_id: UUID, wanted: NewRule, *, now: datetime, actor: Actor = SYSTEM
) -> MadeRule:
    """Make the rule. To be called outside of transactions.

    BadInput: something that nobody can have, or the project has `RULES_LIMIT` rules. NotFound: the organization has no such
    project, or not any more, or the project no such thing as the filter asks for.
    """
    values = checked_values(
        {
            "name": wanted.name,
            "condition": wanted.condition,
            "filters": wanted.filter,
            "quiet_seconds": wanted.quiet_seconds,
            "enabled": wanted.enabled,
        }
    )
    # In a thread: the first URL for Apprise loads all of its services.
    channels = await asyncio.to_thread(checked_channels, wanted.channels)
    values |= columns_of(organization_id, channels)
    rule_id = uuid7(now)
    async with transaction():
        await _lock_project(organization_id, wanted.project_id)
        await demand_known(organization_id, wanted.project_id, wanted.filter)
        await _make(organization_id, wanted.project_id, rule_id, values, now)
        await audit.note(
            organization_id,
            actor,
            Kind.ALERT_RULE_CREATED,
            subject_type="AlertRule",
            subject_id=rule_id,
            subject_name=values["name"],
            detail=audit.made(told(values)),
            now=now,
        )
    return MadeRule(rule_id, made_secrets(wanted.channels, channels))


async def _lock_project(organization_id: UUID, project_id: UUID) -> None:
    """Nobody else makes a rule in it, or deletes it, before this has been committed."""
    row = await fetch_one(
        """
        select id from project where organization_id = $1 and id = $2 and deleted_at is null for no key update
        """,
        organization_id,
        project_id,
    )
    if row is None:
        raise NotFound("there is no such project", field="projectId")


async def _make(
    organization_id: UUID, project_id: UUID, rule_id: UUID, values: dict[str, Any], now: datetime
) -> None:
    columns = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(6, 6 + len(values)))
    # The rules are counted in a statement after the lock's: who waited for it sees those that were made meanwhile.
    made = await fetch(
        f"""
        insert into alert_rule (id, organization_id, project_id, created_at, {columns})
        select $1, $2, $3, $4, {places}
        where (select count(*) from alert_rule where organization_id = $2 and project_id = $3) < $5
        returning id
        """,  # noqa: S608  our own words
        rule_id,
        organization_id,
        project_id,
        now,
        RULES_LIMIT,
        *(column_value(column, value) for column, value in values.items()),
    )
    if not made:
        raise BadInput(f"a project has at most {RULES_LIMIT} rules", field="projectId")
