"""The events of a session, in the order in which they happened: what an app did before and after an error.

Comes in: an occurrence of an app. Goes out: the other events of its session, of any level. They are looked for among
what was received within `AROUND` of it, so that a long history is not gone through for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.occurrences import Occurrence
from app.reading.pages import Listing, Page, Time, Window
from app.recording.kept import STORED
from app.tables.database import fetch
from app.tables.identifiers import made_within

AROUND: Final = timedelta(days=7)
"""How long before and after an occurrence the events of its session are looked for, by the time of their receipt."""


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """An event, as far as its row tells; `level` (`domain.events.event.Level`) is None before its scan, where the door did not read it."""

    id: UUID
    occurred_at: datetime
    received_at: datetime
    level: int | None


_LISTING: Final = Listing(
    "session events", ("e.occurred_at", "e.id"), msgspec.json.Decoder(tuple[str, Time, UUID])
)


async def session_events(
    organization_id: UUID,
    of: Occurrence,
    window: Window = Window(),  # noqa: B008  frozen
) -> Page[SessionEvent]:
    """A page of the other events of an occurrence's session, in order; empty where it has none. BadInput: the window makes no sense."""
    wanted = _others(organization_id, of)
    end = pages.cut(_LISTING, window, wanted)
    rows = []
    if _has_session(of):
        rows = await fetch(
            f"select e.id, e.occurred_at, e.received_at, e.level from event as e where {wanted} {end}",  # noqa: S608  our own words
            *wanted.values,
        )
    found = [SessionEvent(*row) for row in rows]
    return pages.page(_LISTING, window, found, lambda shown: (shown.occurred_at, shown.id))


async def count_session_events(organization_id: UUID, of: Occurrence) -> int:
    """How many other events its session has."""
    if not _has_session(of):
        return 0
    wanted = _others(organization_id, of)
    [row] = await fetch(f"select count(*) from event as e where {wanted}", *wanted.values)  # noqa: S608  our own words
    return int(row[0])


async def groups_of_events(organization_id: UUID, event_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The groups whose occurrences these events are. An error is recorded once in a session: repeats have none."""
    if not event_ids:
        return {}
    since = min(made_within(event_id)[0] for event_id in event_ids)
    rows = await fetch(_GROUPS, organization_id, event_ids, since)
    return {row[0]: row[1] for row in rows}


def _has_session(of: Occurrence) -> bool:
    return of.app_id is not None and of.session_id is not None


def _others(organization_id: UUID, of: Occurrence) -> Conditions:
    """The conditions on `event as e`. Its own row says the session as the others say it, while it is there."""
    wanted = Conditions(organization_id, "e.organization_id = $1")
    at = of.received_at
    if of.event_id is not None:
        at, before = made_within(of.event_id)
        wanted.add("e.id <> ?", of.event_id)
        own = wanted.filled(
            "(select o.session_id from event as o where o.received_at >= ? and o.received_at < ? and o.id = ?)",
            *(at, before, of.event_id),
        )
        wanted.add(f"e.session_id = coalesce({own}, ?)", of.session_id)
    else:
        wanted.add("e.session_id = ?", of.session_id)
    wanted.add("e.app_id = ?", of.app_id)
    wanted.add("e.received_at >= ? and e.received_at < ?", at - AROUND, at + AROUND)
    return wanted


_GROUPS: Final = f"""
select o.event_id, f.group_id
from {STORED} as o join fingerprint as f on f.id = o.fingerprint_id
where o.organization_id = $1 and o.event_id = any($2::uuid[]) and o.received_at >= $3
    and f.organization_id = $1 and f.retired_at is null
"""  # noqa: S608  our own words
