"""What GitHub's webhooks bring: proven to be GitHub's, and stored for each project that it concerns.

Comes in: a delivery, of which nothing is believed. Goes out: rows in `github_delivery`, which `deliveries` carries out,
and a wish for its job. Of the body only two or three ids are read before the signature is checked with the secrets of the
connections that these name; whether there are such connections is not to be seen from outside.
"""

import asyncio
import hmac
import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec

from app.errors import ConfigurationError, Unauthenticated
from app.github.asking.waking import DELIVERIES, wake_github
from app.github.connecting.credentials import unsealed_webhook_secret
from app.github.hearing import payloads
from app.github.hearing.tellings import CommentTold, IssueTold, RepositoryTold, Telling
from app.tables.database import fetch, fetch_one

MOST_CONNECTIONS: Final = 500
"""Connections of an organization that are looked at: no other one's can crowd them out."""
MOST_SECRETS: Final = 50
"""Different secrets of an organization that are tried."""
LONGEST: Final = 2.0
"""Seconds that a Redis that hangs may cost the caller."""

_LARGE: Final = 512 * 1024  # bytes to be hashed from which on that is done aside
_SIGNATURE: Final = re.compile("sha256=([0-9a-f]{64})", re.ASCII)
_NOBODYS: Final = secrets.token_bytes(32)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came: its id and event as the headers have them, `X-Hub-Signature-256`, the body as it came."""

    id: str
    event: str
    signature: str
    body: bytes


class Taken(StrEnum):
    """What became of a delivery."""

    STORED = "stored"
    KNOWN = "known"
    """It had come before."""
    PASSED_OVER = "passed over"
    """It tells nothing that is followed."""
    PING = "ping"


async def take(delivery: Delivery, *, now: datetime) -> Taken:
    """Check the delivery, and store what of it matters. To be called outside of transactions.

    Unauthenticated: it is not signed with the secret of a connection that it concerns. BadInput: it cannot be read.
    """
    projects = await _proven(delivery)
    if delivery.event == "ping":
        return Taken.PING
    telling = payloads.read(delivery.event, delivery.body)
    if telling is None:
        return Taken.PASSED_OVER
    row = await _store(delivery, telling, projects, now)
    if not row["concerned"]:
        return Taken.PASSED_OVER
    if not row["stored"]:
        return Taken.KNOWN
    await wake_github(DELIVERIES)
    return Taken.STORED


async def _proven(delivery: Delivery) -> dict[UUID, int]:
    """The projects whose secret the delivery was signed with, and their repositories. Unauthenticated: there are none."""
    form = _SIGNATURE.fullmatch(delivery.signature)
    if form is None:
        raise Unauthenticated("X-Hub-Signature-256 must be sha256= and 64 hex digits")
    named = payloads.concerned(delivery.body)
    rows = await fetch(_CONCERNED, named.repository_id, named.installation_id, named.app_id, MOST_CONNECTIONS)
    keys = _keys(rows)
    tried = list({*keys.values()}) or [_NOBODYS]  # who asks for what is not here waits as long
    if len(tried) * len(delivery.body) > _LARGE:
        right = await asyncio.to_thread(_signed_with, tried, delivery.body, form[1])
    else:
        right = _signed_with(tried, delivery.body, form[1])
    projects = {
        row["project_id"]: row["repository_id"] for row in rows if keys.get(row["project_id"]) in right
    }
    if not projects:
        raise Unauthenticated("this is not signed with a secret that is known here")
    return projects


def _keys(rows: Sequence[Any]) -> dict[UUID, bytes]:
    """The secrets that are to be tried, by project: as many different ones of each organization as may be."""
    keys: dict[UUID, bytes] = {}
    tried: dict[UUID, set[bytes]] = {}
    for row in rows:
        its = tried.setdefault(row["organization_id"], set())
        key = _secret(row)
        if key and (key in its or len(its) < MOST_SECRETS):
            its.add(key)
            keys[row["project_id"]] = key
    return keys


def _signed_with(keys: Sequence[bytes], body: bytes, signature: str) -> set[bytes]:
    """Those of the keys that the body was signed with; all are tried."""
    return {key for key in keys if hmac.compare_digest(hmac.digest(key, body, "sha256").hex(), signature)}


def _secret(row: Any) -> bytes | None:
    """The secret of a connection; None: it cannot be read, and so nothing can be proven by it."""
    try:
        return unsealed_webhook_secret(row["project_id"], row["webhook_secret"]).encode() or None
    except (ConfigurationError, ValueError) as wrong:
        told = {"project_id": str(row["project_id"]), "reason": str(wrong)}
        logger.error("the secret of a webhook cannot be read", extra=told)
        return None


# An App has one webhook for all its installations; what it sends of a repository names both. Whoever connects may say
# of a server of his own that it has this very repository: so each organization has its own share.
_CONCERNED: Final = """
select project_id, organization_id, repository_id, webhook_secret from (
    select c.project_id, c.organization_id, c.repository_id, c.webhook_secret,
        row_number() over (partition by c.organization_id order by c.project_id) as place
    from github_connection as c
    join project as p on p.id = c.project_id and p.deleted_at is null
    where case
        when $1::bigint is not null then c.repository_id = $1
        when $2::bigint is not null then c.installation_id = $2
        else c.app_id = $3::bigint
    end
) as named
where place <= $4 order by organization_id, place
"""


async def _store(delivery: Delivery, telling: Telling, projects: Mapping[UUID, int], now: datetime) -> Any:
    """A row for each of the projects that it concerns: of issues that are ours, or may be, of comments if wanted."""
    number: int | None = None
    found: list[UUID] = []
    repositories: list[int] | None = None
    if isinstance(telling, RepositoryTold):
        if telling.repository_ids is not None:  # there may be thousands
            repositories = sorted({*telling.repository_ids} & {*projects.values()})
        telling = msgspec.structs.replace(telling, repository_ids=repositories)
    else:
        number, found, repositories = telling.issue.number, telling.issue.markers, [telling.repository_id]
    return await fetch_one(
        _STORE,
        list(projects),
        delivery.id,
        delivery.event,
        msgspec.json.encode(telling).decode(),
        now,
        repositories,
        number,
        found,
        isinstance(telling, CommentTold),
        isinstance(telling, IssueTold | CommentTold),
    )


_STORE: Final = """
with concerned as (
    select c.project_id from github_connection as c
    where c.project_id = any($1::uuid[]) and ($6::bigint[] is null or c.repository_id = any($6::bigint[]))
        and (c.comments_back or not $9::boolean)
        and (not $10::boolean or exists (
            select from github_issue as i
            where i.project_id = c.project_id
                and (i.repository_id = c.repository_id and i.number = $7::integer or i.marker = any($8::uuid[]))
        ))
), stored as (
    insert into github_delivery (project_id, delivery_id, event, payload, received_at)
    select project_id, $2, $3, $4::jsonb, $5 from concerned order by project_id
    on conflict do nothing
    returning project_id
)
select (select count(*) from concerned) as concerned, (select count(*) from stored) as stored
"""
