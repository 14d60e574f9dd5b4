"""The rules that are in force, as they are asked here.

Comes in: the kinds of conditions, and organizations, or all. Goes out: enabled rules of projects that are there. One
that this version does not understand is left out: nobody can tell whether it is met.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

import msgspec

from app.domain.alerts import conditions, filters
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import AlertFilter
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule asks for. `is_new`: it was not looked at yet; only of kinds that are looked at."""

    id: UUID
    organization_id: UUID
    project_id: UUID
    condition: Condition
    filter: AlertFilter
    is_new: bool = False


async def rules_in_force(
    kinds: Collection[ConditionKind], organization_ids: Collection[UUID] | None = None
) -> list[Rule]:
    """The rules of these kinds, by id, of the organizations, or of all. One statement."""
    if organization_ids is None:
        rows = await fetch(_OF_ALL, list(kinds))
    else:
        rows = await fetch(_OF_ORGANIZATIONS, list(kinds), list(organization_ids))
    found = []
    for row in rows:
        condition, wanted = _condition(row["condition"]), _filter(row["filters"])
        if condition is not None and wanted is not None:
            found.append(
                Rule(row["id"], row["organization_id"], row["project_id"], condition, wanted, row["is_new"])
            )
    return found


_RULES: Final = """
from alert_rule as r join project as p on p.id = r.project_id and p.deleted_at is null
where r.enabled and r.condition->>'kind' = any($1::text[])"""
# A rule that was looked at has itself among the subjects of its levels.
_OF_ALL: Final = f"""
select r.id, r.organization_id, r.project_id, r.condition, r.filters,
    not exists (select from alert_level as l where l.rule_id = r.id and l.subject_id = r.id) as is_new
{_RULES} order by r.id
"""  # noqa: S608  a constant
_OF_ORGANIZATIONS: Final = f"""
select r.id, r.organization_id, r.project_id, r.condition, r.filters, false as is_new
{_RULES} and r.organization_id = any($2::uuid[]) order by r.id
"""


async def unchanged(rules: Collection[Rule]) -> set[UUID]:
    """Those of the rules, by their ids, that still ask the same, and do so until the transaction ends. One statement.

    For whoever writes what they match: a rule that was changed since it was read has begun anew, and who changes one
    now forgets what was written. Rules are locked before all that they have, as everybody does.
    """
    rows = await fetch(_LOCK, [rule.id for rule in rules])
    now = {row["id"]: (_condition(row["condition"]), _filter(row["filters"])) for row in rows}
    return {rule.id for rule in rules if now.get(rule.id) == (rule.condition, rule.filter)}


_LOCK: Final = """
select id, condition, filters from alert_rule where id = any($1::uuid[]) and enabled order by id for share
"""


@lru_cache(maxsize=5000)
def _condition(stored: str) -> Condition | None:
    return conditions.read(msgspec.json.decode(stored))


@lru_cache(maxsize=5000)
def _filter(stored: str) -> AlertFilter | None:
    return filters.read(msgspec.json.decode(stored))
