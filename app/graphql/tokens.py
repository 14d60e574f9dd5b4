"""Tokens of people and agents, without their secrets.

Comes in: rows of `app.reading`. Goes out: what the graph shows of them.
"""

from datetime import datetime
from enum import Enum
from functools import partial
from typing import Self
from uuid import UUID

import strawberry
from strawberry import enum_value

from app.accounts.roles import Scope
from app.graphql import ids
from app.graphql.connections import Connection, window
from app.graphql.context import Info
from app.graphql.enumerations import MemberRole
from app.graphql.members import Member, member
from app.graphql.node import Node
from app.reading import tokens as reading


@strawberry.enum(description="Whose token it is.")
class TokenKind(Enum):
    """Whose token it is; the words of `roles.TokenKind` but for sessions, which are signed in to, not made."""

    PERSONAL = enum_value("personal", description="A person's: it never may more than the person.")
    AGENT = enum_value(
        "agent",
        description="A program's, which works in the organization in its own name; it never may more than who made it.",
    )


@strawberry.enum(description="What a token is for.")
class TokenScope(Enum):
    """What a token is for; the words of `roles.Scope`."""

    ISSUES_READ = enum_value("issues:read", description="See errors, projects, instances and members.")
    ISSUES_WRITE = enum_value(
        "issues:write", description="Work on errors. Needs ISSUES_READ as well, since the answers show them."
    )
    INGEST = enum_value("ingest", description="Send events. Managing anything needs all three scopes.")


@strawberry.enum(description="Whether a token lets anybody in.")
class TokenState(Enum):
    """Whether a token lets anybody in."""

    ACTIVE = enum_value("ACTIVE", description="It does.")
    EXPIRED = enum_value("EXPIRED", description="Its time has passed.")
    REVOKED = enum_value(
        "REVOKED", description="Somebody has revoked it, or removed the member who made this agent's token."
    )
    SUSPENDED = enum_value(
        "SUSPENDED",
        description="The account of who made it is disabled; with the account, it will work again.",
    )


@strawberry.type(description="A token, without its secret: that is shown once, when it is made.")
class AccessToken(Node):
    """A token, without its secret."""

    kind: str = strawberry.field(description="Whose it is.", graphql_type=TokenKind)
    name: str = strawberry.field(description="What people call it.")
    scopes: list[str] = strawberry.field(description="What it is for.", graphql_type=list[TokenScope])
    role: str = strawberry.field(
        description="The most that it may be. At each use it is no more than `createdBy` is at that moment; an agent's"
        " of which nobody knows who made it is DEVELOPER at most.",
        graphql_type=MemberRole,
    )
    state: str = strawberry.field(description="Whether it lets anybody in.", graphql_type=TokenState)
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it ends; null: never.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to the minute; null: never."
    )
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null: it was not.")
    made_by: strawberry.Private[UUID | None]

    @strawberry.field(
        description="The member who answers for it: whose personal one it is, or who made an agent's, perhaps by another"
        " agent; null where that is no member any more, or was not noted yet when it was made."
    )
    async def created_by(self, info: Info) -> Member | None:
        return None if self.made_by is None else await member(info, self.made_by)

    @classmethod
    def of(cls, row: reading.Token, now: datetime) -> Self:
        """What is shown of a row."""
        return cls(
            id=ids.encode("AccessToken", row.id),
            kind=row.kind,
            name=row.name,
            scopes=[scope.value for scope in Scope if scope in row.scopes],
            role=row.role,
            state=_state(row, now),
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
            made_by=row.made_by,
        )


def _state(row: reading.Token, now: datetime) -> str:
    if row.revoked_at:
        return "REVOKED"
    if row.expires_at is not None and row.expires_at <= now:
        return "EXPIRED"
    return "SUSPENDED" if row.is_idle else "ACTIVE"


async def token(info: Info, key: UUID) -> AccessToken | None:
    """A token of the caller's own or of an agent whom the caller manages; None: there is none."""
    row = await reading.token(info.context.signed_in, key)
    return AccessToken.of(row, info.context.now) if row else None


async def tokens_by_id(info: Info, keys: list[UUID]) -> list[AccessToken]:
    """Those of the tokens that the caller is shown, the newest first."""
    rows = await reading.tokens_by_id(info.context.signed_in, keys)
    return [AccessToken.of(row, info.context.now) for row in rows]


async def token_page(
    info: Info, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[AccessToken]:
    """A page of the tokens that the caller is shown, the newest first."""
    caller, now = info.context.signed_in, info.context.now
    page = await reading.tokens(caller, window(first, after, last, before))
    count = partial(reading.count_tokens, caller)
    return Connection[AccessToken].of(page, lambda row: AccessToken.of(row, now), count)
