"""How a project reaches its repository, as the database keeps it, and as those who write there need it.

Comes in: a private key or a token, and the secret of the webhook; a project. Goes out: bytes that only the keys in force
read, and only for that project; the project's connection with what it needs to be used.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from app.accounts.keys_in_force import encryption
from app.github.api.client import AppCredentials, Credentials, TokenCredentials
from app.tables.database import fetch_one

COLUMNS: Final = """c.project_id, c.organization_id, c.base_url, c.repository, c.repository_id, c.login,
    c.installation_key, c.credentials, c.comments_back"""
"""What `connection` reads of a row of `github_connection as c`."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A project's repository, and who we are there."""

    project_id: UUID
    organization_id: UUID
    base_url: str
    repository: str
    repository_id: int
    login: str
    installation_key: str
    credentials: Credentials = field(repr=False)
    comments_back: bool


async def connection_of(project_id: UUID) -> Connection | None:
    """The connection of a project; None: it has none, or was deleted. Raises what `unsealed` raises."""
    row = await fetch_one(
        f"""
        select {COLUMNS} from github_connection as c
        join project as p on p.id = c.project_id and p.deleted_at is null
        where c.project_id = $1
        """,  # noqa: S608  our own words
        project_id,
    )
    return connection(row) if row else None


def connection(row: Mapping[str, Any]) -> Connection:
    """The connection of a row with `COLUMNS`. Raises what `unsealed` raises."""
    columns = {name: row[name] for name in Connection.__dataclass_fields__}
    return Connection(**columns | {"credentials": unsealed(row["project_id"], row["credentials"])})


def sealed(project_id: UUID, credentials: Credentials) -> bytes:
    """The credentials, encrypted. ConfigurationError: there is no key."""
    if isinstance(credentials, AppCredentials):
        told: dict[str, Any] = {
            "app_id": credentials.app_id,
            "installation_id": credentials.installation_id,
            "private_key": credentials.private_key,
        }
    else:
        told = {"token": credentials.token}
    return encryption().encrypt(json.dumps(told).encode(), _context(project_id, "credentials"))


def unsealed(project_id: UUID, encrypted: bytes) -> Credentials:
    """The credentials. ConfigurationError: their key is not here. ValueError: damaged, or another project's."""
    told: Any = json.loads(encryption().decrypt(encrypted, _context(project_id, "credentials")))
    match told:
        case {
            "app_id": int(app_id),
            "installation_id": int(installation_id),
            "private_key": str(private_key),
        }:
            return AppCredentials(app_id, installation_id, private_key)
        case {"token": str(token)}:
            return TokenCredentials(token)
    raise ValueError("these are no credentials")


def sealed_webhook_secret(project_id: UUID, secret: str) -> bytes:
    """The secret, encrypted. ConfigurationError: there is no key."""
    return encryption().encrypt(secret.encode(), _context(project_id, "webhook secret"))


def unsealed_webhook_secret(project_id: UUID, encrypted: bytes) -> str:
    """The secret. ConfigurationError: its key is not here. ValueError: it is damaged, or another project's."""
    return encryption().decrypt(encrypted, _context(project_id, "webhook secret")).decode()


def _context(project_id: UUID, what: str) -> str:
    return f"project {project_id} github {what}"
