"""Who made an agent's token answers for it: it never may more than they may, and goes when they go."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from app.accounts.create_token import NewToken, create_token
from app.accounts.invitations import invite_member
from app.accounts.members import remove_member, under_lock, update_member
from app.accounts.roles import ALL_SCOPES, Caller, Permission, Role, TokenKind, allowed, lesser
from app.accounts.tokens import find, found_again
from app.errors import Forbidden, NotFound, Unauthenticated
from app.tables.database import fetch, transaction
from tests.accounts.people import (
    agent,
    gets_in,
    joined,
    joins,
    membership,
    noted,
    refused,
    until_somebody_waits,
)
from tests.database import NOW
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ROBOT = NewToken(TokenKind.AGENT, "robot", role=Role.ADMIN, scopes=ALL_SCOPES)


async def organization() -> UUID:
    return (await set_up()).organization_id


async def makes(who: Caller, wanted: NewToken = ROBOT) -> Caller:
    """The agent whose token somebody has just made."""
    return await find((await create_token(who, wanted, now=NOW)).secret, now=NOW)


async def makers() -> dict[UUID, UUID | None]:
    """By token, who made it."""
    return {row["id"]: row["maker_id"] for row in await fetch("select id, maker_id from access_token")}


async def still_invited() -> set[str]:
    return {row["email"] for row in await fetch("select email from invitation where revoked_at is null")}


async def test_it_may_at_most_what_its_maker_may_at_that_moment() -> None:
    maker = await joined(await organization())
    for role in Role:
        robot = await agent(maker.organization_id, role, scopes=ALL_SCOPES, maker=maker)
        assert (robot.person_id, robot.membership_id) == (None, None)
        for now_is in Role:
            await fetch("update membership set role = $2 where id = $1", maker.membership_id, now_is)
            assert (await found_again(robot, now=NOW)).role is lesser(role, now_is)


async def test_without_a_known_maker_it_works_on_errors_and_manages_nothing() -> None:
    organization_id = await organization()
    for role in Role:
        robot = await agent(organization_id, role, scopes=ALL_SCOPES)
        assert robot.role is lesser(role, Role.DEVELOPER)
        assert allowed(robot, Permission.VIEW_ERRORS)
        await refused(Forbidden, invite_member(robot, "bea@x.test", Role.VIEWER, now=NOW))
        await refused(Forbidden, create_token(robot, ROBOT, now=NOW))


async def test_what_an_agent_makes_is_made_by_who_made_the_agent() -> None:
    organization_id = await organization()
    owner, maker = await joined(organization_id), await joined(organization_id, Role.ADMIN)
    first = await makes(maker)
    second = await makes(first)
    third = await makes(second)
    known = await makers()
    assert {known[each.token_id] for each in (first, second, third)} == {maker.person_id}
    await update_member(owner, membership(maker), Role.VIEWER, now=NOW)
    for robot in (first, second, third):
        assert (await found_again(robot, now=NOW)).role is Role.VIEWER
        await refused(Forbidden, invite_member(robot, "back@x.test", Role.ADMIN, now=NOW))
        await refused(Forbidden, update_member(robot, membership(maker), Role.ADMIN, now=NOW))
    # With the role comes back what was made in it, and no more.
    await update_member(owner, membership(maker), Role.OWNER, now=NOW)
    assert (await found_again(third, now=NOW)).role is Role.ADMIN


async def test_own_tokens_are_made_by_their_person_alone() -> None:
    owner = await joined(await organization())
    own = await create_token(owner, NewToken(TokenKind.PERSONAL, "laptop"), now=NOW)
    assert (await makers())[own.token_id] is None


async def test_invitations_of_agents_go_when_their_maker_could_not_make_them_any_more() -> None:
    organization_id = await organization()
    owner, maker = await joined(organization_id), await joined(organization_id)
    robot = await makes(maker, NewToken(TokenKind.AGENT, "robot", role=Role.OWNER, scopes=ALL_SCOPES))
    others = await makes(owner)
    for who, email, role in (
        (robot, "owner@x.test", Role.OWNER),
        (robot, "admin@x.test", Role.ADMIN),
        (others, "others@x.test", Role.ADMIN),
    ):
        await invite_member(who, email, role, now=NOW)
    await update_member(owner, membership(maker), Role.ADMIN, now=NOW)
    assert await still_invited() == {"admin@x.test", "others@x.test"}
    await update_member(owner, membership(maker), Role.DEVELOPER, now=NOW)
    assert await still_invited() == {"others@x.test"}


@pytest.mark.parametrize("way", ["removed", "left"])
async def test_who_has_gone_has_no_way_back(way: str) -> None:
    organization_id = await organization()
    boss, maker = await joined(organization_id), await joined(organization_id, Role.ADMIN)
    first = await makes(maker)
    second = await makes(first, NewToken(TokenKind.AGENT, "second"))
    revoked = await agent(organization_id, Role.VIEWER, maker=maker, name="revoked before")
    await fetch("update access_token set revoked_at = '2020-01-01' where id = $1", revoked.token_id)
    others = await makes(boss)
    elsewhere = await joins(await organization(), maker.person_id or UUID(int=0))
    elsewheres = await makes(elsewhere)
    await invite_member(first, "back@x.test", Role.ADMIN, now=NOW)
    await invite_member(others, "others@x.test", Role.ADMIN, now=NOW)
    await fetch("delete from audit_entry")

    ended = await remove_member(maker if way == "left" else boss, membership(maker), now=NOW)
    assert sorted(ended) == sorted((first.token_id, second.token_id))
    assert [await gets_in(each) for each in (maker, first, second)] == [False] * 3
    assert [await gets_in(each) for each in (boss, others, elsewhere, elsewheres)] == [True] * 4
    assert await still_invited() == {"others@x.test"}
    assert sorted(await noted(organization_id)) == [
        ("Ann", "MEMBER_REMOVED", "Ann"),
        ("Ann", "TOKEN_REVOKED", "robot"),
        ("Ann", "TOKEN_REVOKED", "second"),
    ]
    for robot in (first, second):
        await refused(Unauthenticated, invite_member(robot, "back@x.test", Role.ADMIN, now=NOW))
    # Whoever comes back comes without them.
    await joins(organization_id, maker.person_id or UUID(int=0), Role.OWNER)
    assert [await gets_in(each) for each in (first, second)] == [False] * 2


async def test_an_agent_that_removes_its_maker_ends_with_them() -> None:
    organization_id = await organization()
    await joined(organization_id)
    maker = await joined(organization_id, Role.ADMIN)
    robot = await makes(maker)
    assert await remove_member(robot, membership(maker), now=NOW) == [robot.token_id]
    assert not await gets_in(robot)
    await refused(Unauthenticated, remove_member(robot, membership(maker), now=NOW))


async def test_it_stops_while_its_maker_is_disabled_and_for_good_without_a_membership() -> None:
    maker = await joined(await organization())
    robot = await makes(maker)
    await fetch("update person set disabled_at = $2 where id = $1", maker.person_id, NOW)
    await refused(Unauthenticated, create_token(robot, ROBOT, now=NOW))
    await fetch("update person set disabled_at = null where id = $1", maker.person_id)
    assert await gets_in(robot)
    # However the membership has gone, in another organization it does not count.
    await joins(await organization(), maker.person_id or UUID(int=0))
    await fetch("delete from membership where id = $1", maker.membership_id)
    assert not await gets_in(robot)


@pytest.mark.parametrize("first", ["making", "removing"])
@pytest.mark.parametrize("by", ["maker", "robot"])
async def test_while_the_maker_is_removed_no_token_is_made_that_stays(by: str, first: str) -> None:
    """Whatever comes first: none outlives the removal."""
    organization_id = await organization()
    boss, maker = await joined(organization_id), await joined(organization_id, Role.ADMIN)
    who = maker if by == "maker" else await makes(maker)
    async with transaction():
        await under_lock(boss, None, now=NOW)
        verbs: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
            "making": lambda: create_token(who, ROBOT, now=NOW),
            "removing": lambda: remove_member(boss, membership(maker), now=NOW),
        }
        tasks: dict[str, asyncio.Task[Any]] = {}
        for place, verb in enumerate(sorted(verbs, key=lambda each: each != first), start=1):
            tasks[verb] = asyncio.create_task(verbs[verb](), context=Context())
            await until_somebody_waits(place)
    ended = await tasks["removing"]
    made_before = [] if by == "maker" else [who.token_id]
    if first == "making":
        assert sorted(ended) == sorted([*made_before, (await tasks["making"]).token_id])
    else:
        assert ended == made_before
        with pytest.raises(Unauthenticated):
            await tasks["making"]
    left = await fetch("select from access_token where maker_id = $1 and revoked_at is null", maker.person_id)
    assert left == []


@pytest.mark.parametrize("change", ["removed", "made less", "disabled"])
async def test_what_an_agent_has_begun_ends_with_what_its_maker_may(change: str) -> None:
    organization_id = await organization()
    boss, maker = await joined(organization_id), await joined(organization_id, Role.ADMIN)
    robot = await makes(maker)
    async with transaction():
        present = await under_lock(boss, None, now=NOW)
        inviting = asyncio.create_task(
            invite_member(robot, "back@x.test", Role.ADMIN, now=NOW), context=Context()
        )
        await until_somebody_waits()
        if change == "removed":
            await fetch("delete from membership where id = $1", maker.membership_id)
        elif change == "made less":
            await fetch("update membership set role = 'developer' where id = $1", maker.membership_id)
        else:
            await fetch("update person set disabled_at = $2 where id = $1", maker.person_id, NOW)
        assert present.role is Role.OWNER
        # Until that is over, nothing has changed for anybody else.
        assert await asyncio.create_task(gets_in(robot), context=Context())
    with pytest.raises(Forbidden if change == "made less" else Unauthenticated):
        await inviting
    assert await still_invited() == set()


async def test_two_who_remove_each_other_leave_no_agent_of_who_went() -> None:
    organization_id = await organization()
    one, two = await joined(organization_id), await joined(organization_id)
    robots = {one.membership_id: await makes(one), two.membership_id: await makes(two)}
    pairs = [(robots[one.membership_id], two), (robots[two.membership_id], one), (one, two), (two, one)]
    await asyncio.gather(
        *(asyncio.create_task(_tries(remover, whom), context=Context()) for remover, whom in pairs)
    )
    left = {
        row["id"]
        for row in await fetch("select id from membership where organization_id = $1", organization_id)
    }
    assert len(left) == 1
    for membership_id, robot in robots.items():
        assert await gets_in(robot) is (membership_id in left)


async def _tries(remover: Caller, whom: Caller) -> None:
    try:
        await remove_member(remover, membership(whom), now=NOW)
    except (Unauthenticated, Forbidden, NotFound):
        return


async def test_every_pair_of_roles_agrees_with_what_the_maker_could_make() -> None:
    """Made or left behind, it comes to the same: an agent that its maker could not make now may no more than they."""
    organization_id = await organization()
    for made_as, now_is in product((Role.OWNER, Role.ADMIN), Role):
        maker = await joined(organization_id, made_as)
        robot = await makes(maker, NewToken(TokenKind.AGENT, "robot", role=made_as, scopes=ALL_SCOPES))
        await fetch("update membership set role = $2 where id = $1", maker.membership_id, now_is)
        found = await found_again(robot, now=NOW)
        present = await found_again(maker, now=NOW)
        assert {each for each in Permission if allowed(found, each)} <= {
            each for each in Permission if allowed(present, each)
        }
