"""Members: their roles changed, and themselves removed.

Comes in: a caller, and which member. Goes out: what changed, in the tables and in the audit.

- Whoever changes members, invitations or tokens of an organization holds its lock, one at a time, and is looked at
  again under it: whoever lost a role or a token a moment ago does nothing more with it.
- Only owners make, change or remove owners. The last owner can be neither removed nor made less; one whose account is
  disabled does not count.
- Whoever has lost what it takes to invite loses the invitations that are still open, too, and so do the agents that
  they made.
- With a member go the agents' tokens that they made, or that such an agent made: whoever made one knows its secret.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.accounts import audit, tokens
from app.accounts.actors import Actor, actor
from app.accounts.audit import Kind
from app.accounts.roles import PERMISSIONS, Caller, Permission, Role, allowed, is_whole, lesser, reaches
from app.errors import Forbidden, LastOwner, NotFound, Unavailable
from app.tables.database import fetch, fetch_one, transaction

ATTEMPTS: Final = 20
"""Each that fails is one in which somebody gave the member another error to work on."""


@dataclass(frozen=True, slots=True)
class _Member:
    id: UUID
    person_id: UUID
    name: str
    email: str
    role: Role


async def under_lock(caller: Caller, permission: Permission | None, *, now: datetime) -> Caller:
    """Lock who may do what in the caller's organization, until the transaction ends, and look at the caller again.

    Unauthenticated: the token is not valid any more. Forbidden: it has not, or not any more, the permission.
    """
    await fetch("select from organization where id = $1 for no key update", caller.organization_id)
    present = await tokens.found_again(caller, now=now)
    if permission is not None and not allowed(present, permission):
        raise Forbidden(f"this needs the permission {permission}, which this token does not have")
    return present


async def update_member(caller: Caller, membership_id: UUID, role: Role, *, now: datetime) -> None:
    """Give the member this role, in effect at once; nothing happens where it is the present one.

    Forbidden: the caller manages no members, or an owner would be made or changed by somebody else than an owner.
    NotFound: the organization has no such member. LastOwner: nobody would be owner any more.
    """
    async with transaction():
        present = await under_lock(caller, Permission.MANAGE_MEMBERS, now=now)
        member = await _member(present.organization_id, membership_id)
        if member.role is role:
            return
        demand_reach(present, member.role)
        demand_reach(present, role)
        await _demand_another_owner(present.organization_id, member)
        await audit.note(
            present.organization_id,
            actor(present),
            Kind.MEMBER_UPDATED,
            subject_type="Member",
            subject_id=member.id,
            subject_name=member.name,
            detail={"role": (member.role, role)},
            now=now,
        )
        await fetch("update membership set role = $2 where id = $1", member.id, role)
        inviters = [member.id, *await _agents_of(member.person_id, present.organization_id)]
        await withdraw_invitations(inviters, role, now=now)


async def remove_member(caller: Caller, membership_id: UUID, *, now: datetime) -> list[UUID]:
    """Remove the member, whose sessions and tokens of this organization end at once; oneself, that is to leave.

    What is assigned to the member is nobody's then. The agents' tokens that they made end, too: gives the ids of those.
    Forbidden, NotFound, LastOwner: see `update_member`; to leave takes no permission, but a whole token.
    Unavailable: errors are assigned to the member faster than they can be taken away.
    """
    for _ in range(ATTEMPTS):
        async with transaction():
            ended = await _remove(caller, membership_id, now)
            if ended is not None:
                return ended
    raise Unavailable("this member is given errors to work on all the time: ask again")


async def end_agents(person_id: UUID, organization_id: UUID, who: Actor, *, now: datetime) -> list[UUID]:
    """Revoke the agents' tokens that the person made, which `who` is noted for, and all that these invited; their ids.

    In the caller's transaction, under the lock.
    """
    inviters = await _agents_of(person_id, organization_id)
    ended = await fetch(
        """
        with ended as (
            update access_token set revoked_at = $2
            where id in (
                select id from access_token
                where id = any($1::uuid[]) and revoked_at is null and (expires_at is null or expires_at > $2)
                order by id for no key update
            )
            returning id, name
        )
        select id, name from ended order by id
        """,
        inviters,
        now,
    )
    await withdraw_invitations(inviters, None, now=now)
    subjects = [(row["id"], row["name"]) for row in ended]
    await audit.note_each(
        organization_id, who, Kind.TOKEN_REVOKED, subject_type="AccessToken", subjects=subjects, now=now
    )
    return [token_id for token_id, _ in subjects]


async def withdraw_invitations(inviter_ids: list[UUID], role: Role | None, *, now: datetime) -> None:
    """Revoke those open invitations of memberships and tokens that they could not make in this role; None: all of them.

    In the caller's transaction, under the lock.
    """
    can_invite = role is not None and Permission.MANAGE_MEMBERS in PERMISSIONS[role]
    kept = [each for each in Role if role and can_invite and lesser(role, each) is each]
    await fetch(
        """
        update invitation set revoked_at = $3
        where invited_by = any($1::uuid[]) and accepted_at is null and revoked_at is null and role <> all($2::text[])
        """,
        inviter_ids,
        kept,
        now,
    )


def demand_reach(caller: Caller, role: Role) -> None:
    """Forbidden: nobody gives or takes a role above their own."""
    if not reaches(caller, role):
        raise Forbidden(f"only who is {role} makes, changes or removes members and tokens that are {role}")


async def _remove(caller: Caller, membership_id: UUID, now: datetime) -> list[UUID] | None:
    """The agents' tokens that ended with the member; None, and nothing was done, where they got another error."""
    is_leaving = caller.membership_id == membership_id
    needed = None if is_leaving and is_whole(caller) else Permission.MANAGE_MEMBERS
    present = await under_lock(caller, needed, now=now)
    # Errors come before the member, as for whoever assigns them, and in the order of their ids, as for everybody.
    assigned = await _lock_assigned(membership_id, present.organization_id)
    member = await _member(present.organization_id, membership_id)
    if await _lock_assigned(membership_id, present.organization_id, but=assigned):
        return None
    demand_reach(present, member.role)
    await _demand_another_owner(present.organization_id, member)
    await audit.note(
        present.organization_id,
        actor(present),
        Kind.MEMBER_REMOVED,
        subject_type="Member",
        subject_id=member.id,
        subject_name=member.name,
        detail={"role": (member.role, None), "email": (member.email, None)},
        now=now,
    )
    await _end_own(member.person_id, present.organization_id, now)
    ended = await end_agents(member.person_id, present.organization_id, actor(present), now=now)
    await withdraw_invitations([member.id], None, now=now)
    await fetch("delete from membership where id = $1", member.id)
    return ended


async def _end_own(person_id: UUID, organization_id: UUID, now: datetime) -> None:
    """Revoke the person's sessions and tokens of the organization."""
    await fetch(
        """
        update access_token set revoked_at = $3
        where id in (
            select id from access_token where person_id = $1 and organization_id = $2 and revoked_at is null
            order by id for no key update
        )
        """,
        person_id,
        organization_id,
        now,
    )


async def _agents_of(person_id: UUID, organization_id: UUID) -> list[UUID]:
    """The agents' tokens, with revoked and expired ones, that the person answers for."""
    rows = await fetch(
        "select id from access_token where maker_id = $1 and organization_id = $2 order by id",
        person_id,
        organization_id,
    )
    return [row["id"] for row in rows]


async def _lock_assigned(
    membership_id: UUID, organization_id: UUID, but: list[UUID] | None = None
) -> list[UUID]:
    """Lock the errors that are assigned to the member, and give their ids; `but`: only look for more than these."""
    rows = await fetch(
        f"""
        select id from error_group
        where assignee_id = $1 and organization_id = $2 and id <> all($3::uuid[])
        order by id {"for no key update" if but is None else "limit 1"}
        """,  # noqa: S608  words of ours
        membership_id,
        organization_id,
        but or [],
    )
    return [row["id"] for row in rows]


async def _member(organization_id: UUID, membership_id: UUID) -> _Member:
    """The member, to whom nothing can be assigned until the transaction ends. NotFound: there is none."""
    row = await fetch_one(
        """
        select m.id, m.person_id, p.name, p.email, m.role from membership as m join person as p on p.id = m.person_id
        where m.id = $2 and m.organization_id = $1
        for update of m
        """,
        organization_id,
        membership_id,
    )
    if row is None:
        raise NotFound("there is no such member", field="id")
    return _Member(row["id"], row["person_id"], row["name"], row["email"], Role(row["role"]))


async def _demand_another_owner(organization_id: UUID, member: _Member) -> None:
    """LastOwner: the member is the only owner who could sign in."""
    if member.role is not Role.OWNER:
        return
    others = await fetch(
        """
        select from membership as m join person as p on p.id = m.person_id
        where m.organization_id = $1 and m.role = $2 and m.id <> $3 and p.disabled_at is null limit 1
        """,
        organization_id,
        Role.OWNER,
        member.id,
    )
    if not others:
        raise LastOwner("this is the last owner: make somebody else an owner first", field="id")
