"""The rules by which people are alerted.

Comes in: an organization, and a window or ids. Goes out: rules by name, with what they have found and not told yet. Of
their channels what everybody may see; nothing of what is sealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from app.domain.alerts import conditions, filters
from app.domain.alerts.conditions import Condition
from app.domain.alerts.filters import AlertFilter
from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Name, Page, Window
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class ShownChannel:
    """What may be seen of a channel."""

    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A rule. `condition`, `filter`: None where a newer version has stored what this one does not know.

    `pending`: how much it has found and not told yet, which it does at `pending_due_at`, None where there is nothing.
    """

    id: UUID
    project_id: UUID
    name: str
    enabled: bool
    quiet_seconds: int
    condition: Condition | None
    filter: AlertFilter | None
    channels: tuple[ShownChannel, ...]
    last_fired_at: datetime | None
    created_at: datetime
    updated_at: datetime
    pending: int
    pending_due_at: datetime | None


_FROM: Final = """
from alert_rule as r join project as p on p.id = r.project_id and p.organization_id = $1
left join alert_pending as b on b.rule_id = r.id
where """
_SELECT: Final = f"""
select r.id, r.project_id, r.name, r.enabled, r.quiet_seconds, r.condition, r.filters, r.channels_shown,
    r.last_fired_at, r.created_at, coalesce(r.updated_at, r.created_at), coalesce(b.total, 0), b.due_at
{_FROM}"""
_THEIRS: Final = ("r.organization_id = $1", "p.deleted_at is null")

_LISTING: Final = Listing("alert rules", ("r.name", "r.id"), msgspec.json.Decoder(tuple[str, Name, UUID]))


async def alert_rules(
    organization_id: UUID,
    window: Window = Window(),  # noqa: B008  frozen
    *,
    project_id: UUID | None = None,
) -> Page[AlertRule]:
    """A page of the rules, by name, of one project or of all. BadInput: the window makes no sense."""
    wanted = _wanted(organization_id, project_id)
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(f"{_SELECT}{wanted} {end}", *wanted.values)
    return pages.page(_LISTING, window, [_rule(row) for row in rows], lambda shown: (shown.name, shown.id))


async def count_alert_rules(organization_id: UUID, *, project_id: UUID | None = None) -> int:
    """How many rules there are, of one project or of all."""
    wanted = _wanted(organization_id, project_id)
    [row] = await fetch(f"select count(*) {_FROM}{wanted}", *wanted.values)
    return int(row[0])


async def alert_rule(organization_id: UUID, rule_id: UUID) -> AlertRule | None:
    """One rule; None: there is none, or it is not theirs."""
    return (await alert_rules_by_id(organization_id, [rule_id])).get(rule_id)


async def alert_rules_by_id(organization_id: UUID, ids: Sequence[UUID]) -> dict[UUID, AlertRule]:
    """Those of the rules that there are."""
    wanted = _wanted(organization_id, None)
    wanted.add("r.id = any(?::uuid[])", ids)
    rows = await fetch(f"{_SELECT}{wanted}", *wanted.values)
    return {row["id"]: _rule(row) for row in rows}


def _wanted(organization_id: UUID, project_id: UUID | None) -> Conditions:
    wanted = Conditions(organization_id, *_THEIRS)
    if project_id is not None:
        wanted.add("r.project_id = ?", project_id)
    return wanted


def _rule(row: asyncpg.Record) -> AlertRule:
    columns: list[Any] = list(row)
    columns[5] = conditions.read(msgspec.json.decode(columns[5]))
    columns[6] = filters.read(msgspec.json.decode(columns[6]))
    columns[7] = tuple(ShownChannel(**each) for each in msgspec.json.decode(columns[7]))
    return AlertRule(*columns)
