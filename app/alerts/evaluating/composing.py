"""What was gathered, as it is told.

Comes in: what rules have matched, by ids. Goes out: for each rule its message, with names and titles as they are now;
None where nothing is left to be told of. What was muted, silenced, merged away or deleted meanwhile is not told; what
was resolved is: it did happen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app import links
from app.alerts.evaluating.gathering import Match
from app.alerts.evaluating.subjects import SEVERITY_NAMES, TOLD
from app.domain import global_ids
from app.domain.alerts.alert_text import Message, Told, message
from app.domain.alerts.conditions import ConditionKind
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a rule has matched and is to tell now. `project`: the name of its project."""

    rule_id: UUID
    rule_name: str
    project_id: UUID
    project: str
    total: int
    sample: Sequence[Match]


@dataclass(frozen=True, slots=True)
class Named:
    """What can be told of by its name: groups, instances and apps, each by its id."""

    groups: Mapping[UUID, Mapping[str, Any]]
    names: Mapping[UUID, str]


async def named(gathered: Sequence[Gathered], *, now: datetime) -> Named:
    """What of the samples is still to be told of. Three statements at most, whatever the number."""
    ids: dict[ConditionKind, set[UUID]] = {}
    for each in gathered:
        for its in each.sample:
            ids.setdefault(its.kind, set()).add(its.id)
    instances = ids.pop(ConditionKind.SCAN_FAILING, set())
    apps = ids.pop(ConditionKind.OVER_QUOTA, set())
    group_ids = set().union(*ids.values())
    groups = await fetch(_GROUPS, now, list(group_ids)) if group_ids else []
    names = await fetch(_INSTANCES, list(instances)) if instances else []
    names += await fetch(_APPS, list(apps)) if apps else []
    return Named({row["id"]: row for row in groups}, {row["id"]: row["name"] for row in names})


_GROUPS: Final = f"""
select g.id, g.title, g.severity, g.module from error_group as g where g.id = any($2::uuid[]) and {TOLD}
"""  # noqa: S608  a constant
_INSTANCES: Final = "select id, name from instance where id = any($1::uuid[]) and deleted_at is null"
_APPS: Final = "select id, name from app where id = any($1::uuid[]) and deleted_at is null"


def composed(gathered: Gathered, names: Named) -> Message | None:
    """The one message about all that the rule has matched. None: nothing of it is left."""
    told = [_told(its, gathered.project, names) for its in gathered.sample]
    left = [its for its in told if its is not None]
    total = gathered.total - (len(told) - len(left))
    if total <= 0:
        return None
    project = global_ids.encode("Project", gathered.project_id)
    return message(gathered.rule_name, left, total, f"{links.base_url()}/errors?project={project}")


def _told(its: Match, project: str, names: Named) -> Told | None:
    if its.kind in _PAGES:
        name = names.names.get(its.id)
        page = f"{links.base_url()}/{_PAGES[its.kind]}"
        return name and Told(its.kind, None, name, None, project, None, its.count, its.at, page, its.detail)  # type: ignore[return-value]
    group = names.groups.get(its.id)
    return group and Told(  # type: ignore[return-value]
        its.kind,
        its.id,
        group["title"],
        SEVERITY_NAMES.get(group["severity"]),
        project,
        group["module"],
        its.count,
        its.at,
        links.error_page(its.id),
        its.detail,
    )


_PAGES: Final = {ConditionKind.SCAN_FAILING: "instances", ConditionKind.OVER_QUOTA: "apps"}
