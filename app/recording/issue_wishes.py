"""Groups that should become issues on GitHub: each gets a row that says so, and what is to be done first.

Comes in: groups that may have reached their project's threshold, in the caller's transaction, which holds their locks
or has just changed them. Goes out: rows in `github_issue` and `github_action`, once for each group.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from app.tables.database import fetch


async def wish(group_ids: Collection[UUID], *, now: datetime) -> None:
    """Ask for an issue for each of the groups that should have one and has none yet.

    It should have one: its project has a repository, its count has come to the project's threshold, it is open, and it is
    neither muted, nor merged away, nor from a developer's build. One statement where all have theirs, else two; none
    without groups.
    """
    if not group_ids:
        return
    missing = [row["id"] for row in await fetch(_MISSING, sorted(group_ids))]
    if missing:
        await fetch(_WISH, missing, now)


# Most groups of a batch have theirs, and nothing else of them is read. Written so, it is one look into the index for
# each, whatever the planner thinks of either side; as a join it took three times as long.
_MISSING: Final = """
select w.id from unnest($1::uuid[]) as w(id)
where (select i.group_id from github_issue as i where i.group_id = w.id) is null
"""

# What happened before the issue was asked for is no news on it: it follows from the newest change on.
_WISH: Final = """
with wished as (
    insert into github_issue
        (group_id, project_id, organization_id, marker, sync_status, next_attempt_at, created_at, followed_change_id)
    select g.id, g.project_id, g.organization_id, gen_random_uuid(), 'waiting', $2, $2,
        coalesce((select max(h.id) from group_change as h where h.group_id = g.id), 0)
    from error_group as g
    join project as p on p.id = g.project_id and p.deleted_at is null
    join github_connection as c on c.project_id = g.project_id
    where g.id = any($1::uuid[]) and g.total_count >= p.github_threshold
        and g.status in ('NEW', 'ACTIVE', 'IN_PROGRESS', 'REGRESSED')
        and (g.muted_at is null or g.mute_until <= $2)
        and not g.is_dev and g.merged_into_id is null and g.deleted_at is null
    order by g.id
    for key share of c -- whoever disconnects it finds the issue, or ends before
    on conflict (group_id) do nothing
    returning group_id, marker
)
insert into github_action (group_id, kind, marker, created_at)
select group_id, 'create', marker, $2 from wished order by group_id
"""
