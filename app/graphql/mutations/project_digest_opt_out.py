"""Say whether one wants the digests of a project."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission, is_whole
from app.alerts.digests.opting_out import opt_in, opt_out
from app.errors import Forbidden, NotFound, SnaglistError
from app.graphql import ids, nodes
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.projects import Project
from app.graphql.user_errors import UserError, user_error


@strawberry.input(description="Whether the viewer wants the digests of a project.")
class ProjectDigestOptOutInput:
    """Whether the viewer wants the digests of a project."""

    project_id: strawberry.ID = strawberry.field(description="The project.")
    opted_out: bool = strawberry.field(description="True: no more of them; false: again, as all members.")


@strawberry.type(description="What came of it.")
class ProjectDigestOptOutPayload:
    """What came of it."""

    project: Project | None = strawberry.field(
        description="The project, with `digestOptedOut` as it is now; null where nothing was changed."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed."
    )


@guarded_mutation(
    Permission.VIEW_ERRORS,
    "Get no more digest mails of a project, or get them again: the viewer alone, whatever the project's `alertFrequency`."
    " Needs a session, or a personal token with every scope.",
)
async def project_digest_opt_out(
    info: Info,
    given: Annotated[
        ProjectDigestOptOutInput,
        strawberry.argument(name="input", description="The project, and what is wanted."),
    ],
) -> ProjectDigestOptOutPayload:
    context = info.context
    context.loaded.clear()
    caller = context.signed_in
    if caller.membership_id is None or not is_whole(caller):
        raise Forbidden("this needs a session, or a personal token with every scope")
    try:
        project_id = ids.decode("Project", given.project_id)
        if project_id is None:
            raise NotFound("there is no such project", field="projectId")
        place = (context.organization_id, caller.membership_id, project_id)
        await (opt_out(*place, now=context.now) if given.opted_out else opt_in(*place))
    except SnaglistError as failure:
        return ProjectDigestOptOutPayload(project=None, user_errors=[user_error(failure)])
    return ProjectDigestOptOutPayload(project=await nodes.project(info, project_id), user_errors=[])
