"""Try the connection that a project has.

Comes in: the project. Goes out: what is missing, and what its repository is called now. Where all is well, what had
failed is tried again at once, and the repository's new name is kept; where something is missing nothing is stored: the
worker finds it out by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import ConfigurationError, NotFound
from app.github.asking.waking import wake_github
from app.github.connecting import changing_repository
from app.github.connecting.check import Found, Problem, check
from app.github.connecting.credentials import COLUMNS, connection
from app.tables.database import fetch_one, transaction


@dataclass(frozen=True, slots=True)
class Tried:
    """What is missing, nothing if it is empty, and the repository's name where it could be read."""

    problems: tuple[Problem, ...]
    repository: str | None


async def try_connection(organization_id: UUID, project_id: UUID, *, now: datetime) -> Tried:
    """Ask GitHub. To be called outside of transactions.

    NotFound: the organization has no such project, or not any more, or it is not connected.
    """
    row = await fetch_one(
        f"""
        select {COLUMNS} from github_connection as c
        join project as p on p.id = c.project_id and p.organization_id = $1 and p.deleted_at is null
        where c.organization_id = $1 and c.project_id = $2
        """,  # noqa: S608  our own words
        organization_id,
        project_id,
    )
    if row is None:
        raise NotFound("there is no such project, or it is not connected to GitHub", field="projectId")
    try:
        known = connection(row)
    except (ValueError, ConfigurationError):
        told = "the credentials cannot be read any more: connect the project again, and give them"
        return Tried((Problem(told, "credentials"),), None)
    looked = await check(
        known.base_url, known.repository, known.credentials, repository_id=known.repository_id
    )
    if looked.found and not looked.problems:
        await _store(project_id, row["credentials"], looked.found, now)
        await wake_github()
    return Tried(looked.problems, looked.found.repository.full_name if looked.found else None)


async def _store(project_id: UUID, encrypted: bytes, found: Found, now: datetime) -> None:
    """It works; unless somebody has changed or removed it since."""
    async with transaction():
        works = await fetch_one(
            """
            update github_connection set repository = $3, checked_at = $4, attempts = 0, problem = null, retry_at = null
            where project_id = $1 and credentials = $2 and repository_id = $5
            returning project_id
            """,
            project_id,
            encrypted,
            found.repository.full_name,
            now,
            found.repository.id,
        )
        if works:
            await changing_repository.lock_issues(project_id)
            await changing_repository.retry_failed(project_id, now)
