"""Change what is set on an instance.

Comes in: the changes, and who makes them; what is UNSET stays. Goes out: nothing. The instance is due at once, with the new settings.
Another log is read as one that was never read: each kind of source compares its own names, and here it is seen to it
where it is on another machine.
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

from app.accounts.actors import SYSTEM, Actor
from app.domain.log_source import LogSource
from app.errors import NotFound
from app.projects import names, slugs
from app.projects.instance_audit import note_update, settings_of
from app.projects.source_columns import demand_whole, source_columns, source_in
from app.recording.settle_priorities import BEGINNING
from app.tables.database import fetch, fetch_one, transaction

__all__ = ["UNSET", "InstanceChanges", "UnsetType", "update_instance"]

WAIT: Final = 5
"""Seconds for which a batch that is being recorded is waited for."""


@dataclass(frozen=True, slots=True)
class InstanceChanges:
    """What is to be different. None in `error_detection_enabled` has the environment decide again.

    A source, which has been checked, is exchanged as a whole; what it does not say of how to log in stays, see
    `Machine.with_kept`. None in `odoo_version` or `commit_sha` has it unknown again.
    """

    name: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
    environment: str | UnsetType = UNSET
    source: LogSource | UnsetType = UNSET
    error_detection_enabled: bool | UnsetType | None = UNSET
    error_ignore_patterns: Sequence[str] | UnsetType = UNSET
    addon_folders: Sequence[str] | UnsetType = UNSET
    odoo_version: str | UnsetType | None = UNSET
    commit_sha: str | UnsetType | None = UNSET


async def update_instance(
    organization_id: UUID,
    instance_id: UUID,
    changes: InstanceChanges,
    *,
    now: datetime,
    actor: Actor = SYSTEM,
) -> None:
    """Make all of the changes, or none. To be called outside of transactions.

    A scan that runs at this moment ends with the old settings; the next one, a minute later at most, has the new.
    BadInput: something that nobody can have. Taken: an instance of the project has this slug. NotFound: the
    organization has no such instance, or not any more.
    """
    values = _values(changes)
    try:
        async with transaction():
            before = await settings_of(organization_id, instance_id)
            source = await _source(organization_id, instance_id, changes.source)
            changed = await fetch_one(_UPDATE, organization_id, instance_id, *values, *source)
            if changed is not None:
                await _rescore(instance_id, changes.environment)
                has_new_source = changes.source is not UNSET
                await note_update(
                    organization_id,
                    instance_id,
                    before,
                    has_new_source=has_new_source,
                    actor=actor,
                    now=now,
                )
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
    error_detection_enabled = case when $6 then $7 else i.error_detection_enabled end,
    error_ignore_patterns = coalesce($8::text[], i.error_ignore_patterns),
    addon_folders = coalesce($9::text[], i.addon_folders),
    odoo_version = case when $10 then $11 else i.odoo_version end,
    commit_sha = case when $12 then $13 else i.commit_sha end,
    source_kind = coalesce($14, i.source_kind),
    source = coalesce($15::jsonb, i.source),
    source_secrets = case when $14 is null then i.source_secrets else $16 end
from project as p
where i.id = $2 and i.organization_id = $1 and i.deleted_at is null
    and p.id = i.project_id and p.deleted_at is null
returning i.id
"""


def _values(changes: InstanceChanges) -> tuple[object, ...]:
    """The values of `_UPDATE` from $3 to $13; None leaves a column as it is, but for those that may be null."""
    enabled, version, commit = changes.error_detection_enabled, changes.odoo_version, changes.commit_sha
    patterns, folders = changes.error_ignore_patterns, changes.addon_folders
    return (
        None if changes.name is UNSET else names.name(changes.name),
        None if changes.slug is UNSET else names.slug(changes.slug),
        None if changes.environment is UNSET else names.environment(changes.environment),
        enabled is not UNSET,
        None if enabled is UNSET else enabled,
        None if patterns is UNSET else names.ignore_patterns(patterns),
        None if folders is UNSET else names.addon_folders(folders),
        version is not UNSET,
        names.odoo_version(version) if isinstance(version, str) else None,
        commit is not UNSET,
        names.commit_sha(commit) if isinstance(commit, str) else None,
    )


async def _source(
    organization_id: UUID, instance_id: UUID, wanted: LogSource | UnsetType
) -> tuple[str | None, str | None, bytes | None]:
    """The values of `_UPDATE` from $14 on; in its transaction, so that what is kept is what is exchanged."""
    if wanted is UNSET:
        return None, None, None
    row = await fetch_one(_KNOWN, organization_id, instance_id)
    if row is None:
        raise NotFound("there is no such instance", field="id")
    known = source_in(row)
    whole = wanted.with_kept(known) if known else wanted
    demand_whole(whole)
    if known is None or whole.is_elsewhere(known):
        await fetch("update scan_state set position = '{}' where instance_id = $1", instance_id)
    return source_columns(whole, instance_id)


_KNOWN: Final = """
select i.id, i.source_kind, i.source, i.source_secrets
from instance as i join project as p on p.id = i.project_id and p.deleted_at is null
where i.id = $2 and i.organization_id = $1 and i.deleted_at is null
for no key update of i
"""


async def _rescore(instance_id: UUID, environment: str | UnsetType) -> None:
    """Have the priorities of the project gone through, where it may matter whether this is production."""
    if environment is not UNSET:
        await fetch(
            "update project set rescored_through = $2 where id = (select project_id from instance where id = $1)",
            instance_id,
            BEGINNING,
        )


async def _make_due(instance_id: UUID, now: datetime) -> None:
    """Have it scanned now, whatever failures it had before.

    A statement of its own, as what was changed stays changed even where this waits in vain: whoever records a batch
    holds this row until that is done. Where the wait for it is given up, or a crash comes before this, the scan has its
    old turn.
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
