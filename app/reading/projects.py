"""The projects of an organization.

Comes in: an organization, and a window, an id or a slug. Goes out: projects, by name. A deleted one is not there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from app.domain import priority
from app.domain.events import grouping_rules
from app.domain.priority import Weights
from app.domain.secrets import scrubbing
from app.domain.secrets.scrubbing import Scrubbing
from app.reading import pages
from app.reading.conditions import Conditions, can_be_stored
from app.reading.pages import Listing, Name, Page, Window
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Project:
    """A project and its settings: `cooldown_seconds` between stored occurrences, days until an error that stays
    away is resolved, days for which occurrences and hours are kept, whether an error of an unknown version comes back,
    what priorities are made of, and how often the digest goes out; of the events of its apps how many are taken in a
    minute (None: as many as come), how they are grouped, and what is taken out of them. An error becomes an issue on
    GitHub when it was counted `github_threshold` times, at most `github_daily_cap` of them in a day."""

    id: UUID
    name: str
    slug: str
    time_zone: str
    cooldown_seconds: int
    auto_resolve_days: int
    retention_days: int
    regress_without_version: bool
    priority_weights: Weights
    alert_frequency: str
    created_at: datetime
    quota_per_minute: int | None
    github_threshold: int
    github_daily_cap: int
    grouping_rules: tuple[grouping_rules.Rule, ...]
    scrubbing: Scrubbing


_SELECT: Final = """
select p.id, p.name, p.slug, p.time_zone, p.cooldown_seconds, p.auto_resolve_days, p.retention_days,
    p.regress_without_version, p.priority_weights, p.alert_frequency, p.created_at,
    p.quota_per_minute, p.github_threshold, p.github_daily_cap, p.grouping_rules, p.scrubbing
from project as p
where """
_THEIRS: Final = ("p.organization_id = $1", "p.deleted_at is null")

_LISTING: Final = Listing("projects", ("p.name", "p.id"), msgspec.json.Decoder(tuple[str, Name, UUID]))


async def projects(organization_id: UUID, window: Window = Window()) -> Page[Project]:  # noqa: B008  frozen
    """A page of the projects, by name. BadInput: the window makes no sense."""
    wanted = Conditions(organization_id, *_THEIRS)
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(f"{_SELECT}{wanted} {end}", *wanted.values)
    return pages.page(_LISTING, window, [_project(row) for row in rows], lambda shown: (shown.name, shown.id))


async def count_projects(organization_id: UUID) -> int:
    """How many projects there are."""
    [row] = await fetch(
        "select count(*) from project where organization_id = $1 and deleted_at is null", organization_id
    )
    return int(row[0])


async def project(organization_id: UUID, project_id: UUID) -> Project | None:
    """One project; None: there is none, or it is not theirs."""
    return (await projects_by_id(organization_id, [project_id])).get(project_id)


async def project_by_slug(organization_id: UUID, slug: str) -> Project | None:
    """The project with this slug; None: there is none, or it is not theirs."""
    if not can_be_stored(slug):
        return None
    wanted = Conditions(organization_id, *_THEIRS)
    wanted.add("p.slug = ?", slug)
    rows = await fetch(f"{_SELECT}{wanted}", *wanted.values)
    return _project(rows[0]) if rows else None


async def projects_by_id(
    organization_id: UUID, ids: Sequence[UUID], *, with_deleted: bool = False
) -> dict[UUID, Project]:
    """Those of the projects that there are. `with_deleted`: for what still names a project that is gone."""
    wanted = Conditions(organization_id, *(_THEIRS[:1] if with_deleted else _THEIRS))
    wanted.add("p.id = any(?::uuid[])", ids)
    rows = await fetch(f"{_SELECT}{wanted}", *wanted.values)
    return {row[0]: _project(row) for row in rows}


def _project(row: asyncpg.Record) -> Project:
    columns = dict(row)
    weights, rules, scrubbed = (
        msgspec.json.decode(columns[name]) for name in ("priority_weights", "grouping_rules", "scrubbing")
    )
    read = {
        "priority_weights": priority.restored(weights),
        "grouping_rules": tuple(grouping_rules.restored(rules)),
        "scrubbing": scrubbing.restored(scrubbed),
    }
    return Project(**columns | read)
