"""The tags that the errors of apps carry: which values are the most frequent.

Comes in: groups. Goes out: the most frequent values of each of their tags, added up over their fingerprints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.reading.conditions import can_be_stored
from app.tables.database import fetch

MOST_KEYS: Final = 50
MOST_VALUES: Final = 10


@dataclass(frozen=True, slots=True)
class TagValue:
    """A value, and how often it was there."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, with its most frequent values, the most frequent first."""

    key: str
    values: tuple[TagValue, ...]


async def tags(
    organization_id: UUID, group_ids: Sequence[UUID], key: str | None = None
) -> dict[UUID, list[Tag]]:
    """The tags of each of the groups, by name, or the one that is named. One statement.

    The first `MOST_KEYS` tags, `MOST_VALUES` of each.
    """
    if key is not None and not can_be_stored(key):
        return {}
    found: dict[UUID, dict[str, list[TagValue]]] = {}
    for group_id, name, value, count in await fetch(
        _TAGS, organization_id, group_ids, key, MOST_KEYS, MOST_VALUES
    ):
        found.setdefault(group_id, {}).setdefault(name, []).append(TagValue(value, count))
    return {
        group_id: [Tag(name, tuple(values)) for name, values in named.items()]
        for group_id, named in found.items()
    }


_TAGS: Final = """
with summed as (
    select f.group_id, t.key, t.value, sum(t.total_count)::bigint as total
    from fingerprint as f join fingerprint_tag as t on t.fingerprint_id = f.id
    where f.organization_id = $1 and f.group_id = any($2::uuid[]) and f.retired_at is null
        and ($3::text is null or t.key = $3)
    group by f.group_id, t.key, t.value
), placed as (
    select *, dense_rank() over (partition by group_id order by key) as key_place,
        row_number() over (partition by group_id, key order by total desc, value) as value_place
    from summed
)
select group_id, key, value, total from placed
where key_place <= $4 and value_place <= $5
order by group_id, key, value_place
"""
