"""Who belongs to the organization, and who has been invited.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them.
"""

from datetime import datetime
from functools import partial
from typing import Self
from uuid import UUID

import strawberry

from app.graphql import ids
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.enumerations import MemberRole
from app.graphql.loading import load
from app.graphql.node import Node
from app.reading import members as reading


@strawberry.type(description="A person in the organization. Errors are assigned to members.")
class Member(Node):
    """A person in the organization."""

    name: str = strawberry.field(description="What the person is called.")
    email: str = strawberry.field(description="The person's e-mail address.")
    role: str = strawberry.field(
        description="What the member is in the organization.", graphql_type=MemberRole
    )
    joined_at: datetime = strawberry.field(description="When the person became a member.")
    last_seen_at: datetime | None = strawberry.field(
        description="When the person last asked for anything here, to the minute; null: never, or not for long."
    )

    @classmethod
    def of(cls, row: reading.Member) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("Member", row.id),
            name=row.name,
            email=row.email,
            role=row.role,
            joined_at=row.joined_at,
            last_seen_at=row.last_seen_at,
        )


@strawberry.type(description="An invitation that nobody has accepted or revoked yet.")
class Invitation(Node):
    """An invitation that nobody has accepted or revoked yet."""

    email: str = strawberry.field(description="The address that was invited.")
    role: str = strawberry.field(
        description="What whoever accepts it will be in the organization.", graphql_type=MemberRole
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="When its link ends, seven days after that.")
    is_expired: bool = strawberry.field(
        description="Whether that was already: invite the same address again for a new link."
    )

    @classmethod
    def of(cls, row: reading.Invitation, now: datetime) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("Invitation", row.id),
            email=row.email,
            role=row.role,
            created_at=row.created_at,
            expires_at=row.expires_at,
            is_expired=row.expires_at <= now,
        )


async def member(info: Info, key: UUID) -> Member | None:
    """A member of the organization; None: there is none, or not any more."""
    row = await load(info, "members", partial(reading.members_by_id, info.context.organization_id), key)
    return Member.of(row) if row else None


async def invitation(info: Info, key: UUID) -> Invitation | None:
    """An open invitation, for who manages members; None: there is none. The caller asks for the permission."""
    row = await reading.invitation(info.context.organization_id, key)
    return Invitation.of(row, info.context.now) if row else None


async def member_page(
    info: Info, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[Member]:
    """A page of the members, by name."""
    organization_id = info.context.organization_id
    page = await reading.members(organization_id, window(first, after, last, before))
    return Connection[Member].of(page, Member.of, partial(reading.count_members, organization_id))


async def invitation_page(
    info: Info, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[Invitation]:
    """A page of the open invitations, the newest first."""
    organization_id, now = info.context.organization_id, info.context.now
    page = await reading.invitations(organization_id, window(first, after, last, before))
    count = partial(reading.count_invitations, organization_id)
    return Connection[Invitation].of(page, lambda row: Invitation.of(row, now), count)
