"""The first organization, its owner, and the owner's token: made once, however many processes start at once.

Comes in: the settings. Goes out: what to tell the operator; a token of our making is given out by the start that made it.

- The first start is the one that finds no organization. It makes all in one transaction: everything, or nothing.
- The token is SNAGLIST_OWNER_TOKEN where that is set, and otherwise a new one, to be printed.
- SNAGLIST_OWNER_TOKEN at a later start: the same changes nothing, even where it was revoked meanwhile; another one
  takes the place of the last one, which is not valid from then on. A printed token stays valid. Unset, nothing
  changes. One that is the secret of some other token already (the printed one, say) stays that token.
- The e-mail address counts at the first start. The password counts there, and later where the owner has none yet, so
  that a restart never undoes a change of password.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from app.accounts import tokens
from app.accounts.passwords import password_hash
from app.accounts.roles import ALL_SCOPES, Role, TokenKind
from app.config import Settings
from app.errors import ConfigurationError
from app.tables.database import fetch, fetch_one, transaction
from app.tables.identifiers import uuid7

LOCK: Final = 0x534E414F  # "SNAO"

OPERATORS_TOKEN: Final = "SNAGLIST_OWNER_TOKEN"  # noqa: S105  its name

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What came of it: `made` is true of one start only; `token` is to be printed now or never, None: nothing to print."""

    made: bool
    organization_id: UUID
    owner_email: str | None
    token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Owner:
    person_id: UUID
    email: str


async def first_start(settings: Settings, *, now: datetime) -> FirstStart:
    """Make what is missing, in a transaction of its own.

    ConfigurationError: the e-mail address is none, or there is no owner left who could have SNAGLIST_OWNER_TOKEN.
    """
    _check_email(settings.owner_email)
    token = None
    async with transaction():
        await fetch("select pg_advisory_xact_lock($1)", LOCK)
        known = await fetch_one("select id from organization order by created_at, id limit 1")
        organization_id = known["id"] if known else await _make_organization(settings.owner_email, now)
        owner = await _oldest_owner(organization_id)
        if settings.owner_token is not None:
            if owner is None:
                raise ConfigurationError(
                    "SNAGLIST_OWNER_TOKEN is set, but no owner is left who could have it"
                )
            await _accept(settings.owner_token, organization_id, owner, now)
        elif known is None and owner is not None:
            token = await _make_token(organization_id, owner, now)
        if settings.owner_password is not None:
            await _give_password(settings.owner_password, settings.owner_email, organization_id)
    return FirstStart(known is None, organization_id, owner.email if owner else None, token)


def _check_email(email: str) -> None:
    if not (_EMAIL.fullmatch(email) and len(email) <= 320 and email.isprintable()):
        raise ConfigurationError(f"SNAGLIST_OWNER_EMAIL must be an e-mail address, not {email!r}")


async def _make_organization(owner_email: str, now: datetime) -> UUID:
    """The organization with its owner; a person with this address, left over from another one, is taken."""
    organization_id = uuid7(now)
    await fetch(
        """
        with made as (
            insert into organization (id, name, slug, created_at) values ($1, 'Main', 'main', $6)
            returning id
        ), owner as (
            insert into person (id, email, name, created_at) values ($2, $4, $5, $6)
            on conflict (lower(email)) do update set disabled_at = null
            returning id
        )
        insert into membership (id, organization_id, person_id, role, created_at)
        select $3, made.id, owner.id, $7, $6 from made, owner
        """,
        organization_id,
        uuid7(now),
        uuid7(now),
        owner_email,
        owner_email.partition("@")[0][:200],
        now,
        Role.OWNER,
    )
    return organization_id


async def _oldest_owner(organization_id: UUID) -> _Owner | None:
    row = await fetch_one(
        """
        select p.id, p.email from membership as m join person as p on p.id = m.person_id
        where m.organization_id = $1 and m.role = $2 and p.disabled_at is null
        order by m.created_at, m.id limit 1
        """,
        organization_id,
        Role.OWNER,
    )
    return _Owner(row["id"], row["email"]) if row else None


async def _make_token(organization_id: UUID, owner: _Owner, now: datetime) -> str:
    made = await tokens.make(
        organization_id,
        owner.person_id,
        kind=TokenKind.PERSONAL,
        name="Made at the first start",
        role=Role.OWNER,
        now=now,
    )
    return made.secret


async def _accept(secret: str, organization_id: UUID, owner: _Owner, now: datetime) -> None:
    """Have the operator's token be this one: there is one row for it, which always has the same id."""
    token_id = uuid5(organization_id, OPERATORS_TOKEN)
    digest = tokens.digest(secret)
    if await fetch("select from access_token where digest = $1 and id <> $2", digest, token_id):
        await fetch("delete from access_token where id = $1", token_id)
        return
    await fetch(
        """
        insert into access_token (id, organization_id, person_id, kind, name, digest, scopes, role, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (id) do update set
            person_id = excluded.person_id, digest = excluded.digest, scopes = excluded.scopes,
            role = excluded.role, created_at = excluded.created_at,
            expires_at = null, last_used_at = null, revoked_at = null
        where access_token.digest <> excluded.digest
        """,
        token_id,
        organization_id,
        owner.person_id,
        TokenKind.PERSONAL,
        OPERATORS_TOKEN,
        digest,
        sorted(ALL_SCOPES),
        Role.OWNER,
        now,
    )


async def _give_password(password: str, email: str, organization_id: UUID) -> None:
    """Give it to the owner with this address, if there is one and has none yet."""
    row = await fetch_one(
        """
        select p.id from person as p join membership as m on m.person_id = p.id
        where lower(p.email) = lower($1) and p.password_hash is null and m.organization_id = $2 and m.role = $3
        for update of p
        """,
        email,
        organization_id,
        Role.OWNER,
    )
    if row:
        await fetch("update person set password_hash = $2 where id = $1", row["id"], password_hash(password))
