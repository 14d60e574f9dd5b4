"""Make an app, which sends its events from then on."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.graphql import apps, ids
from app.graphql.access import guarded_mutation
from app.graphql.apps import App
from app.graphql.context import Info
from app.graphql.ignore_rules import IgnoreRuleInput, as_rules
from app.graphql.user_errors import UserError, user_error
from app.projects.create_app import NewApp, create_app


@strawberry.input(description="An app to be.")
class AppCreateInput:
    """An app to be."""

    project_id: strawberry.ID = strawberry.field(description="The project that it belongs to.")
    name: str = strawberry.field(description="What people call it: 1 to 200 characters.")
    slug: str | None = strawberry.field(
        default=None,
        description="Its name in addresses: small letters, digits, hyphens, up to 63. Null makes one of the name.",
    )
    platform: str = strawberry.field(
        default="other",
        description="What it runs on, in words of its own, up to 64 characters: `javascript`, `ios`, `python`.",
    )
    ignore_rules: list[IgnoreRuleInput] | None = strawberry.field(
        default=None, description="Which of its errors are left out, up to 100 rules."
    )
    sample_rate: float = strawberry.field(
        default=1.0,
        description="Which share of an error's events is stored as occurrences, 0 to 1. Counts are exact all the same.",
    )
    quota_per_minute: int | None = strawberry.field(
        default=None,
        description="Events that are taken in a minute, 1 to 100,000,000; null: as many as come.",
    )
    in_app_include: list[str] | None = strawberry.field(
        default=None,
        description="Beginnings of modules and paths that are its own code, up to 100 of up to 200 characters.",
    )
    in_app_exclude: list[str] | None = strawberry.field(
        default=None,
        description="Beginnings of modules and paths that are not its own code, up to 100 of up to 200 characters.",
    )


@strawberry.type(description="What came of it.")
class AppCreatePayload:
    """What came of it."""

    app: App | None = strawberry.field(
        description="The new app, with its first key and its DSN; null where it was not made."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_INSTANCES,
    "Make an app, with a key. Give its `dsn` to a Sentry SDK, or send events to its `ingestUrl`.",
)
async def app_create(
    info: Info,
    given: Annotated[AppCreateInput, strawberry.argument(name="input", description="The app to be.")],
) -> AppCreatePayload:
    context = info.context
    try:
        app_id = await create_app(
            context.organization_id, _wanted(given), now=context.now, actor=actor(context.signed_in)
        )
    except SnaglistError as failure:
        return AppCreatePayload(app=None, user_errors=[user_error(failure)])
    return AppCreatePayload(app=await apps.app(info, app_id), user_errors=[])


def _wanted(given: AppCreateInput) -> NewApp:
    project_id = ids.decode("Project", given.project_id)
    if project_id is None:
        raise NotFound("there is no such project", field="projectId")
    return NewApp(
        project_id=project_id,
        name=given.name,
        platform=given.platform,
        slug=given.slug,
        ignore_rules=as_rules(given.ignore_rules or ()),
        sample_rate=given.sample_rate,
        quota_per_minute=given.quota_per_minute,
        in_app_include=given.in_app_include or (),
        in_app_exclude=given.in_app_exclude or (),
    )
