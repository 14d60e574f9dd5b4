"""Make an instance, whose log is scanned from then on."""

from typing import Annotated

import strawberry

from app.accounts.actors import actor
from app.accounts.roles import Permission
from app.errors import NotFound, SnaglistError
from app.graphql import ids, nodes
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.enumerations import Environment, word
from app.graphql.mutations.inputs import InstanceSourceInput, as_source
from app.graphql.projects import Instance
from app.graphql.user_errors import UserError, user_error
from app.projects.create_instance import NewInstance, create_instance


@strawberry.input(description="An instance to be.")
class InstanceCreateInput:
    """An instance to be."""

    project_id: strawberry.ID = strawberry.field(description="The project that it belongs to.")
    name: str = strawberry.field(description="What people call it: 1 to 200 characters.")
    slug: str | None = strawberry.field(
        default=None,
        description="Its name in addresses: small letters, digits, hyphens, up to 63. Null makes one of the name.",
    )
    environment: Environment = strawberry.field(
        default=Environment.PRODUCTION, description="What it is used for."
    )
    source: InstanceSourceInput = strawberry.field(description="Where its log is read.")
    error_detection_enabled: bool | None = strawberry.field(
        default=None,
        description="Whether its log is scanned each minute; null inherits: on for production, off otherwise.",
    )
    error_ignore_patterns: list[str] | None = strawberry.field(
        default=None,
        description="Plain texts, up to 100: a record whose first line or final exception line contains one is no error.",
    )
    addon_folders: list[str] | None = strawberry.field(
        default=None,
        description="Absolute folders of custom addons as the log names them, up to 100, beside those known anyway.",
    )


@strawberry.type(description="What came of it.")
class InstanceCreatePayload:
    """What came of it."""

    instance: Instance | None = strawberry.field(description="The new instance; null where it was not made.")
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well."
    )


@guarded_mutation(
    Permission.MANAGE_INSTANCES,
    "Make an instance. Its log is scanned within a minute where detection is on; `instanceScan` scans it at once.",
)
async def instance_create(
    info: Info,
    given: Annotated[
        InstanceCreateInput, strawberry.argument(name="input", description="The instance to be.")
    ],
) -> InstanceCreatePayload:
    context = info.context
    try:
        wanted = await _wanted(given)
        instance_id = await create_instance(
            context.organization_id, wanted, now=context.now, actor=actor(context.signed_in)
        )
    except SnaglistError as failure:
        return InstanceCreatePayload(instance=None, user_errors=[user_error(failure)])
    return InstanceCreatePayload(instance=await nodes.instance(info, instance_id), user_errors=[])


async def _wanted(given: InstanceCreateInput) -> NewInstance:
    project_id = ids.decode("Project", given.project_id)
    if project_id is None:
        raise NotFound("there is no such project", field="projectId")
    return NewInstance(
        project_id=project_id,
        name=given.name,
        slug=given.slug,
        environment=word(given.environment),
        source=await as_source(given.source),
        error_detection_enabled=given.error_detection_enabled,
        error_ignore_patterns=given.error_ignore_patterns or (),
        addon_folders=given.addon_folders or (),
    )
