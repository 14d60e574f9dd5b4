"""What a batch adds, written: one statement for each table, whatever the length of the batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.lifecycle import Source
from app.recording.counting import Sum, Sums
from app.recording.details import pack
from app.recording.grouping import Place
from app.recording.searched import searched
from app.recording.sightings import Description, Detail, Origin, Sighting
from app.recording.texts import name
from app.tables.database import copy_in, fetch
from app.tables.identifiers import uuids7


async def add_to_fingerprints(sums: Mapping[int, Sum], tags: Mapping[int, int]) -> None:
    """Raise the fingerprints' own counts; `tags`: how many different ones are new to each."""
    await fetch(
        """
        update fingerprint as f
        set total_count = f.total_count + n.total,
            occurrence_count = f.occurrence_count + n.stored,
            first_seen_at = least(f.first_seen_at, n.first_seen_at),
            last_seen_at = greatest(f.last_seen_at, n.last_seen_at),
            last_stored_at = coalesce(n.last_stored_at, f.last_stored_at),
            severity = greatest(f.severity, n.severity),
            tag_count = f.tag_count + n.tags
        from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::timestamptz[],
            $6::timestamptz[], $7::smallint[], $8::integer[])
            as n(id, total, stored, first_seen_at, last_seen_at, last_stored_at, severity, tags)
        where f.id = n.id
        """,
        list(sums),
        *_columns(sums),
        [found.severity for found in sums.values()],
        [tags.get(fingerprint_id, 0) for fingerprint_id in sums],
    )


async def add_to_groups(
    added: Sums,
    sightings: Sequence[Sighting],
    descriptions: Mapping[int, Description],
    *,
    sessions: Mapping[UUID, int],
    users: Mapping[UUID, int],
    now: datetime,
) -> None:
    """Raise the groups' totals; their texts become those of the occurrence of their own that is stored last.

    `sessions`, `users`: how many are new to each group.
    """
    sums = added.groups
    events = {
        group_id
        for group_id, sighting in zip(added.group_ids, sightings, strict=True)
        if sighting.origin.source is Source.EVENT
    }
    newest = [None if found.last is None else sightings[found.last].origin for found in sums.values()]
    told = [None if found.newest is None else descriptions[found.newest] for found in sums.values()]
    await fetch(
        _ADD_TO_GROUPS,
        list(sums),
        *_columns(sums),
        [found.severity for found in sums.values()],
        [description and description.title for description in told],
        [description and description.message for description in told],
        [description and description.exception_type for description in told],
        [_safe(origin.odoo_version if origin else None) for origin in newest],
        [_safe(origin.commit_sha if origin else None) for origin in newest],
        [sessions.get(group_id, 0) for group_id in sums],
        [users.get(group_id, 0) for group_id in sums],
        [added.thinned_until.get(group_id) for group_id in sums],
        [now if group_id in added.refreshed and group_id in events else None for group_id in sums],
    )


_ADD_TO_GROUPS: Final = """
update error_group as g
set total_count = g.total_count + n.total,
    occurrence_count = g.occurrence_count + n.stored,
    first_seen_at = least(g.first_seen_at, n.first_seen_at),
    last_seen_at = greatest(g.last_seen_at, n.last_seen_at),
    last_stored_at = coalesce(n.last_stored_at, g.last_stored_at),
    severity = greatest(g.severity, n.severity),
    title = coalesce(n.title, g.title),
    message = coalesce(n.message, g.message),
    exception_type = coalesce(n.exception_type, g.exception_type),
    odoo_version = coalesce(n.odoo_version, g.odoo_version),
    commit_sha = coalesce(n.commit_sha, g.commit_sha),
    session_count = g.session_count + n.sessions,
    user_count = g.user_count + n.users,
    thinned_until = coalesce(n.thinned_until, g.thinned_until),
    refreshed_at = coalesce(n.refreshed_at, g.refreshed_at)
from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
    $7::smallint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], $15::timestamptz[], $16::timestamptz[])
    as n(id, total, stored, first_seen_at, last_seen_at, last_stored_at,
        severity, title, message, exception_type, odoo_version, commit_sha,
        sessions, users, thinned_until, refreshed_at)
where g.id = n.id
"""


async def add_to_texts(
    sums: Mapping[UUID, Sum], sightings: Sequence[Sighting], descriptions: Mapping[int, Description]
) -> None:
    """Have the groups found by what the occurrence says that is stored last; most say what is there already."""
    told = {group_id: found.newest for group_id, found in sums.items() if found.newest is not None}
    await fetch(
        """
        insert into group_text as t (group_id, organization_id, text)
        select n.* from unnest($1::uuid[], $2::uuid[], $3::text[]) as n(group_id, organization_id, text)
        where not exists (select from group_text as s where s.group_id = n.group_id and s.text = n.text)
        on conflict (group_id) do update set text = excluded.text
        """,
        list(told),
        [sightings[place].origin.organization_id for place in told.values()],
        [searched(descriptions[place], sightings[place].module) for place in told.values()],
    )


async def add_to_instances(sums: Mapping[tuple[int, UUID], Sum]) -> None:
    """Note the instances that the errors came from."""
    await fetch(
        """
        insert into affected_instance as a (fingerprint_id, instance_id, total_count, first_seen_at, last_seen_at)
        select * from unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
        on conflict (fingerprint_id, instance_id) do update
        set total_count = a.total_count + excluded.total_count,
            first_seen_at = least(a.first_seen_at, excluded.first_seen_at),
            last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at)
        """,
        [fingerprint_id for fingerprint_id, _ in sums],
        [instance_id for _, instance_id in sums],
        [found.total for found in sums.values()],
        [found.first_seen_at for found in sums.values()],
        [found.last_seen_at for found in sums.values()],
    )


async def add_to_hours(hours: Mapping[tuple[int, datetime, UUID], int]) -> None:
    """Raise the hourly counts."""
    ordered = sorted(hours)
    await fetch(
        """
        insert into hourly_count as h (fingerprint_id, hour, origin_id, total_count)
        select * from unnest($1::bigint[], $2::timestamptz[], $3::uuid[], $4::bigint[])
        on conflict (fingerprint_id, hour, origin_id) do update
        set total_count = h.total_count + excluded.total_count
        """,
        [fingerprint_id for fingerprint_id, _, _ in ordered],
        [hour for _, hour, _ in ordered],
        [origin_id for _, _, origin_id in ordered],
        [hours[counted] for counted in ordered],
    )


@dataclass(frozen=True, slots=True)
class Occurrences:
    """What becomes occurrences: the places of the sightings, their messages, and of logs all that people read."""

    places: Sequence[int]
    messages: Mapping[int, str]
    descriptions: Mapping[int, Description]


async def add_occurrences(
    stored: Occurrences,
    sightings: Sequence[Sighting],
    leads: Sequence[Place],
    times: Sequence[datetime],
    now: datetime,
) -> list[UUID]:
    """Store the sightings; their ids, in the order of their places. `leads`: where each sighting leads to.

    What an event says of itself stays in its payload, and is read from there.
    """
    ids = uuids7(now, len(stored.places))
    rows = [
        (
            occurrence_id,
            now,
            leads[place].fingerprint_id,
            times[place],
            stored.messages[place],
            *_told(stored, place, sightings[place]),
        )
        for occurrence_id, place in zip(ids, stored.places, strict=True)
    ]
    await copy_in("occurrence", _OCCURRENCE, rows)
    return ids


def _told(stored: Occurrences, place: int, sighting: Sighting) -> tuple[object, ...]:
    """Where it was heard of, and what is stored of it."""
    origin, event = sighting.origin, sighting.reported
    instance_id, app_id = (origin.id, None) if origin.source is Source.LOG else (None, origin.id)
    heard = (origin.organization_id, origin.project_id, instance_id, app_id)
    if event is None:
        packed = _packed(stored.descriptions[place].detail, origin)
        return (*heard, packed, origin.environment, None, None, None, None)
    told = (event.environment, event.event_id, event.session_id, event.user_id, event.version)
    return (*heard, _NO_DETAIL, *told)


_OCCURRENCE: Final = (
    *("id", "received_at", "fingerprint_id", "occurred_at", "message"),
    *("organization_id", "project_id", "instance_id", "app_id"),
    *("detail", "environment", "event_id", "session_id", "user_id", "app_version"),
)


def _columns(
    sums: Mapping[int, Sum] | Mapping[UUID, Sum],
) -> tuple[list[int], list[int], list[datetime], list[datetime], list[datetime | None]]:
    return (
        [found.total for found in sums.values()],
        [found.stored for found in sums.values()],
        [found.first_seen_at for found in sums.values()],
        [found.last_seen_at for found in sums.values()],
        [found.last_stored_at for found in sums.values()],
    )


_NO_DETAIL: Final = pack(Detail())


def _packed(detail: Detail, origin: Origin) -> bytes:
    """The detail, with the version that ran at that time."""
    if origin.odoo_version or origin.commit_sha:
        detail = replace(detail, odoo_version=_safe(origin.odoo_version), commit_sha=_safe(origin.commit_sha))
    return pack(detail)


def _safe(text: str | None) -> str | None:
    return None if text is None else name(text)
