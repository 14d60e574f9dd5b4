"""Change what is set on the organization."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.accounts.update_organization import update_organization
from app.errors import SnaglistError
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.graphql.viewer import Organization
from app.reading import people


@strawberry.input(description="What is to be different.")
class OrganizationUpdateInput:
    """What is to be different."""

    name: str = strawberry.field(description="What people call it: 1 to 200 characters.")


@strawberry.type(description="What came of it.")
class OrganizationUpdatePayload:
    """What came of it."""

    organization: Organization | None = strawberry.field(
        description="The viewer's organization as it is now; null where nothing was changed."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(Permission.MANAGE_PROJECTS, "Change what is set on the viewer's organization.")
async def organization_update(
    info: Info,
    given: Annotated[
        OrganizationUpdateInput, strawberry.argument(name="input", description="What is to be different.")
    ],
) -> OrganizationUpdatePayload:
    caller = info.context.signed_in
    try:
        await update_organization(caller, given.name, now=info.context.now)
    except SnaglistError as failure:
        return OrganizationUpdatePayload(organization=None, user_errors=[user_error(failure)])
    return OrganizationUpdatePayload(
        organization=Organization.of(await people.viewer(caller)), user_errors=[]
    )
