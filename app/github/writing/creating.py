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


async def create(head: Head, login: str, turn: Turn) -> None:
    """Find the issue, or make it. `login`: whose issues ours are.

    Raises GithubFailure as the client does, and LeaseLost.
    """
    if head.first_tried_at is not None or head.tried_at is not None:
        if not await turn.has_settled(head):
            return
        if found := await _look_up(head, login, turn):
            await _store(head, found, turn)
            return
    if not await _may_be_made(head, turn.clock()):
        return
    told = await facts(head.organization_id, head.group_id, head.issue_marker, now=turn.clock())
    if told is None:
        await _drop(head)
        return
    wanted = [*labels.labels(told.severity, told.module), *([labels.REGRESSION] if told.is_back else [])]
    names = [label.name for label in wanted if await ensured(head, label, turn)]
    title, body = await asyncio.to_thread(lambda: (issue_text.title(told), issue_text.body(told)))
    await turn.ready()
    if await heads.begin(head, turn.clock()):
        made = await turn.send(turn.github.create_issue(head.repository, title, body, names))
        await _store(head, made, turn)


async def _look_up(head: Head, login: str, turn: Turn) -> Issue | None:
    since = min(filter(None, (head.first_tried_at, head.tried_at))) - SLACK
    async for issue in turn.github.issues_since(head.repository, since, login):
        if head.issue_marker in markers.found(issue.body):
            return issue
    return None


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
        why = f"{cap} issues have been made today, as many as the project allows: it is made tomorrow"
        await fetch(_CAPPED, head.project_id, ends, why, head.group_id)
        return False


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
    """It is no longer wanted, and was never made: as if nobody had asked."""
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
    where project_id = $1 and number is null and not is_on_demand and sync_status in ('waiting', 'capped')
        and next_attempt_at < $2 and (attempted_at is null or group_id = $4)
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
