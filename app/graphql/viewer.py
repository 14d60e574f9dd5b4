"""Who is looking, and what they may do."""

from typing import Self
from uuid import UUID

import strawberry

from app.accounts.roles import Caller, Permission, allowed
from app.graphql import ids
from app.graphql.enumerations import CallerPermission, MemberRole
from app.graphql.members import Member
from app.graphql.node import Node
from app.reading import members as reading
from app.reading import people


@strawberry.type(description="Who sees the same projects. Nothing is ever visible across organizations.")
class Organization(Node):
    """Who sees the same projects."""

    name: str = strawberry.field(description="What people call it.")
    slug: str = strawberry.field(description="Its name in addresses.")

    @classmethod
    def of(cls, row: people.Viewer) -> Self:
        """The caller's own."""
        return cls(
            id=ids.encode("Organization", row.organization_id),
            name=row.organization_name,
            slug=row.organization_slug,
        )


@strawberry.type(description="Who asks: a member, or an agent.")
class Viewer:
    """Who asks."""

    organization: Organization = strawberry.field(description="The organization that this token is for.")
    name: str = strawberry.field(description="The person's name; of an agent without a person the token's.")
    email: str | None = strawberry.field(
        description="The person's e-mail address; null for an agent without one."
    )
    role: str = strawberry.field(
        description="What the viewer is in the organization; a token can be for less than its person.",
        graphql_type=MemberRole,
    )
    permissions: list[str] = strawberry.field(
        description="What may be done with this token: role and scopes together. For showing and hiding buttons.",
        graphql_type=list[CallerPermission],
    )
    organization_id: strawberry.Private[UUID]
    membership_id: strawberry.Private[UUID | None]

    @strawberry.field(description="The viewer among the members; null for an agent without a person.")
    async def member(self) -> Member | None:
        # Who has just signed in is not yet who this request came from.
        row = self.membership_id and await reading.member(self.organization_id, self.membership_id)
        return Member.of(row) if row else None


async def viewer(caller: Caller) -> Viewer:
    """The caller, with names. Unauthenticated: the token has become invalid meanwhile."""
    row = await people.viewer(caller)
    return Viewer(
        organization=Organization.of(row),
        name=row.name,
        email=row.email,
        role=row.role.value,
        permissions=[permission.value for permission in Permission if allowed(caller, permission)],
        organization_id=row.organization_id,
        membership_id=row.membership_id,
    )
