"""What rules say to changes: errors that opened, and errors that came back.

Comes in: changes, many at once, in the transaction that takes them out of the outbox. Goes out: rows in `alert_pending`.
Nothing is told here. Each change counts once, as the reaction is carried out once; whether an error is to be told of is
asked as it stands now, and again when it is told.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.alerts.evaluating.gathering import SAMPLE, Match, Matches, gather
from app.alerts.evaluating.rules_in_force import Rule, rules_in_force, unchanged
from app.alerts.evaluating.subjects import Found, subjects
from app.domain.alerts.conditions import ConditionKind
from app.domain.alerts.matching import match
from app.domain.lifecycle import MoveKind
from app.timeline import Pending

ASKED: Final = {
    MoveKind.OPENED: ConditionKind.OPENED,
    MoveKind.REGRESSED: ConditionKind.REGRESSED,
}
"""Which condition a change meets."""


async def match_changes(changes: Sequence[Pending], now: datetime) -> None:
    """Gather what the rules of the changes' projects have matched.

    One statement where there are no rules; six at most, whatever the number of changes and rules.
    """
    kinds = {ASKED[change.change_kind] for change in changes if change.change_kind in ASKED}
    if not kinds:
        return
    rules = await rules_in_force(kinds, {change.organization_id for change in changes})
    if not rules:
        return
    found = await subjects({change.group_id for change in changes}, (rule.filter for rule in rules), now=now)
    matched = _matched(rules, changes, found)
    if matched:
        ids = await unchanged([rule for rule in rules if rule.id in matched])
        await gather({rule_id: its for rule_id, its in matched.items() if rule_id in ids}, now=now)


def _matched(
    rules: Sequence[Rule], changes: Sequence[Pending], found: Mapping[UUID, Found]
) -> dict[UUID, Matches]:
    """What each rule has matched, project by project and kind by kind."""
    asking: dict[tuple[UUID, ConditionKind], list[Rule]] = {}
    for rule in rules:
        asking.setdefault((rule.project_id, rule.condition.kind), []).append(rule)
    asked: dict[tuple[UUID, ConditionKind], list[Pending]] = {}
    for change in changes:
        if (its := found.get(change.group_id)) and (kind := ASKED.get(change.change_kind)):
            asked.setdefault((its.project_id, kind), []).append(change)
    matched: dict[UUID, Matches] = {}
    for (project_id, kind), its_changes in asked.items():
        its_rules = [(rule.id, rule.filter) for rule in asking.get((project_id, kind), ())]
        its_subjects = [found[change.group_id].subject for change in its_changes]
        for rule_id, places in match(its_rules, its_subjects).items():
            sample = [
                Match(kind, its_changes[place].group_id, its_changes[place].created_at)
                for place in places[:SAMPLE]
            ]
            matched[rule_id] = Matches(len(places), sample)
    return matched
