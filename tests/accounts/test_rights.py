"""Nobody climbs: whatever those do who are no owners, in whatever order, none gets more than the strongest of them had."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

import pytest

from app.accounts import tokens
from app.accounts.create_token import NewToken, create_token
from app.accounts.invitations import accept_invitation, invite_member, revoke_invitation
from app.accounts.members import remove_member, update_member
from app.accounts.revoke_token import revoke_token
from app.accounts.roles import ALL_SCOPES, Caller, Permission, Role, Scope, TokenKind, allowed
from app.errors import SnaglistError, Unauthenticated
from app.tables.database import fetch
from tests.accounts.people import agent, joined, membership
from tests.database import NOW
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

STEPS = 60
RANKS = list(Role)

CASTS: tuple[tuple[tuple[Role, frozenset[Scope]], ...], ...] = (
    ((Role.ADMIN, ALL_SCOPES), (Role.DEVELOPER, ALL_SCOPES), (Role.VIEWER, ALL_SCOPES)),
    ((Role.ADMIN, ALL_SCOPES), (Role.ADMIN, frozenset({Scope.ISSUES_READ}))),
    ((Role.DEVELOPER, ALL_SCOPES), (Role.VIEWER, ALL_SCOPES)),
    ((Role.ADMIN, frozenset({Scope.ISSUES_READ, Scope.ISSUES_WRITE})), (Role.VIEWER, ALL_SCOPES)),
)
"""Who acts, by role and the scopes of their token."""


@dataclass
class Walk:
    """All that those who act have come by: callers, links, and what they know the ids of."""

    organization_id: UUID
    owner: Caller
    chance: Random
    callers: list[Caller] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    async def step(self) -> None:
        """Somebody tries something."""
        who = self.chance.choice(self.callers)
        verb = self.chance.choice(VERBS)
        try:
            await verb(self, who)
        except SnaglistError:
            return
        self.done.add(verb.__name__)

    async def comes_in(self, secret: str) -> None:
        """Whoever has a new secret is one more who acts."""
        self.callers.append(await tokens.find(secret, now=NOW))

    async def one_of(self, table: str) -> UUID:
        """Anything there is, whoever's."""
        rows = await fetch(
            f"select id from {table} where organization_id = $1 order by id",  # noqa: S608  named below
            self.organization_id,
        )
        return UUID(str(self.chance.choice(rows)[0])) if rows else self.organization_id

    def role(self) -> Role:
        return self.chance.choice(RANKS)


async def invite(walk: Walk, who: Caller) -> None:
    made = await invite_member(who, f"{walk.chance.randrange(5)}@x.test", walk.role(), now=NOW)
    walk.links.append(made.secret)


async def accept(walk: Walk, who: Caller) -> None:
    secret = walk.chance.choice(walk.links[-5:]) if walk.links else ""
    given = {"name": "Bea", "password": "correct horse battery"}
    session = await accept_invitation(secret, **given, caller=who, address="", now=NOW)
    await walk.comes_in(session.secret)


async def update(walk: Walk, who: Caller) -> None:
    await update_member(who, await walk.one_of("membership"), walk.role(), now=NOW)


async def remove(walk: Walk, who: Caller) -> None:
    await remove_member(who, await walk.one_of("membership"), now=NOW)


async def make_token(walk: Walk, who: Caller) -> None:
    kind = walk.chance.choice([TokenKind.PERSONAL, TokenKind.AGENT])
    scopes = frozenset(walk.chance.sample(list(Scope), walk.chance.randint(1, 3)))
    role = walk.chance.choice([None, walk.role()])
    made = await create_token(who, NewToken(kind, "more", scopes=scopes, role=role), now=NOW)
    await walk.comes_in(made.secret)


async def revoke(walk: Walk, who: Caller) -> None:
    await revoke_token(who, await walk.one_of("access_token"), now=NOW)


async def take_back(walk: Walk, who: Caller) -> None:
    await revoke_invitation(who, await walk.one_of("invitation"), now=NOW)


VERBS: tuple[Callable[[Walk, Caller], Awaitable[None]], ...] = (
    *(invite, accept, update, make_token) * 4,
    remove,
    revoke,
    take_back,
)


def rights(caller: Caller) -> frozenset[Permission]:
    return frozenset(permission for permission in Permission if allowed(caller, permission))


async def start(cast: tuple[tuple[Role, frozenset[Scope]], ...], chance: Random) -> Walk:
    organization_id = (await set_up()).organization_id
    walk = Walk(organization_id, await joined(organization_id), chance)
    walk.callers += [await joined(organization_id, role, scopes=scopes) for role, scopes in cast]
    place = min(range(len(cast)), key=lambda each: RANKS.index(cast[each][0]))
    role, scopes = cast[place]
    walk.callers.append(await agent(organization_id, role, scopes=scopes, maker=walk.callers[place]))
    return walk


async def test_whatever_they_do_nobody_gets_more_than_the_strongest_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What is slow on purpose elsewhere would be slow for nothing here.
    monkeypatch.setattr("app.accounts.invitations.hashed", _as_it_is)
    monkeypatch.setattr("app.accounts.invitations.matches", _is_it)
    done: set[str] = set()
    for seed in range(8):
        walk = await start(CASTS[seed % len(CASTS)], Random(seed))
        at_most = frozenset[Permission]().union(*(rights(caller) for caller in walk.callers))
        highest = min(RANKS.index(caller.role) for caller in walk.callers)
        for _ in range(STEPS):
            await walk.step()
            for caller in walk.callers:
                await demand_no_more(caller, at_most, highest)
        owners = await fetch(
            "select id from membership where role = 'owner' and organization_id = $1", walk.organization_id
        )
        assert [row[0] for row in owners] == [membership(walk.owner)]
        done |= walk.done
    assert done >= {"invite", "accept", "update", "make_token"}


async def demand_no_more(caller: Caller, at_most: frozenset[Permission], highest: int) -> None:
    try:
        found = await tokens.found_again(caller, now=NOW)
    except Unauthenticated:
        return
    assert rights(found) <= at_most
    assert RANKS.index(found.role) >= highest
    assert found.scopes == caller.scopes
    if caller.kind is TokenKind.AGENT:
        assert RANKS.index(found.role) >= RANKS.index(await makers_role(caller))


async def makers_role(caller: Caller) -> Role:
    """What the person who made the agent is now; there is one, or the agent could not come in."""
    [row] = await fetch(
        """
        select m.role from access_token as t
        join membership as m on m.person_id = t.maker_id and m.organization_id = t.organization_id
        where t.id = $1
        """,
        caller.token_id,
    )
    return Role(row["role"])


async def _as_it_is(password: str) -> str:
    return password


async def _is_it(password: str, stored: str | None) -> bool:
    return password == stored
