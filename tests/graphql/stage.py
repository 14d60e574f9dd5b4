"""Who asks the graph in its tests, and what it answers: documents are run in the process, without HTTP."""

from collections.abc import Set
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from strawberry.types import ExecutionResult

from app.accounts import tokens
from app.accounts.passwords import password_hash
from app.accounts.roles import ALL_SCOPES, Caller, Role, Scope, TokenKind
from app.graphql.context import Context
from app.graphql.masking import shown
from app.graphql.schema import schema
from app.tables.database import fetch
from tests.database import NOW

PASSWORD: Final = "correct horse"  # noqa: S105  of everybody here
_HASH: Final = password_hash(PASSWORD)


def member(
    organization_id: UUID,
    role: Role = Role.OWNER,
    scopes: Set[Scope] = ALL_SCOPES,
    kind: TokenKind = TokenKind.PERSONAL,
) -> Caller:
    """Somebody of the organization whom no table knows, which only `viewer` minds."""
    is_agent = kind is TokenKind.AGENT
    person_id, membership_id = (None, None) if is_agent else (uuid4(), uuid4())
    return Caller(organization_id, person_id, membership_id, uuid4(), kind, role, frozenset(scopes))


async def joined(
    organization_id: UUID,
    role: Role = Role.OWNER,
    scopes: Set[Scope] | None = None,
    kind: TokenKind = TokenKind.PERSONAL,
    maker: Caller | None = None,
) -> Caller:
    """Somebody whom the tables know: a new person with a membership, or a new agent, found by a token."""
    person_id = None if kind is TokenKind.AGENT else uuid4()
    if person_id:
        await fetch(
            "insert into person (id, email, name, created_at, password_hash) values ($1, $2, 'Ann', $3, $4)",
            person_id,
            f"{person_id}@acme.test",
            NOW,
            _HASH,
        )
        await fetch(
            "insert into membership values ($1, $2, $3, $4, $5)",
            uuid4(),
            organization_id,
            person_id,
            role,
            NOW,
        )
    made = await tokens.make(
        organization_id,
        person_id,
        kind=kind,
        name="robot",
        role=role,
        now=NOW,
        scopes=scopes,
        maker_id=maker.person_id if maker else None,
    )
    return await tokens.find(made.secret, now=NOW)


async def answer(
    document: str, caller: Caller | None, now: datetime = NOW, **variables: Any
) -> ExecutionResult:
    """All that the graph says, data and errors."""
    result = await schema.execute(document, variables, context_value=Context(caller, now))
    assert isinstance(result, ExecutionResult)
    return result


async def ask(document: str, caller: Caller | None, now: datetime = NOW, **variables: Any) -> Any:
    """The data; there are no errors."""
    result = await answer(document, caller, now, **variables)
    assert result.errors is None, result.errors
    return result.data


async def refusal(document: str, caller: Caller | None, now: datetime = NOW, **variables: Any) -> str:
    """The code of the only error, as a client sees it; of what was asked there is nothing."""
    result = await answer(document, caller, now, **variables)
    assert result.errors is not None, result.data
    [error] = result.errors
    assert not result.data or not any(result.data.values())
    return str(shown(error)["extensions"]["code"])
