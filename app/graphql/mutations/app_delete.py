"""Delete an app."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.projects.delete_app import delete_app


@strawberry.input(description="The app to delete.")
class AppDeleteInput:
    """The app to delete."""

    id: strawberry.ID = strawberry.field(description="The app.")


@strawberry.type(description="What came of it.")
class AppDeletePayload:
    """What came of it."""

    deleted_app_id: strawberry.ID | None = strawberry.field(
        description="The id that names nothing any more, to be dropped from caches; null where nothing was deleted."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_INSTANCES,
    "Delete an app: its keys open nothing any more, within a second, and its slug is free again. The errors that it sent"
    " stay.",
)
async def app_delete(
    info: Info,
    given: Annotated[AppDeleteInput, strawberry.argument(name="input", description="The app to delete.")],
) -> AppDeletePayload:
    context = info.context
    context.loaded.clear()
    try:
        app_id = ids.decode("App", given.id)
        if app_id is None:
            raise NotFound("there is no such app", field="id")
        await delete_app(context.organization_id, app_id, now=context.now, actor=actor(context.signed_in))
    except SnaglistError as failure:
        return AppDeletePayload(deleted_app_id=None, user_errors=[user_error(failure)])
    return AppDeletePayload(deleted_app_id=ids.encode("App", app_id), user_errors=[])
