"""From fingerprints to the groups that they point to: known ones found, unknown ones opened, all of them locked.

Whoever records takes locks in one order, so that no two wait for each other: first new fingerprints, sorted by
key, then groups, sorted by id. A group can be merged or deleted between the look and the lock; what was found is
therefore read again under the lock, and all is done anew where it moved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from app import timeline
from app.domain.lifecycle import State
from app.recording.sightings import Sighting
from app.recording.texts import name, safe
from app.tables.database import fetch
from app.tables.identifiers import uuid7

ATTEMPTS: Final = 20
REASON_LIMIT: Final = 64 * 1024
SEVERITY_NUMBER: Final = {"critical": 3, "high": 2, "medium": 1}


class Place(NamedTuple):
    """Where a key leads to; `is_guest`: the group is not the one that the fingerprint opened."""

    fingerprint_id: int
    group_id: UUID
    is_guest: bool = False


class Key(NamedTuple):
    """What makes two sightings the same error, within a project (LOG) or an app (EVENT)."""

    scope_id: UUID
    is_dev: bool
    version: int
    digest: str


def key(sighting: Sighting) -> Key:
    """The key of a sighting."""
    origin, fingerprint = sighting.origin, sighting.fingerprint
    return Key(origin.scope_id, origin.is_dev, fingerprint.version, fingerprint.digest)


@dataclass(frozen=True, slots=True)
class Group:
    """A group under lock, as it was before; `last_stored_at` is the log time of its last stored occurrence.

    `thinned_until`, `refreshed_at`: see `recording.thinning` and `recording.freshness`.
    """

    state: State
    last_stored_at: datetime | None
    thinned_until: datetime | None = None
    refreshed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The fingerprint's id and the group's for each key, and the groups.

    `opened`: the keys of those that are new.
    """

    places: Mapping[Key, Place]
    groups: Mapping[UUID, Group]
    opened: frozenset[Key]


async def find(firsts: Mapping[Key, Sighting], *, now: datetime) -> Found:
    """The groups of all keys, locked; `firsts` has a sighting of each to open a group with.

    RuntimeError: groups moved on and on between the look and the lock.
    """
    keys = sorted(firsts)
    for _ in range(ATTEMPTS):
        await fetch("savepoint look")
        places = await _known(keys)
        unknown = [key for key in keys if key not in places]
        opened = await _open([firsts[key] for key in unknown], now) if unknown else {}
        places |= opened
        if len(opened) < len(unknown):  # others were faster
            places |= await _known([key for key in unknown if key not in opened])
        groups = await _lock({place.group_id for place in places.values()})
        if len(places) == len(keys) and await _stand(places, groups):
            await fetch("release savepoint look")
            return Found(places, groups, frozenset(opened))
        await fetch("rollback to savepoint look")
    raise RuntimeError("the groups of these fingerprints are merged or deleted all the time")


async def _known(keys: Sequence[Key]) -> dict[Key, Place]:
    """The fingerprints that are there, with the groups they lead to."""
    rows = await fetch(
        """
        select n.place, f.id, coalesce(g.merged_into_id, g.id) as group_id, f.home_group_id
        from unnest($1::uuid[], $2::boolean[], $3::smallint[], $4::bytea[])
            with ordinality as n(scope_id, is_dev, version, digest, place)
        join fingerprint as f
            on f.scope_id = n.scope_id and f.is_dev = n.is_dev and f.version = n.version and f.digest = n.digest
        join error_group as g on g.id = f.group_id
        where f.retired_at is null
        """,
        *_columns(keys),
    )
    return {
        keys[row["place"] - 1]: Place(row["id"], row["group_id"], row["group_id"] != row["home_group_id"])
        for row in rows
    }


async def _open(firsts: Sequence[Sighting], now: datetime) -> dict[Key, Place]:
    """New fingerprints with a new group each, except for those that somebody else has made meanwhile.

    Both in one statement, so that there is no group without its fingerprint. Texts, times and counts come later.
    """
    keys = [key(sighting) for sighting in firsts]
    origins = [sighting.origin for sighting in firsts]
    rows = await fetch(
        _OPEN,
        *_columns(keys),
        [safe(sighting.fingerprint.reason, REASON_LIMIT) for sighting in firsts],
        [uuid7(now) for _ in firsts],
        [origin.organization_id for origin in origins],
        [origin.project_id for origin in origins],
        [origin.source for origin in origins],
        [sighting.kind.upper() for sighting in firsts],
        [sighting.module and name(sighting.module) for sighting in firsts],
        [SEVERITY_NUMBER[sighting.severity] for sighting in firsts],
        now,
    )
    return {keys[row["place"] - 1]: Place(row["id"], row["group_id"]) for row in rows}


_OPEN: Final = """
with given as (
    select * from unnest($1::uuid[], $2::boolean[], $3::smallint[], $4::bytea[], $5::text[], $6::uuid[],
        $7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::smallint[])
        with ordinality as n(scope_id, is_dev, version, digest, reason, group_id,
            organization_id, project_id, source, kind, module, severity, place)
), opened as (
    insert into fingerprint (organization_id, scope_id, is_dev, version, digest, reason,
        home_group_id, group_id, first_seen_at, last_seen_at)
    select organization_id, scope_id, is_dev, version, digest, reason, group_id, group_id, 'infinity', '-infinity'
    from given order by place
    on conflict (scope_id, is_dev, version, digest) where retired_at is null do nothing
    returning id, group_id
), grouped as (
    insert into error_group (id, organization_id, project_id, app_id, source, kind, title, message, module,
        severity, status, is_dev, first_seen_at, last_seen_at, created_at)
    select group_id, organization_id, project_id, case when source = 'EVENT' then scope_id end, source, kind,
        '', '', module, severity, 'NEW', is_dev, 'infinity', '-infinity', $13
    from opened join given using (group_id)
)
select opened.id, group_id, place from opened join given using (group_id)
"""


async def _lock(group_ids: set[UUID]) -> dict[UUID, Group]:
    """Those of the groups that are alive, locked against all who change groups, but not against references to them."""
    rows = await fetch(
        f"""
        select id, {timeline.STATE}, last_stored_at, thinned_until, refreshed_at
        from error_group
        where id = any($1::uuid[]) and merged_into_id is null and deleted_at is null
        order by id
        for no key update
        """,  # noqa: S608  a constant
        sorted(group_ids),
    )
    return {
        row["id"]: Group(
            timeline.state(row), row["last_stored_at"], row["thinned_until"], row["refreshed_at"]
        )
        for row in rows
    }


async def _stand(places: Mapping[Key, Place], groups: Mapping[UUID, Group]) -> bool:
    """Whether the fingerprints still lead to the groups, now that these are locked."""
    if not all(place.group_id in groups for place in places.values()):
        return False
    moved = await fetch(
        """
        select from unnest($1::bigint[], $2::uuid[]) as n(id, group_id)
        join fingerprint as f on f.id = n.id
        join error_group as g on g.id = f.group_id
        where coalesce(g.merged_into_id, g.id) <> n.group_id or f.retired_at is not null
        """,
        [place.fingerprint_id for place in places.values()],
        [place.group_id for place in places.values()],
    )
    return not moved


def _columns(keys: Sequence[Key]) -> tuple[list[UUID], list[bool], list[int], list[bytes]]:
    return (
        [key.scope_id for key in keys],
        [key.is_dev for key in keys],
        [key.version for key in keys],
        [bytes.fromhex(key.digest) for key in keys],
    )
