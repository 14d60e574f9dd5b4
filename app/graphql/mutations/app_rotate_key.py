"""Give an app a new key."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.graphql import apps, ids
from app.graphql.access import guarded_mutation
from app.graphql.apps import App
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.projects.rotate_key import GRACE, rotate_key


@strawberry.input(description="The app that is to have a new key.")
class AppRotateKeyInput:
    """The app that is to have a new key."""

    id: strawberry.ID = strawberry.field(description="The app.")
    grace_seconds: int = strawberry.field(
        default=GRACE,
        description="Seconds for which the keys that it has still work, 0 to 2,592,000 (30 days); one that ends before"
        " that ends when it would have.",
    )


@strawberry.type(description="What came of it.")
class AppRotateKeyPayload:
    """What came of it."""

    app: App | None = strawberry.field(
        description="The app, with its keys and its new DSN; null where there is none, or nothing was changed."
    )
    key: str | None = strawberry.field(description="The new key; null where none was made.")
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed."
    )


@guarded_mutation(
    Permission.MANAGE_INSTANCES,
    "Make a new key for an app, and have those that it has end after a time of grace, in which all of them work.",
)
async def app_rotate_key(
    info: Info,
    given: Annotated[
        AppRotateKeyInput, strawberry.argument(name="input", description="The app, and the time of grace.")
    ],
) -> AppRotateKeyPayload:
    context = info.context
    context.loaded.clear()
    try:
        app_id = ids.decode("App", given.id)
        if app_id is None:
            raise NotFound("there is no such app", field="id")
        key = await rotate_key(
            context.organization_id,
            app_id,
            grace_seconds=given.grace_seconds,
            now=context.now,
            actor=actor(context.signed_in),
        )
    except SnaglistError as failure:
        return AppRotateKeyPayload(app=None, key=None, user_errors=[user_error(failure)])
    return AppRotateKeyPayload(app=await apps.app(info, app_id), key=key, user_errors=[])
