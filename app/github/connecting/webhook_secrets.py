"""Which secret the webhook of a project's repository is signed with.

Comes in: what somebody wants, and the connection that there is. Goes out: the secret, and the same again where it was made
here and has to be told. One that cannot be read any more proves nothing, and is replaced.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from app.errors import ConfigurationError
from app.github.api.client import AppCredentials, Credentials
from app.github.connecting.credentials import unsealed_webhook_secret
from app.github.connecting.wanted_connection import WantedConnection
from app.tables.database import fetch

_BYTES: Final = 32
_MOST: Final = 20
"""Projects with the same App that are looked at."""


async def webhook_secret(
    organization_id: UUID,
    wanted: WantedConnection,
    known: Mapping[str, Any] | None,
    *,
    base_url: str,
    credentials: Credentials,
) -> tuple[str, str | None]:
    """The secret given, the one that is there, that of another project with the same App, or one made now.

    An App has one webhook, with one secret, for all its repositories. The second is None but for one made now.
    """
    if wanted.webhook_secret is not None:
        return wanted.webhook_secret, None
    if known is not None and (kept := _readable(wanted.project_id, known["webhook_secret"])):
        return kept, None
    if known is None and isinstance(credentials, AppCredentials):
        for row in await fetch(_OF_THE_APP, organization_id, base_url, credentials.app_id, _MOST):
            if shared := _readable(row["project_id"], row["webhook_secret"]):
                return shared, None
    made = secrets.token_urlsafe(_BYTES)
    return made, made


def _readable(project_id: UUID, encrypted: bytes) -> str | None:
    try:
        return unsealed_webhook_secret(project_id, encrypted)
    except (ConfigurationError, ValueError):
        return None


_OF_THE_APP: Final = """
select c.project_id, c.webhook_secret from github_connection as c
join project as p on p.id = c.project_id and p.deleted_at is null
where c.organization_id = $1 and c.base_url = $2 and c.app_id = $3
order by c.created_at, c.project_id limit $4
"""
