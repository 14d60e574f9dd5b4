"""Try a project's repository on GitHub."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.github.connecting.try_connection import try_connection
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="The project whose repository is to be tried.")
class ProjectTestGithubInput:
    """The project whose repository is to be tried."""

    project_id: strawberry.ID = strawberry.field(description="The project.")


@strawberry.type(description="What was found.")
class ProjectTestGithubPayload:
    """What was found."""

    problems: list[str] = strawberry.field(
        default_factory=list,
        description="What is missing, sentences to show that say what to do about it; empty if issues can be made.",
    )
    repository: str | None = strawberry.field(
        default=None,
        description="What the repository is called now, as `owner/name`: another name than before where it was renamed, which"
        " is kept; null where it could not be read.",
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="What is to be put right in the input; then GitHub was not asked."
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Ask GitHub whether issues can be made in a project's repository, which may take up to 25 seconds. Nothing is written"
    " there. Where all is well, what had failed is tried again at once. With a fine-grained token GitHub only tells what its"
    " person may do: whether the token may, too, is seen when an issue is made.",
)
async def project_test_github(
    info: Info,
    given: Annotated[ProjectTestGithubInput, strawberry.argument(name="input", description="The project.")],
) -> ProjectTestGithubPayload:
    context = info.context
    context.loaded.clear()
    try:
        project_id = ids.decode("Project", given.project_id)
        if project_id is None:
            raise NotFound("there is no such project", field="projectId")
        tried = await try_connection(context.organization_id, project_id, now=context.now)
    except SnaglistError as failure:
        return ProjectTestGithubPayload(user_errors=[user_error(failure)])
    return ProjectTestGithubPayload(
        problems=[problem.message for problem in tried.problems], repository=tried.repository
    )
