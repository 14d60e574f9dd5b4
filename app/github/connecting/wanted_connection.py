"""A connection to GitHub as somebody wants it, checked as far as that can be done without asking GitHub.

Comes in: what somebody gave. Goes out: the same, trimmed, or BadInput with the path of the input at fault; what was given
is never repeated in the words.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from app import links
from app.errors import BadInput
from app.github.api.client import AppCredentials, Credentials, TokenCredentials
from app.github.api.names import checked_repository
from app.github.connecting.base_urls import api_address, is_plain

SHORTEST_SECRET: Final = 16
LONGEST_SECRET: Final = 200
"""Characters of the webhook's secret."""
_LONGEST_KEY: Final = 20_000
_LARGEST_APP: Final = 2**31 - 1
_TOKEN: Final = re.compile(r"[!-~]{1,500}")
_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END [A-Z ]*PRIVATE KEY-----\n"
)


@dataclass(frozen=True, slots=True)
class WantedConnection:
    """A connection to be. What is None stays as it is in a project that is connected; otherwise GitHub is github.com,
    the secret of the webhook is made, and comments do not come back. Credentials are needed then."""

    project_id: UUID
    repository: str
    base_url: str | None = None
    credentials: Credentials | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    comments_back: bool | None = None


def checked(wanted: WantedConnection) -> WantedConnection:
    """The same, as it is to be used. BadInput: something makes no sense."""
    try:
        repository = checked_repository(wanted.repository.strip())
    except ValueError as problem:
        raise BadInput(str(problem), field="repository") from None
    secret = wanted.webhook_secret
    if secret is not None and not (SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET and secret.isprintable()):
        told = f"the secret of a webhook has {SHORTEST_SECRET} to {LONGEST_SECRET} printable characters"
        raise BadInput(told, field="webhookSecret")
    return replace(
        wanted,
        repository=repository,
        base_url=None if wanted.base_url is None else _checked_address(wanted.base_url),
        credentials=None if wanted.credentials is None else _checked(wanted.credentials),
    )


def _checked_address(typed: str) -> str:
    """The address of the API. Other services of this machine are asked in no one's name: who tries Snaglist out may."""
    address = api_address(typed)
    if is_plain(address) and not is_plain(links.base_url()):
        raise BadInput(
            "this Snaglist is reached by https, and so is the GitHub that it asks", field="baseUrl"
        )
    return address


def _checked(credentials: Credentials) -> Credentials:
    if isinstance(credentials, AppCredentials):
        if not 1 <= credentials.app_id <= _LARGEST_APP:
            raise BadInput("the App's id is a whole number from 1 on", field="credentials.app.id")
        key = "\n".join(line.strip() for line in credentials.private_key.strip().splitlines()) + "\n"
        if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
            told = "this is the App's private key as GitHub gave it: -----BEGIN RSA PRIVATE KEY----- and what follows"
            raise BadInput(told, field="credentials.app.privateKey")
        return AppCredentials(credentials.app_id, None, key)
    token = credentials.token.strip()
    if not _TOKEN.fullmatch(token):
        raise BadInput("this is no token: it has letters, digits and signs only", field="credentials.token")
    return TokenCredentials(token)
