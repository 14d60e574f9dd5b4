"""Change what is set on an instance."""

from typing import Annotated, TypeVar

import strawberry
from strawberry import UNSET

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
from app.projects.update_instance import UNSET as UNCHANGED
from app.projects.update_instance import InstanceChanges, UnsetType, update_instance

T = TypeVar("T")


@strawberry.input(
    description="What is to be different. What is left out stays; so does what is null, unless its field says otherwise."
)
class InstanceUpdateInput:
    """What is to be different."""

    id: strawberry.ID = strawberry.field(description="The instance.")
    name: str | None = strawberry.field(
        default=UNSET, description="What people call it: 1 to 200 characters."
    )
    slug: str | None = strawberry.field(
        default=UNSET, description="Its name in addresses: small letters, digits, hyphens, up to 63."
    )
    environment: Environment | None = strawberry.field(default=UNSET, description="What it is used for.")
    source: InstanceSourceInput | None = strawberry.field(
        default=UNSET,
        description="Where its log is read, exchanged as a whole; another log is read as one that was never read. What is"
        " not given of how to log in stays with the same host, port and user: the accepted host key, the private key"
        " with its passphrase, and, unless another host key is given, the password.",
    )
    error_detection_enabled: bool | None = strawberry.field(
        default=UNSET,
        description="Whether its log is scanned each minute; null inherits: on for production, off otherwise.",
    )
    error_ignore_patterns: list[str] | None = strawberry.field(
        default=UNSET,
        description="All of the texts that make a record no error, up to 100; an empty list for none.",
    )
    addon_folders: list[str] | None = strawberry.field(
        default=UNSET, description="All of the folders of custom addons, up to 100; an empty list for none."
    )
    odoo_version: str | None = strawberry.field(
        default=UNSET,
        description="Odoo's version, as `17.0`, until the log tells another one; null: unknown.",
    )
    commit_sha: str | None = strawberry.field(
        default=UNSET,
        description="The commit that runs there, 7 to 64 hexadecimal digits, as a deployment tells it; null: unknown.",
    )


@strawberry.type(description="What came of it.")
class InstanceUpdatePayload:
    """What came of it."""

    instance: Instance | None = strawberry.field(
        description="The instance as it is now; null where there is none, or nothing was changed."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is to be put right; empty if all went well, and otherwise nothing was changed."
    )


@guarded_mutation(
    Permission.MANAGE_INSTANCES, "Change what is set on an instance: all that is given, or nothing."
)
async def instance_update(
    info: Info,
    given: Annotated[
        InstanceUpdateInput, strawberry.argument(name="input", description="The instance, and the changes.")
    ],
) -> InstanceUpdatePayload:
    context = info.context
    context.loaded.clear()
    try:
        instance_id = ids.decode("Instance", given.id)
        if instance_id is None:
            raise NotFound("there is no such instance", field="id")
        await update_instance(
            context.organization_id,
            instance_id,
            await _changes(given),
            now=context.now,
            actor=actor(context.signed_in),
        )
    except SnaglistError as failure:
        return InstanceUpdatePayload(instance=None, user_errors=[user_error(failure)])
    return InstanceUpdatePayload(instance=await nodes.instance(info, instance_id), user_errors=[])


async def _changes(given: InstanceUpdateInput) -> InstanceChanges:
    return InstanceChanges(
        name=_changed(given.name),
        slug=_changed(given.slug),
        environment=word(given.environment) if given.environment else UNCHANGED,
        source=await as_source(given.source) if given.source else UNCHANGED,
        error_detection_enabled=_set(given.error_detection_enabled),
        error_ignore_patterns=_changed(given.error_ignore_patterns),
        addon_folders=_changed(given.addon_folders),
        odoo_version=_set(given.odoo_version),
        commit_sha=_set(given.commit_sha),
    )


def _changed(given: T | None) -> T | UnsetType:
    return UNCHANGED if given is None or given is UNSET else given


def _set(given: T | None) -> T | UnsetType | None:
    """What null changes, too."""
    return UNCHANGED if given is UNSET else given
