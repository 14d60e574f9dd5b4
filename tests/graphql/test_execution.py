"""Our executor and graphql-core's say the same, whatever is asked of the real schema."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from strawberry.types import ExecutionResult

from app.accounts.roles import Caller
from app.graphql import ids
from app.graphql.context import Context
from app.graphql.execution.executor import Execution
from app.graphql.schema import schema
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.random_documents import Document
from tests.graphql.stage import joined
from tests.reading.stage import merge, seen
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

DOCUMENTS = 120


@dataclass
class Counted:
    """How often our executor had to give up."""

    given_up: int = 0


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Counts."""
    found = Counted()
    again = Execution._again

    def counting(self: Execution) -> Any:
        found.given_up += 1
        return again(self)

    monkeypatch.setattr(Execution, "_again", counting)
    return found


async def filled() -> tuple[Caller, list[str]]:
    """Somebody of an organization with errors, and the ids of what there is and of what there is not."""
    stage = await set_up()
    groups = [
        await seen(origin, f"error {number}", later(minutes=-number), later(hours=-number - 2))
        for number in range(5)
        for origin in (stage.shop, stage.warehouse)
    ]
    await merge(groups[0], groups[-1])
    occurrences = [row["id"] for row in await fetch("select id from occurrence limit 3")]
    steps = [row["id"] for row in await fetch("select id from group_change limit 2")]
    known = [
        *(ids.encode("ErrorGroup", group) for group in {groups[0], groups[2], groups[-1], uuid4()}),
        *(ids.encode("Occurrence", occurrence) for occurrence in occurrences),
        *(ids.encode("ErrorHistoryEntry", step) for step in steps),
        ids.encode("Project", stage.project_id),
        ids.encode("Instance", stage.shop.id),
        ids.encode("Organization", stage.organization_id),
        "nonsense",
    ]
    return await joined(stage.organization_id), sorted(known)


async def said(document: Document, text: str, caller: Caller | None) -> tuple[Any, Any, Any]:
    """All that is said: data, errors, cost."""
    result = await schema.execute(text, document.variables, context_value=Context(caller, NOW))
    assert isinstance(result, ExecutionResult)
    return result.data, [error.formatted for error in result.errors or ()], result.extensions


async def test_random_queries_have_the_same_answers(
    monkeypatch: pytest.MonkeyPatch, counted: Counted
) -> None:
    caller, known = await filled()
    executed = failed = 0
    for seed in range(DOCUMENTS):
        document = Document(schema._schema, Random(seed), known)
        text = document.text()
        asks = replace(caller, scopes=frozenset()) if seed % 20 == 0 else caller if seed % 7 else None
        ours = await said(document, text, asks)
        with monkeypatch.context() as patched:
            patched.setattr(Execution, "_may_be_repeated", lambda _: False)
            theirs = await said(document, text, asks)
        assert ours == theirs, (seed, text, document.variables)
        assert list(ours[0] or ()) == list(theirs[0] or ())
        executed += ours[2] != {}
        failed += ours[1] != []
    assert executed > DOCUMENTS * 0.9
    # Only what fails is done again: no document is too unusual for our executor.
    assert DOCUMENTS * 0.1 < counted.given_up <= failed < DOCUMENTS * 0.7
