"""The four numbers above the list of errors.

Comes in: an organization, perhaps one project or instance of it. Goes out: how many groups want attention, how many
are new, and how many GitHub issues were made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.reading.conditions import Conditions
from app.reading.filters import ALIVE, add_instance
from app.reading.turns import turn
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Stats:
    """Numbers of groups, none of them muted or dev, and of GitHub issues.

    `total_active`: NEW, ACTIVE, IN_PROGRESS or REGRESSED; `critical`: of these; `new_last_24h`: first seen in the
    last 24 hours and not silenced, resolved already or not; `github_issues_this_week`: made in the last 7 days.
    """

    total_active: int
    new_last_24h: int
    critical: int
    github_issues_this_week: int


async def stats(
    organization_id: UUID,
    *,
    project_id: UUID | None = None,
    instance_id: UUID | None = None,
    now: datetime,
) -> Stats:
    """The numbers as of `now`. One statement."""
    shown = Conditions(organization_id, *ALIVE, "not g.is_dev", "g.status <> 'SILENCED'")
    shown.add("(g.muted_at is null or g.mute_until <= ?)", now)
    issued = Conditions(organization_id, "g.organization_id = $1", "g.deleted_at is null")
    issued.values = shown.values
    for wanted in (shown, issued):
        if project_id is not None:
            wanted.add("g.project_id = ?", project_id)
        if instance_id is not None:
            add_instance(wanted, instance_id)
    issued.add("i.made_at > ?", now - timedelta(days=7))
    new = f"g.first_seen_at > {shown.place(now - timedelta(days=1))}"
    asked = _STATS.replace("SHOWN", str(shown)).replace("ISSUED", str(issued)).replace("NEW", new)
    async with turn(organization_id):
        [row] = await fetch(asked, *shown.values)
    return Stats(*row)


_STATS: Final = """
select count(*) filter (where g.status <> 'RESOLVED'),
    count(*) filter (where NEW),
    count(*) filter (where g.status <> 'RESOLVED' and g.severity = 3),
    (select count(*) from github_issue as i join error_group as g on g.id = i.group_id where ISSUED)
from error_group as g
where SHOWN
"""
