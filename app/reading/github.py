"""The issues that errors became on GitHub, and the repositories of projects.

Comes in: an organization, and groups or projects. Goes out: where each issue stands and what holds it up; which repository
a project has and how it goes there. Nothing here holds a secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Issue:
    """A group's issue. `number`, `url` and `state` (open, closed) are None until it is made.

    `sync_error`: what holds it up, its own or its repository's fault; `next_attempt_at`: when it goes on, None where there
    is nothing to do. `repository`: as it is called now, or was called when the issue was last followed.
    """

    group_id: UUID
    number: int | None
    url: str | None
    state: str | None
    repository: str | None
    sync_status: str
    sync_error: str | None
    next_attempt_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Connection:
    """A project's repository. `kind`: app or token; `app_id` is None for a token. `problem`: why nothing can be done there,
    found out when it was last tried, `retry_at` when that is next. `waiting`: issues of which something is to be done,
    `failed`: those of them that are given up for now."""

    project_id: UUID
    base_url: str
    repository: str
    kind: str
    app_id: int | None
    login: str
    comments_back: bool
    problem: str | None
    retry_at: datetime | None
    checked_at: datetime
    created_at: datetime
    waiting: int
    failed: int


async def issues(organization_id: UUID, group_ids: Sequence[UUID]) -> dict[UUID, Issue]:
    """The issues of those of the groups that have one, or are to get one. One statement."""
    rows = await fetch(_ISSUES, organization_id, group_ids)
    return {row["group_id"]: Issue(**dict(row)) for row in rows}


# What was asked for at the very moment in which the repository was taken away waits for nothing.
_ISSUES: Final = """
select i.group_id, i.number, i.url, i.state,
    case when i.sync_status <> 'detached' and c.project_id is not null then c.repository
        else substring(i.url from '^https?://[^/]+/([^/]+/[^/]+)/issues/') end as repository,
    i.sync_status,
    coalesce(i.sync_error, case when i.next_attempt_at is not null then c.problem end) as sync_error,
    case when i.next_attempt_at is not null
        then greatest(i.next_attempt_at, c.retry_at, n.blocked_until) end as next_attempt_at,
    i.created_at
from github_issue as i
left join github_connection as c on c.project_id = i.project_id and c.organization_id = i.organization_id
left join github_installation as n on n.key = c.installation_key
where i.organization_id = $1 and i.group_id = any($2::uuid[])
    and (i.number is not null or c.project_id is not null)
"""


async def connections(organization_id: UUID, project_ids: Sequence[UUID]) -> dict[UUID, Connection]:
    """The repositories of those of the projects that have one. One statement."""
    rows = await fetch(_CONNECTIONS, organization_id, project_ids)
    return {row["project_id"]: Connection(**dict(row)) for row in rows}


_CONNECTIONS: Final = """
select c.project_id, c.base_url, c.repository, c.kind, c.app_id, c.login, c.comments_back, c.problem, c.retry_at,
    c.checked_at, c.created_at, n.waiting, n.failed
from github_connection as c
join project as p on p.id = c.project_id and p.organization_id = $1
cross join lateral (
    select count(*) filter (where i.sync_status <> 'failed') as waiting,
        count(*) filter (where i.sync_status = 'failed') as failed
    from github_issue as i
    where i.project_id = c.project_id and i.next_attempt_at is not null
) as n
where c.organization_id = $1 and c.project_id = any($2::uuid[])
"""
