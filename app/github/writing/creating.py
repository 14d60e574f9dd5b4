"""Making an issue, once: whoever dies, whatever answer is lost.

Comes in: the head of a group's queue that asks for an issue. Goes out: the issue, found or made, or a row that says why
it must wait. An attempt of which nobody knows what became of it is looked for by its marker before another one.
"""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.domain.github import issue_text, labels, markers
from app.github.api.answers import Issue
from app.github.writing import heads, outcomes
from app.github.writing.facts import facts
from app.github.writing.heads import Head
from app.github.writing.labelling import ensured
from app.github.writing.turns import Turn
from app.tables.database import fetch, fetch_one, transaction

SLACK: Final = timedelta(minutes=5)
"""By how much our clock and GitHub's may differ."""


async def create(head: Head, turn: Turn) -> bool:
    """Find the issue, or make it. Whether GitHub took it; not where it is not wanted, or not yet.

    Raises GithubFailure as the client does, and LeaseLost.
    """
    if head.first_tried_at is not None or head.tried_at is not None:
        if not await turn.has_settled(head):
            return False
        if found := await _look_up(head, turn):
            await _store(head, found, turn)
            return True
    if not await _may_be_made(head, turn.clock()):
        return False
    told = await facts(head.organization_id, head.group_id, head.issue_marker, now=turn.clock())
    if told is None:
        async with transaction():
            await _drop(head)
        return False
    wanted = [*labels.labels(told.severity, told.module), *([labels.REGRESSION] if told.is_back else [])]
    names = await ensured(head, wanted, turn)
    title, body = await asyncio.to_thread(lambda: (issue_text.title(told), issue_text.body(told)))
    await turn.ready()
    if not await heads.begin(head, turn.clock()):
        return False
    made = await turn.send(turn.github.create_issue(head.repository, title, body, names))
    await _store(head, made, turn)
    return True


async def _look_up(head: Head, turn: Turn) -> Issue | None:
    """The issue with our marker; the first one, as people may have copied its text.

    Whose it is does not matter: the project may have been given another token since.
    """
    since = min(filter(None, (head.first_tried_at, head.tried_at))) - SLACK
    found = None
    async for issue in turn.read(turn.github.issues_since(head.repository, since)):
        if head.issue_marker in markers.found(issue.body):
            found = issue
    return found


async def _store(head: Head, issue: Issue, turn: Turn) -> None:
    async with transaction():
        await outcomes.made(
            head.group_id,
            head.issue_marker,
            number=issue.number,
            url=issue.url,
            state=issue.state,
            repository_id=head.repository_id,
            now=turn.clock(),
        )


async def _may_be_made(head: Head, now: datetime) -> bool:
    """Whether it is still wanted, and its project has not made as many as it may today; if not, a row says so."""
    async with transaction():
        # The group first, as all lock: whoever opens it again meanwhile finds the row, or finds it gone.
        await fetch("select from error_group where id = $1 for no key update", head.group_id)
        row = await fetch_one(_WANTED, head.group_id, now)
        if row is None or not (row["is_there"] and (head.is_on_demand or row["is_wanted"])):
            await _drop(head)
            return False
        if head.is_on_demand:
            return True
        begins, ends = day(now, row["time_zone"])
        cap = row["github_daily_cap"]
        [[made]] = await fetch(_MADE_TODAY, head.project_id, begins, head.group_id)
        if made < cap:
            return True
    # Not in that transaction: it holds the lock of this issue, and locks of many are taken in the order of their ids.
    await _put_off_all(head, cap, row["time_zone"], ends)
    return False


async def _put_off_all(head: Head, cap: int, time_zone: str, until: datetime) -> None:
    """Have all of the project's that nobody asked for wait; unless it allows more by now, then the head comes again."""
    why = f"{cap} issues have been made today, as many as the project allows: it is made tomorrow"
    if cap == 0:
        why = "the project makes no issues but those that somebody asks for: it may make 0 a day"
    async with transaction():
        # Under lock: whoever changes these has those that wait looked at again, and is to find them all.
        allowed = await fetch_one(
            "select github_daily_cap, time_zone from project where id = $1 for share", head.project_id
        )
        if allowed is not None and tuple(allowed) == (cap, time_zone):
            await fetch(_CAPPED, head.project_id, until, why, head.group_id)


def day(now: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """When the day of `now` began in the zone, and when the next one begins; UTC where there is no such zone."""
    try:
        zone: Any = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = UTC
    today = now.astimezone(zone).date()
    begins = datetime.combine(today, time(), zone).astimezone(UTC)
    return begins, datetime.combine(today + timedelta(days=1), time(), zone).astimezone(UTC)


async def _drop(head: Head) -> None:
    """It is no longer wanted, and was never made: as if nobody had asked. In the caller's transaction."""
    # Under a lock that an earlier statement took: what others have added to the queue until then is seen, and goes, too.
    await fetch("select from github_issue where group_id = $1 for no key update", head.group_id)
    await fetch(_DROP, head.group_id, head.issue_marker)


_WANTED: Final = """
select p.time_zone, p.github_daily_cap,
    g.merged_into_id is null and g.deleted_at is null as is_there,
    g.status in ('NEW', 'ACTIVE', 'IN_PROGRESS', 'REGRESSED') and not g.is_dev
        and (g.muted_at is null or g.mute_until <= $2) as is_wanted
from github_issue as i
join error_group as g on g.id = i.group_id
join project as p on p.id = i.project_id and p.deleted_at is null
where i.group_id = $1
for no key update of i
"""
_MADE_TODAY: Final = """
select count(*) from github_issue
where project_id = $1 and group_id <> $3 and (made_at >= $2 or (made_at is null and attempted_at >= $2))
"""
_CAPPED: Final = """
with waiting as materialized (
    select group_id from github_issue
    where project_id = $1 and number is null and not is_on_demand and next_attempt_at < $2
        and (group_id = $4 or (sync_status in ('waiting', 'capped') and attempted_at is null))
    order by group_id for no key update
)
update github_issue as i set sync_status = 'capped', next_attempt_at = $2, sync_error = $3
from waiting as w where i.group_id = w.group_id
"""
_DROP: Final = """
with dropped as (
    delete from github_issue where group_id = $1 and marker = $2 and number is null returning group_id
)
delete from github_action where group_id in (select group_id from dropped)
"""
