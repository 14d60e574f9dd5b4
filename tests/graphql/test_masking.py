"""What goes wrong inside stays inside: a client sees an id, and whoever reads the log finds it there."""

import logging
from enum import Enum
from typing import Any

import asyncpg
import pytest
import strawberry
from strawberry.types import ExecutionResult

from app.errors import (
    AlreadyScanning,
    BadInput,
    ConfigurationError,
    Forbidden,
    NotFound,
    SnaglistError,
    Taken,
    Unauthenticated,
    Unavailable,
)
from app.graphql.context import Context
from app.graphql.execution.executor import Execution
from app.graphql.limits import extensions
from app.graphql.masking import LONGEST, Shown, shown
from app.tables.absence import why_away
from tests.database import NOW

pytestmark = pytest.mark.anyio

INSIDE = "row 7 of /etc/shadow"


@strawberry.enum
class Colour(Enum):
    """Colours."""

    RED = "red"


FAILURE: list[BaseException] = []


@strawberry.type
class Query:
    """Fields that fail with what is in FAILURE, and fields that give what they must not."""

    @strawberry.field
    def fail(self) -> str | None:
        raise FAILURE[0]

    @strawberry.field
    async def fail_later(self) -> str:
        raise FAILURE[0]

    @strawberry.field
    def colour(self) -> Colour:
        return INSIDE  # type: ignore[return-value]

    @strawberry.field
    def nothing(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    def number(self, of: int = 1) -> int:
        return 2**40

    @strawberry.field
    def echo(self, text: str) -> str:
        return text


schema = strawberry.Schema(query=Query, extensions=extensions(), execution_context_class=Execution)


async def told(document: str, **variables: Any) -> list[Shown]:
    """What a client learns."""
    result = await schema.execute(document, variables, context_value=Context(None, NOW))
    assert isinstance(result, ExecutionResult)
    return [shown(error) for error in result.errors or ()]


async def masked(document: str, caplog: pytest.LogCaptureFixture, **variables: Any) -> logging.LogRecord:
    """The one line of the log with the traceback of what a client learns nothing of."""
    caplog.clear()
    [error] = await told(document, **variables)
    [line] = caplog.records
    number = error["extensions"].pop("id")
    assert {key: error[key] for key in ("message", "extensions")} == {
        "message": "Internal error",
        "extensions": {"code": "INTERNAL"},
    }
    assert INSIDE not in str(error)
    assert (line.name, line.levelname) == ("app.graphql.masking", "ERROR")
    assert line.error_id == number  # type: ignore[attr-defined]
    assert line.exc_info is not None
    return line


@pytest.mark.parametrize(
    "failure",
    [
        ValueError(INSIDE),
        KeyError(INSIDE),
        RuntimeError(INSIDE),
        RuntimeError(),
        RecursionError(INSIDE),
        AssertionError(),
        asyncpg.DataError(INSIDE),
        asyncpg.exceptions.UniqueViolationError(INSIDE),
        asyncpg.exceptions.UndefinedTableError(INSIDE),
        ConfigurationError(INSIDE),
        SnaglistError(INSIDE),
    ],
    ids=repr,
)
async def test_what_nobody_expected_is_masked_and_logged(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    FAILURE[:] = [failure]
    for document in ("{ fail }", "{ a: failLater }"):
        line = await masked(document, caplog)
        assert line.exc_info
        assert line.exc_info[1] is failure
        assert line.exc_info[2] is not None
        assert line.field_path in ("fail", "a")  # type: ignore[attr-defined]


async def test_values_of_resolvers_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    for document in ("{ colour }", "{ nothing }", "{ number }", "{ number(of: 5) }"):
        await masked(document, caplog)


async def test_variables_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    FAILURE[:] = [ValueError("plain")]
    caplog.set_level(logging.DEBUG)
    document = "query Q($text: String!) { fail echo(text: $text) }"
    line = await masked(document, caplog, text=INSIDE)
    assert INSIDE not in str(vars(line))
    await told("query Q($text: Int!) { number(of: $text) }", text=INSIDE)
    assert INSIDE not in caplog.text


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Unauthenticated("sign in"), "UNAUTHENTICATED"),
        (Forbidden("not you"), "FORBIDDEN"),
        (BadInput("not this"), "BAD_USER_INPUT"),
        (NotFound("not there"), "NOT_FOUND"),
        (Taken("not free"), "TAKEN"),
        (AlreadyScanning("not now"), "ALREADY_SCANNING"),
        (Unavailable("not here"), "UNAVAILABLE"),
    ],
    ids=repr,
)
async def test_expected_failures_keep_their_code_and_sentence(
    failure: SnaglistError, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    FAILURE[:] = [failure]
    [error] = await told("{ fail }")
    assert error == {
        "message": failure.message,
        "locations": [{"line": 1, "column": 3}],
        "path": ["fail"],
        "extensions": {"code": code},
    }
    assert not caplog.records


async def test_bad_input_names_its_field() -> None:
    FAILURE[:] = [BadInput("not this", field="input.slug")]
    [error] = await told("{ fail }")
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "input.slug"}


@pytest.mark.parametrize(
    ("document", "variables", "message"),
    [
        ("{ fail", {}, "Syntax Error: Expected Name, found <EOF>."),
        ("{ fial }", {}, "Cannot query field 'fial' on type 'Query'. Did you mean 'fail'?"),
        ('{ number(of: "x") }', {}, 'Int cannot represent non-integer value: "x"'),
        (
            "query Q($n: Int!) { number(of: $n) }",
            {},
            "Variable '$n' has invalid value: Expected a value of non-null type 'Int!' to be provided.",
        ),
        (
            "query Q($n: Int) { number(of: $n) }",
            {"n": None},
            "Argument 'of' has invalid value: Expected variable '$n' provided to non-null type 'Int!' not to be None.",
        ),
    ],
)
async def test_what_a_client_can_put_right_stays_readable(
    document: str, variables: dict[str, Any], message: str, caplog: pytest.LogCaptureFixture
) -> None:
    [error] = await told(document, **variables)
    assert error["message"] == message
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["locations"]
    assert not caplog.records


async def test_messages_are_short_whatever_was_sent() -> None:
    [error] = await told('{ number(of: "' + "x" * 10_000 + '") }')
    assert len(error["message"]) <= LONGEST + 4


async def test_a_failure_of_ours_before_execution_is_masked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(INSIDE)

    monkeypatch.setattr("app.graphql.limits.documents.Documents.read", broken)
    await masked("{ fail }", caplog)
    monkeypatch.undo()
    monkeypatch.setattr("app.graphql.limits.costs._Points.of", broken)
    await masked("{ fail }", caplog)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (OSError(), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.exceptions.DataError(), False),
        (asyncpg.exceptions._base.UnsupportedClientFeatureError("no"), True),
        (asyncpg.exceptions.QueryCanceledError(), True),
        (asyncpg.exceptions.DiskFullError(), True),
        (RuntimeError("something else"), False),
        (ValueError(), False),
    ],
    ids=repr,
)
def test_away_or_wrong(failure: Exception, expected: bool) -> None:
    assert (why_away(failure) is not None) is expected
