"""Merge errors into one: fingerprints are pointed elsewhere, and nothing that hangs on them moves.

Comes in: the group that stays, and up to 50 others. Goes out: the id of the one that stayed, and the changes. The others
become tombstones: hidden, with their texts, status and counts as they were, and named by old links. What was merged into
them is from then on merged into the one that stays.

Who reads a list may be late. A primary that was merged away meanwhile stands for its survivor, as somebody has said that
they are the same; another that went into that one is there already, and nothing is left to do for it. But another that
went into a third group is refused: nobody has said that all of the third are this error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app import timeline
from app.accounts.actors import Actor
from app.domain import merging
from app.domain.lifecycle import Move, MoveKind, State
from app.errors import BadInput, NotFound
from app.live.announce import announce
from app.recording.priorities import rescore
from app.tables.database import fetch
from app.timeline import Change, Entry
from app.triage import clusters, repeats, totals
from app.triage.clusters import Member
from app.triage.reasons import in_words

MOST: Final = 50
"""Groups that can be merged into another one at once."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it: the group that stayed, and the changes, none where all was so already."""

    survivor_id: UUID
    changes: tuple[Change, ...]


async def merge(
    organization_id: UUID,
    primary_id: UUID | None,
    secondary_ids: Sequence[UUID | None],
    actor: Actor,
    *,
    reason: str | None = None,
    now: datetime,
) -> Merged:
    """Merge the secondaries into the primary. None is an id that means nothing.

    NotFound: a group is not there, or not the organization's. BadInput: there are no others, or too many, one of them
    twice, the primary itself, one of another project, app or kind of source, one that was merged elsewhere, or the reason
    is too long; nothing is changed then. Unavailable: others change them all the time.
    """
    why = in_words(reason)
    wanted = _checked(primary_id, secondary_ids)
    if primary_id is None:
        raise NotFound("there is no such error", field="primaryId")

    async def work() -> Merged:
        members = await clusters.lock(organization_id, {primary_id, *wanted})
        survivor_id = _survivor(members, primary_id)
        joining = _joining(members, survivor_id, wanted)
        if not joining:
            return Merged(survivor_id, ())
        await _point(organization_id, survivor_id, joining)
        entries, at_resolve = await _entries(organization_id, members, survivor_id, joining, why)
        changes = await timeline.write(entries, now=now, actor=actor)
        await totals.write(organization_id, at_resolve)
        await repeats.mark(organization_id, [survivor_id])
        await rescore([survivor_id], now=now)
        return Merged(survivor_id, tuple(changes))

    done = await clusters.alone(work)
    await announce(done.changes)
    return done


def _checked(primary_id: UUID | None, secondary_ids: Sequence[UUID | None]) -> list[UUID]:
    """What can be judged without a look."""
    if not 1 <= len(secondary_ids) <= MOST:
        raise BadInput(
            f"between 1 and {MOST} errors can be merged into another one at once", field="secondaryIds"
        )
    wanted: list[UUID] = []
    for place, group_id in enumerate(secondary_ids):
        field = f"secondaryIds.{place}"
        if group_id is None:
            raise NotFound("there is no such error", field=field)
        if group_id == primary_id:
            raise BadInput("an error cannot be merged into itself", field=field)
        if group_id in wanted:
            raise BadInput("this error is named twice", field=field)
        wanted.append(group_id)
    return wanted


def _survivor(members: Mapping[UUID, Member], primary_id: UUID) -> UUID:
    if primary_id in members:
        survivor_id = members[primary_id].state.merged_into_id or primary_id
        if survivor_id in members:
            return survivor_id
    raise NotFound("there is no such error", field="primaryId")


def _joining(members: Mapping[UUID, Member], survivor_id: UUID, wanted: Sequence[UUID]) -> list[UUID]:
    """Those of the wanted that are not in the survivor yet."""
    joining = []
    for place, group_id in enumerate(wanted):
        field = f"secondaryIds.{place}"
        member = members.get(group_id)
        if member is None:
            raise NotFound("there is no such error", field=field)
        if survivor_id in (group_id, member.state.merged_into_id):
            continue
        if member.state.merged_into_id is not None:
            raise BadInput("this error was merged into another one: name that one", field=field)
        if member.family != members[survivor_id].family:
            raise BadInput(
                "only errors of one project, one app and one kind of source, and either all or none of developers'"
                " builds, can be merged",
                field=field,
            )
        joining.append(group_id)
    return joining


async def _point(organization_id: UUID, survivor_id: UUID, joining: Sequence[UUID]) -> None:
    """Point what leads to the joining groups at the survivor: fingerprints, and tombstones of earlier merges."""
    given = (organization_id, survivor_id, list(joining))
    await fetch(
        "update fingerprint set group_id = $2 where organization_id = $1 and group_id = any($3::uuid[])",
        *given,
    )
    await fetch(
        "update error_group set merged_into_id = $2 where organization_id = $1 and merged_into_id = any($3::uuid[])",
        *given,
    )


async def _entries(
    organization_id: UUID,
    members: Mapping[UUID, Member],
    survivor_id: UUID,
    joining: Sequence[UUID],
    why: str | None,
) -> tuple[list[Entry], dict[UUID, int | None]]:
    """What is to be written, and the survivor's count at its resolution."""
    counted = await totals.read(organization_id, [survivor_id])
    before = members[survivor_id].standing
    others = [members[group_id].standing for group_id in joining]
    after = merging.merged(before, others, counted[survivor_id].total)

    def entry(group_id: UUID, became: State, detail: Mapping[str, object]) -> Entry:
        move = Move(MoveKind.MERGED, group_id, members[group_id].state.status, became, 0)
        return Entry(organization_id, move, why, detail)

    entries = [entry(survivor_id, after.state, {"from": [str(group_id) for group_id in joining]})]
    for group_id in joining:
        tombstone = replace(members[group_id].state, merged_into_id=survivor_id)
        entries.append(entry(group_id, tombstone, {"into": str(survivor_id)}))
    return entries, {survivor_id: after.count_at_resolve}
