"""Invitations: a link for one use, which opens nobody's account."""

import asyncio
from contextvars import Context
from datetime import timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from app.accounts import attempts, passwords, tokens
from app.accounts.create_token import NewToken, create_token
from app.accounts.invitations import LIFETIME, accept_invitation, invite_member, revoke_invitation
from app.accounts.members import remove_member
from app.accounts.passwords import password_hash
from app.accounts.roles import Caller, Role, Scope, TokenKind
from app.accounts.sign_in import sign_in
from app.accounts.tokens import Made
from app.errors import BadInput, Forbidden, NotFound, RateLimited, Taken, Unavailable, WrongCredentials
from app.tables.database import fetch, transaction
from tests.accounts.people import (
    agent,
    joined,
    joins,
    membership,
    noted,
    refused,
    roles,
    signed_in,
    until_somebody_waits,
)
from tests.accounts.stage import later
from tests.database import NOW
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

PASSWORD = "correct horse battery"  # noqa: S105
HALF = "\ud800"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed in no time: how long it takes is tested elsewhere."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


async def organization() -> UUID:
    return (await set_up()).organization_id


async def accept(
    secret: str,
    name: str | None = "Bea",
    password: str | None = PASSWORD,
    caller: Caller | None = None,
    minutes: float = 0,
    address: str = "192.0.2.1",
) -> Made:
    now = later(minutes=minutes)
    return await accept_invitation(
        secret, name=name, password=password, caller=caller, address=address, now=now
    )


async def test_somebody_new_becomes_a_member_and_is_signed_in() -> None:
    owner = await joined(await organization())
    made = await invite_member(owner, " Bea@X.test ", Role.DEVELOPER, now=NOW)
    [row] = await fetch("select email, digest, invitation::text as text from invitation")
    assert row["email"] == "Bea@X.test"
    assert row["digest"] == tokens.digest(made.secret)
    assert made.secret not in row["text"]

    session = await accept(made.secret, name=" Bea ", minutes=5)
    bea = await tokens.find(session.secret, now=later(minutes=5))
    assert (bea.kind, bea.role) == (TokenKind.SESSION, Role.DEVELOPER)
    assert await noted(owner.organization_id) == [
        ("Ann", "MEMBER_INVITED", "Bea@X.test"),
        ("Bea", "MEMBER_JOINED", "Bea"),
    ]
    again = await sign_in("bea@x.test", PASSWORD, address="192.0.2.1", now=later(minutes=6))
    assert (await tokens.find(again.secret, now=later(minutes=6))).person_id == bea.person_id
    # It was good for one use, for whomever.
    for caller in (None, bea):
        await refused(NotFound, accept(made.secret, minutes=7, caller=caller))


async def test_whoever_comes_without_a_valid_invitation_is_told_the_same() -> None:
    owner = await joined(await organization())
    replaced = await invite_member(owner, "bea@x.test", Role.VIEWER, now=NOW)
    revoked = await invite_member(owner, "BEA@x.test", Role.ADMIN, now=NOW)
    await revoke_invitation(owner, revoked.token_id, now=NOW)
    await revoke_invitation(owner, revoked.token_id, now=later(minutes=1))
    expired = await invite_member(owner, "cem@x.test", Role.VIEWER, now=NOW - LIFETIME)
    used = await invite_member(owner, "dan@x.test", Role.VIEWER, now=NOW)
    await accept(used.secret)
    for secret in (
        replaced.secret,
        revoked.secret,
        expired.secret,
        used.secret,
        "",
        HALF,
        "\0",
        "x" * 100_000,
        str(revoked.token_id),
    ):
        refusal = await refused(NotFound, accept(secret))
        assert (refusal.field, refusal.message) == (
            "token",
            "this invitation is not valid, or not any more: ask for a new one",
        )
    almost = await invite_member(owner, "cem@x.test", Role.VIEWER, now=NOW - LIFETIME + timedelta(seconds=1))
    await accept(almost.secret)


async def test_an_invitation_takes_over_no_account() -> None:
    ann = await joined(await organization(), email="Ann@x.test")
    await fetch(
        "update person set password_hash = $2 where id = $1", ann.person_id, password_hash("anns own one")
    )
    mallory = await joined(await organization())
    made = await invite_member(mallory, "ann@X.TEST", Role.OWNER, now=NOW)
    robot = await agent(ann.organization_id, Role.OWNER)
    reader = await joins(await organization(), ann.person_id or UUID(int=0), scopes={Scope.ISSUES_READ})
    less = await create_token(ann, NewToken(TokenKind.PERSONAL, "less", role=Role.VIEWER), now=NOW)
    viewer = await tokens.find(less.secret, now=NOW)
    for password, caller in (
        (PASSWORD, None),
        (None, None),
        ("", None),
        (HALF, None),
        (None, mallory),
        (PASSWORD, mallory),
        (None, robot),
        (None, reader),
        (None, viewer),
    ):
        await refused(WrongCredentials, accept(made.secret, password=password, caller=caller))
    [row] = await fetch("select name from person where id = $1", ann.person_id)
    assert row["name"] == "Ann"

    # Whoever is Ann may: by the password, or by being signed in; and nothing of the account is changed.
    before = await fetch("select * from person where id = $1", ann.person_id)
    session = await accept(made.secret, name=None, password="anns own one")  # noqa: S106
    assert await fetch("select * from person where id = $1", ann.person_id) == before
    found = await tokens.find(session.secret, now=NOW)
    assert (found.person_id, found.organization_id) == (ann.person_id, mallory.organization_id)
    third = await joined(await organization())
    made = await invite_member(third, "ann@x.test", Role.VIEWER, now=NOW)
    assert (
        await tokens.find(
            (await accept(made.secret, password=None, caller=await signed_in(ann))).secret, now=NOW
        )
    ).role is (Role.VIEWER)


async def test_an_account_without_a_password_is_not_given_one() -> None:
    ann = await joined(await organization(), email="ann@x.test")
    mallory = await joined(await organization())
    made = await invite_member(mallory, "ann@x.test", Role.VIEWER, now=NOW)
    await refused(WrongCredentials, accept(made.secret))
    await fetch("update person set disabled_at = $1, password_hash = $2", NOW, password_hash(PASSWORD))
    await refused(WrongCredentials, accept(made.secret))
    await fetch("update person set disabled_at = null, password_hash = null")
    await accept(made.secret, caller=await signed_in(ann))


async def test_passwords_are_not_guessed_by_invitations() -> None:
    await joined(await organization(), email="ann@x.test")
    mallory = await joined(await organization())
    made = await invite_member(mallory, "ann@x.test", Role.VIEWER, now=NOW)
    for _ in range(attempts.MOST_OF_BOTH):
        await refused(WrongCredentials, accept(made.secret))
    await refused(RateLimited, accept(made.secret))
    # It is one count with that of signing in.
    with pytest.raises(RateLimited):
        await sign_in("ANN@x.test", PASSWORD, address="192.0.2.1", now=NOW)


async def test_a_password_that_ends_while_it_is_looked_at_opens_nothing() -> None:
    ann = await joined(await organization(), email="ann@x.test")
    await fetch("update person set password_hash = $2 where id = $1", ann.person_id, password_hash(PASSWORD))
    mallory = await joined(await organization())
    made = await invite_member(mallory, "ann@x.test", Role.VIEWER, now=NOW)
    async with transaction():
        await fetch(
            "update person set password_hash = $2 where id = $1", ann.person_id, password_hash("another one")
        )
        accepting = asyncio.create_task(accept(made.secret), context=Context())
        await until_somebody_waits()
    with pytest.raises(WrongCredentials):
        await accepting
    assert await fetch("select from access_token where kind = 'session'") == []
    assert await fetch("select from invitation where accepted_at is not null") == []


async def test_too_many_passwords_at_once_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    await joined(await organization(), email="ann@x.test")
    mallory = await joined(await organization())
    made = await invite_member(mallory, "ann@x.test", Role.VIEWER, now=NOW)
    monkeypatch.setattr(passwords, "MOST_WAITING", -passwords.AT_ONCE)
    await refused(Unavailable, accept(made.secret))
    assert await fetch("select from sign_in_attempt") == []


async def test_whoever_is_a_member_already_stays_what_they_are() -> None:
    owner = await joined(await organization())
    ann = await joined(await organization(), email="ann@x.test")
    made = await invite_member(owner, "ann@x.test", Role.ADMIN, now=NOW)
    assert ann.person_id
    there = await joins(owner.organization_id, ann.person_id, Role.VIEWER)
    await refused(Taken, invite_member(owner, "ANN@x.test", Role.ADMIN, now=NOW))
    ann = await signed_in(ann)
    session = await accept(made.secret, caller=ann)
    assert (await tokens.find(session.secret, now=NOW)).role is Role.VIEWER
    assert (await roles(owner.organization_id))[membership(there)] == Role.VIEWER
    await refused(NotFound, accept(made.secret, caller=ann))


async def test_of_several_who_accept_at_once_one_does() -> None:
    owner = await joined(await organization())
    made = await invite_member(owner, "bea@x.test", Role.VIEWER, now=NOW)
    ended = await asyncio.gather(
        *(accept(made.secret, name=f"Bea {number}") for number in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, Made) for each in ended) == 1
    assert sum(isinstance(each, NotFound | WrongCredentials) for each in ended) == 3
    assert len(await roles(owner.organization_id)) == 2
    assert len(await fetch("select from person where email = 'bea@x.test'")) == 1


async def test_two_organizations_that_invite_the_same_new_address_get_one_person() -> None:
    owners = [await joined(await organization()) for _ in range(2)]
    made = [await invite_member(owner, "bea@x.test", Role.VIEWER, now=NOW) for owner in owners]
    ended = await asyncio.gather(*(accept(each.secret) for each in made))
    found = [await tokens.find(each.secret, now=NOW) for each in ended]
    assert found[0].person_id == found[1].person_id
    assert {each.organization_id for each in found} == {owner.organization_id for owner in owners}


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [
        (None, PASSWORD, "name"),
        ("  ", PASSWORD, "name"),
        ("B\0a", PASSWORD, "name"),
        (HALF, PASSWORD, "name"),
        ("B" * 201, PASSWORD, "name"),
        ("Bea", None, "password"),
        ("Bea", "too short", "password"),
        ("Bea", "x" * 1001, "password"),
    ],
)
async def test_somebody_new_says_who_they_are(name: str | None, password: str | None, field: str) -> None:
    owner = await joined(await organization())
    made = await invite_member(owner, "bea@x.test", Role.VIEWER, now=NOW)
    refusal = await refused(BadInput, accept(made.secret, name=name, password=password))
    assert refusal.field == field


@pytest.mark.parametrize(
    "email", ["", "@", "a", "a@", "a b@c", "a@b\0", f"a@{HALF}", "a@b\nc", "a@" + "b" * 319]
)
async def test_what_is_no_address_is_not_invited(email: str) -> None:
    owner = await joined(await organization())
    assert (await refused(BadInput, invite_member(owner, email, Role.VIEWER, now=NOW))).field == "email"


async def test_who_may_invite_whom() -> None:
    organization_id = await organization()
    for who in Role:
        caller = await joined(organization_id, who)
        for role in Role:
            invite = invite_member(caller, f"{who}-{role}@x.test", role, now=NOW)
            if who is Role.OWNER or (who is Role.ADMIN and role is not Role.OWNER):
                await invite
            else:
                await refused(Forbidden, invite)
    stranger = await joined(await organization())
    [row] = await fetch("select id from invitation where email = 'owner-viewer@x.test'")
    await refused(NotFound, revoke_invitation(stranger, row["id"], now=NOW))
    admin = await joined(organization_id, Role.ADMIN)
    await revoke_invitation(admin, row["id"], now=NOW)


async def test_an_accepted_invitation_is_not_revoked_and_who_left_comes_back_by_a_new_one() -> None:
    owner = await joined(await organization())
    made = await invite_member(owner, "bea@x.test", Role.ADMIN, now=NOW)
    bea = await tokens.find((await accept(made.secret)).secret, now=NOW)
    await refused(NotFound, revoke_invitation(owner, made.token_id, now=NOW))
    await remove_member(bea, membership(bea), now=NOW)
    await refused(NotFound, accept(made.secret))
    made = await invite_member(owner, "bea@x.test", Role.VIEWER, now=NOW)
    session = await accept(made.secret, name=None)
    assert (await tokens.find(session.secret, now=NOW)).role is Role.VIEWER
