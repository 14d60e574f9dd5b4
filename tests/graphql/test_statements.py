"""How many statements a question takes: as many for a page of fifty as for a page of two."""

import asyncio
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from app.graphql.context import Context
from app.graphql.ids import encode
from app.graphql.schema import schema
from tests.database import NOW
from tests.graphql.stage import ask, member
from tests.reading.stage import merge, seen
from tests.recording.stage import Stage, later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

LIST = """
query List($first: Int) {
  errors(first: $first) {
    nodes {
      id source kind title exceptionType message module severity priority status muted isDev totalCount occurrenceCount
      userCount countSinceResolved firstSeenAt lastSeenAt resolvedAt odooVersion sparkline
    }
  }
}
"""

EVERYTHING = """
query Everything($first: Int) {
  errors(first: $first) {
    totalCount
    nodes {
      title sparkline month: sparkline(days: 30) timeline { buckets { count } }
      long: timeline(days: 60) { buckets { startsAt } }
      project { name } affectedInstanceCount affectedInstances { instance { project { slug } } }
      latestOccurrence { message traceback instance { name project { name } } }
      mergedInto { title sparkline }
    }
    edges { node { title sparkline latestOccurrence { id } } }
  }
}
"""


async def filled() -> Stage:
    """A stage with six errors, on both instances."""
    stage = await set_up()
    for number in range(6):
        for origin in (stage.shop, stage.warehouse):
            await seen(origin, f"error {number}", later(minutes=-number))
    return stage


async def statements(document: str, stage: Stage, monkeypatch: pytest.MonkeyPatch, first: int) -> list[str]:
    """What goes to the database for a page of this size."""
    noted: list[str] = []
    with noted_statements(monkeypatch, noted):
        errors = (await ask(document, member(stage.organization_id), first=first))["errors"]
    assert len(errors["nodes"]) == first
    return noted


async def test_the_list_with_sparklines_takes_two(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await filled()
    for first in (2, 6):
        assert len(await statements(LIST, stage, monkeypatch, first)) == 2


async def test_what_hangs_below_a_list_takes_one_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Groups, their number, sparklines of 7 and 30 days, timelines of 7 and 60, projects, affected instances, latest
    occurrences, their instances; the projects of these are read already. Nothing was merged.
    """
    stage = await filled()
    for first in (1, 6):
        noted = await statements(EVERYTHING, stage, monkeypatch, first)
        assert len(noted) == 10, noted


async def test_groups_that_others_went_into_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await filled()
    ids = [await seen(stage.shop, f"error {number}", later(minutes=-number)) for number in range(6)]
    await merge(ids[0], *ids[1:3])
    # A list never shows what was merged away: ask for several by their ids.
    from_list = "query Q($a: ID!, $b: ID!) { a: error(id: $a) { ...M } b: error(id: $b) { ...M } }"
    fragment = "fragment M on ErrorGroup { mergedInto { title sparkline project { name } } }"
    noted: list[str] = []
    given: dict[str, Any] = {
        name: encode("ErrorGroup", key) for name, key in zip("ab", ids[1:3], strict=True)
    }
    with noted_statements(monkeypatch, noted):
        found = await ask(f"{from_list} {fragment}", member(stage.organization_id), **given)
    assert found["a"] == found["b"]
    assert len(noted) == 2 + 3, noted


async def test_nothing_is_counted_or_read_ahead_that_nobody_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await filled()
    assert (
        len(
            await statements(
                "query Q($first: Int) { errors(first: $first) { nodes { title } } }", stage, monkeypatch, 3
            )
        )
        == 1
    )
    skipped = "query Q($first: Int) { errors(first: $first) { nodes { title } pageInfo { endCursor } edges { cursor } } }"
    assert len(await statements(skipped, stage, monkeypatch, 3)) == 1


async def test_two_who_ask_at_once_do_not_share_what_was_read() -> None:
    stages = [await filled(), await set_up()]
    await seen(stages[1].shop, "theirs")
    answers = await asyncio.gather(
        *(ask(EVERYTHING, member(stage.organization_id), first=50) for stage in stages * 5)
    )
    assert [len(found["errors"]["nodes"]) for found in answers] == [6, 1] * 5
    assert [found["errors"]["nodes"][0]["title"] for found in answers[:2]] == [
        "error 0: 'partner_id'",
        "theirs: 'partner_id'",
    ]


async def read_ahead(document: str, **variables: Any) -> set[int]:
    """The days of the sparklines that were read ahead for the document."""
    stage = await set_up()
    await seen(stage.shop, "any")
    context = Context(member(stage.organization_id), NOW)
    result = await schema.execute(document, variables, context_value=context)
    assert isinstance(result, ExecutionResult)
    assert result.errors is None
    return {key[1] for key in context.loaded if key[0] == "read ahead"}


async def test_sparklines_are_read_ahead_wherever_they_are_asked_for() -> None:
    document = """
    query Q($days: Int = 5, $other: Int) {
      errors {
        nodes { sparkline(days: 1) ...Lines ... on ErrorGroup { b: sparkline(days: $days) } }
        edges { node { c: sparkline(days: $other) d: sparkline(days: 3) } }
      }
    }
    fragment Lines on ErrorGroup { a: sparkline(days: 2) ...More }
    fragment More on ErrorGroup { e: sparkline(days: 4) }
    """
    assert await read_ahead(document) == {1, 2, 3, 4, 5, 7}
    assert await read_ahead(document, days=6, other=8) == {1, 2, 3, 4, 6, 8}
    assert await read_ahead(document, other=None) == {1, 2, 3, 4, 5, 7}
    assert await read_ahead(
        "{ errors { nodes { sparkline(days: null) mergedInto { sparkline(days: 9) } } } }"
    ) == {7}
    assert await read_ahead("{ errors { nodes { title } } }") == set()


@pytest.mark.parametrize("mutation", ["instanceUpdate", "instanceDelete", "instanceScan"])
async def test_a_mutation_forgets_what_was_read_before_it(mutation: str) -> None:
    stage = await set_up()
    context = Context(member(stage.organization_id), NOW, loaded={"projects": "what was"})
    document = f'mutation {{ {mutation}(input: {{id: "{encode("Instance", stage.shop.id)}"}}) {{ userErrors {{ code }} }} }}'
    assert isinstance(await schema.execute(document, context_value=context), ExecutionResult)
    assert context.loaded == {}
