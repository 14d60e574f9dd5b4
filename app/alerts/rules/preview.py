"""What a rule would have said over the last 7 days, from what is stored.

Comes in: a project, a condition, a filter, a quiet time. Goes out: how often it would have matched and how many messages
that would have been, day by day, and the newest errors among them. Not all that a rule looks at is kept: where history
tells only roughly, the answer says that it is an estimate, and where it tells nothing, there is no number.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from app.alerts.rules import past_groups, past_hours
from app.alerts.rules.past_groups import DAYS, Found, Span
from app.alerts.rules.wanted_rule import QUIET, checked_quiet, demand_known
from app.domain.alerts import conditions, filters
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import AlertFilter
from app.errors import NotFound
from app.reading.turns import turn
from app.tables.database import fetch, fetch_one, transaction

EXAMPLES: Final = 20
LONGEST: Final = 5
"""Seconds that one statement may take."""
_DAY: Final = timedelta(days=1)

_NEWS: Final = "Errors that were merged, deleted, silenced or muted since are left out."
_HOURLY: Final = "Counts are kept by the hour: what came to the line within a shorter time, or across two hours, is told roughly."
NOTES: Final = {
    ConditionKind.OPENED: _NEWS,
    ConditionKind.REGRESSED: _NEWS,
    ConditionKind.FREQUENCY: f"{_HOURLY} {_NEWS}",
    ConditionKind.SPIKE: f"Whole hours are compared. {_NEWS}",
    ConditionKind.USERS: f"Of each user only the first and the last time is kept, so that there may have been more. {_NEWS}",
    ConditionKind.PRIORITY: "Past priorities are not kept: these are the errors that were opened in these days and have the"
    f" priority now. {_NEWS}",
    ConditionKind.SCAN_FAILING: "Past scans are not kept: what this rule would have said cannot be told.",
    ConditionKind.OVER_QUOTA: "What was refused is counted by the hour, and so this is told roughly.",
}
"""What is to be known of the numbers."""
MANY: Final = "There are too many errors to look at all of them: only the newest, or the most frequent, were."
SLOW: Final = "There is too much to look at: it was given up."
_CERTAIN: Final = (ConditionKind.OPENED, ConditionKind.REGRESSED)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of UTC, the last one not over: what matched on it, and the messages that were due on it."""

    starts_at: datetime
    match_count: int
    message_count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have said. `match_count`, `message_count`: None where it cannot be told; then there are no days.

    `group_ids`: up to `EXAMPLES` errors that matched, the newest first. `note`: sentences for people.
    """

    match_count: int | None
    message_count: int | None
    days: tuple[Day, ...]
    group_ids: tuple[UUID, ...]
    is_estimate: bool
    note: str


async def preview(
    organization_id: UUID,
    project_id: UUID,
    condition: Condition,
    wanted: AlertFilter,
    quiet_seconds: int = QUIET,
    *,
    now: datetime,
) -> Preview:
    """What the rule would have said. To be called outside of transactions; eight statements at most.

    BadInput: a condition, filter or quiet time that nobody can have. NotFound: the organization has no such project, or not
    any more, or the project no such thing as the filter asks for.
    """
    condition, wanted = conditions.checked(condition), filters.checked(wanted)
    checked_quiet(quiet_seconds)
    span = Span.before(now)
    try:
        async with turn(organization_id), transaction():
            await fetch(f"set local statement_timeout = '{LONGEST}s'")
            await _demand_project(organization_id, project_id)
            await demand_known(organization_id, project_id, wanted)
            found = await _found(organization_id, project_id, condition, wanted, span)
    except asyncpg.QueryCanceledError:
        return Preview(None, None, (), (), True, SLOW)
    note = NOTES[condition.kind]
    if found is None:
        return Preview(None, None, (), (), True, note)
    matches = sorted(found.matches, key=lambda match: match.at)
    messages = said([match.at for match in matches], timedelta(seconds=quiet_seconds), now)
    newest = dict.fromkeys(match.group_id for match in reversed(matches) if match.group_id)
    return Preview(
        len(matches),
        len(messages),
        _days(span, [match.at for match in matches], messages),
        tuple(newest)[:EXAMPLES],
        found.is_cut or condition.kind not in _CERTAIN,
        f"{note} {MANY}" if found.is_cut else note,
    )


async def _found(
    organization_id: UUID, project_id: UUID, condition: Condition, wanted: AlertFilter, span: Span
) -> Found | None:
    place = organization_id, project_id
    match condition.kind:
        case ConditionKind.SCAN_FAILING:
            return None
        case ConditionKind.OVER_QUOTA:
            return await past_hours.over_quota(*place, condition, wanted, span)
        case ConditionKind.OPENED | ConditionKind.REGRESSED | ConditionKind.PRIORITY:
            return await past_groups.news(*place, condition, wanted, span)
        case _:
            groups, is_cut = await past_groups.frequent(*place, condition, wanted, span)
            hours = await past_hours.of_groups(organization_id, condition, groups, span)
            matches, is_short = await asyncio.to_thread(past_hours.matches, condition, groups, hours, span)
            return Found(matches, is_cut or is_short)


def said(matched: Sequence[datetime], quiet: timedelta, now: datetime) -> list[datetime]:
    """When messages would have gone out until `now`, of what was matched at these times, in order: what comes while it is
    quiet is gathered, and told at its end."""
    messages: list[datetime] = []
    due: datetime | None = None
    for at in matched:
        if due is not None and at > due:
            messages.append(due)
            due = None
        if due is None:
            due = max(at, messages[-1] + quiet) if messages else at
    if due is not None and due <= now:
        messages.append(due)
    return messages


def _days(span: Span, matched: Sequence[datetime], messages: Sequence[datetime]) -> tuple[Day, ...]:
    def of(times: Sequence[datetime], place: int) -> int:
        return sum((at.astimezone(UTC) - span.start) // _DAY == place for at in times)

    return tuple(
        Day(span.start + _DAY * place, of(matched, place), of(messages, place)) for place in range(DAYS)
    )


async def _demand_project(organization_id: UUID, project_id: UUID) -> None:
    row = await fetch_one(
        "select id from project where organization_id = $1 and id = $2 and deleted_at is null",
        organization_id,
        project_id,
    )
    if row is None:
        raise NotFound("there is no such project", field="projectId")
