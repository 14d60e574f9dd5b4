"""What operators need to know: instances whose scans fail, and apps whose events are refused for their quota.

Comes in: the rules that ask for it. Goes out: of each rule the instances or apps that are over its line. One statement
for each kind, whatever the number of rules.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.alerts.evaluating.gathering import Match
from app.alerts.evaluating.rules_in_force import Rule
from app.domain.alerts.alert_text import detail
from app.domain.alerts.conditions import ConditionKind
from app.domain.alerts.matching import Subject, matches
from app.domain.events.event import Outcome
from app.tables.database import fetch

Over = dict[UUID, dict[UUID, Match]]


async def scans_failing(rules: Sequence[Rule], *, now: datetime) -> Over:
    """The instances of which no scan has succeeded for as long as a rule says, and the last one failed, not alone.

    Only those that are scanned. `last_complete_at` is when one last succeeded; where none did, since it was made.
    """
    rows = await fetch(_FAILING, *_projects(rules), [_window(rule) for rule in rules], now)
    over: Over = {}
    for place, rule in enumerate(rules, 1):
        for row in (row for row in rows if row["place"] == place):
            its = Subject(frozenset([row["environment"]]), instance_ids=frozenset([row["id"]]))
            if matches(rule.filter, its):
                told = ": ".join(filter(None, [detail(rule.condition, None), row["last_scan_error"]]))
                match = Match(ConditionKind.SCAN_FAILING, row["id"], now, None, told or None)
                over.setdefault(rule.id, {})[row["id"]] = match
    return over


async def quotas_exceeded(rules: Sequence[Rule], *, now: datetime) -> Over:
    """The apps of which as many events were refused as a rule says.

    They are counted by the hour: the window reaches back to the beginning of the hour in which it begins.
    """
    counts = [rule.condition.count or 1 for rule in rules]
    rows = await fetch(
        _REFUSED, *_projects(rules), [_window(rule) for rule in rules], counts, now, Outcome.OVER_QUOTA
    )
    over: Over = {}
    for place, rule in enumerate(rules, 1):
        for row in (row for row in rows if row["place"] == place):
            if matches(rule.filter, Subject(app_id=row["id"])):
                told = detail(rule.condition, row["total"])
                match = Match(ConditionKind.OVER_QUOTA, row["id"], now, row["total"], told)
                over.setdefault(rule.id, {})[row["id"]] = match
    return over


def _projects(rules: Sequence[Rule]) -> tuple[list[UUID], list[UUID]]:
    return [rule.organization_id for rule in rules], [rule.project_id for rule in rules]


def _window(rule: Rule) -> timedelta:
    return timedelta(seconds=rule.condition.window_seconds or 0)


# What fails once is tried again a minute later.
_FAILING: Final = """
select w.place, i.id, i.environment, s.last_scan_error
from unnest($1::uuid[], $2::uuid[], $3::interval[]) with ordinality as w(organization_id, project_id, length, place)
join instance as i on i.organization_id = w.organization_id and i.project_id = w.project_id
    and i.deleted_at is null and coalesce(i.error_detection_enabled, i.environment = 'PRODUCTION')
join scan_state as s on s.instance_id = i.id
where s.last_scan_status = 'FAILED' and s.failures > 1
    and coalesce(s.last_complete_at, i.created_at) <= $4::timestamptz - w.length
"""
_REFUSED: Final = """
select w.place, a.id, t.total
from unnest($1::uuid[], $2::uuid[], $3::interval[], $4::bigint[]) with ordinality
    as w(organization_id, project_id, length, least, place)
join app as a on a.organization_id = w.organization_id and a.project_id = w.project_id and a.deleted_at is null
cross join lateral (
    select coalesce(sum(t.total_count), 0)::bigint as total from app_tally as t
    where t.app_id = a.id and t.outcome = $6 and t.hour >= date_trunc('hour', $5::timestamptz - w.length, 'UTC')
) as t
where t.total >= w.least
"""
