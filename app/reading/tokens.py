"""Tokens, as far as a caller is shown them: the own personal ones, and the organization's agents'.

Comes in: a caller, and a window or an id. Goes out: tokens without their secrets, the newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from app.accounts.roles import Caller, Permission, allowed
from app.reading import pages
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Page, Window
from app.tables.database import fetch


@dataclass(frozen=True, slots=True)
class Token:
    """A token, expired and revoked ones too. `role` is the most that it may; who answers for it bounds it further.

    That is its person or, of an agent's, who made it: `made_by`, the membership, None where that is nobody, any more.
    `is_idle`: that person is disabled or gone, so that it lets nobody in.
    """

    id: UUID
    kind: str
    name: str
    scopes: list[str]
    role: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    made_by: UUID | None
    is_idle: bool


_SELECT: Final = """
select t.id, t.kind, t.name, t.scopes, t.role, t.created_at, t.expires_at, t.last_used_at, t.revoked_at,
    m.id, p.id is not null and (p.disabled_at is not null or m.id is null)
from access_token as t
left join person as p on p.id = coalesce(t.person_id, t.maker_id)
left join membership as m on m.person_id = p.id and m.organization_id = t.organization_id
where """
_LISTING: Final = Listing("tokens", ("t.id",), msgspec.json.Decoder(tuple[str, UUID]), descending=True)


async def tokens(caller: Caller, window: Window = Window()) -> Page[Token]:  # noqa: B008  frozen
    """A page of the tokens that the caller is shown. BadInput: the window makes no sense."""
    wanted = _theirs(caller)
    end = pages.cut(_LISTING, window, wanted)
    rows = await fetch(f"{_SELECT}{wanted} {end}", *wanted.values)
    return pages.page(_LISTING, window, [Token(*row) for row in rows], lambda shown: (shown.id,))


async def count_tokens(caller: Caller) -> int:
    """How many there are."""
    wanted = _theirs(caller)
    [row] = await fetch(f"select count(*) from access_token as t where {wanted}", *wanted.values)  # noqa: S608  ours
    return int(row[0])


async def token(caller: Caller, token_id: UUID) -> Token | None:
    """One of them; None: there is none, or it is not for this caller."""
    found = await tokens_by_id(caller, [token_id])
    return found[0] if found else None


async def tokens_by_id(caller: Caller, ids: Sequence[UUID]) -> list[Token]:
    """Those of them that there are and that are for this caller, the newest first."""
    wanted = _theirs(caller)
    wanted.add("t.id = any(?::uuid[])", ids)
    return [Token(*row) for row in await fetch(f"{_SELECT}{wanted} order by t.id desc", *wanted.values)]


def _theirs(caller: Caller) -> Conditions:
    wanted = Conditions(caller.organization_id, "t.organization_id = $1")
    # Who has no person has no own ones: null is nobody's.
    own = f"t.kind = 'personal' and t.person_id = {wanted.place(caller.person_id)}::uuid"
    agents = "t.kind = 'agent'" if allowed(caller, Permission.MANAGE_TOKENS) else "false"
    wanted.add(f"({own} or {agents})")
    return wanted
