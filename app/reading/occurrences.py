"""The recorded times at which an error happened.

Comes in: a group, or an occurrence's id. Goes out: occurrences, newest first. They belong to fingerprints, and are
found through those that a group has now. What was deleted with its group is not found. Of a session that several
fingerprints of a group have stored, as before a merge, the group has one occurrence: the newest; the others are marked
(see `triage.repeats`). What an event's payload says is read by `event_details`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Page, Time, Window
from app.recording.details import unpack
from app.recording.kept import STORED
from app.recording.sightings import Detail
from app.tables.database import fetch
from app.tables.identifiers import made_within

_log = logging.getLogger(__name__)
_DAMAGED: Final = Detail()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One recorded time, with everything known about it; `packed` is its detail as it is stored.

    `occurred_at` is the log's or the app's time, `received_at` ours.
    """

    id: UUID
    group_id: UUID
    instance_id: UUID | None
    app_id: UUID | None
    occurred_at: datetime
    received_at: datetime
    session_id: str | None
    user_id: str | None
    app_version: str | None
    environment: str | None
    message: str
    event_id: UUID | None
    packed: bytes = field(repr=False)
    _unpacked: list[Detail] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def detail(self) -> Detail:
        """Exceptions, context and the rest, unpacked when first asked for; empty where what is stored `is_damaged`.

        Of an event it is little, until its payload is gone: all that it says lies there.
        """
        if not self._unpacked:
            try:
                self._unpacked.append(unpack(self.packed))
            except (ValueError, MemoryError):  # bytes that claim to be larger than the memory
                _log.warning("an occurrence's detail is damaged", extra={"occurrence_id": str(self.id)})
                self._unpacked.append(_DAMAGED)
        return self._unpacked[0]

    @property
    def is_damaged(self) -> bool:
        """Whether the stored detail cannot be read; all else about the occurrence can."""
        return self.detail is _DAMAGED


_COLUMNS: Final = """o.id, f.group_id, o.instance_id, o.app_id, o.occurred_at, o.received_at, o.session_id, o.user_id,
    o.app_version, o.environment, o.message, o.event_id, o.detail"""

_LISTING: Final = Listing(
    "occurrences", ("o.occurred_at", "o.id"), msgspec.json.Decoder(tuple[str, Time, UUID]), descending=True
)


async def occurrences(
    organization_id: UUID,
    group_id: UUID,
    window: Window = Window(),  # noqa: B008  frozen
) -> Page[Occurrence]:
    """A page of a group's occurrences, newest first by `occurred_at`. BadInput: the window makes no sense."""
    wanted = Conditions(
        organization_id, "o.organization_id = $1", "o.fingerprint_id = f.id", "not o.is_repeat"
    )
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(
        # Each fingerprint gives its own newest, in the order of the index, however many there are.
        f"""
        select {_COLUMNS}
        from fingerprint as f cross join lateral (select o.* from {STORED} as o where {wanted} {end}) as o
        where f.organization_id = $1 and f.group_id = {wanted.place(group_id)} and f.retired_at is null
        {end}
        """,  # noqa: S608  our own words
        *wanted.values,
    )
    found = [Occurrence(*row) for row in rows]
    return pages.page(_LISTING, window, found, lambda shown: (shown.occurred_at, shown.id))


async def latest(organization_id: UUID, group_ids: Sequence[UUID]) -> dict[UUID, Occurrence]:
    """The newest occurrence of each of the groups that has one. One statement."""
    rows = await fetch(_LATEST, organization_id, group_ids)
    return {row[1]: Occurrence(*row) for row in rows}


async def occurrence(organization_id: UUID, occurrence_id: UUID) -> Occurrence | None:
    """One occurrence; None: there is none, it is no longer kept, its group was deleted, or it is not theirs."""
    rows = await fetch(_BY_ID, organization_id, occurrence_id, *made_within(occurrence_id))
    return Occurrence(*rows[0]) if rows else None


async def occurrences_by_id(organization_id: UUID, occurrence_ids: Sequence[UUID]) -> dict[UUID, Occurrence]:
    """Those of the occurrences that `occurrence` would give. One statement."""
    if not occurrence_ids:
        return {}
    times = [made_within(occurrence_id) for occurrence_id in occurrence_ids]
    start, end = min(start for start, _ in times), max(end for _, end in times)
    rows = await fetch(_BY_IDS, organization_id, occurrence_ids, start, end)
    return {row[0]: Occurrence(*row) for row in rows}


async def count_occurrences(organization_id: UUID, group_id: UUID) -> int:
    """How many occurrences of a group are kept, which can be fewer than were ever stored."""
    [row] = await fetch(_COUNT, organization_id, group_id)
    return int(row[0])


_LATEST: Final = f"""
select distinct on (f.group_id) {_COLUMNS}
from fingerprint as f cross join lateral (
    select o.* from {STORED} as o
    where o.organization_id = $1 and o.fingerprint_id = f.id and not o.is_repeat
    order by o.occurred_at desc, o.id desc limit 1
) as o
where f.organization_id = $1 and f.group_id = any($2::uuid[]) and f.retired_at is null
order by f.group_id, o.occurred_at desc, o.id desc
"""  # noqa: S608  our own words

_BY_ID: Final = f"""
select {_COLUMNS}
from {STORED} as o join fingerprint as f on f.id = o.fingerprint_id
where o.received_at >= $3 and o.received_at < $4 and o.id = $2 and o.organization_id = $1
    and f.organization_id = $1 and f.retired_at is null
"""  # noqa: S608  our own words

_BY_IDS: Final = _BY_ID.replace("o.id = $2", "o.id = any($2::uuid[])")

_COUNT: Final = f"""
select count(*)
from fingerprint as f join {STORED} as o on o.fingerprint_id = f.id
where f.organization_id = $1 and o.organization_id = $1 and f.group_id = $2 and f.retired_at is null and not o.is_repeat
"""  # noqa: S608  our own words
