"""Sessions: a person's browser, signed in to one organization.

Comes in: a person who has shown to be that one. Goes out: a token of kind `session`, which everything takes that takes
tokens. It ends 14 days after its last use and 30 days after it was made, whatever comes first, and at once when it is
signed out, when the password changes, or when the person is disabled or a member no more. What its person may do is
decided by the membership at each use.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.accounts import tokens
from app.accounts.roles import Caller, Role, TokenKind
from app.accounts.tokens import Made
from app.errors import BadInput
from app.tables.database import fetch

IDLE: Final = timedelta(days=14)
LONGEST: Final = timedelta(days=30)
PROLONG_AGAIN_AFTER: Final = timedelta(hours=1)
"""By how much a session may end too early."""

_REMEMBERED: Final = 10_000
_prolonged: Final[OrderedDict[UUID, datetime]] = OrderedDict()
"""When this process last prolonged a session, so that not every request writes. Forgetting one costs a statement."""


async def make_session(person_id: UUID, organization_id: UUID, *, now: datetime) -> Made:
    """A new session, in the caller's transaction if there is one; the person's sessions that ended long ago go.

    NotFound: there is no such member.
    """
    made = await tokens.make(
        organization_id,
        person_id,
        kind=TokenKind.SESSION,
        name="Signed in",
        role=Role.OWNER,  # the membership has the last word
        now=now,
        expires_at=now + IDLE,
    )
    await fetch(
        """
        delete from access_token where id in (
            select id from access_token
            where person_id = $1 and kind = 'session' and (expires_at < $2 or revoked_at < $2)
            for update skip locked
        )
        """,
        person_id,
        now - LONGEST,
    )
    return made


async def prolong(caller: Caller, *, now: datetime) -> None:
    """Have a session that is used last longer; once an hour, and nothing happens to other tokens."""
    if caller.kind is not TokenKind.SESSION:
        return
    last = _prolonged.get(caller.token_id)
    if last is not None and now - last < PROLONG_AGAIN_AFTER:
        return
    _prolonged[caller.token_id] = now
    _prolonged.move_to_end(caller.token_id)
    while len(_prolonged) > _REMEMBERED:
        _prolonged.popitem(last=False)
    await fetch(
        """
        update access_token set expires_at = least($2::timestamptz + $3::interval, created_at + $4::interval)
        where id in (
            select id from access_token
            where id = $1 and kind = 'session' and revoked_at is null and expires_at > $2
                and expires_at < least($2::timestamptz + $3::interval, created_at + $4::interval)
            for no key update skip locked
        )
        """,
        caller.token_id,
        now,
        IDLE,
        LONGEST,
    )


async def sign_out(caller: Caller | None, *, now: datetime) -> None:
    """End the session; without one, nothing happens. BadInput: it is a token of another kind."""
    if caller is None:
        return
    if caller.kind is not TokenKind.SESSION:
        raise BadInput("this is a token, and no session: revoke it with `tokenRevoke`")
    await tokens.revoke(caller.token_id, caller.organization_id, now=now)


async def end_other_sessions(person_id: UUID, but: UUID, *, now: datetime) -> None:
    """End every session of the person, in every organization, but this one; in the caller's transaction."""
    await fetch(
        """
        update access_token set revoked_at = $3
        where id in (
            select id from access_token
            where person_id = $1 and kind = 'session' and id <> $2 and revoked_at is null
            order by id for no key update
        )
        """,
        person_id,
        but,
        now,
    )
