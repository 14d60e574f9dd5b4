"""What a scan leaves behind beside history: events without their secrets, feedback of users, and numbers.

Comes in: what was read of a batch, in its transaction. Goes out: rows. One statement for each table.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.events.event import Format, Outcome
from app.recording.counting import hour
from app.recording.reports import add_versions
from app.scanning.events.reading import Kept, Read
from app.tables.database import fetch
from app.tables.references import LEAST, SIZE


async def keep(found: Sequence[Read], now: datetime) -> None:
    """Write to the events what the door did not know, and what they are without secrets."""
    changed = [(one, one.kept) for one in found if one.kept is not None and _is_news(one, one.kept)]
    if changed:
        times = [one.taken.received_at for one, _ in changed]
        await fetch(
            _KEEP,
            [one.taken.id for one, _ in changed],
            times,
            [kept.level for _, kept in changed],
            [kept.occurred_at for _, kept in changed],
            [kept.session_id for _, kept in changed],
            [kept.packed for _, kept in changed],
            min(times),
            max(times),
        )
    await _keep_feedback([one for one in found if one.feedback is not None], now)
    versions = {
        (one.taken.app_id, one.kept.version): one.taken.organization_id
        for one in found
        if one.kept is not None and one.kept.version is not None
    }
    await add_versions(versions, now)
    await _add_references(found, now)


async def _add_references(found: Sequence[Read], now: datetime) -> None:
    """Give apps that need one a reference: what came first of the batch. Two scans may make one each, which harms nobody."""
    made: dict[UUID, bytes] = {}
    for one in found:
        if one.sample is not None and len(so_far := made.get(one.taken.app_id, b"")) < SIZE:
            made[one.taken.app_id] = (so_far + one.sample)[:SIZE]
    worth_it = {app_id: content for app_id, content in sorted(made.items()) if len(content) >= LEAST}
    if worth_it:
        await fetch(
            """
            insert into payload_reference (app_id, made_at, content)
            select app_id, $3, content from unnest($1::uuid[], $2::bytea[]) as n(app_id, content)
            """,
            list(worth_it),
            list(worth_it.values()),
            now,
        )


async def tally(outcomes: Mapping[tuple[UUID, Outcome], int], now: datetime) -> None:
    """Count what became of the events of each app."""
    if outcomes:
        ordered = sorted(outcomes)
        await fetch(
            """
            insert into app_tally as t (app_id, hour, outcome, total_count)
            select app_id, $4, outcome, total from unnest($1::uuid[], $2::text[], $3::bigint[]) as n(app_id, outcome, total)
            on conflict (app_id, hour, outcome) do update set total_count = t.total_count + excluded.total_count
            """,
            [app_id for app_id, _ in ordered],
            [outcome for _, outcome in ordered],
            [outcomes[key] for key in ordered],
            hour(now),
        )


def _is_news(one: Read, kept: Kept) -> bool:
    """An event without a session is found by its id alone: what its payload says need not stand beside it."""
    is_told = kept.session_id is not None and (one.taken.format is not Format.OWN or kept.is_disguised)
    return kept.packed is not None or is_told


async def _keep_feedback(found: Sequence[Read], now: datetime) -> None:
    told = [(one.taken, one.feedback) for one in found if one.feedback is not None]
    if told:
        await fetch(
            """
            insert into user_feedback (id, organization_id, app_id, client_event_id, name, email, message, created_at)
            select n.*, $8 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[]) as n
            on conflict (id) do nothing
            """,
            [taken.id for taken, _ in told],
            [taken.organization_id for taken, _ in told],
            [taken.app_id for taken, _ in told],
            [feedback.client_event_id for _, feedback in told],
            [feedback.name for _, feedback in told],
            [feedback.email for _, feedback in told],
            [feedback.message for _, feedback in told],
            now,
        )


# Each event by its key, whatever the planner believes of the table.
_KEEP: Final = """
update event as e
set level = n.level, occurred_at = n.occurred_at, session_id = n.session_id, payload = coalesce(n.payload, e.payload)
from unnest($1::uuid[], $2::timestamptz[], $3::smallint[], $4::timestamptz[], $5::text[], $6::bytea[])
    as n(id, received_at, level, occurred_at, session_id, payload)
where e.received_at = n.received_at and e.id = n.id and e.received_at between $7 and $8
"""
