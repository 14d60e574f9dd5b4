"""What the payloads of events say, as it is shown: read when somebody asks, as a payload is stored only once.

Comes in: ids of events. Goes out: a detail for each that is still there and can be read. Payloads are read in portions, and
of each only what is shown is held on to. Secrets go out here once more: the project may have other rules by now, or
nobody has scanned the event yet.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID

from app.domain.events import event_frames
from app.domain.events.event import Format
from app.domain.secrets import scrubbing
from app.domain.secrets.scrubbing import Scrubbing
from app.errors import BadInput
from app.recording.event_told import told
from app.recording.sightings import Detail
from app.tables import payloads, references
from app.tables.database import fetch
from app.tables.identifiers import made_within
from app.tables.references import Reference

_log = logging.getLogger(__name__)

PORTION: Final = 4 * 1024 * 1024
"""Packed bytes that are read at a time, or one payload."""


class Payload(NamedTuple):
    """A payload as it lies in the database."""

    event_id: UUID
    received_at: datetime
    app_id: UUID
    format: int
    packed: bytes
    reference: Reference | None


class Rules(NamedTuple):
    """What an app and its project ask of those who show its events."""

    frames: event_frames.Rules
    scrubbing: Scrubbing


NO_RULES: Final = Rules(event_frames.Rules(), Scrubbing())


async def details(
    event_ids: Sequence[UUID], organization_id: UUID | None = None, most_bytes: int | None = None
) -> dict[UUID, Detail]:
    """What the events say; those that are gone, damaged, or not of the organization are missing.

    BadInput: they have more than `most_bytes` all together, unpacked.
    """
    found: dict[UUID, Detail] = {}
    left = list(dict.fromkeys(event_ids))
    unpacked = 0
    while left:
        if most_bytes is not None and unpacked > most_bytes:
            raise BadInput("these events are too large to be shown together: ask for fewer at once")
        looked_at, portion = await _portion(left, organization_id)
        left = left[looked_at:]
        rules = await _rules({payload.app_id for payload in portion})
        shown, length = await asyncio.to_thread(_read, portion, rules)
        found |= shown
        unpacked += length
    return found


async def _portion(event_ids: Sequence[UUID], organization_id: UUID | None) -> tuple[int, list[Payload]]:
    """How many of the ids were looked at, and the payloads of those that are there."""
    times = [made_within(event_id) for event_id in event_ids]
    rows = await fetch(
        _PORTION,
        event_ids,
        [start for start, _ in times],
        [end for _, end in times],
        min(start for start, _ in times),
        max(end for _, end in times),
        organization_id,
        PORTION,
    )
    looked_at = rows[-1]["place"] if rows else len(event_ids)
    known = await references.find({row["reference_id"] for row in rows})
    return looked_at, [
        Payload(
            row["id"],
            row["received_at"],
            row["app_id"],
            row["format"],
            row["payload"],
            known.get(row["reference_id"]),
        )
        for row in rows
    ]


async def _rules(app_ids: Collection[UUID]) -> dict[UUID, Rules]:
    """The rules of the apps, deleted ones too."""
    rows = await fetch(_RULES, list(app_ids)) if app_ids else []
    return {
        row["id"]: _restored(tuple(row["in_app_include"]), tuple(row["in_app_exclude"]), row["scrubbing"])
        for row in rows
    }


@lru_cache(maxsize=256)
def _restored(include: tuple[str, ...], exclude: tuple[str, ...], rules: str) -> Rules:
    return Rules(event_frames.Rules(include, exclude), scrubbing.restored(payloads.tree(rules.encode())))


def _read(portion: Sequence[Payload], rules: dict[UUID, Rules]) -> tuple[dict[UUID, Detail], int]:
    """What the payloads say, and how many bytes they have unpacked."""
    found: dict[UUID, Detail] = {}
    length = 0
    for payload in portion:
        try:
            text = payloads.unpack(payload.packed, payload.reference)
            length += len(text)
            tree = payloads.tree(text)
            if not isinstance(tree, dict):
                raise ValueError("it is no JSON object")
            asked = rules.get(payload.app_id, NO_RULES)
            shown, _ = scrubbing.scrub(tree, asked.scrubbing)
            found[payload.event_id] = told(shown, Format(payload.format), payload.received_at, asked.frames)
        except Exception as error:  # noqa: BLE001  whatever an app sent, the rest is shown
            _log.warning(
                "an event cannot be shown", exc_info=error, extra={"event_id": str(payload.event_id)}
            )
    return found, length


# Each event by its key, whatever the planner believes of the table.
_PORTION: Final = """
with found as (
    select n.place, e.id, e.received_at, e.app_id, e.format, e.payload, e.reference_id,
        sum(octet_length(e.payload)) over (order by n.place) - octet_length(e.payload) as before
    from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) with ordinality as n(id, start, stop, place)
    cross join lateral (
        select e.id, e.received_at, e.app_id, e.format, e.payload, e.reference_id from event as e
        where e.received_at >= n.start and e.received_at < n.stop and e.id = n.id
            and e.received_at >= $4 and e.received_at < $5
            and ($6::uuid is null or e.organization_id = $6)
        limit 1
    ) as e
)
select place::int, id, received_at, app_id, format, payload, reference_id from found where before < $7 order by place
"""
_RULES: Final = """
select a.id, a.in_app_include, a.in_app_exclude, p.scrubbing
from app as a join project as p on p.id = a.project_id
where a.id = any($1::uuid[])
"""
