"""How often errors happened, hour by hour: for a list of groups read at once.

Comes in: groups and days. Goes out: numbers, which the executor passes on without a look at each, and buckets.
"""

from collections.abc import Awaitable, Mapping
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import strawberry

from app.graphql import ids, selection
from app.graphql.context import Info
from app.graphql.loading import load
from app.reading import series as reading

DAYS: Final = 7
"""Where nobody says how many."""


@strawberry.type(description="How often an error happened from a time on, for an hour or a day.")
class TimelineBucket:
    """An hour or a day; a `Bucket` of `app.reading` is shown as it is."""

    starts_at: datetime = strawberry.field(description="When it begins: a full hour, or midnight UTC.")
    count: int = strawberry.field(description="How often it happened, 0 included.")


@strawberry.type(description="How often an error happened over a time.")
class Timeline:
    """How often an error happened over a time."""

    buckets: list[reading.Bucket] = strawberry.field(
        description="Every hour (up to 7 days) or every day of UTC (above), oldest first, the current one last.",
        graphql_type=list[TimelineBucket],
    )


async def read_ahead(info: Info, group_ids: list[UUID]) -> None:
    """Read the sparklines that the nodes of this connection are asked for: a statement for each number of days."""
    for days in selection.integers(info, "sparkline", "days", DAYS):
        info.context.loaded["read ahead", days] = await reading.sparklines(
            info.context.organization_id, group_ids, days, now=info.context.now
        )


def sparkline(info: Info, group_id: UUID, days: int) -> list[int] | Awaitable[list[int] | None]:
    """The numbers of a group: read ahead, or else together with all who ask at this moment."""
    ready: Mapping[UUID, list[int]] = info.context.loaded.get(("read ahead", days), {})
    if group_id in ready:
        return ready[group_id]
    context = info.context

    async def read(group_ids: list[UUID]) -> Mapping[UUID, list[int]]:
        return await reading.sparklines(context.organization_id, group_ids, days, now=context.now)

    return load(info, ("sparklines", days), read, group_id)


async def timeline(info: Info, group_id: UUID, days: int, instance_id: str | None) -> Timeline:
    """The timeline of a group, on one instance or on all; on one that there is not, nothing ever happened."""
    where = ids.wanted("Instance", instance_id)
    read = partial(_timelines, info, days, where)
    return Timeline(buckets=await load(info, ("timelines", days, where), read, group_id) or [])


async def _timelines(
    info: Info, days: int, where: UUID | None, group_ids: list[UUID]
) -> dict[UUID, list[reading.Bucket]]:
    context = info.context
    return await reading.timelines(context.organization_id, group_ids, days, where, now=context.now)
