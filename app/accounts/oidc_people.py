"""Who at an OIDC provider is who here.

Comes in: an identity that the provider vouches for. Goes out: a person and the organization to be signed in to.

1. The identity is somebody's already.
2. Its verified e-mail address is a member's, who has no other identity at this provider: it becomes theirs. (An address
   that was given to somebody else at the provider does not open the account of who had it.) A password that came with
   an invitation ends then, with all that it opened: who chose it has not shown to have the address.
3. Whoever it is is a member nowhere, and the address is invited: the newest open invitation is accepted. (Members accept
   further invitations by their links.)
4. The domain of the address is one whose people all may come in: a person of whom nothing was known becomes a viewer of
   the oldest organization. Who was a member once and was removed is not let in again this way.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import Actor
from app.accounts.audit import Kind
from app.accounts.invited_password import end_invited_password
from app.accounts.oidc_provider import Identity, OidcRefused
from app.accounts.roles import Role
from app.tables.database import fetch, fetch_one
from app.tables.identifiers import uuid7


@dataclass(frozen=True, slots=True)
class Found:
    """A person, and the organization that they have been in for longest, or have just joined."""

    person_id: UUID
    organization_id: UUID


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    is_disabled: bool
    subject: str | None
    """Who they are at this provider, if that is known."""


async def person_of(identity: Identity, domains: tuple[str, ...], *, now: datetime) -> Found:
    """Who that is, in the caller's transaction. OidcRefused: nobody, or nobody who may come in."""
    await fetch("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"sign-in {identity.email}")
    person = await _by_subject(identity) or await _by_email(identity)
    if person and person.is_disabled:
        raise OidcRefused("OIDC_UNKNOWN", "nobody with your e-mail address may sign in here")
    if person and person.subject not in (None, identity.subject):
        raise OidcRefused(
            "OIDC_OTHER_IDENTITY", "your e-mail address belongs to somebody else at the provider"
        )
    found = await _member(person, identity, domains, now)
    if person is None or person.subject is None:
        await end_invited_password(found.person_id, now=now)
        await _link(found.person_id, identity, now)
    return found


async def _member(
    person: _Person | None, identity: Identity, domains: tuple[str, ...], now: datetime
) -> Found:
    """The membership that there is, or a new one."""
    organization_id = await _oldest_membership(person.id) if person else None
    if person and organization_id:
        return Found(person.id, organization_id)
    invited = await _invited(identity, now)
    if invited is None and (person or identity.email.rpartition("@")[2] not in domains):
        raise OidcRefused("OIDC_UNKNOWN", "nobody with your e-mail address may sign in here")
    person_id = person.id if person else await _make_person(identity, now)
    return Found(person_id, await _join(person_id, identity, invited, now))


async def _by_subject(identity: Identity) -> _Person | None:
    row = await fetch_one(
        """
        select p.id, p.disabled_at is not null, i.subject
        from identity as i join person as p on p.id = i.person_id
        where i.issuer = $1 and i.subject = $2
        """,
        identity.issuer,
        identity.subject,
    )
    return _Person(*row) if row else None


async def _by_email(identity: Identity) -> _Person | None:
    row = await fetch_one(
        """
        select p.id, p.disabled_at is not null, i.subject
        from person as p left join identity as i on i.person_id = p.id and i.issuer = $1
        where lower(p.email) = lower($2)
        """,
        identity.issuer,
        identity.email,
    )
    return _Person(*row) if row else None


async def _oldest_membership(person_id: UUID) -> UUID | None:
    row = await fetch_one(
        "select organization_id from membership where person_id = $1 order by created_at, id limit 1",
        person_id,
    )
    return row["organization_id"] if row else None


@dataclass(frozen=True, slots=True)
class _Invitation:
    organization_id: UUID
    role: Role


async def _invited(identity: Identity, now: datetime) -> _Invitation | None:
    """Accept the newest open invitation of the address, if there is one, under the lock of its organization."""
    row = await fetch_one(_NEWEST_INVITATION, identity.email, now)
    if row is None:
        return None
    await fetch("select from organization where id = $1 for no key update", row["organization_id"])
    accepted = await fetch(_ACCEPT, row["id"], now)
    if not accepted:
        raise _changed()
    return _Invitation(row["organization_id"], Role(accepted[0]["role"]))


async def _make_person(identity: Identity, now: datetime) -> UUID:
    """A new person without a password."""
    row = await fetch_one(
        """
        insert into person (id, email, name, created_at) values ($1, $2, $3, $4)
        on conflict (lower(email)) do nothing returning id
        """,
        uuid7(now),
        identity.email,
        identity.name,
        now,
    )
    if row is None:
        raise _changed()
    made: UUID = row["id"]
    return made


async def _join(person_id: UUID, identity: Identity, invited: _Invitation | None, now: datetime) -> UUID:
    """Make the person a member: of the organization that invites, or a viewer of the oldest one."""
    role = invited.role if invited else Role.VIEWER
    organization_id = invited.organization_id if invited else None
    row = await fetch_one(_JOIN, uuid7(now), organization_id, person_id, role, now)
    if row is None:
        raise _changed()
    await audit.note(
        row["organization_id"],
        Actor("person", row["id"]),
        Kind.MEMBER_JOINED,
        subject_type="Member",
        subject_id=row["id"],
        subject_name=identity.name,
        detail=audit.made({"role": role, "email": identity.email}),
        now=now,
    )
    joined: UUID = row["organization_id"]
    return joined


async def _link(person_id: UUID, identity: Identity, now: datetime) -> None:
    await fetch(
        "insert into identity (id, person_id, issuer, subject, created_at) values ($1, $2, $3, $4, $5)",
        uuid7(now),
        person_id,
        identity.issuer,
        identity.subject,
        now,
    )


def _changed() -> OidcRefused:
    """By another way, at this moment: the next try finds things as they are then."""
    return OidcRefused("OIDC_AGAIN", "something changed meanwhile; sign in again", status=409)


_NEWEST_INVITATION: Final = """
select id, organization_id from invitation
where lower(email) = lower($1) and accepted_at is null and revoked_at is null and expires_at > $2
order by created_at desc, id desc limit 1
"""

_ACCEPT: Final = """
update invitation set accepted_at = $2
where id = $1 and accepted_at is null and revoked_at is null and expires_at > $2
returning role
"""

_JOIN: Final = """
insert into membership (id, organization_id, person_id, role, created_at)
select $1, o.id, $3, $4, $5 from organization as o
where o.id = $2 or $2::uuid is null
order by o.created_at, o.id limit 1
on conflict (organization_id, person_id) do nothing
returning id, organization_id
"""
