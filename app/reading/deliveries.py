"""Messages that are to be sent, or were, or could not be: without what they say, and without where they go but in name.

Comes in: an organization, and which of its messages. Goes out: what became of them, the newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Page, Time, Window
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and how far it has come; `attempts`: the one that is made at this moment among them."""

    id: UUID
    kind: str
    target: str
    title: str
    status: str
    attempts: int
    error: str | None
    next_attempt_at: datetime | None
    created_at: datetime
    sent_at: datetime | None
    project_id: UUID | None
    rule_id: UUID | None
    membership_id: UUID | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them; nothing: all. `status`: waiting, sent, failed."""

    project_id: UUID | None = None
    status: str | None = None


_SELECT: Final = """
select d.id, d.kind, d.target, coalesce(d.body ->> 'title', ''), d.status, d.attempts, d.error, d.next_attempt_at,
    d.created_at, d.sent_at, d.project_id, d.rule_id, d.membership_id
from delivery as d
where """
_LISTING: Final = Listing(
    "deliveries",
    ("d.created_at", "d.id"),
    msgspec.json.Decoder(tuple[str, Time, UUID]),
    descending=True,
)


async def deliveries(
    organization_id: UUID,
    wanted: Wanted = Wanted(),
    window: Window = Window(),  # noqa: B008  frozen
) -> Page[Delivery]:
    """A page of them, the newest first. BadInput: the window makes no sense."""
    conditions = _conditions(organization_id, wanted)
    end = pages.cut(_LISTING, window, conditions)
    rows = await fetch(f"{_SELECT}{conditions} {end}", *conditions.values)
    return pages.page(
        _LISTING, window, [Delivery(*row) for row in rows], lambda shown: (shown.created_at, shown.id)
    )


async def count_deliveries(
    organization_id: UUID,
    wanted: Wanted = Wanted(),
) -> int:
    """How many there are."""
    conditions = _conditions(organization_id, wanted)
    [row] = await fetch(f"select count(*) from delivery as d where {conditions}", *conditions.values)  # noqa: S608  our own words
    return int(row[0])


async def deliveries_by_id(organization_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Delivery]:
    """Those of the ids that are there."""
    conditions = Conditions(organization_id, "d.organization_id = $1")
    conditions.add("d.id = any(?::uuid[])", list(ids))
    rows = await fetch(f"{_SELECT}{conditions}", *conditions.values)
    return {row["id"]: Delivery(*row) for row in rows}


def _conditions(organization_id: UUID, wanted: Wanted) -> Conditions:
    conditions = Conditions(organization_id, "d.organization_id = $1")
    if wanted.project_id is not None:
        conditions.add("d.project_id = ?", wanted.project_id)
    if wanted.status is not None:
        conditions.add("d.status = ?", wanted.status)
    return conditions
