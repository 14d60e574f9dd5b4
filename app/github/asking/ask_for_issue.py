"""Have errors become issues because somebody asks for it: whatever the threshold and the cap, muted or not.

Comes in: groups. Goes out: rows that ask for their issues. An issue that was made stays the error's only one, unless it
is not followed any more: then a new one is made in the repository that the project has now.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.errors import BadInput
from app.github.asking.actions import add
from app.github.asking.states import state_of
from app.github.asking.waking import wake_github
from app.tables.database import fetch, transaction
from app.triage.choose import Chosen, Refused, choose

_SETTLED: Final = ("RESOLVED", "SILENCED")


async def ask_for_issue(organization_id: UUID, group_ids: Sequence[UUID], *, now: datetime) -> None:
    """Ask for an issue for each of the groups; it is made within seconds, unless GitHub is away.

    One that waits, for the next day as well, is due at once; one that failed is tried again; one that is there stays as it
    is. An error that is resolved or silenced gets an issue that is closed at once. To be called outside of transactions.
    BadInput: no group, more than 100. Refused, and nothing is changed: some of the groups are not there, or their
    projects have no repository.
    """
    async with transaction():
        chosen = await choose(organization_id, group_ids)
        await _demand_repositories(chosen)
        issues = await _lock_issues(chosen.states)
        known = [group_id for group_id, status in issues.items() if status != "detached"]
        await _hasten(known, now)
        new = sorted(chosen.states.keys() - set(known))
        await _ask(new, now)
        settled = [group_id for group_id in new if chosen.states[group_id].status in _SETTLED]
        await add([state_of(group_id, chosen.states[group_id].status) for group_id in settled], now=now)
    await wake_github()


async def _demand_repositories(chosen: Chosen) -> None:
    """Nobody takes the repositories away before the transaction has ended."""
    rows = await fetch(
        """
        select g.id from github_connection as c
        join error_group as g on g.project_id = c.project_id and g.organization_id = $1
        join project as p on p.id = c.project_id and p.deleted_at is null
        where c.organization_id = $1 and g.id = any($2::uuid[])
        order by c.project_id for key share of c
        """,
        chosen.organization_id,
        list(chosen.states),
    )
    connected = {row["id"] for row in rows}
    told = "the project of this error has no repository on GitHub: connect it first"
    failures = [
        BadInput(told, field=f"ids.{chosen.places[group_id]}")
        for group_id in chosen.states
        if group_id not in connected
    ]
    if failures:
        raise Refused(failures)


async def _lock_issues(group_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The issues that there are, and how they stand."""
    rows = await fetch(
        """
        select group_id, sync_status from github_issue where group_id = any($1::uuid[])
        order by group_id for no key update
        """,
        list(group_ids),
    )
    return {row["group_id"]: row["sync_status"] for row in rows}


async def _hasten(group_ids: Collection[UUID], now: datetime) -> None:
    """Those that wait to be made, or have failed, are due at once."""
    await fetch(
        """
        update github_issue
        set is_on_demand = is_on_demand or number is null, sync_status = 'waiting', sync_error = null, attempts = 0,
            next_attempt_at = $2
        where group_id = any($1::uuid[]) and (sync_status in ('capped', 'failed') or (sync_status = 'waiting' and number is null))
        """,
        list(group_ids),
        now,
    )


async def _ask(group_ids: Collection[UUID], now: datetime) -> None:
    """Rows for those that have none, and in the place of those that are not followed any more."""
    if not group_ids:
        return
    await fetch(_FORGET, list(group_ids))
    await fetch(_ASK, list(group_ids), now)


# Between our look and these somebody may have wished for one as well: that row stays, with what is to be done on it.
_FORGET: Final = """
with lost as (
    delete from github_issue where group_id = any($1::uuid[]) and sync_status = 'detached' returning group_id
)
delete from github_action as a using lost as l where a.group_id = l.group_id
"""
_ASK: Final = """
with wanted as (
    insert into github_issue as i (group_id, project_id, organization_id, marker, sync_status, next_attempt_at, created_at,
        is_on_demand, followed_change_id)
    select g.id, g.project_id, g.organization_id, gen_random_uuid(), 'waiting', $2, $2, true,
        coalesce((select max(h.id) from group_change as h where h.group_id = g.id), 0)
    from error_group as g where g.id = any($1::uuid[])
    order by g.id
    on conflict (group_id) do update set is_on_demand = true
    returning i.group_id, i.marker, i.xmax = 0 as is_new
)
insert into github_action (group_id, kind, marker, created_at)
select group_id, 'create', marker, $2 from wanted where is_new order by group_id
"""
