"""What events bring along, remembered: sessions, users, tags and versions.

Comes in: a batch whose groups are locked. Goes out: what was new to each group. One statement for each table, whatever
the length of the batch, two for sessions, and none for logs. Versions are noted for all events, whether they are errors
or not. Sessions and users are rows of fingerprints, so that a merge has nothing to move; a group counts those that none
of its fingerprints knew. The statements see the tables as they were before them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from app.recording.grouping import Place
from app.recording.sightings import Reported, Sighting
from app.tables.database import copy_in, fetch

TAGS_LIMIT: Final = 2000
"""Different tags that are noted of a fingerprint: an id in a tag must not fill the disk. Known ones are counted on."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The events of a batch: of each its place, its fingerprint, its time, and what it brings along. `groups`: by fingerprint."""

    events: Sequence[tuple[int, int, datetime, Reported]]
    groups: Mapping[int, UUID]

    @classmethod
    def of(cls, sightings: Sequence[Sighting], leads: Sequence[Place], times: Sequence[datetime]) -> "Batch":
        """Those of the sightings that are events. `leads`: where each of them leads to."""
        return cls(
            [
                (place, led.fingerprint_id, at, sighting.reported)
                for place, (sighting, led, at) in enumerate(zip(sightings, leads, times, strict=True))
                if sighting.reported is not None
            ],
            {led.fingerprint_id: led.group_id for led in leads},
        )


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of a batch that fingerprints do not know yet, by when they were first seen.

    `fresh`: of each group those of them that none of its fingerprints knows.
    """

    first_seen: Mapping[tuple[int, str], datetime] = field(default_factory=dict)
    fresh: Mapping[UUID, Set[str]] = field(default_factory=dict)


async def new_sessions(batch: Batch) -> Sessions:
    """Which sessions are new. So it stays until the transaction ends, as their groups are locked."""
    first: dict[tuple[int, str], datetime] = {}
    for _, fingerprint_id, at, reported in batch.events:
        if reported.session_id is not None:
            seen = (fingerprint_id, reported.session_id)
            if seen not in first or at < first[seen]:
                first[seen] = at
    if not first:
        return Sessions()
    ordered = sorted(first)
    [new] = await fetch(
        _NEW_SESSIONS,
        [fingerprint_id for fingerprint_id, _ in ordered],
        [session_id for _, session_id in ordered],
        list(batch.groups),
        list(batch.groups.values()),
    )
    fresh = defaultdict[UUID, set[str]](set)
    for place in new["fresh"]:
        fingerprint_id, session_id = ordered[place - 1]
        fresh[batch.groups[fingerprint_id]].add(session_id)
    return Sessions({seen: first[seen] for seen in (ordered[place - 1] for place in new["unknown"])}, fresh)


async def add_sessions(batch: Batch, sessions: Sessions, stored: Set[int]) -> None:
    """Note the new sessions, and of which of them an occurrence is stored; `stored`: the places of those that are."""
    if not sessions.first_seen:
        return
    with_occurrence = {
        (fingerprint_id, reported.session_id)
        for place, fingerprint_id, _, reported in batch.events
        if place in stored
    }
    await copy_in(
        "fingerprint_session",
        ("fingerprint_id", "session_id", "first_seen_at", "is_stored"),
        [(*seen, at, seen in with_occurrence) for seen, at in sessions.first_seen.items()],
    )


async def add_users(batch: Batch) -> dict[UUID, int]:
    """Note the users; how many are new to each group."""
    seen: dict[tuple[int, str], tuple[datetime, datetime]] = {}
    for _, fingerprint_id, at, reported in batch.events:
        if reported.user_id is not None:
            who = (fingerprint_id, reported.user_id)
            first, last = seen.get(who, (at, at))
            seen[who] = min(at, first), max(at, last)
    if not seen:
        return {}
    ordered = sorted(seen)
    rows = await fetch(
        _ADD_USERS,
        [fingerprint_id for fingerprint_id, _ in ordered],
        [user_id for _, user_id in ordered],
        [seen[who][0] for who in ordered],
        [seen[who][1] for who in ordered],
        list(batch.groups),
        list(batch.groups.values()),
    )
    return {row["group_id"]: row["number"] for row in rows}


async def add_tags(batch: Batch) -> dict[int, int]:
    """Count the tags, with the release and the environment among them; how many are new to each fingerprint."""
    seen: dict[tuple[int, str, str], tuple[int, datetime]] = {}
    for _, fingerprint_id, at, reported in batch.events:
        for key, value in _tags(reported).items():
            tag = (fingerprint_id, key, value)
            total, latest = seen.get(tag, (0, at))
            seen[tag] = total + 1, max(latest, at)
    if not seen:
        return {}
    ordered = sorted(seen)
    rows = await fetch(
        _ADD_TAGS,
        [fingerprint_id for fingerprint_id, _, _ in ordered],
        [key for _, key, _ in ordered],
        [value for _, _, value in ordered],
        [seen[tag][0] for tag in ordered],
        [seen[tag][1] for tag in ordered],
        TAGS_LIMIT,
    )
    return {row["fingerprint_id"]: row["number"] for row in rows}


async def add_versions(seen: Mapping[tuple[UUID, str], UUID], now: datetime) -> None:
    """Note the versions that events came from, errors or not, so that it is known which one is the newest.

    `seen`: apps and versions, with the app's organization. Once in a transaction, as it takes locks in their order.
    """
    if seen:
        ordered = sorted(seen)
        await fetch(
            """
            insert into app_version (app_id, version, organization_id, first_seen_at)
            select n.*, $4 from unnest($1::uuid[], $2::text[], $3::uuid[]) as n(app_id, version, organization_id)
            where not exists (select from app_version as v where v.app_id = n.app_id and v.version = n.version)
            on conflict (app_id, version) do nothing
            """,
            [app_id for app_id, _ in ordered],
            [version for _, version in ordered],
            [seen[one] for one in ordered],
            now,
        )


def _tags(reported: Reported) -> dict[str, str]:
    """The tags of an event; what the app says in a field of its own wins."""
    tags = dict(reported.tags)
    if reported.version is not None:
        tags["release"] = reported.version
    if reported.environment is not None:
        tags["environment"] = reported.environment
    return tags


# What is known is asked for row by row, by the primary key: nothing is known of how large these tables are, and a plan that
# reads all of one is chosen easily. Nearly all groups have one fingerprint; which have more is looked up once for the batch.
_NEW_SESSIONS: Final = """
with given as materialized (
    select * from unnest($1::bigint[], $2::text[]) with ordinality as n(fingerprint_id, session_id, place)
), others as materialized (
    select g.fingerprint_id, f.id from unnest($3::bigint[], $4::uuid[]) as g(fingerprint_id, group_id)
    join fingerprint as f on f.group_id = g.group_id and f.id <> g.fingerprint_id
), unknown as materialized (
    select * from given as g where (
        select true from fingerprint_session as s
        where s.fingerprint_id = g.fingerprint_id and s.session_id = g.session_id
    ) is null
), known as (
    select u.place from unknown as u join others as o using (fingerprint_id)
    where (select true from fingerprint_session as s where s.fingerprint_id = o.id and s.session_id = u.session_id)
)
select array(select place from unknown order by place) as unknown,
    array(select place from unknown where place not in (select place from known)) as fresh
"""

_ADD_USERS: Final = """
with given as materialized (
    select * from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[])
        as n(fingerprint_id, user_id, first_seen_at, last_seen_at)
), theirs as materialized (
    select g.fingerprint_id, g.group_id, f.id from unnest($5::bigint[], $6::uuid[]) as g(fingerprint_id, group_id)
    join fingerprint as f using (group_id)
), added as (
    insert into fingerprint_user as u (fingerprint_id, user_id, first_seen_at, last_seen_at)
    select fingerprint_id, user_id, first_seen_at, last_seen_at from given
    on conflict (fingerprint_id, user_id) do update
    set first_seen_at = least(u.first_seen_at, excluded.first_seen_at),
        last_seen_at = greatest(u.last_seen_at, excluded.last_seen_at)
    where u.last_seen_at < excluded.last_seen_at or u.first_seen_at > excluded.first_seen_at
), seen as (
    select t.group_id, bool_or((
        select true from fingerprint_user as u where u.fingerprint_id = t.id and u.user_id = g.user_id
    )) as is_known
    from given as g join theirs as t using (fingerprint_id)
    group by t.group_id, g.user_id
)
select group_id, count(*) as number from seen where is_known is null group by group_id
"""

_ADD_TAGS: Final = """
with given as materialized (
    select n.*, (
        select true from fingerprint_tag as t
        where t.fingerprint_id = n.fingerprint_id and t.key = n.key and t.value = n.value
    ) as is_known
    from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
        as n(fingerprint_id, key, value, total, last_seen_at)
), unknown as materialized (
    select g.*, f.tag_count + row_number() over (
        partition by g.fingerprint_id order by g.key not in ('release', 'environment'), g.total desc, g.key, g.value
    ) as place
    from given as g join fingerprint as f on f.id = g.fingerprint_id
    where g.is_known is null
), noted as materialized (
    select * from unknown where place <= case when key in ('release', 'environment') then 2 * $6 else $6 end
), added as (
    insert into fingerprint_tag as t (fingerprint_id, key, value, total_count, last_seen_at)
    select fingerprint_id, key, value, total, last_seen_at from given where is_known
    union all
    select fingerprint_id, key, value, total, last_seen_at from noted
    on conflict (fingerprint_id, key, value) do update
    set total_count = t.total_count + excluded.total_count,
        last_seen_at = greatest(t.last_seen_at, excluded.last_seen_at)
)
select fingerprint_id, count(*)::integer as number from noted group by fingerprint_id
"""
