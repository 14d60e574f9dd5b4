"""Change what is set on an instance.

Comes in: the changes; what is UNSET stays. Goes out: nothing. The instance is due at once, with the new settings.
A log at another path is read as one that was never read (`LogFile` compares the path).
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from msgspec import UNSET, UnsetType

from app.errors import NotFound
from app.projects import names, slugs
from app.projects.create_instance import LocalFile, source_columns
from app.tables.database import fetch, fetch_one

__all__ = ["UNSET", "InstanceChanges", "UnsetType", "update_instance"]

WAIT: Final = 5
"""Seconds for which a batch that is being scanned is waited for."""


@dataclass(frozen=True, slots=True)
class InstanceChanges:
    """What is to be different. None in `error_detection_enabled` has the environment decide again."""

    name: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    environment: str | UnsetType = UNSET
    source: LocalFile | UnsetType = UNSET
    error_detection_enabled: bool | UnsetType | None = UNSET
    error_ignore_patterns: Sequence[str] | UnsetType = UNSET
    addon_folders: Sequence[str] | UnsetType = UNSET


async def update_instance(
    organization_id: UUID, instance_id: UUID, changes: InstanceChanges, *, now: datetime
) -> None:
    """Make all of the changes, or none. To be called outside of transactions.

    A scan that runs at this moment ends with the old settings; the next one, a minute later at most, has the new.
    BadInput: something that nobody can have. Taken: an instance of the project has this slug. NotFound: the
    organization has no such instance, or not any more.
    """
    values = _values(changes)
    try:
        changed = await fetch_one(_UPDATE, organization_id, instance_id, *values)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "instance_slug":
            raise
        raise slugs.refusal() from error
    if changed is None:
        raise NotFound("there is no such instance", field="id")
    await _make_due(instance_id, now)


_UPDATE: Final = """
update instance as i
set name = coalesce($3, i.name),
    slug = coalesce($4, i.slug),
    environment = coalesce($5, i.environment),
    source_kind = coalesce($6, i.source_kind),
    source = coalesce($7::jsonb, i.source),
    error_detection_enabled = case when $8 then $9 else i.error_detection_enabled end,
    error_ignore_patterns = coalesce($10::text[], i.error_ignore_patterns),
    addon_folders = coalesce($11::text[], i.addon_folders)
from project as p
where i.id = $2 and i.organization_id = $1 and i.deleted_at is null
    and p.id = i.project_id and p.deleted_at is null
returning i.id
"""


def _values(changes: InstanceChanges) -> tuple[object, ...]:
    """The values of `_UPDATE` from $3 on; None leaves a column as it is, but for the three-valued one."""
    kind, source = (None, None) if changes.source is UNSET else source_columns(changes.source)
    enabled = changes.error_detection_enabled
    patterns, folders = changes.error_ignore_patterns, changes.addon_folders
    return (
        None if changes.name is UNSET else names.name(changes.name),
        None if changes.slug is UNSET else names.slug(changes.slug),
        None if changes.environment is UNSET else names.environment(changes.environment),
        kind,
        source,
        enabled is not UNSET,
        None if enabled is UNSET else enabled,
        None if patterns is UNSET else names.ignore_patterns(patterns),
        None if folders is UNSET else names.addon_folders(folders),
    )


async def _make_due(instance_id: UUID, now: datetime) -> None:
    """Have it scanned now, whatever failures it had before.

    A statement of its own: scans lock this row before the instance's, and a source that hangs may hold it for long.
    Where the wait for it is given up, or a crash comes before this, the scan has its old turn.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAIT):
            await fetch(
                """
                insert into scan_state (instance_id, due_at) values ($1, $2)
                on conflict (instance_id) do update set due_at = excluded.due_at, failures = 0
                """,
                instance_id,
                now,
            )
