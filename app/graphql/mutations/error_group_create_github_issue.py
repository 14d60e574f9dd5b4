"""Have errors become issues on GitHub."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.github.asking.ask_for_issue import ask_for_issue
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError


@strawberry.input(description="The errors that are to become issues.")
class ErrorGroupCreateGithubIssueInput:
    """The errors that are to become issues."""

    ids: list[strawberry.ID] = several_errors.given_ids()


@strawberry.type(description="What came of it.")
class ErrorGroupCreateGithubIssuePayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = several_errors.shown_groups()
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Have errors become issues on GitHub, within seconds, whatever the project's threshold and daily cap, muted ones, too. What has"
    " an issue keeps it; one that waits or failed is tried at once; where the issue is not followed any more (DETACHED) a new"
    " one is made. An error that is resolved or silenced gets an issue that is closed at once. Each project needs a"
    " repository: see `projectConnectGithub`.",
)
async def error_group_create_github_issue(
    info: Info,
    given: Annotated[
        ErrorGroupCreateGithubIssueInput,
        strawberry.argument(name="input", description="The errors that are to become issues."),
    ],
) -> ErrorGroupCreateGithubIssuePayload:
    error_groups, user_errors = await several_errors.change_errors(
        info, several_errors.without_changes(ask_for_issue), given.ids
    )
    return ErrorGroupCreateGithubIssuePayload(error_groups=error_groups, user_errors=user_errors)
