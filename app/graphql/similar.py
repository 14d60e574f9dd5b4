"""Errors that are probably the same one as another.

Comes in: rows of `app.reading.similar`. Goes out: what the graph shows of them.
"""

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final, Self

import strawberry
from strawberry import enum_value

from app.reading.similar import Similar

if TYPE_CHECKING:
    from app.graphql.error_groups import ErrorGroup

FIRST: Final = 5
"""Similar errors where nothing is said."""

Similars = Annotated[
    int | None, strawberry.argument(description="How many at most, 1 to 20; 5 if nothing is said.")
]


@strawberry.enum(description="What makes two errors alike.")
class SimilarErrorGround(Enum):
    """What makes two errors alike; the words of `similarity.Ground`."""

    FRAMES = enum_value("FRAMES", description="The same exception, and most frames in common.")
    PLACE = enum_value(
        "PLACE",
        description="The same exception with the same, or nearly the same, message, from the same file: a function was"
        " renamed, or the way there is another one.",
    )
    MESSAGE = enum_value("MESSAGE", description="The same, or nearly the same, message without a traceback.")


@strawberry.type(
    description="An error that is probably the same one, and why: to be offered for `errorGroupMerge`."
)
class SimilarError:
    """An error that is probably the same one, and why."""

    error_group: Annotated["ErrorGroup", strawberry.lazy("app.graphql.error_groups")] = strawberry.field(
        description="The other error; never one that was merged away or deleted."
    )
    score: float = strawberry.field(
        description="How alike they are: above 0, and up to 1 for all that is compared being equal."
    )
    ground: str = strawberry.field(
        description="What makes them alike, for programs.", graphql_type=SimilarErrorGround
    )
    reason: str = strawberry.field(
        description="What makes them alike, in words for people, as `KeyError in both, 4 of 5 frames in common`."
    )

    @classmethod
    def of(cls, row: Similar, error_group: "ErrorGroup") -> Self:
        """What is shown of a row."""
        likeness = row.likeness
        return cls(
            error_group=error_group, score=likeness.score, ground=likeness.ground, reason=likeness.words
        )
