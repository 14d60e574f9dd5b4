"""Events that were taken and could not be recorded: they wait aside until somebody has them tried again or discards them.

Comes in: an organization, and a window or ids. Goes out: what is known of them, the newest first, and the beginning of
what the app sent, without secrets. Nothing is taken for granted about that: whatever the scan stumbled over is in it.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.domain.secrets import scrubbing
from app.domain.secrets.scrubbing import Scrubbing
from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Page, Window
from app.reading.payloads import Payload, payloads
from app.recording.texts import safe
from app.tables.database import fetch

EXCERPT: Final = 4000
"""Characters of an excerpt."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestProblem:
    """An event that is set aside, and why; `id` is the event's."""

    id: UUID
    app_id: UUID
    received_at: datetime
    problem: str
    attempts: int


_SELECT: Final = """
select b.event_id, b.app_id, b.received_at, b.problem, b.attempts
from inbox as b
where """
_THEIRS: Final = ("b.organization_id = $1", "b.problem is not null")

_LISTING: Final = Listing(
    "ingest problems", ("b.event_id",), msgspec.json.Decoder(tuple[str, UUID]), descending=True
)


async def ingest_problems(
    organization_id: UUID,
    window: Window = Window(),  # noqa: B008  frozen
) -> Page[IngestProblem]:
    """A page of them, the newest first. BadInput: the window makes no sense."""
    wanted = Conditions(organization_id, *_THEIRS)
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(f"{_SELECT}{wanted} {end}", *wanted.values)
    return pages.page(_LISTING, window, [IngestProblem(*row) for row in rows], lambda shown: (shown.id,))


async def count_ingest_problems(organization_id: UUID) -> int:
    """How many there are."""
    wanted = Conditions(organization_id, *_THEIRS)
    [row] = await fetch(f"select count(*) from inbox as b where {wanted}", *wanted.values)  # noqa: S608  our own words
    return int(row[0])


async def ingest_problem(organization_id: UUID, event_id: UUID) -> IngestProblem | None:
    """One of them; None: there is none, not any more, or it is not theirs."""
    wanted = Conditions(organization_id, *_THEIRS)
    wanted.add("b.event_id = ?", event_id)
    rows = await fetch(f"{_SELECT}{wanted}", *wanted.values)
    return IngestProblem(*rows[0]) if rows else None


async def excerpts(organization_id: UUID, event_ids: Sequence[UUID]) -> dict[UUID, str]:
    """How the payload of each of the events begins and ends, as text without secrets; missing where it is unreadable."""
    rows = await fetch("select id, scrubbing from project where organization_id = $1", organization_id)
    rules = {row["id"]: scrubbing.restored(msgspec.json.decode(row["scrubbing"])) for row in rows}
    found: dict[UUID, str] = {}
    async for some in payloads(organization_id, event_ids):
        for payload in some:
            text = await asyncio.to_thread(_excerpt, payload, rules.get(payload.project_id))
            if text is not None:
                found[payload.event_id] = text
    return found


def _excerpt(payload: Payload, rules: Scrubbing | None) -> str | None:
    try:
        raw = payload.unpacked()
        return safe(_scrubbed(raw, rules or Scrubbing()).decode(errors="replace"), EXCERPT)
    except Exception as error:  # noqa: BLE001  it is here because something like it failed before
        told = {"event_id": str(payload.event_id), "reason": type(error).__name__}
        _log.warning("the payload of an event cannot be shown", extra=told)
        return None


def _scrubbed(raw: bytes, rules: Scrubbing) -> bytes:
    """The payload scrubbed; as it is, where it is no JSON object."""
    try:
        tree: Any = msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return raw
    return msgspec.json.encode(scrubbing.scrub(tree, rules)[0]) if isinstance(tree, dict) else raw
