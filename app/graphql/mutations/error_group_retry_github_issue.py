"""Have issues on GitHub be tried again."""

from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.github.asking.retry_issue import retry_issue
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup
from app.graphql.mutations import several_errors
from app.graphql.user_errors import UserError


@strawberry.input(description="The errors whose issues are to be tried again.")
class ErrorGroupRetryGithubIssueInput:
    """The errors whose issues are to be tried again."""

    ids: list[strawberry.ID] = several_errors.given_ids()


@strawberry.type(description="What came of it.")
class ErrorGroupRetryGithubIssuePayload:
    """What came of it."""

    error_groups: list[ErrorGroup] = several_errors.shown_groups()
    user_errors: list[UserError] = several_errors.shown_errors()


@guarded_mutation(
    Permission.MANAGE_ERRORS,
    "Have what is to be done on GitHub for errors be tried again at once, where it failed or waits for its next attempt. What"
    " is done already, and what waits because of the daily cap, stays as it is.",
)
async def error_group_retry_github_issue(
    info: Info,
    given: Annotated[
        ErrorGroupRetryGithubIssueInput,
        strawberry.argument(name="input", description="The errors whose issues are to be tried again."),
    ],
) -> ErrorGroupRetryGithubIssuePayload:
    error_groups, user_errors = await several_errors.change_errors(
        info, several_errors.without_changes(retry_issue), given.ids
    )
    return ErrorGroupRetryGithubIssuePayload(error_groups=error_groups, user_errors=user_errors)
