"""The payloads of events as trees, for whoever looks at a few of them.

Comes in: an organization, and ids of events. Goes out: their payloads, a few at a time, as they can be very large.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from app.domain.events.event import Format
from app.tables import references
from app.tables.database import fetch
from app.tables.identifiers import made_within
from app.tables.payloads import unpack
from app.tables.references import Reference

AT_ONCE: Final = 20
"""Payloads that are in memory at the same time."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What an app sent, as it is stored."""

    event_id: UUID
    app_id: UUID
    project_id: UUID
    received_at: datetime
    format: Format
    packed: bytes
    reference: Reference | None = None

    def unpacked(self) -> bytes:
        """What the app sent. ValueError: it is damaged."""
        return unpack(self.packed, self.reference)


async def payloads(organization_id: UUID, event_ids: Sequence[UUID]) -> AsyncIterator[list[Payload]]:
    """The payloads of those events that there are, up to `AT_ONCE` at a time, in no order."""
    for some in _cut(event_ids):
        bounds = [made_within(event_id) for event_id in some]
        rows = await fetch(
            _PAYLOADS,
            organization_id,
            some,
            [start for start, _ in bounds],
            [end for _, end in bounds],
        )
        known = await references.find({row["reference_id"] for row in rows})
        yield [_payload(row, known.get(row["reference_id"])) for row in rows if row["format"] in _FORMATS]


def _payload(row: asyncpg.Record, reference: Reference | None) -> Payload:
    event_id, app_id, project_id, received_at, kind, packed, _ = row
    return Payload(event_id, app_id, project_id, received_at, Format(kind), packed, reference)


def _cut(event_ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(event_ids), AT_ONCE):
        yield list(event_ids[start : start + AT_ONCE])


_FORMATS: Final = frozenset(map(int, Format))
# The bounds have PostgreSQL look into one partition for each event.
_PAYLOADS: Final = """
select e.id, e.app_id, e.project_id, e.received_at, e.format, e.payload, e.reference_id
from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) as wanted (id, start, finish)
cross join lateral (
    select * from event as e
    where e.received_at >= wanted.start and e.received_at < wanted.finish and e.id = wanted.id
        and e.organization_id = $1
) as e
"""
