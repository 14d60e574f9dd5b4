"""Make a token: one's own, or an agent's.

Comes in: a caller, and what the token is to be for. Goes out: the token with its secret, once. Nobody makes a token
that may more than they may themselves at that moment, or, made with a token, that outlives that one. It never does more
later than its person, or than the person who made an agent's: their role is asked for at each use. What an agent makes
is made by the person who made the agent.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts import audit, tokens
from app.accounts.actors import actor
from app.accounts.audit import Kind
from app.accounts.members import demand_reach, under_lock
from app.accounts.roles import (
    AGENT_SCOPES,
    ALL_SCOPES,
    Caller,
    Permission,
    Role,
    Scope,
    TokenKind,
    is_whole,
    lesser,
)
from app.accounts.tokens import Made
from app.errors import BadInput, Forbidden
from app.tables.database import fetch, transaction


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to be, PERSONAL or AGENT.

    Without scopes a personal one has all, an agent's has two. Without a role a personal one has the caller's, an
    agent's has DEVELOPER or the caller's, if that is less. `expires_at`: None never expires, or with the caller's.
    """

    kind: TokenKind
    name: str
    scopes: Set[Scope] | None = None
    role: Role | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Origin:
    """The person whom a caller's token is of, or was made by, and when it ends, if that binds what it makes."""

    maker_id: UUID | None
    ends_at: datetime | None


async def create_token(caller: Caller, wanted: NewToken, *, now: datetime) -> Made:
    """Make the token. To be called outside of transactions.

    BadInput: a name or time that makes no sense, a time after the end of the caller's own token, no scope at all, or an
    own token for an agent, who is nobody. Forbidden: the caller's own token is narrowed, the role is above the caller's,
    or agents are for others to make.
    """
    if not is_whole(caller):
        raise Forbidden("a token that was narrowed makes no others: sign in, or use one with all scopes")
    is_agents = wanted.kind is TokenKind.AGENT
    scopes = wanted.scopes if wanted.scopes is not None else AGENT_SCOPES if is_agents else ALL_SCOPES
    if not scopes:
        raise BadInput("a token is for something: give it a scope", field="scopes")
    async with transaction():
        present = await under_lock(caller, Permission.MANAGE_TOKENS if is_agents else None, now=now)
        if not is_agents and present.person_id is None:
            raise BadInput("an agent has no tokens of its own: make one of kind AGENT", field="kind")
        usual = lesser(Role.DEVELOPER, present.role) if is_agents else present.role
        role = wanted.role or usual
        demand_reach(present, role)
        return await _make(present, wanted, role, scopes, now=now)


async def _make(caller: Caller, wanted: NewToken, role: Role, scopes: Set[Scope], *, now: datetime) -> Made:
    """The token, with its row in the audit."""
    is_agents = wanted.kind is TokenKind.AGENT
    origin = await _origin(caller)
    ends_at = _end(wanted.expires_at, origin.ends_at)
    made = await tokens.make(
        caller.organization_id,
        None if is_agents else caller.person_id,
        kind=wanted.kind,
        name=wanted.name,
        role=role,
        now=now,
        scopes=scopes,
        expires_at=ends_at,
        maker_id=origin.maker_id if is_agents else None,
    )
    values = {"kind": wanted.kind, "role": role, "scopes": sorted(scopes), "expiresAt": ends_at}
    await _note(caller, made, wanted.name.strip(), values, now)
    return made


async def _origin(caller: Caller) -> _Origin:
    # A session ends soon and is prolonged; whoever has one is there in person.
    [row] = await fetch(
        """
        select coalesce(person_id, maker_id) as maker_id, case when kind <> $2 then expires_at end as ends_at
        from access_token where id = $1
        """,
        caller.token_id,
        TokenKind.SESSION,
    )
    return _Origin(**row)


def _end(wanted: datetime | None, latest: datetime | None) -> datetime | None:
    """When the new token ends. BadInput: that would be after what it is made with."""
    if latest is not None and wanted is not None and wanted > latest:
        raise BadInput(
            "a token makes none that outlives it: choose an earlier time, or sign in", field="expiresAt"
        )
    return wanted or latest


async def _note(caller: Caller, made: Made, name: str, values: Mapping[str, object], now: datetime) -> None:
    await audit.note(
        caller.organization_id,
        actor(caller),
        Kind.TOKEN_CREATED,
        subject_type="AccessToken",
        subject_id=made.token_id,
        subject_name=name,
        detail=audit.made(values),
        now=now,
    )
