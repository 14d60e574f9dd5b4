"""The write that is next: of the issue that is due first, the action that was asked for first.

Comes in: the key of an installation, the outcomes of attempts. Goes out: heads of queues, and rows that say what came of
them. All of this is in transactions of its own, none of which is open while GitHub is asked.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.github.asking.actions import ActionKind
from app.github.writing import outcomes
from app.github.writing.tempo import Tempo
from app.tables.database import fetch, fetch_one, transaction

LOUD: Final = 8
"""After so many attempts in a row an issue has failed, for now."""


@dataclass(frozen=True, slots=True)
class Head:
    """The next write of a group's issue.

    `number`: None where the issue was not made yet. `first_tried_at`: when this write may first have been carried out
    without our knowing, `tried_at`: when last; None: it cannot have been.
    """

    action_id: int
    kind: ActionKind
    detail: Mapping[str, Any]
    marker: UUID
    first_tried_at: datetime | None
    organization_id: UUID
    project_id: UUID
    group_id: UUID
    issue_marker: UUID
    number: int | None
    repository: str
    repository_id: int
    installation_key: str
    labels: frozenset[str]
    credentials_hash: str
    tried_at: datetime | None
    attempts: int
    is_on_demand: bool


async def next_head(key: str, now: datetime) -> Head | None:
    """The head that is due first; None: nothing is due, or not in a repository that can be written to."""
    row = await fetch_one(
        """
        select a.id as action_id, a.kind, a.detail, a.marker, a.attempted_at as first_tried_at,
            i.organization_id, i.project_id, i.group_id, i.marker as issue_marker, i.number,
            c.repository, c.repository_id, c.installation_key, c.labels, md5(c.credentials) as credentials_hash,
            i.attempted_at as tried_at, i.attempts, i.is_on_demand
        from github_connection as c
        join project as p on p.id = c.project_id and p.deleted_at is null
        join github_issue as i on i.project_id = c.project_id
        cross join lateral (
            select * from github_action as a where a.group_id = i.group_id order by a.id limit 1
        ) as a
        where c.installation_key = $1 and i.next_attempt_at <= $2 and (c.retry_at is null or c.retry_at <= $2)
            and i.sync_status <> 'detached'
        order by i.next_attempt_at, i.created_at, i.group_id limit 1
        """,
        key,
        now,
    )
    if row is None:
        return None
    columns = dict(row)
    columns["kind"] = ActionKind(columns["kind"])
    columns["detail"] = json.loads(columns["detail"])
    columns["labels"] = frozenset(columns["labels"])
    return Head(**columns)


async def begin(head: Head, now: datetime, *, asked_state: str | None = None) -> bool:
    """Write that the write may be carried out from now on. False: the head is another one by now, and nothing is written.

    `asked_state`: what the issue is to become, by which GitHub's telling of it is known as our own.
    """
    async with transaction():
        if not await _stands(head):
            return False
        await fetch(
            "update github_action set attempted_at = coalesce(attempted_at, $2) where id = $1",
            head.action_id,
            now,
        )
        await fetch(
            """
            update github_issue set attempted_at = $2, asked_state = coalesce($3, asked_state),
                asked_at = case when $3::text is null then asked_at else $2 end
            where group_id = $1
            """,
            head.group_id,
            now,
            asked_state,
        )
    return True


async def done(
    head: Head, now: datetime, *, state: str | None = None, state_at: datetime | None = None
) -> None:
    """The write was carried out: it leaves the queue.

    `state`: what the issue is since `state_at`, by GitHub's clock; what GitHub has told of later than that stays.
    """
    async with transaction():
        if not await _stands(head):
            return
        await fetch("delete from github_action where id = $1", head.action_id)
        await fetch(
            f"""
            update github_issue as i set attempted_at = null, attempts = 0, {SETTLED},
                state = case when told_at > $4 then state else coalesce($3, state) end
            where group_id = $1
            """,  # noqa: S608  a constant
            head.group_id,
            now,
            state,
            state_at,
        )


SETTLED: Final = """sync_error = null,
    sync_status = case when exists (select from github_action as a where a.group_id = i.group_id) then 'waiting' else 'synced' end,
    next_attempt_at = case when exists (select from github_action as a where a.group_id = i.group_id) then $2::timestamptz end"""
"""What an issue `i` is once something of it was done at `$2`: due again at once where there is more to do."""


async def put_off(head: Head, until: datetime, why: str | None = None) -> None:
    """Try again at that time; it does not count as a failure."""
    await fetch(
        """
        update github_issue set next_attempt_at = $2, sync_error = coalesce($3, sync_error)
        where group_id = $1 and next_attempt_at is not null and sync_status <> 'detached'
        """,
        head.group_id,
        until,
        why,
    )


async def failed(head: Head, why: str, now: datetime, tempo: Tempo, *, is_unknown: bool) -> None:
    """The write was refused, or nobody knows what became of it: try again later, ever more rarely."""
    attempts = head.attempts + 1
    has_failed = attempts >= LOUD
    pause = tempo.rest if has_failed else min(tempo.pause * 2 ** (attempts - 1), tempo.longest_pause)
    async with transaction():
        if not await _stands(head):
            return
        if not is_unknown:
            await _not_carried_out(head)
        await fetch(
            """
            update github_issue set attempts = $2, sync_error = $3, next_attempt_at = $4,
                sync_status = case when $5 then 'failed' else sync_status end
            where group_id = $1
            """,
            head.group_id,
            attempts,
            why[:1000],
            now + pause,
            has_failed,
        )
        if is_unknown:
            await given_up(head, now)


async def given_up(head: Head, now: datetime) -> None:
    """Nobody waits any longer for the answer to what was begun: from now on it may be on its way for a while."""
    await fetch(
        """
        update github_issue set attempted_at = greatest(attempted_at, $3)
        where group_id = $1 and marker = $2 and attempted_at is not null
        """,
        head.group_id,
        head.issue_marker,
        now,
    )


async def refused_for_now(head: Head) -> None:
    """The write was not carried out, for a reason that is not the issue's own: it stays as it was before it was begun."""
    async with transaction():
        if await _stands(head):
            await _not_carried_out(head)


async def repository_failed(head: Head, why: str, now: datetime, tempo: Tempo) -> None:
    """Nothing can be written in the repository: its whole project waits, ever longer."""
    await fetch(
        """
        update github_connection set problem = $2, attempts = least(attempts + 1, 1000),
            retry_at = $3::timestamptz + least($4::interval * power(2, least(attempts, 10)), $5::interval)
        where project_id = $1 and repository_id = $6 and installation_key = $7
        """,
        head.project_id,
        why[:1000],
        now,
        tempo.repository_pause,
        tempo.rest,
        head.repository_id,
        head.installation_key,
    )


async def repository_works(head: Head) -> None:
    """Something was written: what was wrong with the repository is over."""
    await fetch(
        """
        update github_connection set problem = null, attempts = 0, retry_at = null
        where project_id = $1 and repository_id = $2 and installation_key = $3
            and (problem is not null or attempts > 0 or retry_at is not null)
        """,
        head.project_id,
        head.repository_id,
        head.installation_key,
    )


async def detach(head: Head, why: str) -> None:
    """Follow the issue no longer: it is not there any more."""
    async with transaction():
        if await _stands(head):
            await outcomes.detach(head.group_id, why)


async def renamed(head: Head, repository: str) -> None:
    """The repository is called otherwise now."""
    await fetch(
        "update github_connection set repository = $2 where project_id = $1 and repository_id = $3",
        head.project_id,
        repository,
        head.repository_id,
    )


async def labelled(head: Head, label: str) -> None:
    """The repository has the label."""
    await fetch(
        """
        update github_connection set labels = array_append(labels, $2)
        where project_id = $1 and not $2 = any(labels) and repository_id = $3 and cardinality(labels) < 1000
        """,
        head.project_id,
        label,
        head.repository_id,
    )


async def _stands(head: Head) -> bool:
    """Whether the head is still what is next, under the lock of its issue."""
    row = await fetch_one(
        "select sync_status from github_issue where group_id = $1 and marker = $2 for no key update",
        head.group_id,
        head.issue_marker,
    )
    if row is None or row["sync_status"] == "detached":
        return False
    first = await fetch_one(
        "select id from github_action where group_id = $1 order by id limit 1", head.group_id
    )
    return first is not None and first["id"] == head.action_id


async def _not_carried_out(head: Head) -> None:
    """What `begin` wrote is taken back to how it was before this attempt."""
    await fetch(
        "update github_action set attempted_at = $2 where id = $1", head.action_id, head.first_tried_at
    )
    await fetch("update github_issue set attempted_at = $2 where group_id = $1", head.group_id, head.tried_at)
