"""The errors that a rule would have looked at in the last 7 days, and what is known of them.

Comes in: a project, what the rule asks. Goes out: errors that its filter is about, at most so many, and whether there were
more. What was merged away, deleted, silenced or muted since, and what comes from developers, is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from uuid import UUID

from app.alerts.evaluating.subjects import subjects
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import AlertFilter
from app.domain.alerts.matching import match
from app.domain.lifecycle import Status
from app.reading.conditions import Conditions
from app.reading.filters import ALIVE, SEVERITIES
from app.tables.database import fetch

DAYS: Final = 7
NEWS: Final = 20_000
"""Errors that were opened or came back, of which the newest are looked at."""
FREQUENT: Final = {ConditionKind.FREQUENCY: 2_000, ConditionKind.SPIKE: 1_000, ConditionKind.USERS: 1_000}
"""Errors that happened, of which the most frequent are looked at."""
_HOUR: Final = timedelta(hours=1)
_LATE: Final = timedelta(days=7)
"""How much older a log may be that is read today: of errors that came back in it, the time in the log is known."""


@dataclass(frozen=True, slots=True)
class Span:
    """The last `DAYS` days of UTC: from `start` to `now`."""

    start: datetime
    now: datetime

    @classmethod
    def before(cls, now: datetime) -> Self:
        """Those that end now."""
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(today - timedelta(days=DAYS - 1), now)

    @property
    def hour(self) -> datetime:
        """The beginning of the current hour."""
        return self.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Match:
    """The rule would have matched at this time; `group_id`: an error, None for an app."""

    at: datetime
    group_id: UUID | None


@dataclass(frozen=True, slots=True)
class Found:
    """What would have matched, in any order. `is_cut`: there was too much, and not all of it is here."""

    matches: list[Match]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class PastGroup:
    """An error that the filter is about."""

    id: UUID
    first_seen_at: datetime


async def news(
    organization_id: UUID, project_id: UUID, condition: Condition, wanted: AlertFilter, span: Span
) -> Found:
    """What was opened (and, for PRIORITY, has the priority now) or came back. Four statements at most."""
    found = _alive(organization_id, project_id, wanted, span.now)
    if condition.kind is ConditionKind.REGRESSED:
        found.add("g.resolved_at is not null and g.last_seen_at >= ?", span.start - _LATE)
        kind = "REGRESSED"
    else:
        # Ids begin with the time at which they were made: the index of ids finds what is new.
        found.add("g.id >= ?", UUID(int=int(span.start.timestamp() * 1000) << 80))
        kind = "OPENED"
    if condition.priority is not None:
        found.add("g.priority <= ?", condition.priority)
    told = found.filled(
        "c.organization_id = $1 and c.group_id = g.id and c.kind = ? and c.at >= ?", kind, span.start
    )
    rows = await fetch(
        f"""
        select g.id, told.times
        from error_group as g cross join lateral (
            select array_agg(c.at) as times from group_change as c where {told}
        ) as told
        where {found} and told.times is not null
        order by {"g.last_seen_at" if kind == "REGRESSED" else "g.id"} desc limit {NEWS + 1}
        """,  # noqa: S608  our own words
        *found.values,
    )
    is_cut, rows = len(rows) > NEWS, rows[:NEWS]
    asked = await _wanted(wanted, [row["id"] for row in rows], span.now)
    times = ((at, row["id"]) for row in rows if row["id"] in asked for at in row["times"])
    return Found([Match(at, group_id) for at, group_id in times if at <= span.now], is_cut)


async def frequent(
    organization_id: UUID, project_id: UUID, condition: Condition, wanted: AlertFilter, span: Span
) -> tuple[list[PastGroup], bool]:
    """What happened in these days and often enough in all, and whether there was more. Four statements at most."""
    found = _alive(organization_id, project_id, wanted, span.now)
    found.add("g.last_seen_at >= ?", span.start)
    column, most = "total_count", FREQUENT[condition.kind]
    if condition.kind is ConditionKind.USERS:
        column = "user_count"
    found.add(f"g.{column} >= ?", condition.count)
    rows = await fetch(
        f"select g.id, g.first_seen_at from error_group as g where {found} order by g.{column} desc, g.id limit {most + 1}",  # noqa: S608  our own words
        *found.values,
    )
    is_cut, rows = len(rows) > most, rows[:most]
    asked = await _wanted(wanted, [row["id"] for row in rows], span.now)
    return [PastGroup(*row) for row in rows if row["id"] in asked], is_cut


def _alive(organization_id: UUID, project_id: UUID, wanted: AlertFilter, now: datetime) -> Conditions:
    """What is told at all, and what the error itself says to the filter."""
    found = Conditions(organization_id, *ALIVE, "not g.is_dev")
    found.add("g.status = any(?::text[])", [status for status in Status if status is not Status.SILENCED])
    found.add("g.project_id = ?", project_id)
    found.add("(g.muted_at is null or g.mute_until <= ?)", now)
    if wanted.severities:
        found.add("g.severity = any(?::smallint[])", [SEVERITIES[name] for name in wanted.severities])
    if wanted.app_ids:
        found.add("g.app_id = any(?::uuid[])", wanted.app_ids)
    if wanted.assignee_ids:
        found.add("g.assignee_id = any(?::uuid[])", wanted.assignee_ids)
    return found


async def _wanted(wanted: AlertFilter, ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Those of the groups that the filter is about. Three statements at most."""
    found = list((await subjects(ids, [wanted], now=now)).items())
    places = match([(None, wanted)], [its.subject for _, its in found]).get(None, [])
    return {found[place][0] for place in places}
