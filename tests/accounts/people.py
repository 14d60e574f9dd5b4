"""Who acts on whom in the tests of members: callers of every role, and what is stored about them."""

import asyncio
from collections.abc import Awaitable, Set
from contextvars import Context
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts import tokens
from app.accounts.roles import ALL_SCOPES, Caller, Role, Scope, TokenKind
from app.accounts.sessions import make_session
from app.errors import SnaglistError, Unauthenticated
from app.tables.database import fetch
from tests.database import NOW

TABLES = (
    "organization",
    "person",
    "membership",
    "invitation",
    "access_token",
    "audit_entry",
    "project",
    "instance",
)


async def joined(
    organization_id: UUID,
    role: Role = Role.OWNER,
    *,
    scopes: Set[Scope] = ALL_SCOPES,
    email: str | None = None,
) -> Caller:
    """A new person who is a member, with a token."""
    person_id = uuid4()
    await fetch(
        "insert into person (id, email, name, created_at) values ($1, $2, 'Ann', $3)",
        person_id,
        email or f"{person_id}@acme.test",
        NOW,
    )
    return await joins(organization_id, person_id, role, scopes=scopes)


async def joins(
    organization_id: UUID, person_id: UUID, role: Role = Role.OWNER, *, scopes: Set[Scope] = ALL_SCOPES
) -> Caller:
    """A person who is a member now, with a token."""
    await fetch(
        "insert into membership values ($1, $2, $3, $4, $5)", uuid4(), organization_id, person_id, role, NOW
    )
    kind = TokenKind.PERSONAL
    made = await tokens.make(
        organization_id, person_id, kind=kind, name="laptop", role=Role.OWNER, now=NOW, scopes=scopes
    )
    return await tokens.find(made.secret, now=NOW)


async def signed_in(caller: Caller) -> Caller:
    """The caller's person, in a session of the caller's organization."""
    assert caller.person_id
    made = await make_session(caller.person_id, caller.organization_id, now=NOW)
    return await tokens.find(made.secret, now=NOW)


async def agent(
    organization_id: UUID,
    role: Role,
    *,
    scopes: Set[Scope] | None = None,
    maker: Caller | None = None,
    name: str = "robot",
) -> Caller:
    """A new agent with a token; without a maker, one from before that was noted."""
    kind, maker_id = TokenKind.AGENT, maker.person_id if maker else None
    made = await tokens.make(
        organization_id, None, kind=kind, name=name, role=role, now=NOW, scopes=scopes, maker_id=maker_id
    )
    return await tokens.find(made.secret, now=NOW)


async def refused(kind: type[SnaglistError], attempt: Awaitable[object]) -> SnaglistError:
    """It is refused, and nothing has changed."""
    before = await all_of_it()
    with pytest.raises(kind) as refusal:
        await attempt
    assert await all_of_it() == before
    return refusal.value


async def until_somebody_waits(count: int = 1) -> None:
    """Until so many statements wait for a lock. Asked on another connection: a transaction sees only who waited at first."""
    asking = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with asyncio.timeout(20):
        while len(await asyncio.create_task(fetch(asking), context=Context())) < count:  # noqa: ASYNC110  the server tells nobody
            await asyncio.sleep(0.01)


async def all_of_it() -> dict[str, list[dict[str, Any]]]:
    """All that is stored about people, but when tokens were last used, to see that nothing changed."""
    found = {}
    for table in TABLES:
        rows = [dict(row) for row in await fetch(f"select * from {table} order by id")]  # noqa: S608  named above
        found[table] = [{key: row[key] for key in row if key != "last_used_at"} for row in rows]
    return found


async def roles(organization_id: UUID) -> dict[UUID, str]:
    """Who is what: roles by membership."""
    rows = await fetch("select id, role from membership where organization_id = $1", organization_id)
    return {row["id"]: row["role"] for row in rows}


async def noted(organization_id: UUID) -> list[tuple[str, str, str]]:
    """What the audit says: who did what to whom, oldest first."""
    rows = await fetch(
        "select actor_name, kind, subject_name from audit_entry where organization_id = $1 order by id",
        organization_id,
    )
    return [tuple(row) for row in rows]


async def gets_in(caller: Caller) -> bool:
    """Whether the caller's token still lets anybody in."""
    try:
        await tokens.found_again(caller, now=NOW)
    except Unauthenticated:
        return False
    return True


def membership(caller: Caller) -> UUID:
    """The caller among the members."""
    assert caller.membership_id
    return caller.membership_id
