"""What is to be done on GitHub, as rows: written with the change that asks for it, carried out after the commit.

Comes in: writes for groups, in the caller's transaction. Goes out: rows in `github_action`, which `github.writing.sync` carries
out one after the other for each group.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.tables.database import fetch


class ActionKind(StrEnum):
    """What a write is. Its `detail`: see `domain.github.comments` for COMMENT; `{"state", "state_reason"}` for STATE,
    as GitHub has them; `{"labels": [...]}` for LABEL; nothing for CREATE."""

    CREATE = "create"
    COMMENT = "comment"
    STATE = "state"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class NewAction:
    """A write that is to be made for a group."""

    group_id: UUID
    kind: ActionKind
    detail: Mapping[str, Any] = field(default_factory=dict)


async def add(actions: Sequence[NewAction], *, now: datetime) -> None:
    """Add the writes, in this order, to groups that have an issue or are to get one; the others are passed over.

    One statement. Issues that are no longer followed (`detached`) are passed over, too.
    """
    if actions:
        await fetch(
            _ADD,
            [action.group_id for action in actions],
            [action.kind for action in actions],
            [json.dumps(dict(action.detail)) for action in actions],
            now,
        )


# The row is locked first, in the order of ids as all do, so that whoever takes its last action away waits.
_ADD: Final = """
with concerned as materialized (
    select group_id from github_issue
    where group_id = any($1::uuid[]) and sync_status <> 'detached' order by group_id for no key update
), due as (
    update github_issue as i
    set next_attempt_at = coalesce(next_attempt_at, $4),
        sync_status = case when sync_status = 'synced' then 'waiting' else sync_status end
    from concerned as c where i.group_id = c.group_id
)
insert into github_action (group_id, kind, detail, marker, created_at)
select n.group_id, n.kind, n.detail::jsonb, gen_random_uuid(), $4
from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as n(group_id, kind, detail, place)
join concerned as c on c.group_id = n.group_id
order by n.place
"""
