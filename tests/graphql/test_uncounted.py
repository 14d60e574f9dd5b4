"""What cannot be counted is not executed: a condition whose value makes no sense, wherever it stands."""

from uuid import uuid4

import pytest
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionResult

from app.graphql.context import Context
from app.graphql.execution import executor
from app.graphql.live.starting import NotLetIn, let_in
from app.graphql.masking import BAD_USER_INPUT, shown
from app.graphql.requests import Asked
from app.graphql.schema import schema
from tests.database import NOW
from tests.graphql.stage import member

pytestmark = pytest.mark.anyio

PARTS = "occurrences(first: 100) { nodes { message @skip(if: $x) } }"
DOCUMENTS = {
    "beside": 'query ($x: Boolean = true) { version __type(name: "ErrorGroup") { name @skip(if: $x) } }',
    "inside": f"query ($x: Boolean = true) {{ errors(first: 100) {{ nodes {{ {PARTS} }} }} }}",
    "mutation": "mutation ($x: Boolean = true) { errorGroupResolve(input: {ids: []}) { errorGroups { "
    f"{PARTS} }} }} }}",
}


async def codes(document: str) -> list[str]:
    """Those of the errors; there is nothing else."""
    result = await schema.execute(document, {"x": None}, context_value=Context(member(uuid4()), NOW))
    assert isinstance(result, ExecutionResult)
    assert result.data is None
    return [shown(error)["extensions"]["code"] for error in result.errors or ()]


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_it_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(StrawberryGraphQLCoreExecutionContext, "execute_operation", None)
    assert await codes(DOCUMENTS[name]) == [BAD_USER_INPUT]


async def test_a_subscription_does_not_begin() -> None:
    document = f"subscription ($x: Boolean = true) {{ errorChanged {{ cursor error {{ {PARTS} }} }} }}"
    with pytest.raises(NotLetIn) as refused:
        await let_in(schema, document, Asked(document, {"x": None}), Context(member(uuid4()), NOW))
    assert [error["extensions"]["code"] for error in refused.value.errors] == [BAD_USER_INPUT]


async def test_what_is_too_deep_to_be_counted_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(executor, "compiled", too_deep)
    assert await codes("{ version tooDeep: version }") == [BAD_USER_INPUT]
