"""The instances whose logs are read, and those on which errors were seen.

Comes in: an organization, and a window, ids or groups. Goes out: instances, by name, with how their last scan went.
Nothing here holds a secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Name, Page, Window
from app.tables.database import fetch

LISTED: Final = 100
"""Affected instances of a group that are listed; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A running server whose log is read. `source` says where the log is, without secrets.

    `is_detecting` is `error_detection_enabled`, or what the environment asks for where that is None; what was deleted,
    itself or with its project, is not scanned. What was never scanned has no `last_scan_at`; `lag_seconds` is how far the log was ahead of us when it was.
    `last_missed` says what was gone from the log before it could be read, when that was last found.
    """

    id: UUID
    project_id: UUID
    name: str
    slug: str
    environment: str
    source_kind: str
    source: dict[str, Any]
    error_detection_enabled: bool | None
    is_detecting: bool
    error_ignore_patterns: list[str]
    addon_folders: list[str]
    odoo_version: str | None
    commit_sha: str | None
    created_at: datetime
    deleted_at: datetime | None
    last_scan_at: datetime | None
    last_scan_status: str | None
    last_scan_error: str | None
    last_complete_at: datetime | None
    lag_seconds: float | None
    last_missed_at: datetime | None = None
    last_missed: str | None = None


@dataclass(frozen=True, slots=True)
class AffectedInstance:
    """An instance on which a group's errors were seen, deleted or not: how often, when first, when last."""

    instance: Instance
    total_count: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Affected:
    """Where a group's errors were seen: the first `LISTED` instances, most counted first, and how many there are."""

    instances: list[AffectedInstance]
    count: int


NOWHERE: Final = Affected([], 0)

_COLUMNS: Final = """i.id, i.project_id, i.name, i.slug, i.environment, i.source_kind, i.source,
    i.error_detection_enabled,
    i.deleted_at is null and p.deleted_at is null and coalesce(i.error_detection_enabled, i.environment = 'PRODUCTION'),
    i.error_ignore_patterns, i.addon_folders, i.odoo_version, i.commit_sha, i.created_at, coalesce(i.deleted_at, p.deleted_at),
    s.last_scan_at, s.last_scan_status, s.last_scan_error, s.last_complete_at, s.lag_seconds,
    s.last_missed_at, s.last_missed"""

_SELECT: Final = f"""
select {_COLUMNS}
from instance as i
join project as p on p.id = i.project_id and p.organization_id = $1
left join scan_state as s on s.instance_id = i.id
where """  # noqa: S608  our own words
_COUNT: Final = """
select count(*)
from instance as i
join project as p on p.id = i.project_id and p.organization_id = $1
where """
_THEIRS: Final = ("i.organization_id = $1", "i.deleted_at is null", "p.deleted_at is null")

_LISTING: Final = Listing("instances", ("i.name", "i.id"), msgspec.json.Decoder(tuple[str, Name, UUID]))


async def instances(
    organization_id: UUID,
    window: Window = Window(),  # noqa: B008  frozen
    *,
    project_id: UUID | None = None,
) -> Page[Instance]:
    """A page of the instances, by name, of one project or of all. BadInput: the window makes no sense."""
    wanted = _wanted(organization_id, project_id)
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(f"{_SELECT}{wanted} {end}", *wanted.values)
    found = [_instance(row) for row in rows]
    return pages.page(_LISTING, window, found, lambda shown: (shown.name, shown.id))


async def count_instances(organization_id: UUID, *, project_id: UUID | None = None) -> int:
    """How many instances there are, of one project or of all."""
    wanted = _wanted(organization_id, project_id)
    rows = await fetch(f"{_COUNT}{wanted}", *wanted.values)
    return int(rows[0][0])


async def instance(organization_id: UUID, instance_id: UUID) -> Instance | None:
    """One instance; None: there is none, or it is not theirs."""
    return (await instances_by_id(organization_id, [instance_id])).get(instance_id)


async def instances_by_id(
    organization_id: UUID, ids: Sequence[UUID], *, with_deleted: bool = False
) -> dict[UUID, Instance]:
    """Those of the instances that there are. `with_deleted`: for what still names an instance that is gone."""
    wanted = Conditions(organization_id, *(_THEIRS[:1] if with_deleted else _THEIRS))
    wanted.add("i.id = any(?::uuid[])", ids)
    rows = await fetch(f"{_SELECT}{wanted}", *wanted.values)
    return {row[0]: _instance(row) for row in rows}


async def affected(organization_id: UUID, group_ids: Sequence[UUID]) -> dict[UUID, Affected]:
    """Where the errors of each of the groups were seen, deleted instances included. One statement."""
    found = dict.fromkeys(group_ids, NOWHERE)
    for group_id, total, first_seen_at, last_seen_at, number, *columns in await fetch(
        _AFFECTED, organization_id, group_ids, LISTED
    ):
        if found[group_id] is NOWHERE:
            found[group_id] = Affected([], number)
        found[group_id].instances.append(
            AffectedInstance(_instance(columns), total, first_seen_at, last_seen_at)
        )
    return found


_AFFECTED: Final = f"""
with summed as (
    select f.group_id, a.instance_id, sum(a.total_count)::bigint as total_count,
        min(a.first_seen_at) as first_seen_at, max(a.last_seen_at) as last_seen_at
    from fingerprint as f join affected_instance as a on a.fingerprint_id = f.id
    where f.organization_id = $1 and f.group_id = any($2::uuid[]) and f.retired_at is null
    group by f.group_id, a.instance_id
), ranked as (
    select *, count(*) over (partition by group_id) as number,
        row_number() over (partition by group_id order by total_count desc, instance_id) as place
    from summed
)
select r.group_id, r.total_count, r.first_seen_at, r.last_seen_at, r.number, {_COLUMNS}
from ranked as r
join instance as i on i.id = r.instance_id and i.organization_id = $1
join project as p on p.id = i.project_id
left join scan_state as s on s.instance_id = i.id
where r.place <= $3
order by r.group_id, r.place
"""  # noqa: S608  our own words


def _wanted(organization_id: UUID, project_id: UUID | None) -> Conditions:
    wanted = Conditions(organization_id, *_THEIRS)
    if project_id is not None:
        wanted.add("i.project_id = ?", project_id)
    return wanted


def _instance(row: asyncpg.Record | list[Any]) -> Instance:
    source = msgspec.json.decode(row[6])
    return Instance(*(*row[:6], source if isinstance(source, dict) else {}, *row[7:]))
