"""What of an instance's settings stands in the audit, before and after.

Comes in: an instance, in the transaction that changes it. Goes out: its settings, by the names that they have in the
graph, and the row that says what became of them. Of its source it is only said that it changed: secrets belong to it.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import Actor
from app.accounts.audit import Kind
from app.tables.database import fetch_one


async def settings_of(organization_id: UUID, instance_id: UUID) -> Mapping[str, object]:
    """The settings at this moment, which nobody else changes until the transaction ends; empty: there is no such."""
    row = await fetch_one(
        """
        select i.name as "name", i.slug as "slug", i.environment as "environment",
            i.error_detection_enabled as "errorDetectionEnabled", i.error_ignore_patterns as "errorIgnorePatterns",
            i.addon_folders as "addonFolders", i.odoo_version as "odooVersion", i.commit_sha as "commitSha"
        from instance as i where i.id = $2 and i.organization_id = $1 and i.deleted_at is null
        for no key update
        """,
        organization_id,
        instance_id,
    )
    return dict(row) if row else {}


async def note_update(
    organization_id: UUID,
    instance_id: UUID,
    before: Mapping[str, object],
    *,
    has_new_source: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Write what is different from `before` now; nothing, where nothing is."""
    after = await settings_of(organization_id, instance_id)
    detail = audit.changed(before, after)
    if has_new_source:
        detail["source"] = (None, "changed")
    if not detail:
        return
    await audit.note(
        organization_id,
        actor,
        Kind.INSTANCE_UPDATED,
        subject_type="Instance",
        subject_id=instance_id,
        subject_name=str(after["name"]),
        detail=detail,
        now=now,
    )
