"""Tokens that people make: for themselves and for agents, never for more than they are, and revoked at once."""

import asyncio
import json
from contextvars import Context
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.accounts import sessions, tokens
from app.accounts.create_token import NewToken, create_token
from app.accounts.invitations import invite_member
from app.accounts.members import update_member
from app.accounts.revoke_token import revoke_token
from app.accounts.roles import AGENT_SCOPES, ALL_SCOPES, Role, Scope, TokenKind, lesser
from app.errors import BadInput, Forbidden, NotFound, Unauthenticated
from app.tables.database import fetch, transaction
from tests.accounts.people import (
    agent,
    gets_in,
    joined,
    membership,
    noted,
    refused,
    signed_in,
    until_somebody_waits,
)
from tests.accounts.stage import later
from tests.database import NOW
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

PERSONAL, AGENT = TokenKind.PERSONAL, TokenKind.AGENT


async def organization() -> UUID:
    return (await set_up()).organization_id


async def test_nobody_makes_a_token_that_is_more_than_they_are() -> None:
    organization_id = await organization()
    for who in Role:
        caller = await joined(organization_id, who)
        for role in Role:
            may = lesser(who, role) is role
            wanted = NewToken(PERSONAL, "laptop", role=role)
            if may:
                made = await create_token(caller, wanted, now=NOW)
                assert (await tokens.find(made.secret, now=NOW)).role is role
            else:
                await refused(Forbidden, create_token(caller, wanted, now=NOW))
            agents = create_token(caller, NewToken(AGENT, "robot", role=role), now=NOW)
            if may and who in (Role.OWNER, Role.ADMIN):
                found = await tokens.find((await agents).secret, now=NOW)
                assert (found.role, found.person_id) == (role, None)
            else:
                await refused(Forbidden, agents)


async def test_what_is_not_said_is_for_oneself_everything_and_for_an_agent_little() -> None:
    organization_id = await organization()
    admin, viewer = await joined(organization_id, Role.ADMIN), await joined(organization_id, Role.VIEWER)
    own = await create_token(viewer, NewToken(PERSONAL, " laptop "), now=NOW)
    found = await tokens.find(own.secret, now=NOW)
    assert (found.role, found.scopes, found.person_id) == (Role.VIEWER, ALL_SCOPES, viewer.person_id)
    robot = await tokens.find((await create_token(admin, NewToken(AGENT, "robot"), now=NOW)).secret, now=NOW)
    assert (robot.role, robot.scopes) == (Role.DEVELOPER, AGENT_SCOPES)
    assert await noted(organization_id) == [
        ("Ann", "TOKEN_CREATED", "laptop"),
        ("Ann", "TOKEN_CREATED", "robot"),
    ]
    [row] = await fetch("select string_agg(audit_entry::text, ' ') as text from audit_entry")
    assert own.secret not in row["text"]
    assert tokens.digest(own.secret).hex() not in row["text"]
    # A higher role that comes later does not make a token more than it was made for.
    owner = await joined(organization_id)
    await update_member(owner, membership(viewer), Role.OWNER, now=NOW)
    assert (await tokens.find(own.secret, now=NOW)).role is Role.VIEWER


async def test_a_narrowed_token_makes_no_others() -> None:
    organization_id = await organization()
    for scopes in (AGENT_SCOPES, {Scope.ISSUES_READ}, {Scope.INGEST}):
        narrow = await joined(organization_id, scopes=scopes)
        for kind in (PERSONAL, AGENT):
            wanted = NewToken(kind, "more", scopes=scopes)
            await refused(Forbidden, create_token(narrow, wanted, now=NOW))


async def test_an_agent_for_everything_makes_agents_and_no_persons() -> None:
    organization_id = await organization()
    boss = await joined(organization_id)
    robot = await agent(organization_id, Role.ADMIN, scopes=ALL_SCOPES, maker=boss)
    made = await create_token(robot, NewToken(AGENT, "another", role=Role.ADMIN, scopes=ALL_SCOPES), now=NOW)
    assert (await tokens.find(made.secret, now=NOW)).role is Role.ADMIN
    assert await noted(organization_id) == [("robot", "TOKEN_CREATED", "another")]
    await refused(BadInput, create_token(robot, NewToken(PERSONAL, "mine"), now=NOW))
    await refused(Forbidden, create_token(robot, NewToken(AGENT, "boss", role=Role.OWNER), now=NOW))


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (NewToken(PERSONAL, " "), "name"),
        (NewToken(PERSONAL, "x" * 201), "name"),
        (NewToken(PERSONAL, "\ud800"), "name"),
        (NewToken(PERSONAL, "a\0b"), "name"),
        (NewToken(PERSONAL, "past", expires_at=NOW), "expiresAt"),
        (NewToken(PERSONAL, "for nothing", scopes=frozenset()), "scopes"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_what_makes_no_sense_is_refused(wanted: NewToken, field: str) -> None:
    owner = await joined(await organization())
    assert (await refused(BadInput, create_token(owner, wanted, now=NOW))).field == field


async def test_a_token_ends_when_it_says_or_is_revoked_for_good() -> None:
    owner = await joined(await organization())
    wanted = NewToken(PERSONAL, "short", expires_at=NOW + timedelta(hours=1))
    made = await create_token(owner, wanted, now=NOW)
    await tokens.find(made.secret, now=later(minutes=59))
    with pytest.raises(Unauthenticated):
        await tokens.find(made.secret, now=later(hours=1))
    await revoke_token(owner, made.token_id, now=later(minutes=10))
    with pytest.raises(Unauthenticated):
        await tokens.find(made.secret, now=later(minutes=10))
    await revoke_token(owner, made.token_id, now=later(minutes=20))
    [row] = await fetch("select revoked_at from access_token where id = $1", made.token_id)
    assert row["revoked_at"] == later(minutes=10)
    assert [kind for _, kind, _ in await noted(owner.organization_id)] == ["TOKEN_CREATED", "TOKEN_REVOKED"]


async def test_who_may_revoke_what() -> None:
    organization_id = await organization()
    owner, admin = await joined(organization_id), await joined(organization_id, Role.ADMIN)
    developer = await joined(organization_id, Role.DEVELOPER)
    stranger = await joined(await organization())
    robot = await agent(organization_id, Role.DEVELOPER)
    narrow = await create_token(developer, NewToken(PERSONAL, "narrow", scopes={Scope.ISSUES_READ}), now=NOW)
    narrowed = await tokens.find(narrow.secret, now=NOW)

    for caller, token_id in (
        (developer, robot.token_id),
        (developer, owner.token_id),
        (narrowed, developer.token_id),
        (robot, developer.token_id),
        (stranger, developer.token_id),
        (stranger, robot.token_id),
        (owner, uuid4()),
    ):
        await refused(NotFound, revoke_token(caller, token_id, now=NOW))
    for caller, token_id in (
        (narrowed, narrowed.token_id),
        (admin, robot.token_id),
        (admin, developer.token_id),
        (owner, owner.token_id),
    ):
        await revoke_token(caller, token_id, now=NOW)
    assert [await gets_in(each) for each in (narrowed, robot, developer, owner, admin)] == [False] * 4 + [
        True
    ]


async def test_only_owners_revoke_what_is_an_owners() -> None:
    organization_id = await organization()
    owner, admin = await joined(organization_id), await joined(organization_id, Role.ADMIN)
    assert owner.person_id
    session = await sessions.make_session(owner.person_id, organization_id, now=NOW)
    narrow = await create_token(owner, NewToken(PERSONAL, "narrow", role=Role.VIEWER), now=NOW)
    boss = await agent(organization_id, Role.OWNER, scopes=ALL_SCOPES, maker=owner)
    helper = await agent(organization_id, Role.ADMIN, scopes=ALL_SCOPES, maker=owner)
    for who in (admin, helper):
        for token_id in (owner.token_id, session.token_id, narrow.token_id, boss.token_id):
            await refused(Forbidden, revoke_token(who, token_id, now=NOW))
    # What an owner has made for the organization, as an admin may, is the organization's.
    await revoke_token(admin, helper.token_id, now=NOW)
    assert not await gets_in(helper)
    other = await joined(organization_id)
    for token_id in (owner.token_id, session.token_id, narrow.token_id, boss.token_id):
        await revoke_token(other, token_id, now=NOW)
    assert [await gets_in(each) for each in (owner, boss)] == [False] * 2


async def test_who_is_no_owner_any_more_is_an_admins_to_revoke() -> None:
    organization_id = await organization()
    owner, admin = await joined(organization_id), await joined(organization_id, Role.ADMIN)
    boss = await agent(organization_id, Role.OWNER, scopes=ALL_SCOPES, maker=owner)
    await joined(organization_id)
    await fetch("update membership set role = 'developer' where id = $1", owner.membership_id)
    for each in (owner, boss):
        await revoke_token(admin, each.token_id, now=NOW)
        assert not await gets_in(each)


async def test_a_token_that_ends_makes_none_that_outlives_it() -> None:
    organization_id = await organization()
    owner = await joined(organization_id)
    end = NOW + timedelta(hours=1)
    ending = NewToken(AGENT, "short", role=Role.ADMIN, scopes=ALL_SCOPES, expires_at=end)
    robot = await tokens.find((await create_token(owner, ending, now=NOW)).secret, now=NOW)
    ending = NewToken(PERSONAL, "short", expires_at=end)
    short = await tokens.find((await create_token(owner, ending, now=NOW)).secret, now=NOW)
    for who, kind in ((short, PERSONAL), (short, AGENT), (robot, AGENT)):
        late = NewToken(kind, "late", expires_at=end + timedelta(microseconds=1))
        assert (await refused(BadInput, create_token(who, late, now=NOW))).field == "expiresAt"
        for wanted, becomes in ((None, end), (end, end), (later(minutes=1), later(minutes=1))):
            made = await create_token(who, NewToken(kind, "more", expires_at=wanted), now=NOW)
            [row] = await fetch("select expires_at from access_token where id = $1", made.token_id)
            assert row["expires_at"] == becomes
            # The audit says what came of it.
            [row] = await fetch("select detail from audit_entry order by id desc limit 1")
            assert json.loads(row["detail"])["expiresAt"] == [None, str(becomes)]
    # Whoever has signed in is there in person, and stays.
    made = await create_token(await signed_in(owner), NewToken(PERSONAL, "for good"), now=NOW)
    [row] = await fetch("select expires_at from access_token where id = $1", made.token_id)
    assert row["expires_at"] is None


async def test_a_session_is_revoked_without_anybody_being_told_and_an_agents_invitations_end_with_it() -> (
    None
):
    organization_id = await organization()
    owner = await joined(organization_id)
    assert owner.person_id
    session = await sessions.make_session(owner.person_id, organization_id, now=NOW)
    await revoke_token(owner, session.token_id, now=NOW)
    assert await noted(organization_id) == []
    robot = await agent(organization_id, Role.ADMIN, scopes=ALL_SCOPES, maker=owner)
    await invite_member(robot, "bea@x.test", Role.ADMIN, now=NOW)
    await invite_member(owner, "cem@x.test", Role.ADMIN, now=NOW)
    await revoke_token(owner, robot.token_id, now=NOW)
    [row] = await fetch("select email from invitation where revoked_at is null")
    assert row["email"] == "cem@x.test"


async def test_who_is_made_less_at_that_moment_makes_no_token_for_what_they_were() -> None:
    organization_id = await organization()
    admin = await joined(organization_id, Role.ADMIN)
    wanted = NewToken(AGENT, "robot", role=Role.ADMIN, scopes=ALL_SCOPES)
    async with transaction():
        await fetch("select from organization where id = $1 for no key update", organization_id)
        making = asyncio.create_task(create_token(admin, wanted, now=NOW), context=Context())
        await until_somebody_waits()
        await fetch("update membership set role = 'viewer' where id = $1", admin.membership_id)
    with pytest.raises(Forbidden):
        await making
    assert await fetch("select from access_token where kind = 'agent'") == []
