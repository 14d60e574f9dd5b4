"""Which subjects are over the lines of rules, remembered, so that each is told once.

Comes in: what is over a rule's line now, in the caller's transaction. Goes out: what of it was not before. A row of
`alert_level` stays until its subject was not over the line for a while (`hold`): what wavers around a line is told once.
`since` is when it was last seen over it, to a quarter of that while.

A rule that was looked at for the first time has a row with itself as the subject, where its kind asks for that.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.alerts.evaluating.gathering import Match, Matches
from app.alerts.evaluating.rules_in_force import Rule, unchanged
from app.domain.alerts.conditions import Condition, ConditionKind
from app.tables.database import fetch

LONGEST_HOLD: Final = timedelta(hours=1)
_AT_ONCE: Final = frozenset({ConditionKind.SCAN_FAILING, ConditionKind.OVER_QUOTA})


def hold(condition: Condition) -> timedelta:
    """For how long a subject must not be over the line, until it is told again when it is.

    As long as the window, and at most `LONGEST_HOLD`, which is also that of kinds without one. Scans and quotas are
    exact: they are below the line as soon as a scan succeeds, or nothing is refused.
    """
    if condition.kind in _AT_ONCE:
        return timedelta(0)
    if condition.window_seconds is None:
        return LONGEST_HOLD
    return min(timedelta(seconds=condition.window_seconds), LONGEST_HOLD)


async def settle(
    rules: Sequence[Rule], over: Mapping[UUID, Mapping[UUID, Match]], *, now: datetime
) -> dict[UUID, Matches]:
    """Remember what is over the rules' lines; what was not before. Four statements at most, whatever the number.

    `over`: of each rule the subjects that are over its line, by their ids; all others are not. A rule that was changed
    since it was read is left alone.
    """
    ids = await unchanged(rules)
    rules = [rule for rule in rules if rule.id in ids]
    rows = await fetch(_KNOWN, list(ids))
    known = {(row["rule_id"], row["subject_id"]): row["since"] for row in rows}
    holds = {rule.id: hold(rule.condition) for rule in rules}
    now_over = {(rule_id, subject_id) for rule_id in ids for subject_id in over.get(rule_id, ())}
    new = sorted(now_over - known.keys())
    seen = sorted(
        pair for pair in now_over & known.keys() if now - known[pair] > max(holds[pair[0]] / 4, _LEAST)
    )
    gone = sorted(pair for pair in known.keys() - now_over if now - known[pair] >= holds[pair[0]])
    if gone:
        await fetch(_GONE, *_columns(gone))
    if new or seen:
        await fetch(_OVER, *_columns([*new, *seen]), now)
    matched: dict[UUID, Matches] = {}
    for rule_id, subject_id in new:
        its = matched.setdefault(rule_id, Matches())
        its.total += 1
        its.sample.append(over[rule_id][subject_id])
    return matched


async def looked_at(rule_ids: Collection[UUID], *, now: datetime) -> None:
    """Remember that the rules were looked at; of those that are `unchanged`."""
    if rule_ids:
        await fetch(_OVER, list(rule_ids), list(rule_ids), now)


async def forget(rule_ids: Collection[UUID]) -> None:
    """Begin anew with rules whose condition is another one: what they matched, and have not told, is no more of theirs.

    For whoever changes a rule, in that transaction, which holds the rule's lock. One statement.
    """
    await fetch(_FORGET, sorted(rule_ids))


_LEAST: Final = timedelta(seconds=30)
_KNOWN: Final = """
select rule_id, subject_id, since from alert_level where rule_id = any($1::uuid[]) and subject_id <> rule_id
"""
# Rules are locked before their levels, as whoever deletes one does; one that is gone then has no levels.
_HERE: Final = """
with here as materialized (
    select id from alert_rule where id = any($1::uuid[]) order by id for key share
)"""
_GONE: Final = f"""
{_HERE}
delete from alert_level as l
using unnest($1::uuid[], $2::uuid[]) as n(rule_id, subject_id) join here as h on h.id = n.rule_id
where l.rule_id = n.rule_id and l.subject_id = n.subject_id
"""  # noqa: S608  a constant
_OVER: Final = f"""
{_HERE}
insert into alert_level as l (rule_id, subject_id, since)
select n.rule_id, n.subject_id, $3
from unnest($1::uuid[], $2::uuid[]) as n(rule_id, subject_id) join here as h on h.id = n.rule_id
on conflict (rule_id, subject_id) do update set since = excluded.since
"""  # noqa: S608  a constant
_FORGET: Final = """
with gone as (delete from alert_level where rule_id = any($1::uuid[]))
delete from alert_pending where rule_id = any($1::uuid[])
"""


def _columns(pairs: Sequence[tuple[UUID, UUID]]) -> tuple[list[UUID], list[UUID]]:
    return [rule_id for rule_id, _ in pairs], [subject_id for _, subject_id in pairs]
