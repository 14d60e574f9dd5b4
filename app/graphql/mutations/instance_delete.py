"""Delete an instance."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.user_errors import UserError, user_error
from app.projects.delete_instance import delete_instance


@strawberry.input(description="The instance to delete.")
class InstanceDeleteInput:
    """The instance to delete."""

    id: strawberry.ID = strawberry.field(description="The instance.")


@strawberry.type(description="What came of it.")
class InstanceDeletePayload:
    """What came of it."""

    deleted_instance_id: strawberry.ID | None = strawberry.field(
        description="The id that names nothing any more, to be dropped from caches; null where nothing was deleted."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_INSTANCES,
    "Delete an instance: its log is scanned no more, and its slug is free again. The errors that were found stay.",
)
async def instance_delete(
    info: Info,
    given: Annotated[
        InstanceDeleteInput, strawberry.argument(name="input", description="The instance to delete.")
    ],
) -> InstanceDeletePayload:
    context = info.context
    context.loaded.clear()
    try:
        instance_id = ids.decode("Instance", given.id)
        if instance_id is None:
            raise NotFound("there is no such instance", field="id")
        await delete_instance(
            context.organization_id, instance_id, now=context.now, actor=actor(context.signed_in)
        )
    except SnaglistError as failure:
        return InstanceDeletePayload(deleted_instance_id=None, user_errors=[user_error(failure)])
    return InstanceDeletePayload(deleted_instance_id=ids.encode("Instance", instance_id), user_errors=[])
