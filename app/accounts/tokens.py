"""Access tokens: made, found, revoked.

Comes in: a secret, as a client sent it. Goes out: the caller. Only the SHA-256 of a secret is stored; a slow hash,
as passwords need, would slow down no one who guesses at 256 random bits. A secret is given out once, by `make`.

A person answers for each token: whose it is or, for an agent's, who made it. At each use it may at most what that
person may at that moment: nothing, where the person is disabled or no member any more.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.accounts.roles import AGENT_SCOPES, ALL_SCOPES, Caller, Role, Scope, TokenKind, lesser
from app.errors import BadInput, NotFound, Unauthenticated
from app.tables.database import fetch, fetch_one
from app.tables.identifiers import uuid7

PREFIX: Final = "snag_"
"""What every secret of our making starts with, so that scanners for leaked secrets know it."""

REFUSAL: Final = "this token is not valid, or not any more"
"""Whatever the reason, as a stranger learns nothing from it."""

NOTE_AGAIN_AFTER: Final = timedelta(minutes=1)
"""How far `last_used_at` may lag behind."""

WITHOUT_MAKER: Final = Role.DEVELOPER
"""The most that an agent's token is where nobody knows any more who made it: it manages nothing."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new token. Nobody can find out its secret later."""

    token_id: UUID
    secret: str = field(repr=False)


def make_secret() -> str:
    """A new secret, 32 random bytes long."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a secret, and what it is found by; any text has one."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


async def make(
    organization_id: UUID,
    person_id: UUID | None,
    *,
    kind: TokenKind,
    name: str,
    role: Role,
    now: datetime,
    scopes: Set[Scope] | None = None,
    expires_at: datetime | None = None,
    maker_id: UUID | None = None,
) -> Made:
    """Make a token; without `scopes`, an agent's has two of them and a person's all. `None` never expires.

    `maker_id` is the person who answers for an agent's token. BadInput: the name is empty, long or not printable, or
    the time has passed. NotFound: no such organization, or the person is no member of it. ValueError: a person's token
    without a person, or with a maker besides.
    """
    _check_people(kind, person_id, maker_id)
    _check(name.strip(), expires_at, now)
    if scopes is None:
        scopes = AGENT_SCOPES if kind is TokenKind.AGENT else ALL_SCOPES
    made = Made(uuid7(now), make_secret())
    properties = (kind, name.strip(), digest(made.secret), sorted(scopes), role, now, expires_at)
    rows = await fetch(_MAKE, organization_id, person_id, maker_id, made.token_id, *properties)
    if not rows:
        raise NotFound("there is no such member")
    return made


async def find(secret: str, *, now: datetime) -> Caller:
    """The caller whose token has this secret; the use is noted, once a minute at most.

    To be called outside of transactions. Unauthenticated, always the same: the token is unknown, expired or revoked, or
    its person, or who made an agent's, is disabled or no member any more.
    """
    row = await _valid("t.digest", digest(secret), now)
    if row is None:
        raise Unauthenticated(REFUSAL)
    if row["last_used_at"] is None or row["last_used_at"] <= now - NOTE_AGAIN_AFTER:
        await _note_use(row["id"], now)
    return _caller(row)


async def found_again(caller: Caller, *, now: datetime) -> Caller:
    """The caller as things are at this moment: the role may be another one by now. Unauthenticated: see `find`."""
    row = await _valid("t.id", caller.token_id, now)
    if row is None:
        raise Unauthenticated(REFUSAL)
    return _caller(row)


async def all_found_again(token_ids: Collection[UUID], *, now: datetime) -> dict[UUID, Caller]:
    """The callers with these tokens as things are at this moment, without those that `find` would refuse. One statement."""
    rows = await fetch(f"{_VALID} and t.id = any($2::uuid[])", now, token_ids)
    return {row["id"]: _caller(row) for row in rows}


def _caller(row: Mapping[str, Any]) -> Caller:
    return Caller(
        organization_id=row["organization_id"],
        person_id=row["person_id"],
        membership_id=row["membership_id"],
        token_id=row["id"],
        kind=TokenKind(row["kind"]),
        role=role_in_force(row["role"], row["membership_role"]),
        # What a newer Snaglist may have granted means nothing to this one.
        scopes=frozenset(scope for scope in Scope if scope in row["scopes"]),
    )


def role_in_force(token: str, membership: str | None) -> Role:
    """What a token is that has this role, where the person who answers for it has that one; None: nobody does."""
    return lesser(Role(token), Role(membership) if membership else WITHOUT_MAKER)


async def revoke(token_id: UUID, organization_id: UUID, *, now: datetime) -> None:
    """Make a token of the organization invalid, from the next `find` on; done twice, the first time stands.

    NotFound: there is none, or it is another organization's.
    """
    rows = await fetch(
        """
        update access_token set revoked_at = coalesce(revoked_at, $3) where id = $1 and organization_id = $2
        returning id
        """,
        token_id,
        organization_id,
        now,
    )
    if not rows:
        raise NotFound("there is no such token")


def _check_people(kind: TokenKind, person_id: UUID | None, maker_id: UUID | None) -> None:
    if person_id is None and kind is not TokenKind.AGENT:
        raise ValueError("only an agent's token can do without a person")
    if person_id is not None and maker_id is not None:
        raise ValueError("a token with a person is made by that person")


def _check(name: str, expires_at: datetime | None, now: datetime) -> None:
    if not 1 <= len(name) <= 200 or not name.isprintable():
        raise BadInput("the name of a token has 1 to 200 printable characters", field="name")
    if expires_at is not None and expires_at <= now:
        raise BadInput("a token cannot expire in the past", field="expiresAt")


async def _valid(column: str, value: object, now: datetime) -> Mapping[str, Any] | None:
    """The token with this digest or id, with the membership of who answers for it, if it still lets somebody in."""
    return await fetch_one(f"{_VALID} and {column} = $2", now, value)


async def _note_use(token_id: UUID, now: datetime) -> None:
    """Note the use, unless somebody else has just done so or is doing so: nobody waits for it."""
    await fetch(
        """
        update access_token set last_used_at = $2
        where id in (
            select id from access_token
            where id = $1 and (last_used_at is null or last_used_at <= $3)
            for no key update skip locked
        )
        """,
        token_id,
        now,
        now - NOTE_AGAIN_AFTER,
    )


_VALID: Final = """
select t.id, t.organization_id, t.person_id, case when t.person_id is not null then m.id end as membership_id,
    t.kind, t.scopes, t.last_used_at, t.role, m.role as membership_role
from access_token as t
left join person as p on p.id = coalesce(t.person_id, t.maker_id)
left join membership as m on m.person_id = p.id and m.organization_id = t.organization_id
where t.revoked_at is null and (t.expires_at is null or t.expires_at > $1)
    and (p.id is null or p.disabled_at is null and m.id is not null)
"""

_MAKE: Final = """
insert into access_token
    (id, organization_id, person_id, maker_id, kind, name, digest, scopes, role, created_at, expires_at)
select $4, o.id, $2, $3, $5, $6, $7, $8, $9, $10, $11
from organization as o
left join membership as m on m.organization_id = o.id and m.person_id = coalesce($2::uuid, $3::uuid)
where o.id = $1 and (coalesce($2, $3) is null or m.id is not null)
returning id
"""
