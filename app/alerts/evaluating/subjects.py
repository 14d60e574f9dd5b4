"""What filters ask of errors, for many of them at once.

Comes in: groups, and the filters that will be asked. Goes out: those of the groups that anybody is to be told of, each
with its project and what the filters look at. It is found where lists find it (`app.reading.filters`): instances where
the error was seen and their environments; of apps the tags, among which are releases and environments.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.domain.alerts.filters import AlertFilter
from app.domain.alerts.matching import Subject
from app.reading.filters import SEVERITIES
from app.tables.database import fetch

SEVERITY_NAMES: Final = {number: name for name, number in SEVERITIES.items()}

TOLD: Final = """g.merged_into_id is null and g.deleted_at is null and not g.is_dev and g.status <> 'SILENCED'
    and (g.muted_at is null or g.mute_until <= $1)"""
"""Of which groups `g` anybody is told; `$1` is the time. A mute is over from the moment on that it names."""


@dataclass(frozen=True, slots=True)
class Found:
    """A group's project, and what filters look at."""

    project_id: UUID
    subject: Subject


@dataclass(slots=True)
class _Seen:
    """Where a group was seen, as far as filters ask."""

    environments: set[str] = field(default_factory=set)
    instance_ids: set[UUID] = field(default_factory=set)
    releases: set[str] = field(default_factory=set)
    tags: set[tuple[str, str]] = field(default_factory=set)


async def subjects(
    group_ids: Collection[UUID], filters: Iterable[AlertFilter], *, now: datetime
) -> dict[UUID, Found]:
    """Those of the groups that may be told of. Three statements at most, one where no filter asks for more."""
    rows = await fetch(_GROUPS, now, list(group_ids))
    wanted = set(filters)
    seen: dict[UUID, _Seen] = {}
    if any(one.environments or one.instance_ids for one in wanted):
        for group_id, instance_id, environment in await fetch(
            _INSTANCES, [row["id"] for row in rows if row["app_id"] is None]
        ):
            its = seen.setdefault(group_id, _Seen())
            its.instance_ids.add(instance_id)
            its.environments.add(environment)
    await _add_tags(seen, [row["id"] for row in rows if row["app_id"] is not None], wanted)
    nowhere = _Seen()
    return {row["id"]: Found(row["project_id"], _subject(row, seen.get(row["id"], nowhere))) for row in rows}


async def _add_tags(seen: dict[UUID, _Seen], group_ids: list[UUID], wanted: Collection[AlertFilter]) -> None:
    tags = {tag for one in wanted for tag in one.tags}
    pairs = tags | {("release", release) for one in wanted for release in one.releases}
    by_environment = any(one.environments for one in wanted)
    keys = {key for key, _ in pairs} | ({"environment"} if by_environment else set())
    if not keys or not group_ids:
        return
    rows = await fetch(
        _TAGS,
        group_ids,
        sorted(keys),
        [key for key, _ in pairs],
        [value for _, value in pairs],
        by_environment,
    )
    for group_id, key, value in rows:
        its = seen.setdefault(group_id, _Seen())
        if key == "release":
            its.releases.add(value)
        elif key == "environment":
            its.environments.add(value)
        if (key, value) in tags:
            its.tags.add((key, value))


def _subject(row: Mapping[str, Any], seen: _Seen) -> Subject:
    return Subject(
        frozenset(seen.environments),
        SEVERITY_NAMES.get(row["severity"]),
        row["module"],
        frozenset(seen.instance_ids),
        row["app_id"],
        frozenset(seen.releases),
        frozenset(seen.tags),
        row["assignee_id"],
    )


_GROUPS: Final = f"""
select g.id, g.project_id, g.severity, g.module, g.app_id, g.assignee_id
from error_group as g where g.id = any($2::uuid[]) and {TOLD}
"""  # noqa: S608  a constant
_INSTANCES: Final = """
select s.group_id, s.instance_id, i.environment
from group_instance as s join instance as i on i.id = s.instance_id
where s.group_id = any($1::uuid[])
"""
# Fingerprint by fingerprint: nothing is known of how large the tags are, and a plan that reads all is chosen easily.
_TAGS: Final = """
select f.group_id, t.key, t.value
from fingerprint as f cross join lateral (
    select t.key, t.value from fingerprint_tag as t
    where t.fingerprint_id = f.id and t.key = any($2::text[]) offset 0
) as t
where f.group_id = any($1::uuid[]) and f.retired_at is null
    and ($5 and t.key = 'environment' or (t.key, t.value) in (
        select w.key, w.value from unnest($3::text[], $4::text[]) as w(key, value)))
"""
