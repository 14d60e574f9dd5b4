"""Errors that are probably the same one, so that somebody may merge them.

Comes in: groups. Goes out: for each the groups that are most like it, with the reason. Fingerprints that may be alike
share a key; of each key only the newest are looked at, so that a search costs the same among a hundred groups and among
a million. What was found is compared in earnest by `domain.similarity`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from app.domain import similarity
from app.domain.similarity import Likeness, Sketch
from app.errors import BadInput
from app.recording.likeness import scope
from app.tables.database import fetch

MOST: Final = 20
"""Similar groups of one."""
OF_A_KEY: Final = 50
"""Fingerprints that are looked at for each key, the newest."""
PASSED: Final = 500
"""Fingerprints that are gone over for these: those of the group itself, and of deleted ones, are passed by."""
COMPARED: Final = 40
"""Fingerprints that a group is compared with, those with the rarest keys in common first."""
OWN: Final = 5
"""Fingerprints of a group that are compared, those seen most."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A group that is alive, and how alike it is."""

    group_id: UUID
    likeness: Likeness


async def similar(organization_id: UUID, group_ids: Sequence[UUID], first: int) -> dict[UUID, list[Similar]]:
    """Up to `first` groups for each, the most alike first. Two statements. BadInput: `first` is not 1 to `MOST`."""
    if not 1 <= first <= MOST:
        raise BadInput(f"first is between 1 and {MOST}", field="first")
    asked: dict[UUID, list[Sketch]] = defaultdict(list)
    wanted: set[tuple[UUID, UUID, bool, int]] = set()
    for row in await fetch(_ASKED, organization_id, group_ids, OWN):
        sketch = similarity.sketch(row["reason"], row["message"])
        asked[row["group_id"]].append(sketch)
        where = row["scope_id"], row["is_dev"]
        wanted.update((row["group_id"], *where, key) for key in similarity.keys(sketch, scope(*where)))
    found: dict[UUID, dict[UUID, Likeness]] = defaultdict(dict)
    for row in await _candidates(organization_id, wanted) if wanted else []:
        _compare(row, asked[row["asked_id"]], found[row["asked_id"]])
    return {
        group_id: [Similar(*each) for each in sorted(alike.items(), key=_order)[:first]]
        for group_id, alike in found.items()
    }


async def _candidates(
    organization_id: UUID, wanted: set[tuple[UUID, UUID, bool, int]]
) -> list[asyncpg.Record]:
    ordered = sorted(wanted)
    return await fetch(
        _CANDIDATES,
        organization_id,
        [group_id for group_id, *_ in ordered],
        [scope_id for _, scope_id, _, _ in ordered],
        [is_dev for _, _, is_dev, _ in ordered],
        [key for *_, key in ordered],
        OF_A_KEY,
        COMPARED,
        PASSED,
    )


def _compare(row: asyncpg.Record, asked: Sequence[Sketch], best: dict[UUID, Likeness]) -> None:
    candidate = similarity.sketch(row["reason"], row["message"])
    for sketch in asked:
        found = similarity.likeness(sketch, candidate)
        known = best.get(row["group_id"])
        if found and (known is None or found.score > known.score):
            best[row["group_id"]] = found


def _order(alike: tuple[UUID, Likeness]) -> tuple[float, int]:
    """The most alike first; among equals the newest."""
    group_id, found = alike
    return -found.score, -group_id.int


_ASKED: Final = """
select f.*, left(home.message, 2000) as message
from unnest($2::uuid[]) as asked(group_id)
cross join lateral (
    select group_id, scope_id, is_dev, reason, home_group_id from fingerprint
    where organization_id = $1 and group_id = asked.group_id and retired_at is null
    order by total_count desc, id limit $3
) as f
join error_group as home on home.id = f.home_group_id
"""
_CANDIDATES: Final = """
with hits as materialized (
    select asked.group_id as asked_id, asked.scope_id, asked.is_dev, l.fingerprint_id, 1.0 / l.number as rarity
    from unnest($2::uuid[], $3::uuid[], $4::boolean[], $5::bigint[]) as asked(group_id, scope_id, is_dev, key)
    cross join lateral (
        select fingerprint_id, count(*) over () as number
        from (
            select fingerprint_id from (
                select fingerprint_id from fingerprint_likeness
                where key = asked.key order by fingerprint_id desc limit $8
            ) as passed
            where exists (
                select from fingerprint as f
                where f.id = passed.fingerprint_id and f.retired_at is null and f.group_id <> asked.group_id offset 0
            ) limit $6
        ) as newest
    ) as l
), summed as materialized (
    select asked_id, scope_id, is_dev, fingerprint_id, sum(rarity) as rarity
    from hits group by asked_id, scope_id, is_dev, fingerprint_id
), ranked as materialized (
    select s.asked_id, f.id, f.group_id,
        row_number() over (partition by s.asked_id order by s.rarity desc, f.id desc) as place
    from summed as s join fingerprint as f on f.id = s.fingerprint_id
    where f.organization_id = $1 and f.scope_id = s.scope_id and f.is_dev = s.is_dev
        and f.retired_at is null and f.group_id <> s.asked_id
)
select r.asked_id, r.group_id, f.reason, left(home.message, 2000) as message
from ranked as r
join fingerprint as f on f.id = r.id
join error_group as g on g.id = r.group_id
join error_group as home on home.id = f.home_group_id
where r.place <= $7 and g.organization_id = $1 and g.merged_into_id is null and g.deleted_at is null
"""
