"""Carrying out what GitHub told: one delivery after the other, the oldest first, each once.

Comes in: the rows of `github_delivery` that nobody has carried out. Goes out: what they do here and the end of the row, in
one transaction; changes and comments are announced after it. Whoever finds the next one taken lets the other go on, so that
tellings keep their order however many workers there are.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

import msgspec

from app.errors import Unavailable
from app.github.hearing.comment_told import follow_comment
from app.github.hearing.issue_told import By, follow_issue
from app.github.hearing.repository_told import follow_repository
from app.github.hearing.tellings import CommentTold, IssueTold, RepositoryTold, Telling
from app.live.announce import announce, announce_comment
from app.tables.absence import why_away
from app.tables.database import fetch, fetch_one, transaction
from app.timeline import Change
from app.triage import markdown

MOST_ATTEMPTS: Final = 8
"""After so many a delivery is given up."""
PAUSE: Final = timedelta(seconds=15)
"""How long one that failed waits, and four times longer each time."""
AT_ONCE: Final = 100
"""Deliveries of one call."""
LONGEST_IN_ALL: Final = 10.0
"""Seconds after which a call takes up no more."""
LONGEST: Final = 10.0
"""Seconds that one delivery may take."""
KEPT: Final = timedelta(days=30)
"""How long a delivery is known again when it comes once more."""
_PURGED_AT_ONCE: Final = 1000

logger = logging.getLogger(__name__)

_DECODER: Final = msgspec.json.Decoder(Telling)


@dataclass(frozen=True, slots=True)
class _Done:
    """What is to be announced."""

    organization_id: UUID
    changes: Sequence[Change] = ()
    commented_on: UUID | None = None


async def waits(now: datetime) -> bool:
    """Whether there is something to be carried out at this time."""
    return bool(await fetch(_NEXT, now, PAUSE))


async def carry_out_deliveries(*, now: datetime) -> int:
    """Carry out what waits, up to `AT_ONCE`; how many were taken up. May run many times at once.

    One that fails is tried again later, ever more rarely, and given up in the end. Raises what the database raises while it
    is away, and Unavailable.
    """
    began = monotonic()
    count = 0
    while count < AT_ONCE and monotonic() - began < LONGEST_IN_ALL:
        row = await fetch_one(_NEXT, now, PAUSE)
        if row is None:
            break
        try:
            async with asyncio.timeout(LONGEST):
                done = await _carry_out(row, now)
        except Exception as error:
            if isinstance(error, Unavailable) or (why_away(error) and not isinstance(error, TimeoutError)):
                raise
            await _failed(row, error, now)
        else:
            if done is None:
                break
            await announce(done.changes)
            if done.commented_on is not None:
                await announce_comment(done.organization_id, done.commented_on)
        count += 1
    return count


_WAITING: Final = (
    "handled_at is null and (attempts = 0 or received_at + $2::interval * power(4, attempts - 1) <= $1)"
)
_NEXT: Final = f"""
select project_id, delivery_id, payload, attempts from github_delivery where {_WAITING}
order by received_at, delivery_id, project_id limit 1
"""  # noqa: S608  our own words


async def _carry_out(row: Any, now: datetime) -> _Done | None:
    """Carry it out; None: another one does so at this moment."""
    telling = _DECODER.decode(row["payload"])
    shown = None
    if isinstance(telling, CommentTold) and telling.action != "deleted":
        shown = await markdown.render(telling.body)  # may take seconds: not while something is locked
    async with transaction():
        taken = await fetch_one(_TAKE, row["project_id"], row["delivery_id"])
        if taken is None:
            return None
        done = _Done(taken["organization_id"])
        if taken["handled_at"] is None:
            if taken["login"] is not None:
                done = await _follow(telling, shown, _by(taken), now)
            await fetch(_END, row["project_id"], row["delivery_id"], now)
    return done


async def _follow(telling: Telling, shown: str | None, by: By, now: datetime) -> _Done:
    match telling:
        case IssueTold():
            return _Done(by.organization_id, await follow_issue(telling, by, now=now))
        case CommentTold():
            group_id = await follow_comment(telling, shown, by, now=now)
            return _Done(by.organization_id, commented_on=group_id)
        case RepositoryTold():
            await follow_repository(telling, by, now=now)
            return _Done(by.organization_id)


def _by(row: Any) -> By:
    return By(**{name: row[name] for name in By.__dataclass_fields__})


# A project may have no repository any more; what GitHub told of the one that it had means nothing then.
_TAKE: Final = """
select d.project_id, d.received_at, d.handled_at, p.organization_id, c.base_url, c.repository_id, c.kind, c.login,
    c.comments_back, c.installation_id
from github_delivery as d
join project as p on p.id = d.project_id
left join github_connection as c on c.project_id = d.project_id and p.deleted_at is null
where d.project_id = $1 and d.delivery_id = $2
for update of d skip locked
"""
_END: Final = """
update github_delivery set handled_at = $3, payload = '{}', problem = null where project_id = $1 and delivery_id = $2
"""


async def _failed(row: Any, error: Exception, now: datetime) -> None:
    """Try it again later; what went wrong the last time stays with what was given up."""
    attempts = row["attempts"] + 1
    is_over = attempts >= MOST_ATTEMPTS
    told = {"project_id": str(row["project_id"]), "delivery_id": row["delivery_id"], "attempts": attempts}
    level = logging.ERROR if is_over else logging.WARNING
    logger.log(level, "what GitHub told was not carried out", exc_info=error, extra=told)
    await fetch(
        """
        update github_delivery set attempts = $3, problem = $4, handled_at = case when $5 then $6::timestamptz end,
            payload = case when $5 then '{}' else payload end
        where project_id = $1 and delivery_id = $2 and handled_at is null and attempts = $3 - 1
        """,
        row["project_id"],
        row["delivery_id"],
        attempts,
        f"{type(error).__name__}, see the log",
        is_over,
        now,
    )


async def purge_deliveries(*, now: datetime) -> int:
    """Forget deliveries of 30 days before `now`, or older; how many. May be cut off and run many times at once."""
    removed = 0
    while rows := await fetch(_PURGE, now - KEPT, _PURGED_AT_ONCE):
        removed += len(rows)
        if len(rows) < _PURGED_AT_ONCE:
            break
    return removed


_PURGE: Final = """
with old as (
    select project_id, delivery_id from github_delivery where received_at <= $1
    order by received_at limit $2 for update skip locked
)
delete from github_delivery as d using old
where d.project_id = old.project_id and d.delivery_id = old.delivery_id
returning 1
"""
