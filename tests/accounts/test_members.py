"""Members: who gives whom which role, who goes, and what goes with them."""

import asyncio
from contextlib import nullcontext
from contextvars import Context
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts import sessions, tokens
from app.accounts.create_token import NewToken, create_token
from app.accounts.invitations import invite_member
from app.accounts.members import remove_member, update_member
from app.accounts.roles import ALL_SCOPES, Caller, Role, Scope, TokenKind
from app.errors import Forbidden, LastOwner, NotFound, Unauthenticated
from app.tables.database import fetch, transaction
from tests.accounts.people import (
    agent,
    all_of_it,
    gets_in,
    joined,
    joins,
    membership,
    noted,
    refused,
    roles,
    until_somebody_waits,
)
from tests.database import NOW
from tests.reading.stage import add_group
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

OWNER, ADMIN, DEVELOPER, VIEWER = Role


async def company() -> tuple[UUID, dict[Role, Caller]]:
    """An organization with a member of every role."""
    organization_id = (await set_up()).organization_id
    return organization_id, {role: await joined(organization_id, role) for role in Role}


async def test_who_may_give_whom_which_role() -> None:
    organization_id, by = await company()
    target = membership(await joined(organization_id, OWNER))
    for who, before, after in product(Role, Role, Role):
        await fetch("update membership set role = $2 where id = $1", target, before)
        may = who is OWNER or (who is ADMIN and (OWNER not in (before, after) or before is after))
        with nullcontext() if may else pytest.raises(Forbidden):
            await update_member(by[who], target, after, now=NOW)
        assert (await roles(organization_id))[target] == (after if may else before)


async def test_a_role_counts_from_the_next_request_on() -> None:
    organization_id, by = await company()
    laptop = await tokens.make(
        organization_id, by[ADMIN].person_id, kind=TokenKind.PERSONAL, name="laptop", role=ADMIN, now=NOW
    )
    await update_member(by[OWNER], membership(by[ADMIN]), VIEWER, now=NOW)
    assert (await tokens.find(laptop.secret, now=NOW)).role is VIEWER
    # Also for whoever came in before, and asks only now.
    await refused(Forbidden, update_member(by[ADMIN], membership(by[VIEWER]), ADMIN, now=NOW))
    assert await noted(organization_id) == [("Ann", "MEMBER_UPDATED", "Ann")]
    [row] = await fetch("select detail from audit_entry")
    assert row["detail"] == '{"role": ["admin", "viewer"]}'


async def test_giving_the_role_that_somebody_has_changes_nothing() -> None:
    _, by = await company()
    before = await all_of_it()
    await update_member(by[ADMIN], membership(by[DEVELOPER]), DEVELOPER, now=NOW)
    await update_member(by[ADMIN], membership(by[OWNER]), OWNER, now=NOW)
    assert await all_of_it() == before


async def test_the_last_owner_stays_owner() -> None:
    organization_id, by = await company()
    only = membership(by[OWNER])
    second = await joined(organization_id, OWNER)
    await fetch("update person set disabled_at = $2 where id = $1", second.person_id, NOW)
    # One whose account is disabled is no owner to rely on.
    await refused(LastOwner, update_member(by[OWNER], only, ADMIN, now=NOW))
    await refused(LastOwner, remove_member(by[OWNER], only, now=NOW))
    await fetch("update person set disabled_at = null where id = $1", second.person_id)
    await update_member(by[OWNER], only, ADMIN, now=NOW)
    await refused(LastOwner, remove_member(second, membership(second), now=NOW))


@pytest.mark.parametrize("way", ["demote", "remove", "leave"])
async def test_two_owners_who_go_at_once_leave_one(way: str) -> None:
    organization_id = (await set_up()).organization_id
    one, two = await joined(organization_id), await joined(organization_id)

    async def go(who: Caller, whom: Caller) -> None:
        if way == "demote":
            await update_member(who, membership(whom), VIEWER, now=NOW)
        else:
            await remove_member(who, membership(whom), now=NOW)

    pairs = [(one, one), (two, two)] if way == "leave" else [(one, two), (two, one)]
    ended = await asyncio.gather(*(_apart(go(*pair)) for pair in pairs), return_exceptions=True)
    # Who was removed or made less a moment before does nothing more with what they had.
    assert [isinstance(each, LastOwner | Forbidden | Unauthenticated) for each in ended].count(True) == 1
    assert list((await roles(organization_id)).values()).count(OWNER) == 1


async def _apart(work: Any) -> Any:
    """As another request would do it."""
    return await asyncio.create_task(work, context=Context())


async def test_who_is_removed_is_out_at_once() -> None:
    organization_id, by = await company()
    gone = by[DEVELOPER]
    assert gone.person_id
    session = await sessions.make_session(gone.person_id, organization_id, now=NOW)
    elsewhere = (await set_up()).organization_id
    await joins(elsewhere, gone.person_id, VIEWER)
    other_session = await sessions.make_session(gone.person_id, elsewhere, now=NOW)
    robot = await agent(organization_id, DEVELOPER)

    await remove_member(by[ADMIN], membership(gone), now=NOW)
    assert not await gets_in(gone)
    with pytest.raises(Unauthenticated):
        await tokens.find(session.secret, now=NOW)
    # In another organization they stay, and agents stay where they are.
    assert (await tokens.find(other_session.secret, now=NOW)).role is VIEWER
    assert await gets_in(robot)
    assert await noted(organization_id) == [("Ann", "MEMBER_REMOVED", "Ann")]
    await refused(NotFound, remove_member(by[ADMIN], membership(gone), now=NOW))

    # Whoever comes back comes without the old tokens.
    await joins(organization_id, gone.person_id, ADMIN)
    assert not await gets_in(gone)


async def test_who_may_remove_whom() -> None:
    organization_id, by = await company()
    for who in Role:
        for whom in Role:
            target = membership(await joined(organization_id, whom))
            if who is OWNER or (who is ADMIN and whom is not OWNER):
                await remove_member(by[who], target, now=NOW)
                assert target not in await roles(organization_id)
            else:
                await refused(Forbidden, remove_member(by[who], target, now=NOW))


async def test_everybody_may_leave_but_not_by_a_narrowed_token() -> None:
    organization_id, by = await company()
    reader = await joined(organization_id, DEVELOPER, scopes={Scope.ISSUES_READ, Scope.ISSUES_WRITE})
    await refused(Forbidden, remove_member(reader, membership(reader), now=NOW))
    for role in (ADMIN, DEVELOPER, VIEWER):
        await remove_member(by[role], membership(by[role]), now=NOW)
    assert sorted((await roles(organization_id)).values()) == [DEVELOPER, OWNER]


async def test_members_of_others_are_nobody() -> None:
    _, by = await company()
    _, others = await company()
    await refused(NotFound, update_member(by[OWNER], membership(others[VIEWER]), ADMIN, now=NOW))
    await refused(NotFound, remove_member(by[OWNER], membership(others[VIEWER]), now=NOW))
    await refused(NotFound, update_member(by[OWNER], uuid4(), ADMIN, now=NOW))


async def test_invitations_go_with_whoever_could_not_make_them_any_more() -> None:
    organization_id, by = await company()
    boss = await joined(organization_id, OWNER)
    for email, role, who in (
        ("owner@x.test", OWNER, boss),
        ("admin@x.test", ADMIN, boss),
        ("viewer@x.test", VIEWER, boss),
        ("admins@x.test", VIEWER, by[ADMIN]),
        ("owners@x.test", OWNER, by[OWNER]),
    ):
        await invite_member(who, email, role, now=NOW)

    async def still_open() -> set[str]:
        return {row["email"] for row in await fetch("select email from invitation where revoked_at is null")}

    await update_member(by[OWNER], membership(boss), ADMIN, now=NOW)
    assert await still_open() == {"admin@x.test", "viewer@x.test", "admins@x.test", "owners@x.test"}
    await update_member(by[OWNER], membership(boss), DEVELOPER, now=NOW)
    assert await still_open() == {"admins@x.test", "owners@x.test"}
    await remove_member(by[OWNER], membership(by[ADMIN]), now=NOW)
    assert await still_open() == {"owners@x.test"}


async def test_what_was_assigned_is_nobodys_then() -> None:
    stage = await set_up()
    owner, gone = await joined(stage.organization_id), await joined(stage.organization_id, DEVELOPER)
    group_id = await add_group(stage, assignee_id=membership(gone))
    await remove_member(owner, membership(gone), now=NOW)
    assert await fetch("select from error_group where id = $1 and assignee_id is null", group_id)


async def test_who_assigns_at_that_moment_is_waited_for_and_nobody_is_stuck() -> None:
    """Whoever assigns holds an error and then looks at the member, as we do: in any other order both would wait."""
    stage = await set_up()
    owner, gone = await joined(stage.organization_id), await joined(stage.organization_id, DEVELOPER)
    first = await add_group(stage, assignee_id=membership(gone))
    second = await add_group(stage)
    async with transaction():
        await fetch("select from error_group where id = $1 for no key update", second)
        await fetch("update error_group set assignee_id = $2 where id = $1", second, membership(gone))
        removing = asyncio.create_task(remove_member(owner, membership(gone), now=NOW), context=Context())
        await until_somebody_waits()
        assert not await fetch("select from error_group where id = $1 for share skip locked", first)
    await removing
    assert membership(gone) not in await roles(stage.organization_id)
    assert not await fetch("select from error_group where assignee_id is not null")


async def test_an_agent_that_was_revoked_a_moment_ago_changes_nobody() -> None:
    organization_id, by = await company()
    robot = await agent(organization_id, ADMIN, scopes=ALL_SCOPES)
    await tokens.revoke(robot.token_id, organization_id, now=NOW)
    await refused(Unauthenticated, update_member(robot, membership(by[VIEWER]), ADMIN, now=NOW))
    await refused(Unauthenticated, create_token(robot, NewToken(TokenKind.AGENT, "robot"), now=NOW))
