"""Signing in with a password, and changing it.

Comes in: an e-mail address and a password, as somebody typed them, and the address that they come from. Goes out: a
session, or the same refusal whatever is wrong: nobody has that address, has another password or none, is disabled, or
is no member (of that organization). It takes the same time, too.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from app.accounts import attempts, audit
from app.accounts.actors import actor
from app.accounts.attempts import Attempt, storable
from app.accounts.audit import Kind
from app.accounts.passwords import check_new, hashed, is_outdated, matches
from app.accounts.roles import Caller, TokenKind, is_whole
from app.accounts.sessions import end_other_sessions, make_session
from app.accounts.tokens import Made
from app.errors import BadInput, Forbidden, NotFound, Unavailable, WrongCredentials
from app.tables.database import fetch, fetch_one, transaction

REFUSAL: Final = "the e-mail address or the password is wrong"


async def sign_in(
    email: str, password: str, *, organization_slug: str | None = None, address: str, now: datetime
) -> Made:
    """A new session in the organization, or in the one that the person has been in for longest.

    To be called outside of transactions. WrongCredentials: whatever is wrong. RateLimited: too many failed before,
    with this e-mail address from this client's `address`, or from there at all. Unavailable: too many at once.
    """
    made = await attempts.attempt(email, address, now=now)
    slug = None if organization_slug is None else storable(organization_slug)
    row = await fetch_one(_FIND, storable(email.strip()), slug)
    stored = row["password_hash"] if row else None
    is_right = await _tried(made, password, stored)
    if row is None or stored is None or not is_right:
        raise WrongCredentials(REFUSAL)
    try:
        async with transaction():
            if not await _still_has(row["person_id"], stored):
                raise WrongCredentials(REFUSAL)
            session = await make_session(row["person_id"], row["organization_id"], now=now)
    except NotFound:  # a member until a moment ago
        raise WrongCredentials(REFUSAL) from None
    await attempts.succeeded(made)
    if is_outdated(stored):
        await _store_again(row["person_id"], password, stored)
    return session


async def change_password(caller: Caller, current: str, new: str, *, address: str, now: datetime) -> None:
    """Give the caller's person another password; the person's other sessions end, the caller's token stays.

    Forbidden: the token is an agent's, or narrowed. BadInput: nobody may have the new one. WrongCredentials: the
    current one is another, or there is none. RateLimited: too often wrong.
    """
    if caller.kind is TokenKind.AGENT or caller.person_id is None or not is_whole(caller):
        raise Forbidden("a password is changed by its person, with a token for everything")
    check_new(new, "newPassword")
    row = await fetch_one("select email, name, password_hash from person where id = $1", caller.person_id)
    if row is None or row["password_hash"] is None:
        raise BadInput("you have no password, and sign in by other means", field="currentPassword")
    made = await attempts.attempt(row["email"], address, now=now)
    if not await _tried(made, current, row["password_hash"]):
        raise WrongCredentials("this is not your password", field="currentPassword")
    to_store = await hashed(new)
    async with transaction():
        if not await _replace(caller.person_id, row["password_hash"], to_store):
            raise WrongCredentials("the password has just been changed", field="currentPassword")
        await end_other_sessions(caller.person_id, caller.token_id, now=now)
        await _note(caller, row["name"], now)
    await attempts.succeeded(made)


async def _tried(made: Attempt, password: str, stored: str | None) -> bool:
    """Whether it is the password. Unavailable, which is no failure of whoever tries: too many do at once."""
    try:
        return await matches(password, stored)
    except Unavailable:
        await attempts.withdrawn(made)
        raise


async def _still_has(person_id: UUID, stored: str) -> bool:
    """Whether this is still the person's password, and stays it until the transaction ends."""
    rows = await fetch(
        "select from person where id = $1 and password_hash = $2 and disabled_at is null for share",
        person_id,
        stored,
    )
    return bool(rows)


async def _store_again(person_id: UUID, password: str, stored: str) -> None:
    """Store the same password as it is hashed now, unless it was changed meanwhile."""
    await _replace(person_id, stored, await hashed(password))


async def _replace(person_id: UUID, stored: str, to_store: str) -> bool:
    rows = await fetch(
        "update person set password_hash = $3 where id = $1 and password_hash = $2 returning id",
        person_id,
        stored,
        to_store,
    )
    return bool(rows)


async def _note(caller: Caller, name: str, now: datetime) -> None:
    await audit.note(
        caller.organization_id,
        actor(caller),
        Kind.PASSWORD_CHANGED,
        subject_type="Member",
        subject_id=caller.membership_id,
        subject_name=name,
        now=now,
    )


_FIND: Final = """
select p.id as person_id, p.password_hash, m.organization_id
from person as p
join membership as m on m.person_id = p.id
join organization as o on o.id = m.organization_id
where lower(p.email) = lower($1) and p.disabled_at is null and ($2::text is null or o.slug = $2)
order by m.created_at, m.id
limit 1
"""
