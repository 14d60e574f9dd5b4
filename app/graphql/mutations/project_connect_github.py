"""Give a project a repository on GitHub."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.github.api.client import AppCredentials, Credentials, TokenCredentials
from app.github.connecting.connect import connect
from app.github.connecting.wanted_connection import WantedConnection
from app.graphql import ids, nodes
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.github import webhook_url
from app.graphql.projects import Project
from app.graphql.user_errors import UserError, user_error


@strawberry.input(
    description="A GitHub App. It needs the repository permission Issues (read and write), and has to be installed in the"
    " repository."
)
class GithubAppInput:
    """A GitHub App."""

    id: int = strawberry.field(description="Its App ID, a number, from its settings on GitHub.")
    private_key: str = strawberry.field(
        description="A private key of it, the text of the file that GitHub gave. It is stored encrypted and never shown."
    )


@strawberry.input(
    description="How Snaglist logs in on GitHub: exactly one of the fields. Send secrets as variables, not in the document.",
    one_of=True,
)
class GithubCredentialsInput:
    """How Snaglist logs in on GitHub."""

    app: GithubAppInput | None = strawberry.field(
        default=UNSET, description="As a GitHub App: what it writes is its own, and it has limits of its own."
    )
    token: str | None = strawberry.field(
        default=UNSET,
        description="With a personal access token of somebody with the role Triage or Write in the repository: a fine-grained"
        " one with the permission Issues (read and write), or a classic one with the scope `repo`. It is stored encrypted and"
        " never shown.",
    )

    def as_credentials(self) -> Credentials | None:
        """What is meant; None: nothing, which the graph's own rules refuse before."""
        if self.app:
            return AppCredentials(self.app.id, None, self.app.private_key)
        return TokenCredentials(self.token) if isinstance(self.token, str) else None


@strawberry.input(
    description="A project's repository. In a project that has one, what is null stays as it is."
)
class ProjectConnectGithubInput:
    """A project's repository."""

    project_id: strawberry.ID = strawberry.field(description="The project.")
    repository: str = strawberry.field(
        description="The repository, as `owner/name`. Several projects may have the same."
    )
    base_url: str | None = strawberry.field(
        default=None,
        description="The address of a GitHub Enterprise Server, as `https://github.example.com`; null:"
        " `https://api.github.com`, or what it is already.",
    )
    credentials: GithubCredentialsInput | None = strawberry.field(
        default=None,
        description="How to log in there; null keeps those that are there, as long as `baseUrl` stays the same.",
    )
    webhook_secret: str | None = strawberry.field(
        default=None,
        description="The secret of GitHub's webhook, 16 to 200 characters. Null keeps the one that is there, takes that of"
        " another project with the same App, which has but one webhook, or makes one.",
    )
    comments_back: bool | None = strawberry.field(
        default=None,
        description="Whether comments on the issues become comments of the errors; null: no, or as it is already.",
    )


@strawberry.type(description="What came of it.")
class ProjectConnectGithubPayload:
    """What came of it."""

    project: Project | None = strawberry.field(
        default=None, description="The project as it is now; null where nothing was changed."
    )
    webhook_url: str = strawberry.field(
        default_factory=webhook_url,
        description="Where GitHub is to send its webhooks, as `github.webhookUrl` of the project.",
    )
    webhook_secret: str | None = strawberry.field(
        default=None,
        description="The webhook's secret, to be entered on GitHub. It is shown this once, and only where it was made here:"
        " null where it was given, or was there already, with this project or another one of the same App.",
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="What is to be put right, here or on GitHub; empty if all went well, and otherwise nothing was changed.",
    )


@guarded_mutation(
    Permission.MANAGE_PROJECTS,
    "Give a project a repository on GitHub, or change how it gets there. GitHub is asked first, which may take up to 25"
    " seconds; where something is missing there, nothing is stored. From then on errors become issues when they happen and"
    " have come to `githubThreshold`. With another repository than before the issues of that one are not followed any more,"
    " and those that wait are made in the new one; a repository that comes back has its issues followed again.",
)
async def project_connect_github(
    info: Info,
    given: Annotated[
        ProjectConnectGithubInput,
        strawberry.argument(name="input", description="The project and the repository."),
    ],
) -> ProjectConnectGithubPayload:
    context = info.context
    context.loaded.clear()
    try:
        project_id = ids.decode("Project", given.project_id)
        if project_id is None:
            raise NotFound("there is no such project", field="projectId")
        wanted = WantedConnection(
            project_id,
            given.repository,
            given.base_url,
            given.credentials.as_credentials() if given.credentials else None,
            given.webhook_secret,
            given.comments_back,
        )
        secret = await connect(
            context.organization_id, wanted, now=context.now, actor=actor(context.signed_in)
        )
    except SnaglistError as failure:
        return ProjectConnectGithubPayload(user_errors=[user_error(failure)])
    return ProjectConnectGithubPayload(project=await nodes.project(info, project_id), webhook_secret=secret)
