"""Who sends which delivery: it is taken for a while, and whoever took it says what came of it.

Comes in: the time, and outcomes. Goes out: deliveries that are taken, and rows that say how they ended. A delivery is
taken, and that committed, before it is sent, by the database's clock; who does not come back in time has lost it, and
what he stores then changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.events.event_texts import clean
from app.tables.database import fetch, fetch_one

LEASE: Final = timedelta(seconds=60)
"""How long a delivery is taken for."""
AT_ONCE: Final = 20
"""Deliveries that are taken together."""
MOST_TAKEN: Final = 60
"""Deliveries that are taken at a time in all, so that receivers that hang hold up few of the workers' places."""
ATTEMPTS: Final = 10
"""After so many a delivery has failed."""
ERROR_LIMIT: Final = 500
"""Characters of a sentence that says why."""
_LOOKED_AT: Final = 10_000
"""The oldest that are due; among them turns are taken."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that is ours until `taken_until`; `attempts`: this one among them. `why_not`: it must not be sent."""

    id: UUID
    organization_id: UUID
    kind: str
    body: str
    channel: bytes | None
    attempts: int
    taken_until: datetime
    why_not: str | None


async def take(now: datetime) -> list[Taken]:
    """Take what is due, each target's oldest first; none: nothing is, or others have it.

    Turns are taken by organizations and kinds, and within these by targets: no digest for thousands of members keeps an
    alert waiting, and nobody's messages those of others.

    To be called outside of transactions, so that it is committed before anything is sent.
    """
    rows = await fetch(_TAKE, now, LEASE, _LOOKED_AT, AT_ONCE, MOST_TAKEN)
    return [
        Taken(
            row["id"],
            row["organization_id"],
            row["kind"],
            row["body"],
            row["channel"],
            row["attempts"],
            row["taken_until"],
            _why_not(row),
        )
        for row in rows
    ]


def _why_not(row: Any) -> str | None:
    """The sentence that says why it must not be sent; None: it may."""
    if row["kind"] == "alert" and row["rule_id"] is None:
        return "the rule was deleted before it was sent"
    if row["kind"] == "alert" and row["is_rule_off"]:
        return "the rule was switched off before it was sent"
    if row["is_project_deleted"]:
        return "the project was deleted before it was sent"
    if row["is_person_disabled"]:
        return "the member's account was disabled before it was sent"
    if row["is_unwanted"]:
        return "the member wants no digests of this project any more"
    if row["attempts"] > ATTEMPTS:
        return f"it was begun {ATTEMPTS} times, and whoever did so never came back"
    return None


# In the order of the index alone, and by an array of ids: else all that is due is read, which may be 100,000 at a time.
_TAKE: Final = """
with oldest as (
    select id, organization_id, kind, target, next_attempt_at from delivery
    where status = 'waiting' and next_attempt_at <= $1
        and (taken_until is null or taken_until <= clock_timestamp())
    order by next_attempt_at limit $3
), by_target as (
    select *, row_number() over (
        partition by organization_id, kind, target order by next_attempt_at, id
    ) as turn from oldest
), wanted as (
    select id from by_target
    order by row_number() over (partition by organization_id, kind order by turn, next_attempt_at, id),
        next_attempt_at, id
    limit (select greatest(0, least($4, $5 - count(*))) from delivery
        where status = 'waiting' and next_attempt_at <= $1 and taken_until > clock_timestamp())
), held as (
    select id from delivery
    where id = any(array(select id from wanted)) and status = 'waiting' and next_attempt_at <= $1
        and (taken_until is null or taken_until <= clock_timestamp())
    order by id for update skip locked
), taken as (
    update delivery as d set taken_until = clock_timestamp() + $2::interval, attempts = d.attempts + 1
    from held where held.id = d.id
    returning d.*
)
select t.id, t.organization_id, t.kind, t.body, t.channel, t.attempts, t.taken_until, t.rule_id,
    not r.enabled as is_rule_off,
    p.deleted_at is not null as is_project_deleted,
    h.disabled_at is not null as is_person_disabled,
    t.kind = 'digest' and o.membership_id is not null as is_unwanted
from taken as t
left join alert_rule as r on r.id = t.rule_id
left join project as p on p.id = t.project_id
left join membership as m on m.id = t.membership_id
left join person as h on h.id = m.person_id
left join digest_opt_out as o on o.membership_id = t.membership_id and o.project_id = t.project_id
order by t.next_attempt_at, t.id
"""


async def sent(taken: Taken, now: datetime) -> bool:
    """It was sent: what it said, and where to, is not kept. False: it was not ours any more, and nothing changed."""
    return await fetch_one(_SENT, taken.id, taken.taken_until, now) is not None


async def failed(taken: Taken, why: str) -> bool:
    """It is given up, for this reason. False: as above."""
    return await fetch_one(_FAILED, taken.id, taken.taken_until, clean(why)[:ERROR_LIMIT]) is not None


async def put_off(taken: Taken, why: str, until: datetime) -> bool:
    """It failed for this reason, and is tried again. False: as above."""
    return await fetch_one(_PUT_OFF, taken.id, taken.taken_until, clean(why)[:ERROR_LIMIT], until) is not None


async def give_back(untried: Sequence[Taken], until: datetime | None = None) -> None:
    """They were not tried, which is as if they had not been taken. `until`: nobody is to try them before."""
    if untried:
        await fetch(_GIVE_BACK, [one.id for one in untried], [one.taken_until for one in untried], until)


async def waits(now: datetime) -> bool:
    """Whether something is due."""
    row = await fetch_one(
        """
        select from delivery where status = 'waiting' and next_attempt_at <= $1
            and (taken_until is null or taken_until <= clock_timestamp())
        limit 1
        """,
        now,
    )
    return row is not None


_SENT: Final = """
update delivery
set status = 'sent', sent_at = $3, error = null, next_attempt_at = null, taken_until = null, channel = null,
    body = jsonb_build_object('title', body -> 'title')
where id = $1 and taken_until = $2 and status = 'waiting'
returning id
"""
_FAILED: Final = """
update delivery set status = 'failed', error = $3, next_attempt_at = null, taken_until = null
where id = $1 and taken_until = $2 and status = 'waiting'
returning id
"""
_PUT_OFF: Final = """
update delivery set error = $3, next_attempt_at = $4, taken_until = null
where id = $1 and taken_until = $2 and status = 'waiting'
returning id
"""
_GIVE_BACK: Final = """
update delivery as d
set taken_until = null, attempts = greatest(0, d.attempts - 1),
    next_attempt_at = greatest(d.next_attempt_at, coalesce($3, d.next_attempt_at))
from unnest($1::uuid[], $2::timestamptz[]) as n(id, taken_until)
where d.id = n.id and d.taken_until = n.taken_until and d.status = 'waiting'
"""
