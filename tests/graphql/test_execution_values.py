"""Our executor on values of every kind, usual and unusual: it says what graphql-core says, and loads as much at once."""

import asyncio
import gc
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

import pytest
import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import ExecutionResult

from app.graphql.context import Context
from app.graphql.execution.executor import Execution
from app.graphql.limits import extensions
from app.reading.series import Series
from tests.database import NOW

pytestmark = pytest.mark.anyio


BATCHES: list[list[str]] = []


async def lengths(keys: list[str]) -> list[int]:
    """Loads the lengths of texts, and notes for how many at once."""
    BATCHES.append(keys)
    return [len(key) for key in keys]


@strawberry.enum
class Colour(Enum):
    """Colours whose values are not their names."""

    RED = "r"
    BLUE = 7


@strawberry.enum
class Size(StrEnum):
    """Sizes whose values are their names."""

    SMALL = "SMALL"


@strawberry.interface
class Thing:
    """Something."""

    name: str


@strawberry.type
class Box(Thing):
    """A thing."""

    weight: float

    @strawberry.field
    async def inner(self, info: strawberry.Info[Context, None], deep: int = 1) -> "Box | None":
        await asyncio.sleep(0)
        if deep < 0:
            raise ValueError("too shallow")
        return Box(name=f"{self.name}/{deep}", weight=1.5)

    @strawberry.field
    def wished(self, wish: "Wish") -> int:
        wish.colours.append(Colour.RED)  # the others do not see that
        return len(wish.colours)

    @strawberry.field
    async def cancelled(self) -> "Box | None":
        raise asyncio.CancelledError

    @strawberry.field
    def broken(self, info: strawberry.Info[Context, None]) -> "Box | None":
        """Fails while its sibling waits."""
        raise ValueError("broken")

    @strawberry.field
    def loaded(self, info: strawberry.Info[Context, None]) -> int:
        loader: DataLoader[str, int] = info.context.loaded.setdefault("loader", DataLoader(load_fn=lengths))
        return loader.load(self.name)  # type: ignore[return-value]


@strawberry.type
class Bag(Thing):
    """Another thing."""

    colour: Colour


@strawberry.input
class Wish:
    """What somebody wants."""

    name: str
    colours: list[Colour] = strawberry.field(default_factory=list)


@dataclass
class Values:
    """What the resolvers of the schema give."""

    int_: Any = 1
    optional: Any = None
    text: Any = "x"
    truth: Any = True
    number: Any = 1.5
    colour: Any = Colour.RED
    size: Any = Size.SMALL
    ints: Any = ()
    texts: Any = ()
    thing: Any = None
    things: Any = ()
    either: Any = None


@strawberry.type
class Query:
    """Everything that `Values` gives."""

    int_: int
    optional: int | None
    text: str
    truth: bool
    number: float
    colour: Colour | None
    size: Size
    ints: list[int]
    texts: list[str | None]
    thing: Thing | None
    things: list[Box]
    either: Box | Bag | None

    @strawberry.field
    def wished(self, wish: Wish, times: int = 1) -> list[str]:
        wish.colours.append(Colour.RED)  # nobody else sees that
        return [f"{wish.name} {len(wish.colours)}"] * times


DONE: list[int] = []


@strawberry.type
class Mutation:
    """Counts how often it is done."""

    @strawberry.mutation
    def fail(self, info: strawberry.Info[Context, None]) -> int:
        DONE.append(1)
        raise ValueError("no")


_TYPES = {"query": Query, "mutation": Mutation, "types": [Box, Bag]}
OURS = strawberry.Schema(**_TYPES, extensions=extensions(), execution_context_class=Execution)  # type: ignore[arg-type]
THEIRS = strawberry.Schema(**_TYPES)  # type: ignore[arg-type]

EVERYTHING = """{
    int_ optional text truth number colour size ints texts either { __typename ... on Bag { colour name } ...B }
    thing { __typename name ... on Bag { colour } ...B } things { name weight }
} fragment B on Box { weight }"""


def context() -> Context:
    """What a request begins with."""
    BATCHES.clear()
    return Context(None, NOW)


async def both(document: str, root: Values, **variables: Any) -> tuple[ExecutionResult, ExecutionResult]:
    """The answers of our executor and of graphql-core."""
    answers = [
        await schema.execute(document, variables, root_value=root, context_value=context())
        for schema in (OURS, THEIRS)
    ]
    assert all(isinstance(answer, ExecutionResult) for answer in answers)
    return answers[0], answers[1]


def numbers() -> Iterator[int]:
    """An iterable that is no list."""
    yield 1


@dataclass
class Impostor:
    """Looks like a box."""

    name: str = "impostor"
    weight: float = 1.0


class Awkward(int):
    """An integer of a class of its own."""


VALUES = [
    Values(),
    Values(int_=None),
    Values(int_=2**31),
    Values(int_=-(2**31)),
    Values(int_=True),
    Values(int_=3.0),
    Values(int_=3.5),
    Values(int_="7"),
    Values(int_=Awkward(7)),
    Values(optional=2**40),
    Values(text=None),
    Values(text=5),
    Values(text=True),
    Values(text=Size.SMALL),
    Values(text=b"bytes"),
    Values(text=["x"]),
    Values(truth=1),
    Values(truth="yes"),
    Values(number=1),
    Values(number=float("nan")),
    Values(number="1.5"),
    Values(colour=None),
    Values(colour="RED"),
    Values(colour="r"),
    Values(colour=Colour.BLUE),
    Values(colour=7),
    Values(colour=[]),
    Values(size="SMALL"),
    Values(size="LARGE"),
    Values(ints=[1, 2, 2**31 - 1]),
    Values(ints=Series([1, 2])),
    Values(ints=[1, None]),
    Values(ints=[True, 2]),
    Values(ints=[1, 2**31]),
    Values(ints=[1.0, "2"]),
    Values(ints=[1.5]),
    Values(ints=(1, 2)),
    Values(ints=None),
    Values(ints="12"),
    Values(ints=5),
    Values(ints={1: 2}),
    Values(texts=["a", None, "b"]),
    Values(texts=["a", 5, Size.SMALL]),
    Values(texts=[object()]),
    Values(thing=Box(name="box", weight=1.0)),
    Values(thing=Bag(name="bag", colour=Colour.BLUE)),
    Values(thing=object()),
    Values(either=Bag(name="bag", colour=Colour.RED)),
    Values(either=Thing(name="neither")),
    Values(things=[Box(name="a", weight=1.0), Box(name="b", weight=2)]),
    Values(things=[Box(name="a", weight=1.0), None]),
    Values(things=[Bag(name="bag", colour=Colour.RED)]),
    Values(things=[Impostor()]),
    Values(things=(Box(name=None, weight=1.0),)),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("root", VALUES)
async def test_values_of_every_kind(root: Values) -> None:
    ours, theirs = await both(EVERYTHING, root)
    assert all(error.path for error in theirs.errors or ())
    assert ours.data == theirs.data
    assert repr(ours.data) == repr(theirs.data)
    assert [error.formatted for error in ours.errors or ()] == [
        error.formatted for error in theirs.errors or ()
    ]


async def test_usual_values_are_not_executed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Execution, "_again")
    box = Box(name="box", weight=1.0)
    root = Values(ints=Series([1, 2]), texts=["a", None], thing=box, things=[box, box], either=box)
    for document in (EVERYTHING, "{ things { inner { loaded inner { name } } loaded } }"):
        result = await OURS.execute(document, root_value=root, context_value=context())
        assert not result.errors


async def test_what_is_no_list_but_can_be_walked() -> None:
    answers = [
        await schema.execute("{ ints }", root_value=Values(ints=numbers()), context_value=context())
        for schema in (OURS, THEIRS)
    ]
    # A generator can be walked once, so that ours must not begin before it knows that it can end.
    assert [answer.data for answer in answers] == [{"ints": [1]}] * 2


async def test_awaitable_attributes_are_waited_for() -> None:
    def soon(value: object) -> Awaitable[object]:
        future = asyncio.get_running_loop().create_future()
        future.set_result(value)
        return future

    root = Values(optional=soon(5), things=soon([Box(name="a", weight=1.0)]), texts=[soon("x")])
    ours, theirs = await both("{ optional things { name } texts }", root)
    assert ours.data == theirs.data == {"optional": 5, "things": [{"name": "a"}], "texts": ["x"]}
    assert not ours.errors


BOXES = Values(things=[Box(name="a" * length, weight=1.0) for length in range(1, 4)])


async def test_siblings_are_loaded_together() -> None:
    result = await OURS.execute("{ things { loaded } }", root_value=BOXES, context_value=context())
    assert result.data == {"things": [{"loaded": 1}, {"loaded": 2}, {"loaded": 3}]}
    assert BATCHES == [["a", "aa", "aaa"]]


async def test_what_is_below_siblings_is_loaded_together_too() -> None:
    document = "{ things { name inner { loaded name again: inner(deep: 2) { loaded } } loaded } }"
    ours, theirs = await both(document, BOXES)
    assert not ours.errors
    assert ours.data == theirs.data
    await OURS.execute(document, root_value=BOXES, context_value=context())
    assert [len(batch) for batch in BATCHES] == [3, 3, 3]


async def test_branches_do_not_wait_for_each_other() -> None:
    """What is below one of two siblings is begun while the other one still waits for it."""
    begun = asyncio.Event()

    @strawberry.type
    class Leaf:
        @strawberry.field
        async def begin(self) -> bool:
            begun.set()
            return True

    @strawberry.type
    class Root:
        @strawberry.field
        async def first(self) -> Leaf:
            return Leaf()

        @strawberry.field
        async def second(self) -> Leaf:
            await asyncio.wait_for(begun.wait(), 5)
            return Leaf()

    schema = strawberry.Schema(query=Root, extensions=extensions(), execution_context_class=Execution)
    result = await schema.execute("{ first { begin } second { begin } }", context_value=context())
    assert result.data == {"first": {"begin": True}, "second": {"begin": True}}


async def test_failures_below_are_reported_like_theirs() -> None:
    document = (
        "query Q($deep: Int!) { things { name good: inner { name } bad: inner(deep: $deep) { name } } }"
    )
    ours, theirs = await both(document, BOXES, deep=-1)
    assert ours.errors
    assert theirs.errors
    assert [error.formatted for error in ours.errors] == [error.formatted for error in theirs.errors]
    assert len(ours.errors) == 3
    assert ours.data == theirs.data


async def test_inputs_are_not_shared_between_fields() -> None:
    document = 'query Q($w: Wish!) { a: wished(wish: $w) b: wished(wish: $w) c: wished(wish: {name: "n"}, times: 2) }'
    ours, theirs = await both(document, Values(), w={"name": "n", "colours": ["BLUE"]})
    assert ours.data == theirs.data == {"a": ["n 2"], "b": ["n 2"], "c": ["n 1"] * 2}


async def test_a_selection_follows_its_conditions() -> None:
    document = (
        "query Q($a: Boolean!, $b: Boolean = true) { text @include(if: $a) ... @skip(if: $b) { truth } }"
    )
    for variables in ({"a": True}, {"a": False}, {"a": True, "b": False}, {"a": False, "b": None}):
        ours, theirs = await both(document, Values(), **variables)
        assert ours.data == theirs.data
        assert bool(ours.errors) == bool(theirs.errors)


async def test_a_mutation_is_done_once() -> None:
    DONE.clear()
    result = await OURS.execute("mutation { fail }", context_value=context())
    assert result.data is None
    assert len(DONE) == 1


async def test_inputs_are_not_shared_between_siblings() -> None:
    ours, theirs = await both("query Q($w: Wish!) { things { wished(wish: $w) } }", BOXES, w={"name": "n"})
    assert ours.data == theirs.data == {"things": [{"wished": 1}] * 3}


async def test_what_is_waited_for_is_dropped_where_a_sibling_fails() -> None:
    """No coroutine is left behind that nobody waited for: that would be a warning, and so an error."""
    document = (
        "{ things { inner { inner { name } loaded again: inner { broken { name } } broken { name } } } }"
    )
    ours, theirs = await both(document, BOXES)
    gc.collect()
    assert ours.data == theirs.data
    assert len(ours.errors or ()) == 6


async def test_somebody_elses_cancellation_is_not_ours() -> None:
    """graphql-core lets it through, as a cancellation of all: so do we, after it was asked."""
    for schema in (OURS, THEIRS):
        with pytest.raises(asyncio.CancelledError):
            await schema.execute(
                "{ things { cancelled { name } name } }", root_value=BOXES, context_value=context()
            )


async def test_what_failed_to_load_is_loaded_again() -> None:
    """What the first attempt left in the context, a loader that failed, is not there for the second one."""
    attempts: list[int] = []

    @strawberry.type
    class Root:
        @strawberry.field
        async def flaky(self, info: strawberry.Info[Context, None]) -> int:
            async def load(keys: list[int]) -> list[int]:
                attempts.append(1)
                if len(attempts) == 1:
                    raise ValueError("the first time")
                return keys

            loader = info.context.loaded.setdefault("flaky", DataLoader(load_fn=load))
            return int(await loader.load(1))

    schema = strawberry.Schema(query=Root, extensions=extensions(), execution_context_class=Execution)
    result = await schema.execute("{ flaky }", context_value=context())
    assert result.data == {"flaky": 1}
    assert len(attempts) == 2


async def test_giving_up_waits_for_nobody_and_leaves_nothing_behind() -> None:
    """
    A field that fails at once stands beside others that wait: they are neither forgotten nor started twice at a time.
    """
    started = 0

    @strawberry.type
    class Root:
        @strawberry.field
        async def slow(self) -> int:
            nonlocal started
            started += 1
            await asyncio.sleep(0)
            return started

        @strawberry.field
        def bad(self) -> int | None:
            raise ValueError("bad")

    schema = strawberry.Schema(query=Root, extensions=extensions(), execution_context_class=Execution)
    result = await schema.execute("{ a: slow bad b: slow }", context_value=context())
    assert result.data == {"a": 2, "bad": None, "b": 2}
    assert started == 2


async def test_introspection_is_the_same() -> None:
    document = '{ __schema { types { name fields { name type { name } } } } __type(name: "Box") { kind } __typename }'
    ours, theirs = await both(document, Values())
    assert ours.data == theirs.data


def test_without_a_loop_it_works_too() -> None:
    result = OURS.execute_sync("{ text }", root_value=Values(), context_value=context())
    assert result.data == {"text": "x"}
