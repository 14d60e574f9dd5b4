"""Our executor on many objects of a kind: what it remembers of some of them never changes what it says of others."""

from dataclasses import fields
from typing import Any

import pytest

from app.graphql.error_groups import ErrorGroup
from app.graphql.execution import selections
from tests.graphql.test_execution_values import Box, Values, both

pytestmark = pytest.mark.anyio

THINGS = "{ things { __typename kind: __typename name weight } }"
NESTED = "{ things { name near: inner(deep: 1) { name } far: inner(deep: 2) { name weight } loaded } }"
ALONE = "{ things { weight } }"


def boxes(*weights: Any, name: Any = "box") -> Values:
    return Values(things=[Box(name=name, weight=weight) for weight in weights])


class Crate(Box):
    """A box of a class of its own."""


USUAL = boxes(1.5, 2.5)
ROWS = [
    USUAL,
    boxes(1.5, 2, 2.5),
    boxes(1.5, None),  # must not be null
    USUAL,
    boxes(1.5, float("inf")),
    boxes(1.5, "2.5", True),
    boxes("heavy"),
    boxes(1.5, 2.5, name=None),
    boxes(1.5, 2.5, name=5),
    boxes(1, 2),
    Values(things=[Crate(name="crate", weight=1.0), Box(name="box", weight=1)]),
    Values(things=[Box(name="box", weight=1.0), object(), None]),
    Values(things=[Box(name="box", weight=1.0), None]),
    boxes(),
    USUAL,
]


@pytest.mark.parametrize("document", [THINGS, NESTED, ALONE])
@pytest.mark.parametrize("most", [selections.MOST_TYPES, 1, 0])
async def test_each_answer_is_its_own(document: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document is remembered from one request to the next, with what was found out about it."""
    monkeypatch.setattr(selections, "MOST_TYPES", most)
    text = f"{document} # {most}"
    for root in ROWS:
        ours, theirs = await both(text, root)
        assert ours.data == theirs.data
        assert [error.formatted for error in ours.errors or ()] == [
            error.formatted for error in theirs.errors or ()
        ]
        if ours.data:
            assert list(ours.data["things"][0] if ours.data["things"] else ()) == list(
                theirs.data["things"][0] if theirs.data and theirs.data["things"] else ()
            )


async def test_what_is_remembered_of_types_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[selections.Selection] = []
    compiled = selections._Compiler._selection

    def noted(self: Any, *given: Any) -> selections.Selection:
        made.append(compiled(self, *given))
        return made[-1]

    monkeypatch.setattr(selections._Compiler, "_selection", noted)
    monkeypatch.setattr(selections, "MOST_TYPES", 3)
    for number in range(10):
        kind = type(f"Weight{number}", (float,), {})
        ours, _ = await both("{ things { name weight } } # bounded", boxes(kind(number)))
        assert ours.data == {"things": [{"name": "box", "weight": number}]}
    assert [len(selection._work) for selection in made if selection.scalars] == [3]


def test_a_group_of_a_list_is_quickly_made() -> None:
    """Python 3.11 lets objects share their keys up to 28 attributes; with more, making one takes four times as long."""
    assert len([field for field in fields(ErrorGroup) if field.init]) <= 28
