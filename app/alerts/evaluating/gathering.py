"""What rules matched, gathered: one row for each rule, however much it was.

Comes in: matches, in the caller's transaction. Goes out: rows in `alert_pending`, which `pending` tells of when they are
due: when a moment has passed, so that a storm is one message, and when the rule's quiet time is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from app.domain.alerts.conditions import ConditionKind
from app.tables.database import fetch

GATHERED: Final = timedelta(seconds=2)
"""How long is waited for more before the first is told."""
SAMPLE: Final = 20
"""How many of a rule's matches are told by name; all are counted."""


class Match(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One thing that a rule has matched: a group, an instance (SCAN_FAILING) or an app (OVER_QUOTA), and when.

    `count`: how often; `detail`: what was found, in a few words. It is kept as an array, so that a sample is short enough to
    stay in its row.
    """

    kind: ConditionKind
    id: UUID
    at: datetime
    count: int | None = None
    detail: str | None = None


@dataclass(slots=True)
class Matches:
    """What one rule has matched: how much, and the first `SAMPLE` of it."""

    total: int = 0
    sample: list[Match] = field(default_factory=list)


async def gather(matched: Mapping[UUID, Matches], *, now: datetime) -> None:
    """Add what the rules, by their ids, have matched; the caller has made sure that they are `unchanged`.

    One statement. Rows are locked in the order of their rules' ids, as all do.
    """
    if matched:
        await fetch(
            _GATHER,
            list(matched),
            [its.total for its in matched.values()],
            [msgspec.json.encode(its.sample[:SAMPLE]).decode() for its in matched.values()],
            now,
            GATHERED,
            SAMPLE,
        )


# A row that is there keeps when it is due: what comes meanwhile goes with it.
_GATHER: Final = """
insert into alert_pending as p (rule_id, first_at, due_at, total, sample)
select r.id, $4, greatest($4::timestamptz + $5::interval, r.last_fired_at + make_interval(secs => r.quiet_seconds)),
    n.total, n.sample::jsonb
from unnest($1::uuid[], $2::bigint[], $3::text[]) as n(rule_id, total, sample)
join alert_rule as r on r.id = n.rule_id and r.enabled
order by r.id
on conflict (rule_id) do update
set total = p.total + excluded.total,
    sample = case when jsonb_array_length(p.sample) >= $6 then p.sample else (
        select jsonb_agg(s.one order by s.place)
        from jsonb_array_elements(p.sample || excluded.sample) with ordinality as s(one, place) where s.place <= $6
    ) end
"""
