"""A page of groups that is asked for, and the pieces of SQL that every way to it shares.

Comes in: a filter, an order, a window. Goes out: what a statement goes over, and in which order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.filters import ALIVE, Filter
from app.reading.pages import Listing, Window


@dataclass(frozen=True, slots=True)
class Lanes:
    """What the index of an order begins with, and the values of it that are asked for, each of them once."""

    column: str
    values: Sequence[object]


@dataclass(frozen=True, slots=True)
class Rough:
    """What `group_instance` keeps of an order's column, and how its value is made of one of the order, which is `?`.

    `is_exact`: it is the value itself, so that ties go by id there too.
    """

    column: str
    made: str
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A page that is asked for; `ends`: what the filter asks of the column of the order, with `?` for the value.

    `met`: groups of it that were met already, and `beyond` the key of the last of them: only others are looked for.
    """

    organization_id: UUID
    filter: Filter
    listing: Listing
    window: Window
    lanes: Lanes
    ends: Mapping[str, object]
    rough: Rough | None
    now: datetime
    met: Sequence[UUID] = ()
    beyond: tuple[object, UUID] | None = None

    @property
    def size(self) -> int:
        """The rows of the page and one more, without those that were met already."""
        return self.window.size() + 1 - len(self.met)

    @property
    def key(self) -> str:
        """The column that the list is ordered by; ties go by id."""
        return self.listing.columns[0]

    @property
    def order(self) -> str:
        """`order by`, from the end of the list that the window comes from."""
        return pages.in_order(self.listing, self.window)

    def alive(self, statement: Conditions) -> Conditions:
        """What is gone over from the beginning of the list to its end, as conditions of the statement."""
        alive = statement.beside(*ALIVE)
        for text, value in self.ends.items():
            alive.add(text, value)
        return alive

    def walked(self, statement: Conditions) -> Conditions:
        """The same, in the window. BadInput: it makes no sense."""
        walked = self.alive(statement)
        self._add_window(walked)
        return walked

    def _add_window(self, conditions: Conditions) -> None:
        pages.between(self.listing, self.window, conditions)
        if self.beyond is not None:
            way = "<" if self.listing.descending != self.window.is_backward else ">"
            conditions.add(f"({', '.join(self.listing.columns)}) {way} (?, ?)", *self.beyond)
            conditions.add("g.id <> all(?::uuid[])", list(self.met))  # one may have got beyond meanwhile

    def first_of(self, wanted: Conditions) -> str:
        """The ids of the first of all groups that are wanted and in the window.

        Without the fence the planner would walk, too; and it knows how many are beyond a cursor only badly.
        """
        window = wanted.beside("true")
        self._add_window(window)
        return (
            f"select g.id from (select g.id, {self.key} from error_group as g where {wanted} offset 0) as g"  # noqa: S608  our own words
            f" where {window} {self.order} limit {self.size}"
        )
