"""What a subscription wants to be told. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.reading.filters import Filter


class Feed(StrEnum):
    """What is told: the names of the subscriptions."""

    OPENED = "errorOpened"
    CHANGED = "errorChanged"
    OCCURRED = "occurrenceAdded"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feed, of which errors. `error_id`: of this one alone; without a filter then, however it is hidden."""

    feed: Feed
    filter: Filter | None = None
    error_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A subscription as its client began it.

    `after`: the cursor to go on from. `spare`: the variables that say nothing but that, so that subscribers who differ
    in these alone want the same.
    """

    wanted: Wanted
    after: str | None = None
    spare: frozenset[str] = frozenset()
