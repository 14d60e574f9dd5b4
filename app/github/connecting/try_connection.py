"""Try the connection that a project has.

Comes in: the project. Goes out: what is missing, and what its repository is called now. Where all is well, what had
failed is tried again at once, and what was found is kept: the repository's new name, our own, and where the App is
installed now. Where something is missing nothing is stored: the worker finds it out by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import ConfigurationError, NotFound
from app.github.api.client import AppCredentials
from app.github.asking.waking import wake_github
from app.github.connecting import changing_repository
from app.github.connecting.check import Found, Problem, check
from app.github.connecting.credentials import COLUMNS, Connection, connection, sealed, unsealed_webhook_secret
from app.github.connecting.keys import installation_key
from app.tables.database import fetch, fetch_one, transaction


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
        select {COLUMNS}, c.webhook_secret from github_connection as c
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
        await _store(known, row["credentials"], looked.found, now)
        await wake_github()
    problems = (*looked.problems, *_deafness(project_id, row["webhook_secret"]))
    return Tried(problems, looked.found.repository.full_name if looked.found else None)


def _deafness(project_id: UUID, encrypted: bytes) -> list[Problem]:
    """Why nothing can be heard of GitHub; issues are made all the same."""
    try:
        unsealed_webhook_secret(project_id, encrypted)
    except (ValueError, ConfigurationError):
        told = (
            "the webhook's secret cannot be read any more: connect the project again, which makes a new one"
        )
        return [Problem(told, "webhookSecret")]
    return []


async def _store(known: Connection, encrypted: bytes, found: Found, now: datetime) -> None:
    """It works; unless somebody has changed or removed it since.

    An App that was uninstalled and installed again has another installation, with limits and a turn of its own.
    """
    is_same = found.credentials == known.credentials
    key = known.installation_key if is_same else installation_key(known.base_url, found.credentials)
    app = found.credentials if isinstance(found.credentials, AppCredentials) else None
    async with transaction():
        await fetch(
            "insert into github_installation (key) values ($1) on conflict (key) do update set key = excluded.key",
            key,
        )
        works = await fetch_one(
            """
            update github_connection set repository = $3, checked_at = $4, attempts = 0, problem = null, retry_at = null,
                login = $6, installation_id = $7, installation_key = $8, credentials = $9
            where project_id = $1 and credentials = $2 and repository_id = $5
            returning project_id
            """,
            known.project_id,
            encrypted,
            found.repository.full_name,
            now,
            found.repository.id,
            found.login,
            app and app.installation_id,
            key,
            encrypted if is_same else sealed(known.project_id, found.credentials),
        )
        if works:
            await changing_repository.lock_issues(known.project_id)
            await changing_repository.retry_failed(known.project_id, now)
