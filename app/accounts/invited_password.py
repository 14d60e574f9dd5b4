"""Passwords that came with an invitation, and what they are worth once the address's owner is known.

Comes in: a person whose address a provider has vouched for, for the first time. Goes out: nothing. Whoever had the link
chose that password, perhaps who made the invitation: nobody had to show that the address is theirs. So it ends, with all
that was opened by it, agents' tokens among it. The first owner's password came from the operator, and stays.
"""

from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts.actors import Actor
from app.accounts.audit import Kind
from app.accounts.members import end_agents, withdraw_invitations
from app.tables.database import fetch


async def end_invited_password(person_id: UUID, *, now: datetime) -> None:
    """End the password, the sessions and the tokens, also those made for agents, of who has an invited password.

    Nothing happens where the person has none.

    In the caller's transaction, before it makes a session, and before it locks the person. What the person has changed
    of the password since does not count: to change it took no more than to know it.
    """
    if not await fetch("select from person where id = $1 and has_invited_password", person_id):
        return
    # As whoever makes tokens does, so that none is made at this moment by a session that ends here.
    await fetch(
        """
        select from organization where id in (select organization_id from membership where person_id = $1)
        order by id for no key update
        """,
        person_id,
    )
    await fetch(
        "update person set password_hash = null, has_invited_password = false where id = $1", person_id
    )
    await fetch(
        """
        update access_token set revoked_at = $2
        where id in (
            select id from access_token where person_id = $1 and revoked_at is null order by id for no key update
        )
        """,
        person_id,
        now,
    )
    await _end_in_each(person_id, now)


async def _end_in_each(person_id: UUID, now: datetime) -> None:
    """In each organization of the person, note it and end the agents' tokens, and the invitations."""
    for row in await fetch(
        """
        select m.id, m.organization_id, p.name from membership as m join person as p on p.id = m.person_id
        where m.person_id = $1 order by m.id
        """,
        person_id,
    ):
        who = Actor("person", row["id"])
        await audit.note(
            row["organization_id"],
            who,
            Kind.PASSWORD_CHANGED,
            subject_type="Member",
            subject_id=row["id"],
            subject_name=row["name"],
            now=now,
        )
        await end_agents(person_id, row["organization_id"], who, now=now)
        await withdraw_invitations([row["id"]], None, now=now)
