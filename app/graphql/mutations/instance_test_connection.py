"""Try a source: who answers, whether one gets in, whether the log is there. Nothing is stored."""

import asyncio
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from app.accounts.roles import Permission
from app.domain.log_source import LogSource, fingerprint
from app.errors import BadInput, NotFound, SnaglistError
from app.graphql import ids
from app.graphql.access import guarded_mutation
from app.graphql.context import Info
from app.graphql.mutations.inputs import InstanceSourceInput, as_source
from app.graphql.user_errors import UserError, user_error
from app.projects.known_source import known_source
from app.projects.source_columns import demand_whole
from app.scanning.try_source import Tried, try_source


@strawberry.input(
    description="What to try: an instance as it is, a source, or an instance with another source, as `instanceUpdate`"
    " would have it."
)
class InstanceTestConnectionInput:
    """What to try."""

    id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The instance; null: there is none yet."
    )
    source: InstanceSourceInput | None = strawberry.field(
        default=UNSET, description="The source; null: that of the instance."
    )


@strawberry.type(description="How far one came.")
class InstanceTestConnectionPayload:
    """How far one came."""

    connected: bool = strawberry.field(
        default=False, description="Whether one is logged in on the machine; always on Snaglist's own."
    )
    host_key: str | None = strawberry.field(
        default=None,
        description="The public key of the machine `hostKeyOf`: to accept it, give it as `hostKey`; null where it is unknown.",
    )
    host_key_fingerprint: str | None = strawberry.field(
        default=None,
        description="The key's fingerprint, `SHA256:...`, to be compared with what `ssh-keygen -l` shows on that machine;"
        " null where there is no key.",
    )
    host_key_of: str | None = strawberry.field(
        default=None,
        description="Whose key it is: the machine's, or that of a jump host on the way, whose key must be accepted first;"
        " null on Snaglist's own machine.",
    )
    host_key_field: list[str] | None = strawberry.field(
        default=None,
        description='Path of the input field that accepts it, as `["source", "ssh", "hostKey"]`; null where there is none.',
    )
    is_host_key_pinned: bool = strawberry.field(
        default=False, description="Whether this is the key that was accepted; if not, nobody has logged in."
    )
    log_found: bool = strawberry.field(default=False, description="Whether the log is there and can be read.")
    lines_read: int = strawberry.field(
        default=0, description="How many lines of its end were read, 1 MiB at most."
    )
    detections: int = strawberry.field(
        default=0, description="How many errors are among these lines, as a scan would find them."
    )
    odoo_version: str | None = strawberry.field(
        default=None,
        description="Odoo's version; null unless these lines tell it, as they do where it was started lately.",
    )
    problem: str | None = strawberry.field(
        default=None, description="Why one came no further, a sentence to show; null: all is well."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="What is to be put right in the input; then nothing was tried."
    )


@guarded_mutation(
    Permission.MANAGE_INSTANCES,
    "Try to reach a log, and tell how far one came; nothing is stored. Until the key of a machine was accepted, it is"
    " only fetched and told, and nobody logs in.",
)
async def instance_test_connection(
    info: Info,
    given: Annotated[
        InstanceTestConnectionInput, strawberry.argument(name="input", description="What to try.")
    ],
) -> InstanceTestConnectionPayload:
    context = info.context
    try:
        source = await _source(context.organization_id, given)
    except SnaglistError as failure:
        return InstanceTestConnectionPayload(user_errors=[user_error(failure)])
    return _payload(await asyncio.to_thread(try_source, source, now=context.now))


async def _source(organization_id: UUID, given: InstanceTestConnectionInput) -> LogSource:
    if not given.id and not given.source:
        raise BadInput("give an instance, or a source", field="source")
    wanted = await as_source(given.source) if given.source else None
    known = None
    if given.id:
        instance_id = ids.decode("Instance", given.id)
        if instance_id is None:
            raise NotFound("there is no such instance", field="id")
        known = await known_source(organization_id, instance_id)
    source = wanted.with_kept(known) if wanted and known else wanted or known
    if source is None:
        raise BadInput("the instance does not say where its log is", field="id")
    demand_whole(source)
    return source


def _payload(tried: Tried) -> InstanceTestConnectionPayload:
    return InstanceTestConnectionPayload(
        connected=tried.connected,
        host_key=tried.host_key,
        host_key_fingerprint=fingerprint(tried.host_key) if tried.host_key else None,
        host_key_of=tried.host_key_of,
        host_key_field=tried.host_key_field.split(".") if tried.host_key_field else None,
        is_host_key_pinned=tried.is_host_key_pinned,
        log_found=tried.log_found,
        lines_read=tried.lines_read,
        detections=tried.detections,
        odoo_version=tried.odoo_version,
        problem=tried.problem,
    )
