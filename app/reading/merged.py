"""What makes up a group: its fingerprints, and the groups that were merged into it.

Comes in: groups. Goes out: for each its fingerprints, its own first, and the ids of its tombstones, the newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.tables.database import fetch

LISTED: Final = 100
"""Fingerprints and tombstones that are listed of a group."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes detections the same error, with its own counts; times are UTC.

    `home_group_id`: the group that it opened, and goes back to when a merge is taken apart.
    """

    id: int
    version: int
    reason: str
    home_group_id: UUID
    total_count: int
    occurrence_count: int
    first_seen_at: datetime
    last_seen_at: datetime


async def fingerprints(organization_id: UUID, group_ids: Sequence[UUID]) -> dict[UUID, list[Fingerprint]]:
    """The first `LISTED` fingerprints of each group: its own, then those seen last. One statement."""
    rows = await fetch(_FINGERPRINTS, organization_id, group_ids, LISTED)
    found: dict[UUID, list[Fingerprint]] = {group_id: [] for group_id in group_ids}
    for group_id, *columns in rows:
        found[group_id].append(Fingerprint(*columns))
    return found


async def merged_groups(organization_id: UUID, group_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The ids of the first `LISTED` groups that were merged into each, those opened last first. One statement."""
    rows = await fetch(_MERGED, organization_id, group_ids, LISTED)
    found: dict[UUID, list[UUID]] = {group_id: [] for group_id in group_ids}
    for survivor_id, group_id in rows:
        found[survivor_id].append(group_id)
    return found


_FINGERPRINTS: Final = """
select asked.group_id, f.*
from unnest($2::uuid[]) as asked(group_id)
cross join lateral (
    select id, version, reason, home_group_id, total_count, occurrence_count, first_seen_at, last_seen_at
    from fingerprint
    where organization_id = $1 and group_id = asked.group_id and retired_at is null
    order by home_group_id <> group_id, last_seen_at desc, id limit $3
) as f
"""
_MERGED: Final = """
select asked.group_id, g.id
from unnest($2::uuid[]) as asked(group_id)
cross join lateral (
    select id from error_group
    where organization_id = $1 and merged_into_id = asked.group_id and deleted_at is null
    order by id desc limit $3
) as g
"""
