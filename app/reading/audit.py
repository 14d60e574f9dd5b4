"""Who changed what in an organization.

Comes in: an organization, a filter and a window, or an entry's id. Goes out: entries, the newest first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta

from app.reading import pages
from app.reading.conditions import Conditions, moment
from app.reading.pages import Listing, Page, Window
from app.tables.database import fetch

_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries: of one kind, by one membership or token, from `since` on, before `until`; None: any."""

    kind: str | None = None
    actor_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. Names are those of that moment; `detail` has of each field what it was and what it is, as JSON has it."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    kind: str
    subject_type: str
    subject_id: UUID | None
    subject_name: str
    detail: dict[str, tuple[Any, Any]]


_SELECT: Final = """
select a.id, a.at, a.actor_kind, a.actor_id, a.actor_name, a.kind, a.subject_type, a.subject_id, a.subject_name, a.detail
from audit_entry as a
where """
_LISTING: Final = Listing(
    "audit",
    ("a.id",),
    msgspec.json.Decoder(tuple[str, Annotated[int, Meta(ge=1, le=_LARGEST_ID)]]),
    descending=True,
)


async def entries(
    organization_id: UUID,
    asked: AuditFilter = AuditFilter(),
    window: Window = Window(),  # noqa: B008  frozen
) -> Page[AuditEntry]:
    """A page of the entries, the newest first. BadInput: the window or a time makes no sense."""
    wanted = _wanted(organization_id, asked)
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(f"{_SELECT}{wanted} {end}", *wanted.values)
    return pages.page(_LISTING, window, [_entry(row) for row in rows], lambda shown: (shown.id,))


async def count_entries(organization_id: UUID, asked: AuditFilter) -> int:
    """How many there are."""
    wanted = _wanted(organization_id, asked)
    [row] = await fetch(f"select count(*) from audit_entry as a where {wanted}", *wanted.values)  # noqa: S608  ours
    return int(row[0])


async def entry(organization_id: UUID, entry_id: int) -> AuditEntry | None:
    """One entry; None: there is none, or it is not theirs."""
    if not 1 <= entry_id <= _LARGEST_ID:
        return None
    rows = await fetch(f"{_SELECT}a.organization_id = $1 and a.id = $2", organization_id, entry_id)
    return _entry(rows[0]) if rows else None


def _wanted(organization_id: UUID, asked: AuditFilter) -> Conditions:
    wanted = Conditions(organization_id, "a.organization_id = $1")
    if asked.kind is not None:
        wanted.add("a.kind = ?", asked.kind)
    if asked.actor_id is not None:
        wanted.add("a.actor_id = ?", asked.actor_id)
    if asked.since is not None:
        wanted.add("a.at >= ?", moment(asked.since, "filter.since"))
    if asked.until is not None:
        wanted.add("a.at < ?", moment(asked.until, "filter.until"))
    return wanted


def _entry(row: asyncpg.Record) -> AuditEntry:
    detail = msgspec.json.decode(row[-1])
    pairs = {
        name: (pair[0], pair[1]) for name, pair in detail.items() if isinstance(pair, list) and len(pair) == 2
    }
    return AuditEntry(*(*row[:-1], pairs))
