"""Take a merge apart: fingerprints go back to the groups that they opened, with all that was counted since.

Comes in: a group, and which of its fingerprints, or all that came to it by merges. Goes out: the groups that got some
back, and the changes. A tombstone awakes with the first of its fingerprints. What was merged in two steps comes apart in
one: each fingerprint knows its own group only. A fingerprint whose group was deleted stays.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app import timeline
from app.accounts.actors import Actor
from app.domain import merging
from app.domain.lifecycle import Move, MoveKind
from app.domain.merging import Standing
from app.errors import BadInput, NotFound
from app.live.announce import announce
from app.recording.priorities import rescore
from app.tables.database import fetch
from app.timeline import Change, Entry
from app.triage import clusters, repeats, totals
from app.triage.clusters import Member
from app.triage.reasons import in_words

MOST: Final = 100
"""Fingerprints that can be named at once."""


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What came of it: the groups that got fingerprints back, and the changes; none where all was so already."""

    group_ids: tuple[UUID, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a fingerprint is, and where it belongs; `total` is its own count."""

    group_id: UUID
    home_id: UUID
    total: int


async def unmerge(
    organization_id: UUID,
    group_id: UUID,
    fingerprint_ids: Sequence[int | None] | None,
    actor: Actor,
    *,
    reason: str | None = None,
    now: datetime,
) -> Unmerged:
    """Bring the fingerprints back; with None all of them. A None among them is an id that means nothing.

    NotFound: there is no such group or fingerprint. BadInput: the group was merged itself, there are no fingerprints, or
    too many, one is the group's own or another's, or the reason is too long; nothing is changed then. Unavailable:
    others change them all the time.
    """
    why = in_words(reason)
    if fingerprint_ids is not None and not 1 <= len(fingerprint_ids) <= MOST:
        raise BadInput(f"between 1 and {MOST} fingerprints can be named at once", field="fingerprintIds")

    async def work() -> Unmerged:
        members = await clusters.lock(organization_id, {group_id})
        _demand(members.get(group_id))
        leaving = await _leaving(organization_id, group_id, fingerprint_ids, members)
        if not leaving:
            return Unmerged((), ())
        await fetch(
            "update fingerprint set group_id = home_group_id where id = any($1::bigint[])", list(leaving)
        )
        became = await _became(organization_id, members, group_id, leaving)
        changes = await timeline.write(
            _entries(organization_id, members, group_id, became, why), now=now, actor=actor
        )
        await _count(organization_id, became, now)
        return Unmerged(tuple(each for each in became if each != group_id), tuple(changes))

    done = await clusters.alone(work)
    await announce(done.changes)
    return done


def _demand(member: Member | None) -> None:
    if member is None:
        raise NotFound("there is no such error", field="id")
    if member.state.merged_into_id is not None:
        raise BadInput("this error was merged itself: name the one that it went into", field="id")


async def _count(organization_id: UUID, became: Mapping[UUID, Standing], now: datetime) -> None:
    at_resolve = {group_id: standing.count_at_resolve for group_id, standing in became.items()}
    await totals.write(organization_id, at_resolve)
    await repeats.mark(organization_id, became)
    await rescore(list(became), now=now)


_PLACES: Final = """
select id, group_id, home_group_id, total_count from fingerprint where organization_id = $1 and retired_at is null"""


async def _leaving(
    organization_id: UUID,
    group_id: UUID,
    fingerprint_ids: Sequence[int | None] | None,
    members: Mapping[UUID, Member],
) -> dict[int, _Place]:
    """The fingerprints that go; those that are at home already need not."""
    if fingerprint_ids is None:
        rows = await fetch(f"{_PLACES} and group_id = $2", organization_id, group_id)
    else:
        known = [each for each in fingerprint_ids if each is not None]
        rows = await fetch(f"{_PLACES} and id = any($2::bigint[])", organization_id, known)
    places = {row["id"]: _Place(row["group_id"], row["home_group_id"], row["total_count"]) for row in rows}
    for place, fingerprint_id in enumerate(fingerprint_ids or ()):
        _check(places.get(fingerprint_id or 0), group_id, members, f"fingerprintIds.{place}")
    return {
        fingerprint_id: place
        for fingerprint_id, place in places.items()
        if place.group_id == group_id != place.home_id and place.home_id in members
    }


def _check(place: _Place | None, group_id: UUID, members: Mapping[UUID, Member], field: str) -> None:
    if place is None:
        raise NotFound("there is no such fingerprint", field=field)
    if place.home_id == group_id:
        raise BadInput("this fingerprint is the error's own: it stays", field=field)
    if place.group_id == group_id and place.home_id not in members:
        raise BadInput("the error that this fingerprint came from was deleted: it stays", field=field)
    if place.group_id not in (group_id, place.home_id):
        raise BadInput("this fingerprint belongs to another error", field=field)


async def _became(
    organization_id: UUID, members: Mapping[UUID, Member], group_id: UUID, leaving: Mapping[int, _Place]
) -> dict[UUID, Standing]:
    """Where the group and those that got fingerprints back stand now, the group first."""
    brought: dict[UUID, int] = defaultdict(int)
    for place in leaving.values():
        brought[place.home_id] += place.total
    counted = await totals.read(organization_id, [group_id, *brought])
    awake = {
        home_id: merging.awakened(
            members[home_id].standing, total, counted[home_id].total, counted[home_id].last_seen_at
        )
        for home_id, total in sorted(brought.items())
    }
    # What a tombstone counted when it was merged, it has not counted since.
    grown = sum(max(0, total - members[home_id].state.total_count) for home_id, total in brought.items())
    own = counted[group_id]
    parted = merging.parted(members[group_id].standing, own.total, own.last_seen_at, grown=grown)
    return {group_id: parted, **awake}


def _entries(
    organization_id: UUID,
    members: Mapping[UUID, Member],
    group_id: UUID,
    became: Mapping[UUID, Standing],
    why: str | None,
) -> list[Entry]:
    awake = [str(each) for each in became if each != group_id]
    parted = [
        Entry(
            organization_id,
            Move(MoveKind.UNMERGED, each, members[each].state.status, standing.state, 0),
            why,
            {"to": awake} if each == group_id else {"from": str(group_id)},
        )
        for each, standing in became.items()
    ]
    ended = [
        Entry(
            organization_id,
            Move(MoveKind.UNMUTED, each, standing.state.status, standing.state, 0),
            "it happened as often as was waited for",
            {"because": "COUNT"},
        )
        for each, standing in became.items()
        if members[each].state.mute is not None and standing.state.mute is None
    ]
    return parted + ended
