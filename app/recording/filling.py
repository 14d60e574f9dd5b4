"""Occurrences are told what the payload of their event says, before retention takes it.

Comes in: a partition of events that is about to go, or from which some projects' events are. Goes out: the occurrences
that name one of them and that stay, with their detail written to their own row.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from app.recording import event_payloads
from app.recording.details import pack, unpack
from app.recording.kept import STORED
from app.tables.database import fetch
from app.tables.identifiers import first_of
from app.tables.partitions import Partition

AT_ONCE: Final = 200
"""Occurrences that are looked at in one transaction."""
BEGINNING: Final = UUID(int=0)


class Filled(NamedTuple):
    """How far the events were gone through, None at their end, and how many occurrences were told something."""

    through: UUID | None
    filled: int


async def fill(part: Partition, after: UUID, project_ids: Sequence[UUID] | None) -> Filled:
    """Fill the next occurrences, in the caller's transaction; None: of all projects. Events that are gone or damaged tell nothing."""
    before, end = UUID(int=first_of(part.start).int - 1), first_of(part.end)
    rows = await fetch(_STORED, max(after, before), end, project_ids, part.start, AT_ONCE)
    untold = {row["event_id"]: row for row in rows if not _is_told(row["detail"])}
    found = await event_payloads.details(list(untold)) if untold else {}
    if found:
        ids = [untold[event_id]["id"] for event_id in found]
        times = [untold[event_id]["received_at"] for event_id in found]
        packed = [pack(detail) for detail in found.values()]
        for update in (_UPDATE.format("occurrence"), _UPDATE.format("kept_occurrence")):
            await fetch(update, ids, times, packed, min(times), max(times))
    return Filled(rows[-1]["event_id"] if len(rows) == AT_ONCE else None, len(found))


def _is_told(packed: bytes) -> bool:
    """Whether a detail has what its event's payload said."""
    try:
        return unpack(packed).event is not None
    except (ValueError, MemoryError):
        return False


_STORED: Final = f"""
select o.id, o.received_at, o.event_id, o.detail from {STORED} as o
where o.event_id > $1 and o.event_id < $2 and o.received_at >= $4
    and ($3::uuid[] is null or o.project_id = any($3::uuid[]))
order by o.event_id limit $5
"""  # noqa: S608  our own words
_UPDATE: Final = """
update {} as o set detail = n.detail
from unnest($1::uuid[], $2::timestamptz[], $3::bytea[]) as n(id, received_at, detail)
where o.received_at = n.received_at and o.id = n.id and o.received_at between $4 and $5
"""
