"""Invitations: a link by which somebody becomes a member.

Comes in: a caller who manages members, an e-mail address and a role. Goes out: a secret, once, to be sent as a link by
whoever invites; and then, from whoever comes with it, a new member who is signed in.

- Only the SHA-256 of the secret is stored. It is good for one use in seven days; the next invitation of the same
  address takes its place.
- An address that nobody has becomes a person, with the name and password that come with the secret. A person who
  exists is asked to be that person, by the password or by a session: the link alone opens nobody's account, sets
  nobody's password, and makes no member more than they are. A token will not do: it may have been made to do less.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.accounts import attempts, audit, tokens
from app.accounts.actors import Actor, actor
from app.accounts.audit import Kind
from app.accounts.members import demand_reach, under_lock
from app.accounts.passwords import check_new, hashed, matches
from app.accounts.roles import Caller, Permission, Role, TokenKind
from app.accounts.sessions import make_session
from app.accounts.tokens import Made
from app.errors import BadInput, NotFound, Taken, Unavailable, WrongCredentials
from app.tables.database import fetch, fetch_one, transaction
from app.tables.identifiers import uuid7

LIFETIME: Final = timedelta(days=7)
ATTEMPTS: Final = 5
"""Each that fails is one in which the person or the invitation changed while the password was looked at."""

REFUSAL: Final = "this invitation is not valid, or not any more: ask for a new one"

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class _Open:
    """An invitation that can be accepted, and who has its address already."""

    id: UUID
    organization_id: UUID
    email: str
    role: Role
    person_id: UUID | None
    password_hash: str | None = field(repr=False)
    is_disabled: bool


async def invite_member(caller: Caller, email: str, role: Role, *, now: datetime) -> Made:
    """Invite whoever has this address to become a member; an open invitation of the same address ends.

    BadInput: this is no address. Taken: it is a member's. Forbidden: the caller manages no members, or gives a role
    above their own.
    """
    email = _email(email)
    made = Made(uuid7(now), tokens.make_secret())
    async with transaction():
        present = await under_lock(caller, Permission.MANAGE_MEMBERS, now=now)
        demand_reach(present, role)
        await _demand_no_member(present.organization_id, email)
        await fetch(_REPLACE, present.organization_id, email, now)
        inviter = actor(present)
        await fetch(
            """
            insert into invitation (id, organization_id, email, role, digest, invited_by, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            made.token_id,
            present.organization_id,
            email,
            role,
            tokens.digest(made.secret),
            inviter.id,
            now,
            now + LIFETIME,
        )
        detail = audit.made({"role": role})
        await _note(made.token_id, email, present.organization_id, inviter, Kind.MEMBER_INVITED, detail, now)
    return made


async def revoke_invitation(caller: Caller, invitation_id: UUID, *, now: datetime) -> None:
    """Make the link worthless; done twice, the first time stands.

    NotFound: the organization has no such invitation, or it was accepted. Forbidden: the caller manages no members.
    """
    async with transaction():
        present = await under_lock(caller, Permission.MANAGE_MEMBERS, now=now)
        row = await fetch_one(
            """
            select email, role, revoked_at from invitation
            where id = $1 and organization_id = $2 and accepted_at is null
            """,
            invitation_id,
            present.organization_id,
        )
        if row is None:
            raise NotFound("there is no such invitation", field="id")
        if row["revoked_at"] is not None:
            return
        await fetch("update invitation set revoked_at = $2 where id = $1", invitation_id, now)
        detail = {"role": (row["role"], None)}
        place = (invitation_id, row["email"], present.organization_id)
        await _note(*place, actor(present), Kind.INVITATION_REVOKED, detail, now)


async def accept_invitation(
    secret: str, *, name: str | None, password: str | None, caller: Caller | None, address: str, now: datetime
) -> Made:
    """Become a member, and be signed in: the new session. To be called outside of transactions.

    `name` and `password` are what a new person will have; of one who exists, `password` is looked at, unless `caller`
    is that very person. `address` is the client's. NotFound: the secret is unknown, used, revoked or expired, always the
    same. BadInput: no name or password that somebody could have. WrongCredentials: not the password of the person
    who exists. RateLimited: too many were not.
    """
    for _ in range(ATTEMPTS):
        found = await _open(secret, now)
        if found.person_id is None:
            made = (_name(name), await _new_password(password))
        else:
            made = None
            await _demand_identity(found, password, caller, address, now)
        async with transaction():
            person_id = await _join(found, secret, made, now)
            if person_id is not None:
                return await make_session(person_id, found.organization_id, now=now)
    raise Unavailable("somebody else is accepting this invitation: ask again")


async def _demand_identity(
    found: _Open, password: str | None, caller: Caller | None, address: str, now: datetime
) -> None:
    """WrongCredentials: this is not, as far as can be seen, the person whom the address belongs to."""
    refusal = WrongCredentials(
        "this address has an account: give its password, or sign in and open the link again", field="password"
    )
    if found.is_disabled:
        raise refusal
    if caller is not None and caller.person_id == found.person_id and _is_in_person(caller):
        return
    if password is None:
        raise refusal
    attempt = await attempts.attempt(found.email, address, now=now)
    try:
        is_right = await matches(password, found.password_hash)
    except Unavailable:  # no failure of whoever tries: too many do at once
        await attempts.withdrawn(attempt)
        raise
    if not is_right:
        raise refusal
    await attempts.succeeded(attempt)


def _is_in_person(caller: Caller) -> bool:
    """Whether the caller is the person, and no token that was made to do less, in another organization at that."""
    return caller.kind is TokenKind.SESSION


async def _join(found: _Open, secret: str, made: tuple[str, str] | None, now: datetime) -> UUID | None:
    """The person who is a member now; None where things are not any more as they were found."""
    await fetch("select from organization where id = $1 for no key update", found.organization_id)
    if found.person_id:  # whose password stays what it was found to be until there is a session
        await fetch("select from person where id = $1 for share", found.person_id)
    if await _open(secret, now) != found:
        return None
    person_id = found.person_id
    if person_id is None:
        person_id = await _make_person(found.email, made, now) if made else None
        if person_id is None:
            return None
    await fetch("update invitation set accepted_at = $2 where id = $1", found.id, now)
    joined = await fetch_one(
        """
        insert into membership (id, organization_id, person_id, role, created_at) values ($1, $2, $3, $4, $5)
        on conflict (organization_id, person_id) do nothing
        returning id, (select p.name from person as p where p.id = $3) as name
        """,
        uuid7(now),
        found.organization_id,
        person_id,
        found.role,
        now,
    )
    if joined:
        await audit.note(
            found.organization_id,
            Actor("person", joined["id"]),
            Kind.MEMBER_JOINED,
            subject_type="Member",
            subject_id=joined["id"],
            subject_name=joined["name"],
            detail=audit.made({"role": found.role, "email": found.email}),
            now=now,
        )
    return person_id


async def _make_person(email: str, made: tuple[str, str], now: datetime) -> UUID | None:
    """The new person; None where the address has become somebody's."""
    row = await fetch_one(
        """
        insert into person (id, email, name, password_hash, created_at, has_invited_password)
        values ($1, $2, $3, $4, $5, true)
        on conflict (lower(email)) do nothing returning id
        """,
        uuid7(now),
        email,
        *made,
        now,
    )
    return row["id"] if row else None


async def _open(secret: str, now: datetime) -> _Open:
    """The invitation with this secret. NotFound: there is none that can be accepted."""
    row = await fetch_one(
        """
        select i.id, i.organization_id, i.email, i.role, p.id as person_id, p.password_hash,
            p.disabled_at is not null as is_disabled
        from invitation as i left join person as p on lower(p.email) = lower(i.email)
        where i.digest = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2
        """,
        tokens.digest(secret),
        now,
    )
    if row is None:
        raise NotFound(REFUSAL, field="token")
    return _Open(**{**row, "role": Role(row["role"])})


_REPLACE: Final = """
update invitation set revoked_at = $3
where organization_id = $1 and lower(email) = lower($2) and accepted_at is null and revoked_at is null
"""


async def _demand_no_member(organization_id: UUID, email: str) -> None:
    rows = await fetch(
        """
        select from membership as m join person as p on p.id = m.person_id
        where m.organization_id = $1 and lower(p.email) = lower($2)
        """,
        organization_id,
        email,
    )
    if rows:
        raise Taken("this address is a member's", field="email")


async def _note(
    invitation_id: UUID,
    email: str,
    organization_id: UUID,
    who: Actor,
    kind: Kind,
    detail: audit.Values,
    now: datetime,
) -> None:
    await audit.note(
        organization_id,
        who,
        kind,
        subject_type="Invitation",
        subject_id=invitation_id,
        subject_name=email,
        detail=detail,
        now=now,
    )


def _email(text: str) -> str:
    text = text.strip()
    if not (_EMAIL.fullmatch(text) and len(text) <= 320 and text.isprintable()):
        raise BadInput("this is no e-mail address", field="email")
    return text


def _name(text: str | None) -> str:
    text = (text or "").strip()
    if not 1 <= len(text) <= 200 or not text.isprintable():
        raise BadInput("a name has 1 to 200 printable characters", field="name")
    return text


async def _new_password(text: str | None) -> str:
    """What is to be stored of it."""
    check_new(text or "", "password")
    return await hashed(text or "")
