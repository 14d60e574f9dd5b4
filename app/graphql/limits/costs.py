"""The cost of an operation, in points, before anything of it is executed.

Comes in: a selection, and the arguments that its fields are given, with the variables of this request. Goes out: points.

An object costs one point, and so does a leaf that takes arguments, like a sparkline; other leaves cost nothing. A page
costs what its nodes cost times `first` or `last`. Lists that are no pages count as ten.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLError, is_list_type, is_non_null_type

from app.graphql.context import Cost
from app.graphql.execution.selections import Field, Selection

MAXIMUM: Final = 10_000
"""Points of an operation: the groups of a full page with some of the occurrences of each."""

MOST_OF_THE_SCHEMA: Final = 110_000
"""Points of what an operation asks about the schema; what GraphiQL asks at its start has 93,000."""

PAGE: Final = 50
"""Nodes of a page where nothing is said."""

LIST: Final = 10
"""Items of a list that nobody limits."""

TYPES: Final = 60
"""Items of the list of all types."""

Given = Callable[[Field], Mapping[str, Any]]


def count(root: Selection, given: Given) -> tuple[Cost, GraphQLError | None]:
    """The cost of an operation, and an error if that is too much. `given` may raise GraphQLError."""
    points = _Points(given)
    cost = Cost(points.of(root), MAXIMUM)
    about_schema = sum(points.of_field(field, None) for field in root.costly if _is_about_schema(field))
    if cost.points > MAXIMUM or about_schema > MOST_OF_THE_SCHEMA:
        shown = {"requestedQueryCost": cost.points, "maximum": MAXIMUM}
        return cost, GraphQLError(
            f"this costs {max(cost.points, about_schema)} points: ask for fewer nodes at once, or for less of each",
            extensions={"code": "COST_EXCEEDED", "cost": shown},
        )
    return cost, None


class _Points:
    def __init__(self, given: Given) -> None:
        self.given = given
        self.known: dict[tuple[int, int | None], int] = {}

    def of(self, selection: Selection, size: int | None = None) -> int:
        """Of one object; `size` is the number of nodes if it is a page. Counted once, however many ways lead here."""
        key = (id(selection), size)
        if key not in self.known:
            fields = (field for field in selection.costly if not _is_about_schema(field))
            self.known[key] = sum(self.of_field(field, size) for field in fields)
        return self.known[key]

    def of_field(self, field: Field, size: int | None) -> int:
        """Of what the field gives."""
        below = field.selections
        if not below:
            return 1
        own_size = self._page_size(field)
        each = 1 + max(self.of(selection, own_size) for selection in below)
        if not _is_list(field):
            return each
        usual = TYPES if field.nodes[0].name.value == "types" else LIST
        return each * next((number for number in (own_size, size) if number is not None), usual)

    def _page_size(self, field: Field) -> int | None:
        if "first" not in field.definition.args and "last" not in field.definition.args:
            return None
        try:
            given = self.given(field)
        except GraphQLError:
            return 0  # the field will not be executed
        asked = [number for name in ("first", "last") if (number := given.get(name)) is not None]
        return max(0, *asked) if asked else PAGE


def _is_list(field: Field) -> bool:
    type_ = field.definition.type
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)


def _is_about_schema(field: Field) -> bool:
    return field.nodes[0].name.value in ("__schema", "__type")
