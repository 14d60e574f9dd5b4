"""Updates: what a subscriber is told, as the graph shows it.

Comes in: a cursor, and perhaps the group, the changes or the occurrence that it is about. Goes out: the types of the
payloads. What they show is read when they are executed, which is after the commit.
"""

from asyncio import gather
from functools import partial
from uuid import UUID

import strawberry

from app.graphql import ids
from app.graphql.context import Info
from app.graphql.error_groups import ErrorGroup, group_of
from app.graphql.history import ErrorHistoryEntry
from app.graphql.loading import load
from app.graphql.occurrences import Occurrence
from app.reading import history
from app.reading import occurrences as reading

CURSOR = "Keep it: after a lost connection, give the last one that you got to `after`."
REFETCH = (
    "True: something was missed, or is too much to be told one by one. Ask your queries again, and go on from this"
    " cursor; nothing else is in this update."
)


@strawberry.type(
    description="What happened to one error. The first update comes at once and tells nothing but the cursor; so do others"
    " now and then, so that cursors do not grow old. The same may be told twice: entries of `changes` have ids."
)
class ErrorUpdate:
    """What happened to one error."""

    cursor: str = strawberry.field(description=CURSOR)
    refetch: bool = strawberry.field(default=False, description=REFETCH)
    error_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the error; null where the update tells nothing but the cursor."
    )
    key: strawberry.Private[UUID | None] = None
    change_ids: strawberry.Private[tuple[int, ...]] = ()

    @strawberry.field(
        description="The error as it is now, which may be later than the change. It may not match the filter any more, as"
        " after a change of status, or be merged into another one: take it out of your list then. It is null where"
        " it was deleted, and where the update tells nothing but the cursor."
    )
    async def error(self, info: Info) -> ErrorGroup | None:
        return None if self.key is None else await group_of(info, self.key)

    @strawberry.field(
        description="What was changed, oldest first; empty where it happened again, or somebody said something about it."
    )
    async def changes(self, info: Info) -> list[ErrorHistoryEntry]:
        read = partial(history.steps, info.context.organization_id)
        found = await gather(*(load(info, "steps", read, number) for number in sorted(self.change_ids)))
        return [ErrorHistoryEntry.of(row) for row in found if row]

    @classmethod
    def about(cls, cursor: str, group_id: UUID, change_ids: tuple[int, ...]) -> "ErrorUpdate":
        """An update about a group."""
        told = ids.encode("ErrorGroup", group_id)
        return cls(cursor=cursor, error_id=told, key=group_id, change_ids=change_ids)


@strawberry.type(
    description="One more recorded occurrence. The first update comes at once and tells nothing but the cursor; so do"
    " others now and then, so that cursors do not grow old. The same occurrence may be told twice."
)
class OccurrenceUpdate:
    """One more recorded occurrence."""

    cursor: str = strawberry.field(description=CURSOR)
    refetch: bool = strawberry.field(default=False, description=REFETCH)
    row: strawberry.Private[reading.Occurrence | None] = None

    @strawberry.field(description="The occurrence; null where the update tells nothing but the cursor.")
    def occurrence(self) -> Occurrence | None:
        return None if self.row is None else Occurrence.of(self.row)

    @strawberry.field(
        description="Its error as it is now; null where it was deleted meanwhile, and where the update tells nothing but"
        " the cursor."
    )
    async def error(self, info: Info) -> ErrorGroup | None:
        return None if self.row is None else await group_of(info, self.row.group_id)


Update = ErrorUpdate | OccurrenceUpdate
