"""Take a project's repository on GitHub away."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.github.connecting.disconnect import disconnect
from app.graphql import ids, nodes
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.projects import Project
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="The project that is to have no repository any more.")
class ProjectDisconnectGithubInput:
    """The project that is to have no repository any more."""

    project_id: strawberry.ID = strawberry.field(description="The project.")


@strawberry.type(description="What came of it.")
class ProjectDisconnectGithubPayload:
    """What came of it."""

    project: Project | None = strawberry.field(
        description="The project as it is now; null where nothing was changed."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed."
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Take a project's repository on GitHub away, and forget the credentials. Issues that were made stay there as they are,"
    " and are still shown (DETACHED); those that were still to be made are forgotten.",
)
async def project_disconnect_github(
    info: Info,
    given: Annotated[
        ProjectDisconnectGithubInput, strawberry.argument(name="input", description="The project.")
    ],
) -> ProjectDisconnectGithubPayload:
    context = info.context
    context.loaded.clear()
    try:
        project_id = ids.decode("Project", given.project_id)
        if project_id is None:
            raise NotFound("there is no such project", field="projectId")
        await disconnect(context.organization_id, project_id, now=context.now, actor=actor(context.signed_in))
    except SnaglistError as failure:
        return ProjectDisconnectGithubPayload(project=None, user_errors=[user_error(failure)])
    return ProjectDisconnectGithubPayload(project=await nodes.project(info, project_id), user_errors=[])
