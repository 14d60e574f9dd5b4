"""Pages of a list: what a window asks for, and what it then shows.

Comes in: a window from outside, and rows in the order of the list. Goes out: a page, each of whose rows has a cursor.
A cursor is the key of its row, so that a page begins where the last one ended whatever came or went meanwhile. It
also names its list and order, and is refused by every other; it grants nothing, as it says only where to go on.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from msgspec import Meta

from app.errors import BadInput
from app.reading.conditions import Conditions, can_be_stored, moment

DEFAULT_SIZE: Final = 50
LARGEST: Final = 100
CURSOR_LIMIT: Final = 4096
"""Characters of a cursor: a name of 200 characters fits, however it is written."""

Time = Annotated[datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Small = Annotated[int, Meta(ge=0, le=2**15 - 1)]
Name = Annotated[str, Meta(max_length=200)]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for: its first rows, or its last, of those after and before the cursors.

    Without `first` and `last` it is `DEFAULT_SIZE` rows: the last ones where only `before` is given, otherwise the
    first.
    """

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    @property
    def is_backward(self) -> bool:
        """Whether the end of the list is asked for."""
        if self.first is None and self.last is None:
            return self.before is not None and self.after is None
        return self.first is None

    def size(self) -> int:
        """How many rows are asked for. BadInput: too few, too many, or both the first and the last."""
        if self.first is not None and self.last is not None:
            raise BadInput("ask for the first or for the last, not for both", field="last")
        field, asked = ("first", self.first) if self.last is None else ("last", self.last)
        if asked is None:
            return DEFAULT_SIZE
        if not 1 <= asked <= LARGEST:
            raise BadInput(f"a page has 1 to {LARGEST} rows", field=field)
        return asked


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, in the order of the list.

    What lies on the side that the window looks to is counted; on the side that it comes from, a cursor is enough.
    """

    nodes: list[T]
    cursor: Callable[[T], str] = attribute(repr=False, compare=False)
    """Of a row."""
    has_next: bool
    has_previous: bool

    @property
    def cursors(self) -> list[str]:
        """The cursor of each row; made when it is asked for, which it often is not."""
        return [self.cursor(node) for node in self.nodes]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in one order: its name, the columns of its key, and what a cursor holds: the name, then the key.

    The last column is unique; all of them go the same way, so that one index serves both directions.
    """

    name: str
    columns: tuple[str, ...]
    decoder: msgspec.json.Decoder[Any]
    descending: bool = False

    def cursor(self, key: Sequence[object]) -> str:
        """The cursor of the row with this key."""
        return base64.urlsafe_b64encode(msgspec.json.encode((self.name, *key))).rstrip(b"=").decode()

    def key(self, cursor: str, field: str) -> tuple[object, ...]:
        """The key that a cursor holds. BadInput: it is none of this list and order."""
        try:
            if len(cursor) > CURSOR_LIMIT:
                raise ValueError("too long")
            packed = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            name, *key = self.decoder.decode(base64.b64decode(packed, altchars=b"-_", validate=True))
        except ValueError:
            raise BadInput("this is not a cursor of this list", field=field) from None
        if name != self.name or not all(can_be_stored(part) for part in key if isinstance(part, str)):
            raise BadInput("this is not a cursor of this list in this order", field=field)
        return tuple(moment(part, field) if isinstance(part, datetime) else part for part in key)


def cut(listing: Listing, window: Window, conditions: Conditions) -> str:
    """The end of a statement for a window, `order by` and `limit`; where it begins and ends joins the conditions.

    One row more is asked for than belongs to the page. BadInput: the window makes no sense.
    """
    size = window.size()
    between(listing, window, conditions)
    # The number is ours and small: written out, it lets the planner see that few rows are wanted.
    return f"{in_order(listing, window)} limit {size + 1}"


def between(listing: Listing, window: Window, conditions: Conditions) -> None:
    """Where a window begins and ends, as conditions. BadInput: it makes no sense."""
    columns = ", ".join(listing.columns)
    after, before = ("<", ">") if listing.descending else (">", "<")
    for cursor, field, side in ((window.after, "after", after), (window.before, "before", before)):
        if cursor is not None:
            key = listing.key(cursor, field)
            conditions.add(f"({columns}) {side} ({', '.join('?' * len(key))})", *key)


def in_order(listing: Listing, window: Window) -> str:
    """`order by`, from the end of the list that the window comes from."""
    way = "desc" if listing.descending != window.is_backward else "asc"
    return f"order by {', '.join(f'{column} {way}' for column in listing.columns)}"


def page(
    listing: Listing, window: Window, rows: Sequence[T], key: Callable[[T], Sequence[object]]
) -> Page[T]:
    """The page that the rows of a statement with `cut` at its end come to; `key` gives the key of a row."""
    size = window.size()
    nodes = list(rows[:size])
    has_more = len(rows) > size
    if window.is_backward:
        nodes.reverse()
    return Page(
        nodes,
        lambda node: listing.cursor(key(node)),
        has_next=window.before is not None if window.is_backward else has_more or window.before is not None,
        has_previous=has_more or window.after is not None if window.is_backward else window.after is not None,
    )
