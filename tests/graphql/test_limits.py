"""What is too long, too deep, too wide or too costly is refused at once; what people ask is not."""

import gc
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from app.graphql.context import Context, Cost
from app.graphql.execution.selections import compiled
from app.graphql.limits import documents
from app.graphql.limits.costs import MAXIMUM
from app.graphql.limits.documents import ALL_REMEMBERED, LONGEST, LONGEST_REMEMBERED, REMEMBERED, Documents
from app.graphql.schema import schema
from tests.database import NOW
from tests.graphql.door import Stopwatch, codes, door, post

pytestmark = pytest.mark.anyio

MILLISECONDS = 50
INTROSPECTION = get_introspection_query(
    specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
)


@pytest.fixture(autouse=True)
def _undisturbed() -> Iterator[None]:
    """What is measured is not the collection of everybody's garbage."""
    gc.disable()
    yield
    gc.enable()


def repeated(times: int, text: str) -> str:
    """The text so many times, `#` being the number."""
    return " ".join(text.replace("#", str(number)) for number in range(times))


def nested(times: int, text: str, end: str) -> str:
    """The text inside of itself."""
    return text * times + end + "}" * text.count("{") * times


NODES = "{ errors { nodes { %s } } }"
BOMBS = {
    "1,000 aliases": "{" + repeated(1000, "a#: errorStats { critical }") + "}",
    "31 aliases": "{" + repeated(31, "a#: version") + "}",
    "13 deep": NODES % nested(5, "project { instances { ", "nodes { id }"),
    "300 deep": "{" + nested(300, "a { ", "b") + "}",
    "deep through fragments": "{ errors { nodes { ...F0 } } }"
    + repeated(11, "fragment F# on ErrorGroup { mergedInto { ...G# } }")
    + " ".join(f"fragment G{n} on ErrorGroup {{ mergedInto {{ ...F{n + 1} }} }}" for n in range(10))
    + "fragment G10 on ErrorGroup { id }",
    "a fragment in itself": NODES % "...A" + "fragment A on ErrorGroup { mergedInto { ...A } }",
    "two fragments in each other": NODES % "...A"
    + "fragment A on ErrorGroup { mergedInto { ...B } } fragment B on ErrorGroup { mergedInto { ...A } }",
    "a bomb of fragments": NODES % "...F0"
    + " ".join(
        f"fragment F{n} on ErrorGroup {{ a: mergedInto {{ ...F{n + 1} }} b: mergedInto {{ ...F{n + 1} }} }}"
        for n in range(8)
    )
    + "fragment F8 on ErrorGroup { id }",
    "a web of fragments": NODES % repeated(40, "...F#")
    + " ".join(
        f"fragment F{n} on ErrorGroup {{ title {' '.join(f'...F{m}' for m in range(n + 1, 40))} }}"
        for n in range(40)
    ),
    "many fragments": "{ version }" + repeated(100, "fragment F# on Query { version }"),
    "many operations": repeated(100, "query Q# { version }"),
    "the same field often": NODES % repeated(590, "title"),
    "the same branch often": "{" + repeated(130, "errors { nodes { project { name } } }") + "}",
    "2,100 words": "{" + repeated(2100, "version") + "}",
    "a bomb of directives": "{ version" + repeated(280, "@include(if: true)") + "}",
    "unknown directives": "{ version" + repeated(900, "@foo") + "}",
    "unknown fields": NODES % repeated(500, "titlee#"),
    "unknown arguments": "{ errors(" + repeated(600, "frist#: 1") + ") { nodes { id } } }",
    "a long list": "{ errors(filter: {severity: [" + "CRITICAL " * 1900 + "]}) { nodes { id } } }",
    "deep lists": "{ errors(filter: {severity: " + "[" * 150 + "]" * 150 + "}) { nodes { id } } }",
    "deep objects": "{ errors(filter: " + "{a: " * 150 + "1" + "}" * 150 + ") { nodes { id } } }",
    "a huge integer": "{ errors(first: " + "9" * 60_000 + ") { nodes { id } } }",
    "a long name": "{" + "x" * 60_000 + "}",
    "a long document": "{ version " + "," * LONGEST + "}",
    "a NUL": '{ node(id: "\\u0000") { id } }',
    "a half of a character": '{ node(id: "\\uD800") { id } }',
    "introspection in circles": "{ __schema { types {" + nested(4, "fields { type { ", "name") + "} } }",
    "deep introspection": "{ __schema { types {" + nested(25, "ofType { ", "name") + "} } }",
    "introspection often": "{"
    + repeated(12, "a#: __schema { types { fields { name args { name type { name } } } } }")
    + "}",
    "introspection twice": INTROSPECTION.replace(
        "__schema {", "__schema { types { ...FullType } } b: __schema {", 1
    ),
    "two pages in each other": "{ errors(first: 100) { nodes { occurrences(first: 100) { nodes { id } } } } }",
    "two pages of the usual size": "{ a: errors(last: 100) { nodes { timeline { buckets { count } } occurrences { nodes { id instance { id } } } } } }",
    "a million": "{ errors(first: 1000000) { nodes { id } } }",
    "pages behind aliases": "{"
    + repeated(15, "a#: errors(first: 100) { nodes { latestOccurrence { frames { line } } } }")
    + "}",
}
COSTLY = {
    "a bomb of fragments",
    "introspection often",
    "introspection twice",
    "two pages in each other",
    "two pages of the usual size",
    "a million",
    "pages behind aliases",
}


async def refused(client: httpx.AsyncClient, query: str, **variables: Any) -> list[str]:
    """The codes of the refusal; nothing was executed, and it took next to no time."""
    spent = []
    for attempt in range(3):
        with Stopwatch() as watch:
            response = await post(client, query + " " * attempt, variables=variables)
        spent.append(watch.spent)
        assert response.json().get("data") is None
        assert len(response.content) < 30_000
        if watch.spent < MILLISECONDS:
            break
    assert min(spent) < MILLISECONDS, spent
    return codes(response)


@pytest.mark.parametrize("bomb", BOMBS)
async def test_bombs_are_refused_in_no_time(bomb: str) -> None:
    async with door() as client:
        found = await refused(client, BOMBS[bomb])
    assert set(found) == {"COST_EXCEEDED" if bomb in COSTLY else "BAD_USER_INPUT"}, bomb


PAGES = "query Q($n: Int = 100) { errors(first: $n) { nodes { occurrences(first: $n) { nodes { id } } } } }"
LISTED = "query Q($list: [Severity!]) { errors(filter: {severity: $list}) { nodes { id } } }"


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (PAGES, {"n": 100}, "COST_EXCEEDED"),
        (PAGES, {}, "COST_EXCEEDED"),
        (PAGES, {"n": 2**31}, "BAD_USER_INPUT"),
        (PAGES, {"n": 10**400}, "BAD_USER_INPUT"),
        (PAGES, {"n": "1"}, "BAD_USER_INPUT"),
        (PAGES, {"n": [1]}, "BAD_USER_INPUT"),
        (LISTED, {"list": ["CRITICAL"] * 50_000}, "BAD_USER_INPUT"),
        (LISTED, {"list": ["NONSENSE"] * 1_900}, "BAD_USER_INPUT"),
        (LISTED, {"list": [[[[[[[[[[[[[[[[[["CRITICAL"]]]]]]]]]]]]]]]]]]}, "BAD_USER_INPUT"),
        (LISTED, {"list": {"a": 1}}, "BAD_USER_INPUT"),
        (LISTED, {"list": ["\0"]}, "BAD_USER_INPUT"),
    ],
    ids=range(11),
)
async def test_variables_count_too(query: str, variables: dict[str, Any], code: str) -> None:
    async with door() as client:
        assert set(await refused(client, query, **variables)) == {code}


async def test_what_is_allowed_is_executed() -> None:
    async with door() as client:
        for query in (
            "{" + repeated(30, "a#: version") + "}",
            "{ version " + " ".join(["@include(if: true)"]) + "}",
            "{ version " + "," * 60_000 + "}",
            INTROSPECTION,
        ):
            response = await post(client, query)
            assert response.json()["data"], query[:80]
            assert "errors" not in response.json()


async def cost(query: str, **variables: Any) -> Cost | None:
    """The points of a query that nobody is allowed to ask, as nobody is signed in."""
    context = Context(None, NOW)
    await schema.execute(query, variables, context_value=context)
    return context.cost


@pytest.mark.parametrize(
    ("query", "points"),
    [
        ("{ version }", 0),
        ("{ viewer { name } }", 1),
        ("{ errors { totalCount pageInfo { endCursor } } }", 2),
        ("{ errors { nodes { id title } } }", 51),
        ("{ errors(first: 10) { nodes { id title } } }", 11),
        ("{ errors(last: 10) { edges { node { id } } } }", 21),
        ("{ errors(first: 0) { nodes { id } } }", 1),
        ("{ errors(first: -5) { nodes { id } } }", 1),
        ("{ errors(first: null) { nodes { id } } }", 51),
        ("{ errors(first: 10) { nodes { sparkline more: sparkline(days: 30) } } }", 31),
        ("{ errors(first: 10) { nodes { affectedInstances { name } } } }", 111),
        ("{ errors(first: 10) { nodes { project { name } project { slug } } } }", 21),
        (
            "{ errors(first: 10) { nodes { project { name } ...F } } } fragment F on ErrorGroup { project { id } }",
            21,
        ),
        ('{ node(id: "x") { id ... on ErrorGroup { sparkline project { id } } ... on Project { id } } }', 3),
        ("query Q($n: Int) { errors(first: $n) { nodes { id } } }", 8),
        (
            "query Q($n: Int, $no: Boolean = false) { errors(first: $n) @include(if: $no) { nodes { id } } }",
            0,
        ),
    ],
)
async def test_points(query: str, points: int) -> None:
    assert await cost(query, **({"n": 7} if "$n" in query else {})) == Cost(points, MAXIMUM)


async def test_the_cost_is_told_with_every_answer() -> None:
    async with door() as client:
        response = await post(client, "{ version }")
        assert response.json()["extensions"] == {"cost": {"requestedQueryCost": 0, "maximum": MAXIMUM}}
        response = await post(client, BOMBS["a million"])
        told = {"requestedQueryCost": 1_000_001, "maximum": MAXIMUM}
        assert response.json()["extensions"] == {"cost": told}
        assert response.json()["errors"][0]["extensions"] == {"code": "COST_EXCEEDED", "cost": told}


async def test_documents_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsed, judged and validated once, whatever the variables, whoever asks; the rules are the same each time."""
    done: list[str] = []
    for name in ("parse", "oversteps", "validate"):
        real = getattr(documents, name)

        def counting(*given: Any, name: str = name, real: Any = real, **more: Any) -> Any:
            done.append(name)
            return real(*given, **more)

        monkeypatch.setattr(documents, name, counting)
    query = "query Remembered($n: Int) { errors(first: $n) { nodes { id } } }"
    async with door() as client:
        for number in range(5):
            await post(client, query, variables={"n": number})
        assert done == ["parse", "oversteps", "validate"]
        for _ in range(3):
            assert codes(await post(client, "{ remembered }")) == ["BAD_USER_INPUT"]
        assert len(done) == 6


async def test_operations_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For each value of a variable that decides what is selected, and not for every value of the others."""
    done: list[object] = []

    def counting(executor: Any) -> Any:
        done.append(executor)
        return compiled(executor)

    monkeypatch.setattr("app.graphql.execution.executor.compiled", counting)
    query = (
        "query Compiled($n: Int, $a: Boolean!) { errors(first: $n) { nodes { id title @include(if: $a) } } }"
    )
    for number in range(5):
        await cost(query, n=number, a=True)
    assert len(done) == 1
    for number in range(5):
        await cost(query, n=number, a=False)
    assert len(done) == 2


def test_the_memory_for_documents_is_bounded() -> None:
    memory = Documents()
    for number in range(REMEMBERED + 50):
        memory.read(schema._schema, f"{{ version # {number}\n}}")
    memory.read(schema._schema, "{ version " + "," * LONGEST_REMEMBERED + "}")
    assert len(memory._known) == REMEMBERED
    assert "{ version # 0\n}" not in memory._known
    assert max(map(len, memory._known)) <= LONGEST_REMEMBERED
    for number in range(50):
        memory.read(schema._schema, f"{{ version # {number} {'x' * 10_000}\n}}")
    assert sum(map(len, memory._known)) == memory._characters <= ALL_REMEMBERED
    assert len(memory._known) > 20


async def test_introspection_can_be_switched_off() -> None:
    async with door(SNAGLIST_INTROSPECTION="0") as client:
        for query in (
            "{ __schema { types { name } } }",
            'query Q { ...F } fragment F on Query { __type(name: "Query") { name } }',
        ):
            response = await post(client, query)
            assert codes(response) == ["BAD_USER_INPUT"]
            assert "data" not in response.json()
        assert (await post(client, "{ __typename version }")).json()["data"]["__typename"] == "Query"
    async with door() as client:  # the same document, remembered
        response = await post(client, "{ __schema { types { name } } }")
        assert {"name": "ErrorGroup"} in response.json()["data"]["__schema"]["types"]
