"""Scan an instance's log now, for a person who waits for it.

Comes in: the instance. Goes out: what was found, after all that the log has was read, or as much as one person should
wait for. Where a worker scans the instance at this moment, its end is waited for.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

import strawberry

from app.accounts.roles import Permission
from app.errors import AlreadyScanning, NotFound, SnaglistError
from app.graphql import ids, nodes
from app.graphql.access import guarded_mutation
from app.graphql.context import Context, Info
from app.graphql.projects import Instance
from app.graphql.scalars import BigInt
from app.graphql.user_errors import UserError, user_error
from app.scanning.scan_instance import Scanned, scan

ROUNDS: Final = 10
"""Scans for one answer; the workers read what is left."""
PATIENCE: Final = 20.0
"""Seconds for which somebody else's scan is waited for."""
PAUSE: Final = 0.2
"""Seconds between two attempts."""


@strawberry.input(description="The instance to scan.")
class InstanceScanInput:
    """The instance to scan."""

    id: strawberry.ID = strawberry.field(description="The instance.")


@strawberry.type(description="What was found. What somebody else found at the same time is not counted here.")
class InstanceScanPayload:
    """What was found."""

    detections: int = strawberry.field(
        default=0, description="How many detections were counted.", graphql_type=BigInt
    )
    new_groups: int = strawberry.field(default=0, description="How many error groups were opened.")
    bytes_read: int = strawberry.field(
        default=0, description="How many bytes of the log were read.", graphql_type=BigInt
    )
    is_behind: bool = strawberry.field(
        default=False, description="Whether the log has more, which the workers go on to read."
    )
    instance: Instance | None = strawberry.field(
        default=None, description="The instance after the scan; null where there is none."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="What is to be put right; what was found before stays found."
    )


@guarded_mutation(
    Permission.MANAGE_INSTANCES,
    "Scan an instance's log now, whether detection is enabled or not. Answers after the scan, with what it found.",
)
async def instance_scan(
    info: Info,
    given: Annotated[
        InstanceScanInput, strawberry.argument(name="input", description="The instance to scan.")
    ],
) -> InstanceScanPayload:
    info.context.loaded.clear()
    payload = InstanceScanPayload()
    instance_id = ids.decode("Instance", given.id)
    try:
        if instance_id is None or await nodes.instance(info, instance_id) is None:
            raise NotFound("there is no such instance", field="id")
        async for scanned in _scans(instance_id, info.context):
            payload.detections += scanned.detections
            payload.new_groups += scanned.new_groups
            payload.bytes_read += scanned.bytes_read
            payload.is_behind = scanned.is_behind
    except SnaglistError as failure:
        payload.user_errors.append(user_error(failure, "id"))
    payload.instance = await nodes.instance(info, instance_id) if instance_id else None
    return payload


async def _scans(instance_id: UUID, context: Context) -> AsyncIterator[Scanned]:
    """Scans, until the log was read to its end or it has been `ROUNDS`. Raises what `scan` does."""
    started = asyncio.get_running_loop().time()
    for _ in range(ROUNDS):
        scanned = await _patient_scan(instance_id, context, started)
        yield scanned
        if not scanned.is_behind:
            return


async def _patient_scan(instance_id: UUID, context: Context, started: float) -> Scanned:
    """A scan, when nobody else scans. AlreadyScanning: somebody else took too long."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + PATIENCE
    while True:
        try:
            now = context.now + timedelta(seconds=clock() - started)
            return await scan(instance_id, now=now, bounds=context.bounds)
        except AlreadyScanning:
            if clock() >= deadline:
                raise
            await asyncio.sleep(PAUSE)
