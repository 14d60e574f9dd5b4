"""Make a project."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import SnaglistError
from app.graphql import nodes
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.projects import Project
from app.graphql.user_errors import UserError, user_error
from app.projects.create_project import NewProject, create_project


@strawberry.input(description="A project to be.")
class ProjectCreateInput:
    """A project to be."""

    name: str = strawberry.field(description="What people call it: 1 to 200 characters.")
    slug: str | None = strawberry.field(
        default=None,
        description="Its name in addresses: small letters, digits, hyphens, up to 63. Null makes one of the name.",
    )
    time_zone: str | None = strawberry.field(
        default="UTC",
        description="The zone that its days and digests follow, like `Europe/Berlin`; null is UTC.",
    )


@strawberry.type(description="What came of it.")
class ProjectCreatePayload:
    """What came of it."""

    project: Project | None = strawberry.field(description="The new project; null where it was not made.")
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(Permission.MANAGE_PROJECTS, "Make a project.")
async def project_create(
    info: Info,
    given: Annotated[ProjectCreateInput, strawberry.argument(name="input", description="The project to be.")],
) -> ProjectCreatePayload:
    organization_id, now = info.context.organization_id, info.context.now
    wanted = NewProject(given.name, given.slug, "UTC" if given.time_zone is None else given.time_zone)
    try:
        project_id = await create_project(
            organization_id, wanted, now=now, actor=actor(info.context.signed_in)
        )
    except SnaglistError as failure:
        return ProjectCreatePayload(project=None, user_errors=[user_error(failure)])
    return ProjectCreatePayload(project=await nodes.project(info, project_id), user_errors=[])
