"""What became of a repository, or of an App's installation, noted at the connections that it is about.

Comes in: a telling, and the connection that it came by, in the caller's transaction. Goes out: the connection's name, and
whether anything can be done there; the worker reads it before its next write.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from app.github.api.names import checked_repository
from app.github.hearing.issue_told import By
from app.github.hearing.tellings import RepositoryTold
from app.tables.database import fetch

AGAIN: Final = timedelta(hours=6)
"""When it is tried again, whatever was told."""

PROBLEMS: Final[Mapping[str, str]] = {
    "repository.deleted": "the repository was deleted on GitHub",
    "repository.archived": "the repository was archived on GitHub: nothing can be written to it",
    "installation.deleted": "the GitHub App was uninstalled: install it again, and then try the connection",
    "installation.suspend": "the GitHub App's installation was suspended",
    "installation_repositories.removed": "the GitHub App may no longer use the repository",
}
MENDED: Final = frozenset(
    {
        "repository.unarchived",
        "installation.unsuspend",
        "installation.new_permissions_accepted",
        "installation_repositories.added",
    }
)
RENAMED: Final = frozenset({"repository.renamed", "repository.transferred"})


async def follow_repository(told: RepositoryTold, by: By, *, now: datetime) -> None:
    """Note it at the connection."""
    if told.repository_ids is None and told.installation_id != by.installation_id:
        return
    if told.repository_ids is not None and by.repository_id not in told.repository_ids:
        return
    if told.what in RENAMED:
        await _rename(told, by)
    elif told.what in PROBLEMS:
        await fetch(
            """
            update github_connection set problem = $2, attempts = least(attempts + 1, 1000), retry_at = $3
            where project_id = $1
            """,
            by.project_id,
            PROBLEMS[told.what],
            now + AGAIN,
        )
    elif told.what in MENDED:
        await fetch(
            "update github_connection set problem = null, attempts = 0, retry_at = null where project_id = $1",
            by.project_id,
        )


async def _rename(told: RepositoryTold, by: By) -> None:
    try:
        name = checked_repository(told.repository or "")
    except ValueError:
        return
    await fetch(
        "update github_connection set repository = $2 where project_id = $1 and repository_id = $3",
        by.project_id,
        name,
        by.repository_id,
    )
