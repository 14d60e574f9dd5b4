"""Who is asking in the tests of accounts: an organization with a member and a token."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.accounts import tokens
from app.accounts.roles import Role, Scope, TokenKind
from app.accounts.tokens import Made
from app.tables.database import fetch
from tests.database import NOW


@dataclass(frozen=True)
class Stage:
    """An organization with one member."""

    organization_id: UUID
    person_id: UUID
    membership_id: UUID

    async def token(
        self,
        kind: TokenKind = TokenKind.PERSONAL,
        role: Role = Role.OWNER,
        scopes: Set[Scope] | None = None,
        expires_at: datetime | None = None,
        name: str = "laptop",
    ) -> Made:
        """A new token of the member's, or an agent's that the member made."""
        is_agents = kind is TokenKind.AGENT
        person_id, maker_id = (None, self.person_id) if is_agents else (self.person_id, None)
        return await tokens.make(
            self.organization_id,
            person_id,
            kind=kind,
            name=name,
            role=role,
            now=NOW,
            scopes=scopes,
            expires_at=expires_at,
            maker_id=maker_id,
        )


async def set_up(role: Role = Role.OWNER) -> Stage:
    """A new organization with a new person in this role."""
    stage = Stage(uuid4(), uuid4(), uuid4())
    await fetch(
        "insert into organization values ($1, 'Acme', $2, $3)",
        stage.organization_id,
        f"acme-{stage.organization_id.hex}",
        NOW,
    )
    await fetch(
        "insert into person (id, email, name, created_at) values ($1, $2, 'Ann', $3)",
        stage.person_id,
        f"{stage.person_id}@acme.test",
        NOW,
    )
    await fetch(
        "insert into membership values ($1, $2, $3, $4, $5)",
        stage.membership_id,
        stage.organization_id,
        stage.person_id,
        role,
        NOW,
    )
    return stage


def later(**time: float) -> datetime:
    """A time after `NOW`; before it, if negative."""
    return NOW + timedelta(**time)


async def everything() -> dict[str, list[dict[str, Any]]]:
    """All that is stored about accounts, to see that nothing changed."""
    tables = ("organization", "person", "membership", "access_token")
    return {
        table: [dict(row) for row in await fetch(f"select * from {table} order by id")]  # noqa: S608  named above
        for table in tables
    }
