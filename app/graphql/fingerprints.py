"""The fingerprints of an error: what makes its detections the same.

Comes in: rows of `app.reading.merged`. Goes out: what the graph shows of them, with ids for `errorGroupUnmerge`.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, Self
from uuid import UUID

import strawberry

from app.graphql import ids
from app.graphql.scalars import BigInt
from app.reading.merged import Fingerprint

if TYPE_CHECKING:
    from app.graphql.error_groups import ErrorGroup

KIND: Final = "ErrorFingerprint"
_LARGEST: Final = 2**63 - 1


def decode(global_id: str) -> int | None:
    """The number of a fingerprint; None where this is no id of one."""
    found = ids.split(global_id)
    number = ids.as_number(found[1]) if found and found[0] == KIND else None
    return number if number is not None and number <= _LARGEST else None


@strawberry.type(
    description="What makes detections the same error. An error that was merged has several; each counts for itself."
)
class ErrorFingerprint:
    """What makes detections the same error."""

    id: strawberry.ID = strawberry.field(description="Its id, for `errorGroupUnmerge`.")
    version: int = strawberry.field(description="By which version of the rules it was made.")
    reason: str = strawberry.field(
        description="What it consists of, in lines for people, without secrets: the types and frames of a traceback, or"
        " the logger and the message without what varies."
    )
    total_count: int = strawberry.field(description="How often it happened, exactly.", graphql_type=BigInt)
    first_seen_at: datetime = strawberry.field(description="When it first happened.")
    last_seen_at: datetime = strawberry.field(description="When it last happened.")
    is_own: bool = strawberry.field(
        description="Whether the error was opened by it, so that it stays; others came by merges, and can go back."
    )
    home: strawberry.Private[Callable[[UUID], Awaitable["ErrorGroup | None"]]]
    home_id: strawberry.Private[UUID]

    @strawberry.field(
        description="The error that it opened, and goes back to when the merge is undone; null if that was deleted."
    )
    async def home_group(
        self,
    ) -> Annotated["ErrorGroup", strawberry.lazy("app.graphql.error_groups")] | None:
        return await self.home(self.home_id)

    @classmethod
    def of(
        cls, row: Fingerprint, group_id: UUID, home: Callable[[UUID], Awaitable["ErrorGroup | None"]]
    ) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode(KIND, row.id),
            version=row.version,
            reason=row.reason,
            total_count=row.total_count,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            is_own=row.home_group_id == group_id,
            home=home,
            home_id=row.home_group_id,
        )
