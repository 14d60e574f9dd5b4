"""What other grouping rules would do to the events of a project, before anybody saves them.

Comes in: a project, and the rules to be. Goes out: how many of its newest stored events each rule would decide, and which
errors would be taken apart or put together. Each event is fingerprinted twice, by the rules that there are and by
those to be; both times what is stored is read, without the secrets that were in it when it came.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from app.domain.events import event_fingerprints, grouping_rules, own_events, sentry_events
from app.domain.events.event import Format
from app.domain.events.event_frames import Rules
from app.errors import NotFound
from app.reading.payloads import Payload, payloads
from app.tables.database import fetch, fetch_one

EVENTS: Final = 200
"""Events that are looked at."""
OF_EACH: Final = 5
"""Of one fingerprint, at most; more, where there are few errors."""

_log = logging.getLogger(__name__)

_Key = tuple[UUID, bool, str]
"""App, whether it is of developers, digest: where these are the same, it is the same error."""


@dataclass(frozen=True, slots=True)
class Split:
    """An error whose events would go to so many."""

    group_id: UUID
    parts: int


@dataclass(frozen=True, slots=True)
class Decided:
    """How many events a rule would decide, and of which errors these are, the most first."""

    event_count: int
    group_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class Preview:
    """What rules would do to `event_count` events: `changed_count` would have another fingerprint than now.

    `rules`: in their order. `joined`: errors whose events would be one; `split`: errors whose events would be several.
    """

    event_count: int
    changed_count: int
    rules: list[Decided]
    joined: list[list[UUID]]
    split: list[Split]


@dataclass(frozen=True, slots=True)
class _Stored:
    group_id: UUID
    app_id: UUID
    is_dev: bool
    frames: Rules


@dataclass(frozen=True, slots=True)
class _Seen:
    """An event: its error, what it counts as now and then, and the rule that decides it then."""

    group_id: UUID
    now: _Key
    then: _Key
    rule: int | None


async def preview(organization_id: UUID, project_id: UUID, rules: Sequence[grouping_rules.Rule]) -> Preview:
    """What the rules would do. NotFound: the organization has no such project, or not any more."""
    project = await fetch_one(_PROJECT, organization_id, project_id)
    if project is None:
        raise NotFound("there is no such project", field="projectId")
    current = grouping_rules.restored(msgspec.json.decode(project["grouping_rules"]))
    stored = {
        row["event_id"]: _Stored(
            row["group_id"],
            row["app_id"],
            row["is_dev"],
            Rules(tuple(row["in_app_include"]), tuple(row["in_app_exclude"])),
        )
        for row in await fetch(_NEWEST, organization_id, project_id, EVENTS, OF_EACH)
    }
    seen: list[_Seen] = []
    async for some in payloads(organization_id, list(stored)):
        seen += await asyncio.to_thread(_read, some, stored, current, rules)
    return _summed(seen, len(rules))


def _read(
    some: Sequence[Payload],
    stored: dict[UUID, _Stored],
    current: Sequence[grouping_rules.Rule],
    rules: Sequence[grouping_rules.Rule],
) -> list[_Seen]:
    found = []
    for payload in some:
        try:
            found.append(_seen(payload, stored[payload.event_id], current, rules))
        except Exception as error:  # noqa: BLE001  one that cannot be read any more hides no other
            told = {"event_id": str(payload.event_id), "reason": type(error).__name__}
            _log.warning("an event cannot be read for a preview", extra=told)
    return found


def _seen(
    payload: Payload,
    known: _Stored,
    current: Sequence[grouping_rules.Rule],
    rules: Sequence[grouping_rules.Rule],
) -> _Seen:
    read = own_events.read if payload.format is Format.OWN else sentry_events.read
    event = read(msgspec.json.decode(payload.unpacked()), payload.received_at)
    now, then = (event_fingerprints.fingerprint(event, known.frames, by).digest for by in (current, rules))
    decides = (place for place, rule in enumerate(rules) if grouping_rules.matches(rule, event))
    scope = (known.app_id, known.is_dev)
    return _Seen(known.group_id, (*scope, now), (*scope, then), next(decides, None))


def _summed(seen: Sequence[_Seen], number: int) -> Preview:
    ruled = [[one.group_id for one in seen if one.rule == place] for place in range(number)]
    changed = {one.then for one in seen if one.then != one.now}
    together: dict[_Key, list[UUID]] = {}
    apart: dict[UUID, tuple[set[_Key], set[_Key]]] = {}
    for one in seen:
        together.setdefault(one.then, []).append(one.group_id)
        before, after = apart.setdefault(one.group_id, (set(), set()))
        before.add(one.now)
        after.add(one.then)
    joined = [_by_number(groups) for key, groups in together.items() if key in changed]
    return Preview(
        len(seen),
        sum(one.then != one.now for one in seen),
        [Decided(len(groups), _by_number(groups)) for groups in ruled],
        sorted((groups for groups in joined if len(groups) > 1), key=len, reverse=True),
        sorted(
            (Split(key, len(after)) for key, (before, after) in apart.items() if len(after) > len(before)),
            key=lambda split: -split.parts,
        ),
    )


def _by_number(group_ids: Iterable[UUID]) -> list[UUID]:
    """Each once, those that come most often first."""
    counts: dict[UUID, int] = {}
    for group_id in group_ids:
        counts[group_id] = counts.get(group_id, 0) + 1
    return sorted(counts, key=lambda group_id: -counts[group_id])


_PROJECT: Final = (
    "select grouping_rules from project where organization_id = $1 and id = $2 and deleted_at is null"
)
# Of each error the newest event, then the second newest, ...: a storm of one hides no other.
_NEWEST: Final = """
with shown as (
    select g.id, g.last_seen_at from error_group as g
    where g.organization_id = $1 and g.project_id = $2 and g.source = 'EVENT'
        and g.merged_into_id is null and g.deleted_at is null
    order by g.last_seen_at desc, g.id desc limit $3
), heard as (
    select s.id as group_id, f.is_dev, o.event_id, o.app_id, o.occurred_at,
        row_number() over (partition by s.id order by o.occurred_at desc, o.id desc) as place
    from shown as s
    join fingerprint as f on f.group_id = s.id and f.organization_id = $1 and f.retired_at is null
    cross join lateral (
        select o.* from occurrence as o
        where o.organization_id = $1 and o.fingerprint_id = f.id and o.event_id is not null
        order by o.occurred_at desc, o.id desc limit (select greatest($4, $3 / count(*)) from shown)
    ) as o
)
select h.group_id, h.is_dev, h.event_id, h.app_id, a.in_app_include, a.in_app_exclude
from heard as h join app as a on a.id = h.app_id
order by h.place, h.occurred_at desc, h.event_id limit $3
"""
