"""Errors that have become as urgent as rules ask for.

Comes in: the PRIORITY rules, in the caller's transaction. Goes out: what has reached their priorities since the last look.
Levels are kept here for all errors of a project, whatever the rule's filter, so that each look finds only what is new; what
had the priority when the rule was first looked at is no news. What falls below it is forgotten by `forget_fallen`, an hour
later at the soonest, so that what goes up and down is not told each time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.alerts.evaluating.edges import LONGEST_HOLD, looked_at
from app.alerts.evaluating.rules_in_force import Rule
from app.alerts.evaluating.subjects import TOLD
from app.domain.alerts.conditions import ConditionKind
from app.tables.database import fetch


async def begin(rules: Sequence[Rule], *, now: datetime) -> None:
    """Remember what has the priority already, where a rule is looked at for the first time. Two statements at most."""
    new = [rule for rule in rules if rule.is_new]
    if new:
        await fetch(_BEGIN, now, *_columns(new))
        await looked_at([rule.id for rule in new], now=now)


async def reached(rules: Sequence[Rule], *, now: datetime) -> dict[UUID, set[UUID]]:
    """The groups that are new at the priority of each rule, which are remembered. One statement."""
    found: dict[UUID, set[UUID]] = {}
    for rule_id, group_id in await fetch(_REACHED, now, *_columns(rules)):
        found.setdefault(rule_id, set()).add(group_id)
    return found


async def forget_fallen(*, now: datetime) -> int:
    """Forget what has fallen below the priority; how many there were. One statement."""
    [row] = await fetch(_FALLEN, now - LONGEST_HOLD, ConditionKind.PRIORITY)
    return int(row[0])


def _columns(rules: Sequence[Rule]) -> tuple[list[UUID], list[UUID], list[UUID], list[int]]:
    return (
        [rule.id for rule in rules],
        [rule.organization_id for rule in rules],
        [rule.project_id for rule in rules],
        [rule.condition.priority or 0 for rule in rules],
    )


# By `error_group_severity`, which begins with the priority.
_ADD: Final = """
insert into alert_level (rule_id, subject_id, since)
select w.rule_id, g.id, $1
from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[]) as w(rule_id, organization_id, project_id, priority)
join alert_rule as r on r.id = w.rule_id
join error_group as g on g.organization_id = w.organization_id and g.project_id = w.project_id
    and g.priority <= w.priority and {told}
where not exists (select from alert_level as l where l.rule_id = w.rule_id and l.subject_id = g.id)
on conflict do nothing"""
_BEGIN: Final = _ADD.format(told="g.merged_into_id is null and g.deleted_at is null")
_REACHED: Final = f"{_ADD.format(told=TOLD)} returning rule_id, subject_id"
_FALLEN: Final = """
with gone as (
    delete from alert_level as l using alert_rule as r
    where r.id = l.rule_id and r.condition->>'kind' = $2 and l.subject_id <> l.rule_id and l.since <= $1
        and not exists (
            select from error_group as g
            where g.id = l.subject_id and g.priority <= (r.condition->>'priority')::integer
                and g.merged_into_id is null and g.deleted_at is null)
    returning 1
)
select count(*) from gone
"""
