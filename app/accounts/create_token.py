"""Make a token: one's own, or an agent's.

Comes in: a caller, and what the token is to be for. Goes out: the token with its secret, once. Nobody makes a token
that may more than they may themselves at that moment; and an own one never does more than its person, whose role is
asked for at each use.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime

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
from app.tables.database import transaction


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to be, PERSONAL or AGENT.

    Without scopes a personal one has all, an agent's has two. Without a role a personal one has the caller's, an
    agent's has DEVELOPER or the caller's, if that is less. `expires_at`: None never expires.
    """

    kind: TokenKind
    name: str
    scopes: Set[Scope] | None = None
    role: Role | None = None
    expires_at: datetime | None = None


async def create_token(caller: Caller, wanted: NewToken, *, now: datetime) -> Made:
    """Make the token. To be called outside of transactions.

    BadInput: a name or time that makes no sense, no scope at all, or an own token for an agent, who is nobody.
    Forbidden: the caller's own token is narrowed, the role is above the caller's, or agents are for others to make.
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
        made = await tokens.make(
            present.organization_id,
            None if is_agents else present.person_id,
            kind=wanted.kind,
            name=wanted.name,
            role=role,
            now=now,
            scopes=scopes,
            expires_at=wanted.expires_at,
        )
        values = {"kind": wanted.kind, "role": role, "scopes": sorted(scopes), "expiresAt": wanted.expires_at}
        await _note(present, made, wanted.name.strip(), values, now)
    return made


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
