"""Members who want no digests of a project, and the link by which a mail lets them say so.

Comes in: a member and a project, or what a link carries. Goes out: the link, whom it speaks of, and the row that says
no more. A link is good for as long as the key that sealed it is known, and for nothing but this.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app import links
from app.accounts.keys_in_force import encryption
from app.errors import ConfigurationError, NotFound
from app.tables.database import fetch, fetch_one

PATH: Final = "/unsubscribe"

_CONTEXT: Final = "unsubscribe"
_LONGEST: Final = 500
"""Characters of a token; ours have far fewer."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A member's digests of a project; `project`: its name."""

    organization_id: UUID
    membership_id: UUID
    project_id: UUID
    project: str
    is_opted_out: bool


def link(membership_id: UUID, project_id: UUID) -> str:
    """The address at which this member unsubscribes. ConfigurationError: there is no key to seal it with."""
    sealed = encryption().encrypt(membership_id.bytes + project_id.bytes, _CONTEXT)
    token = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    return f"{links.base_url()}{PATH}?token={token}"


async def subscription(token: str) -> Subscription:
    """Whom a link speaks of. NotFound: it is none of ours, or the member or the project is gone.

    ConfigurationError: this process has no keys at all.
    """
    keys = encryption()
    try:
        if len(token) > _LONGEST:
            raise ValueError(token)
        sealed = base64.b64decode(f"{token}{'=' * (-len(token) % 4)}".encode("ascii"), b"-_", validate=True)
        opened = keys.decrypt(sealed, _CONTEXT)
        membership_id, project_id = UUID(bytes=opened[:16]), UUID(bytes=opened[16:])
    except (ValueError, binascii.Error, ConfigurationError):  # of the last: a key that nobody has
        raise NotFound("this link is not valid, or not any more") from None
    row = await fetch_one(_FIND, membership_id, project_id)
    if row is None:
        raise NotFound("you are no member any more, or the project is gone")
    return Subscription(row["organization_id"], membership_id, project_id, row["name"], row["is_opted_out"])


async def is_opted_out(
    organization_id: UUID, membership_id: UUID, project_ids: list[UUID]
) -> dict[UUID, bool]:
    """Whether the member wants no digests of each of the projects. One statement."""
    rows = await fetch(
        """
        select o.project_id from digest_opt_out as o join membership as m on m.id = o.membership_id
        where m.organization_id = $1 and m.id = $2 and o.project_id = any($3::uuid[])
        """,
        organization_id,
        membership_id,
        project_ids,
    )
    out = {row["project_id"] for row in rows}
    return {project_id: project_id in out for project_id in project_ids}


async def opt_out(organization_id: UUID, membership_id: UUID, project_id: UUID, *, now: datetime) -> None:
    """Send the member no more digests of the project; again changes nothing. NotFound: there is no such project."""
    await _write(_OUT, organization_id, membership_id, project_id, now)


async def opt_in(organization_id: UUID, membership_id: UUID, project_id: UUID) -> None:
    """Send the member digests of the project again; again changes nothing. NotFound: there is no such project."""
    await _write(_IN, organization_id, membership_id, project_id)


async def _write(
    sql: str, organization_id: UUID, membership_id: UUID, project_id: UUID, *more: object
) -> None:
    if await fetch_one(sql, organization_id, membership_id, project_id, *more) is None:
        raise NotFound("there is no such project", field="projectId")


_FIND: Final = """
select m.organization_id, p.name, exists (
    select from digest_opt_out as o where o.membership_id = m.id and o.project_id = p.id
) as is_opted_out
from membership as m join project as p on p.organization_id = m.organization_id
where m.id = $1 and p.id = $2 and p.deleted_at is null
"""
_THEIRS: Final = """
theirs as (
    select m.id as membership_id, p.id as project_id
    from membership as m join project as p on p.organization_id = m.organization_id
    where m.organization_id = $1 and m.id = $2 and p.id = $3 and p.deleted_at is null
)
"""
_OUT: Final = f"""
with {_THEIRS}, written as (
    insert into digest_opt_out (membership_id, project_id, created_at)
    select membership_id, project_id, $4 from theirs on conflict do nothing
)
select from theirs
"""  # noqa: S608  our own words
_IN: Final = f"""
with {_THEIRS}, written as (
    delete from digest_opt_out as o using theirs as t
    where o.membership_id = t.membership_id and o.project_id = t.project_id
)
select from theirs
"""  # noqa: S608  our own words
