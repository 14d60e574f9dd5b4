"""What stands in the tests of GitHub: a project's repository, the issues of groups, and what is to be done there.

The rows are inserted as they are, with bytes for secrets that nobody can read; whoever speaks to a GitHub brings his own.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.tables.database import fetch, fetch_one
from tests.database import NOW
from tests.recording.stage import Stage

REPOSITORY_ID = 77


async def connected(
    stage: Stage,
    *,
    threshold: int = 1,
    daily_cap: int = 20,
    key: str | None = None,
    base_url: str = "https://api.github.com",
    repository: str = "acme/odoo",
    repository_id: int = REPOSITORY_ID,
    credentials: bytes = b"sealed",
    webhook_secret: bytes = b"sealed",
    comments_back: bool = False,
    login: str = "snaglist[bot]",
) -> str:
    """Give the stage's project a repository, by a token; the key of what it writes through."""
    its_key = key or f"key of {stage.project_id}"
    await fetch("insert into github_installation (key) values ($1) on conflict do nothing", its_key)
    await fetch(
        "update project set github_threshold = $2, github_daily_cap = $3 where id = $1",
        stage.project_id,
        threshold,
        daily_cap,
    )
    await fetch(
        """
        insert into github_connection (project_id, organization_id, base_url, repository, repository_id, credentials,
            webhook_secret, comments_back, created_at, kind, login, installation_key, checked_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'token', $10, $11, $9)
        """,
        stage.project_id,
        stage.organization_id,
        base_url,
        repository,
        repository_id,
        credentials,
        webhook_secret,
        comments_back,
        NOW,
        login,
        its_key,
    )
    return its_key


async def issue(group_id: UUID, number: int | None = 1, **columns: object) -> UUID:
    """Give a group an issue that was made and is in step, or with no number one that is to be made; its marker.

    `columns` of `github_issue` replace what would stand there.
    """
    marker = uuid4()
    made = None if number is None else NOW
    values: dict[str, object] = {
        "group_id": group_id,
        "marker": marker,
        "number": number,
        "url": number and f"https://github.com/acme/odoo/issues/{number}",
        "state": number and "open",
        "sync_status": "synced" if number else "waiting",
        "repository_id": number and REPOSITORY_ID,
        "next_attempt_at": None if number else NOW,
        "made_at": made,
        "created_at": NOW,
    } | columns
    places = ", ".join(f"${place}" for place in range(2, len(values) + 2))
    await fetch(
        f"""
        insert into github_issue (project_id, organization_id, {", ".join(values)}, followed_change_id)
        select project_id, organization_id, {places}, coalesce((select max(c.id) from group_change as c where c.group_id = g.id), 0)
        from error_group as g where id = $1
        """,  # noqa: S608  the tests name them
        group_id,
        *values.values(),
    )
    if number is None:
        await fetch(
            "insert into github_action (group_id, kind, marker, created_at) values ($1, 'create', $2, $3)",
            group_id,
            marker,
            NOW,
        )
    return UUID(str(values["marker"]))


async def issue_of(group_id: UUID) -> dict[str, Any] | None:
    """The row of a group's issue; None where it has none and none was asked for."""
    row = await fetch_one("select * from github_issue where group_id = $1", group_id)
    return None if row is None else dict(row)


async def actions(group_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    """What is to be done on a group's issue, first to last: kind and detail."""
    rows = await fetch("select kind, detail from github_action where group_id = $1 order by id", group_id)
    return [(row["kind"], json.loads(row["detail"])) for row in rows]


async def carried_out(*group_ids: UUID, at: datetime = NOW + timedelta(minutes=1)) -> None:
    """As if the worker had done all that was to be done for the groups; what was asked of their state stands there."""
    await fetch(
        """
        update github_issue as i
        set sync_status = 'synced', next_attempt_at = null,
            number = coalesce(number, abs(hashtext(group_id::text))), made_at = coalesce(made_at, $2),
            repository_id = coalesce(repository_id, $3),
            state = coalesce((
                select a.detail->>'state' from github_action as a
                where a.group_id = i.group_id and a.kind = 'state' order by a.id desc limit 1
            ), state, 'open')
        where group_id = any($1::uuid[])
        """,
        list(group_ids),
        at,
        REPOSITORY_ID,
    )
    await fetch("delete from github_action where group_id = any($1::uuid[])", list(group_ids))
