"""The members of an organization, and who has been invited.

Comes in: an organization, and a window or ids. Goes out: members by name; invitations that are open, the newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Name, Page, Window
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Member:
    """A person in an organization. `last_seen_at`: when a token or session was last used there, to the minute."""

    id: UUID
    name: str
    email: str
    role: str
    joined_at: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that nobody has accepted or revoked; it may have expired."""

    id: UUID
    email: str
    role: str
    created_at: datetime
    expires_at: datetime


_MEMBERS: Final = """
select m.id, p.name, p.email, m.role, m.created_at, (
    select max(t.last_used_at) from access_token as t
    where t.person_id = m.person_id and t.organization_id = m.organization_id and t.kind <> 'agent'
)
from membership as m join person as p on p.id = m.person_id
where """
_INVITATIONS: Final = "select i.id, i.email, i.role, i.created_at, i.expires_at from invitation as i where "
_OPEN: Final = ("i.organization_id = $1", "i.accepted_at is null and i.revoked_at is null")

_BY_NAME: Final = Listing("members", ("p.name", "m.id"), msgspec.json.Decoder(tuple[str, Name, UUID]))
_NEWEST: Final = Listing("invitations", ("i.id",), msgspec.json.Decoder(tuple[str, UUID]), descending=True)


async def members(organization_id: UUID, window: Window = Window()) -> Page[Member]:  # noqa: B008  frozen
    """A page of the members, by name. BadInput: the window makes no sense."""
    wanted = Conditions(organization_id, "m.organization_id = $1")
    end = pages.cut(_BY_NAME, window, wanted)
    rows = await fetch(f"{_MEMBERS}{wanted} {end}", *wanted.values)
    return pages.page(_BY_NAME, window, [Member(*row) for row in rows], lambda shown: (shown.name, shown.id))


async def count_members(organization_id: UUID) -> int:
    """How many members there are."""
    [row] = await fetch("select count(*) from membership where organization_id = $1", organization_id)
    return int(row[0])


async def member(organization_id: UUID, membership_id: UUID) -> Member | None:
    """One member; None: there is none, or not any more, or it is not theirs."""
    return (await members_by_id(organization_id, [membership_id])).get(membership_id)


async def members_by_id(organization_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Member]:
    """Those of the members that there are."""
    wanted = Conditions(organization_id, "m.organization_id = $1")
    wanted.add("m.id = any(?::uuid[])", ids)
    return {row[0]: Member(*row) for row in await fetch(f"{_MEMBERS}{wanted}", *wanted.values)}


async def invitations(organization_id: UUID, window: Window = Window()) -> Page[Invitation]:  # noqa: B008  frozen
    """A page of the open invitations, the newest first. BadInput: the window makes no sense."""
    wanted = Conditions(organization_id, *_OPEN)
    end = pages.cut(_NEWEST, window, wanted)
    rows = await fetch(f"{_INVITATIONS}{wanted} {end}", *wanted.values)
    return pages.page(_NEWEST, window, [Invitation(*row) for row in rows], lambda shown: (shown.id,))


async def count_invitations(organization_id: UUID) -> int:
    """How many open invitations there are."""
    wanted = Conditions(organization_id, *_OPEN)
    rows: list[Any] = await fetch(f"select count(*) from invitation as i where {wanted}", *wanted.values)  # noqa: S608  ours
    return int(rows[0][0])


async def invitation(organization_id: UUID, invitation_id: UUID) -> Invitation | None:
    """One open invitation; None: there is none, or it is not theirs."""
    wanted = Conditions(organization_id, *_OPEN)
    wanted.add("i.id = ?", invitation_id)
    rows = await fetch(f"{_INVITATIONS}{wanted}", *wanted.values)
    return Invitation(*rows[0]) if rows else None
