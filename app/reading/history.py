"""What happened in a group's life, step by step.

Comes in: a group, or a step's id. Goes out: steps, newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta

from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Page, Window
from app.tables.database import fetch

_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a group: what, when, by whom and why.

    `actor_kind`: system, person, agent or github; `actor_id`: the membership or the token; `actor_name`: what it was
    called then, None where nobody was or none is known. `status_before` is None for the first step. `detail` differs
    with the kind.
    """

    id: int
    group_id: UUID
    kind: str
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str | None
    status_before: str | None
    status_after: str | None
    reason: str | None
    detail: dict[str, Any]


_SELECT: Final = """
select c.id, c.group_id, c.kind, c.at, c.actor_kind, c.actor_id, c.actor_name, c.status_before, c.status_after,
    c.reason, c.detail
from group_change as c
join error_group as g on g.id = c.group_id and g.organization_id = $1 and g.deleted_at is null
where """
_COUNT: Final = """
select count(*)
from group_change as c
join error_group as g on g.id = c.group_id and g.organization_id = $1 and g.deleted_at is null
where c.organization_id = $1 and c.group_id = $2
"""

_LISTING: Final = Listing(
    "history",
    ("c.id",),
    msgspec.json.Decoder(tuple[str, Annotated[int, Meta(ge=1, le=_LARGEST_ID)]]),
    descending=True,
)


async def history(organization_id: UUID, group_id: UUID, window: Window = Window()) -> Page[Step]:  # noqa: B008  frozen
    """A page of a group's steps, newest first. BadInput: the window makes no sense."""
    wanted = Conditions(organization_id, "c.organization_id = $1")
    wanted.add("c.group_id = ?", group_id)
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(f"{_SELECT}{wanted} {end}", *wanted.values)
    return pages.page(_LISTING, window, [_step(row) for row in rows], lambda shown: (shown.id,))


async def count_steps(organization_id: UUID, group_id: UUID) -> int:
    """How many steps there are."""
    [row] = await fetch(_COUNT, organization_id, group_id)
    return int(row[0])


async def step(organization_id: UUID, step_id: int) -> Step | None:
    """One step; None: there is none, its group was deleted, or it is not theirs."""
    if not 1 <= step_id <= _LARGEST_ID:
        return None
    rows = await fetch(f"{_SELECT}c.organization_id = $1 and c.id = $2", organization_id, step_id)
    return _step(rows[0]) if rows else None


async def steps(organization_id: UUID, step_ids: Sequence[int]) -> dict[int, Step]:
    """Those of the steps that `step` would give."""
    rows = await fetch(
        f"{_SELECT}c.organization_id = $1 and c.id = any($2::bigint[])", organization_id, step_ids
    )
    return {row["id"]: _step(row) for row in rows}


def _step(row: asyncpg.Record) -> Step:
    detail = msgspec.json.decode(row[-1])
    return Step(*(*row[:-1], detail if isinstance(detail, dict) else {}))
