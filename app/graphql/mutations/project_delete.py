"""Delete a project."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.projects.delete_project import delete_project


@strawberry.input(description="The project to delete.")
class ProjectDeleteInput:
    """The project to delete."""

    id: strawberry.ID = strawberry.field(description="The project.")


@strawberry.type(description="What came of it.")
class ProjectDeletePayload:
    """What came of it."""

    deleted_project_id: strawberry.ID | None = strawberry.field(
        description="The id that names nothing any more, to be dropped from caches with its instances and errors; null"
        " where nothing was deleted."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.DELETE_PROJECTS,
    "Delete a project with its instances and errors, which only owners may: its logs are scanned no more, and its slug"
    " is free again. Of more than 50,000 errors the last ones go within minutes.",
)
async def project_delete(
    info: Info,
    given: Annotated[
        ProjectDeleteInput, strawberry.argument(name="input", description="The project to delete.")
    ],
) -> ProjectDeletePayload:
    context = info.context
    context.loaded.clear()
    try:
        project_id = ids.decode("Project", given.id)
        if project_id is None:
            raise NotFound("there is no such project", field="id")
        await delete_project(
            context.organization_id, project_id, now=context.now, actor=actor(context.signed_in)
        )
    except SnaglistError as failure:
        return ProjectDeletePayload(deleted_project_id=None, user_errors=[user_error(failure)])
    return ProjectDeletePayload(deleted_project_id=ids.encode("Project", project_id), user_errors=[])
