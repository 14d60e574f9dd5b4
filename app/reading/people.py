"""Who is looking.

Comes in: a caller, as `accounts.tokens.find` gave it. Goes out: the names that go with it.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.accounts.roles import Caller, Role
from app.errors import Unauthenticated
from app.tables.database import fetch_one


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member, or an agent: that has no person, e-mail or membership, and its token's name."""

    organization_id: UUID
    organization_name: str
    organization_slug: str
    person_id: UUID | None
    email: str | None
    name: str
    membership_id: UUID | None
    role: Role


async def viewer(caller: Caller) -> Viewer:
    """The caller with names. Unauthenticated: the organization, the token or the membership is gone since."""
    row = await fetch_one(
        _VIEWER, caller.organization_id, caller.token_id, caller.membership_id, caller.person_id
    )
    if row is None:
        raise Unauthenticated("this token is not valid any more")
    return Viewer(*(*row, caller.role))


_VIEWER: Final = """
select o.id, o.name, o.slug, p.id, p.email, coalesce(p.name, t.name), m.id
from organization as o
join access_token as t on t.id = $2 and t.organization_id = o.id
left join membership as m on m.id = $3 and m.organization_id = o.id and m.person_id = $4
left join person as p on p.id = m.person_id
where o.id = $1 and ($3::uuid is null or m.id is not null)
"""
