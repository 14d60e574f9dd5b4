"""Change what is set on an app."""

from typing import Annotated, TypeVar

import strawberry
from strawberry import UNSET

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.graphql import apps, ids
from app.graphql.access import guarded_mutation
from app.graphql.apps import App
from app.graphql.context import Info
from app.graphql.ignore_rules import IgnoreRuleInput, as_rules
from app.graphql.user_errors import UserError, user_error
from app.projects.update_app import UNSET as UNCHANGED
from app.projects.update_app import AppChanges, UnsetType, update_app

T = TypeVar("T")


@strawberry.input(
    description="What is to be different. What is left out stays; so does what is null, unless its field says otherwise."
)
class AppUpdateInput:
    """What is to be different."""

    id: strawberry.ID = strawberry.field(description="The app.")
    name: str | None = strawberry.field(
        default=UNSET, description="What people call it: 1 to 200 characters."
    )
    slug: str | None = strawberry.field(
        default=UNSET, description="Its name in addresses: small letters, digits, hyphens, up to 63."
    )
    platform: str | None = strawberry.field(
        default=UNSET, description="What it runs on, in words of its own, up to 64 characters."
    )
    ignore_rules: list[IgnoreRuleInput] | None = strawberry.field(
        default=UNSET,
        description="All of the rules that leave errors out, up to 100; an empty list for none.",
    )
    sample_rate: float | None = strawberry.field(
        default=UNSET, description="Which share of an error's events is stored as occurrences, 0 to 1."
    )
    quota_per_minute: int | None = strawberry.field(
        default=UNSET,
        description="Events that are taken in a minute, 1 to 100,000,000; null: as many as come.",
    )
    in_app_include: list[str] | None = strawberry.field(
        default=UNSET,
        description="All of the beginnings of modules and paths that are its own code, up to 100; an empty list for none.",
    )
    in_app_exclude: list[str] | None = strawberry.field(
        default=UNSET,
        description="All of the beginnings of modules and paths that are not its own code, up to 100; an empty list for"
        " none.",
    )


@strawberry.type(description="What came of it.")
class AppUpdatePayload:
    """What came of it."""

    app: App | None = strawberry.field(
        description="The app as it is now; null where there is none, or nothing was changed."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed."
    )


@guarded_mutation(Permission.MANAGE_INSTANCES, "Change what is set on an app: all that is given, or nothing.")
async def app_update(
    info: Info,
    given: Annotated[
        AppUpdateInput, strawberry.argument(name="input", description="The app, and the changes.")
    ],
) -> AppUpdatePayload:
    context = info.context
    context.loaded.clear()
    try:
        app_id = ids.decode("App", given.id)
        if app_id is None:
            raise NotFound("there is no such app", field="id")
        await update_app(
            context.organization_id,
            app_id,
            _changes(given),
            now=context.now,
            actor=actor(context.signed_in),
        )
    except SnaglistError as failure:
        return AppUpdatePayload(app=None, user_errors=[user_error(failure)])
    return AppUpdatePayload(app=await apps.app(info, app_id), user_errors=[])


def _changes(given: AppUpdateInput) -> AppChanges:
    rules, quota = given.ignore_rules, given.quota_per_minute
    return AppChanges(
        name=_changed(given.name),
        slug=_changed(given.slug),
        platform=_changed(given.platform),
        ignore_rules=UNCHANGED if rules is None or rules is UNSET else as_rules(rules),
        sample_rate=_changed(given.sample_rate),
        quota_per_minute=UNCHANGED if quota is UNSET else quota,
        in_app_include=_changed(given.in_app_include),
        in_app_exclude=_changed(given.in_app_exclude),
    )


def _changed(given: T | None) -> T | UnsetType:
    return UNCHANGED if given is None or given is UNSET else given
