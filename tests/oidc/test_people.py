"""Who at the provider is who here: members, the invited, and those of a domain; nobody else."""

import asyncio
from contextvars import Context
from datetime import UTC, datetime
from time import time
from typing import Any, Final

import pytest

from app.accounts import tokens
from app.accounts.create_token import NewToken, create_token
from app.accounts.first_start import first_start
from app.accounts.invitations import accept_invitation, invite_member
from app.accounts.members import under_lock
from app.accounts.roles import ALL_SCOPES, Role, TokenKind
from app.accounts.sign_in import change_password, sign_in
from app.config import from_environment
from app.errors import Unauthenticated, WrongCredentials
from app.tables.database import fetch, transaction
from tests.accounts.people import until_somebody_waits
from tests.accounts.stage import everything, later
from tests.database import NOW
from tests.oidc.provider import Provider
from tests.oidc.stage import SESSION, agreed, browser, invite, member, refused, signed, signed_in, start

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

WORD: Final = "correct horse"


async def signs_in(email: str, password: str) -> bool:
    try:
        await sign_in(email, password, address="198.51.100.1", now=NOW)
    except WrongCredentials:
        return False
    return True


@pytest.mark.parametrize(
    "user",
    [
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": 1.5},
        {"email_verified": None},
        {"email": None},
        {"email": "ann"},
        {"email": "\N{KELVIN SIGN}ate@acme.test"},  # in small letters it is Kate's
        {"email": "a\0nn@acme.test"},
        {"email": ["ann@acme.test"]},
        {"email": "a" * 320 + "@acme.test"},
    ],
    ids=str,
)
async def test_only_verified_addresses_count(user: dict[str, Any], provider: Provider) -> None:
    await member()
    await member("kate@acme.test")
    provider.user |= user
    async with browser(provider, SNAGLIST_OIDC_DOMAINS="acme.test") as client:
        refused(await signed_in(client), "OIDC_EMAIL")
    assert await fetch("select from access_token") == []
    assert await fetch("select from identity") == []


@pytest.mark.parametrize("who", ["a stranger", "disabled", "removed"])
async def test_who_is_no_member_stays_outside(who: str, provider: Provider) -> None:
    stage = await member("bea@acme.test" if who == "a stranger" else "ann@acme.test")
    if who == "disabled":
        await fetch("update person set disabled_at = $1", NOW)
    elif who == "removed":
        await fetch("delete from membership where person_id = $1", stage.person_id)
    domains = "" if who == "a stranger" else "acme.test"  # which does not let them in again
    before = await everything()
    async with browser(provider, SNAGLIST_OIDC_DOMAINS=domains) as client:
        refused(await signed_in(client), "OIDC_UNKNOWN")
    assert await everything() == before
    assert await fetch("select from identity") == []


async def test_an_address_that_is_somebody_elses_by_now_opens_no_account(provider: Provider) -> None:
    await member()
    async with browser(provider) as client:
        assert (await signed_in(client)).status_code == 303
        provider.user["sub"] = "the next Ann"
        refused(await signed_in(client), "OIDC_OTHER_IDENTITY")
    assert len(await fetch("select from access_token")) == 1


async def test_whoever_invited_an_address_and_chose_its_password_has_nothing_of_who_has_it(
    provider: Provider,
) -> None:
    stage = await member("mallory@acme.test", Role.ADMIN)
    now = datetime.fromtimestamp(time(), UTC)
    mallory = await tokens.find((await stage.token()).secret, now=now)
    invited = await invite_member(mallory, "Ann@acme.test", Role.ADMIN, now=now)
    made = await accept_invitation(
        invited.secret, name="Ann", password=WORD, caller=None, address="192.0.2.1", now=now
    )
    false_ann = await tokens.find(made.secret, now=now)
    await change_password(false_ann, WORD, WORD * 2, address="192.0.2.1", now=now)
    await create_token(false_ann, NewToken(TokenKind.PERSONAL, "kept"), now=now)
    robot = await create_token(
        false_ann, NewToken(TokenKind.AGENT, "robot", role=Role.ADMIN, scopes=ALL_SCOPES), now=now
    )
    await invite_member(false_ann, "back@acme.test", Role.ADMIN, now=now)
    await invite_member(await tokens.find(robot.secret, now=now), "in@acme.test", Role.ADMIN, now=now)
    await invite_member(mallory, "mallorys@acme.test", Role.ADMIN, now=now)
    assert await signs_in("ann@acme.test", WORD * 2)
    async with browser(provider) as client:
        for _ in range(2):  # once, and not again
            assert (await signed_in(client)).status_code == 303
    assert not await signs_in("ann@acme.test", WORD * 2)
    rows = await fetch(
        "select kind from access_token where person_id = $1 and revoked_at is null", false_ann.person_id
    )
    assert [row["kind"] for row in rows] == ["session", "session"]
    caller = await tokens.find(client.cookies[SESSION], now=now)
    assert (caller.person_id, caller.role) == (false_ann.person_id, Role.ADMIN)
    # Nor is anything left of what was made in that name.
    with pytest.raises(Unauthenticated):
        await tokens.find(robot.secret, now=now)
    invitations = await fetch("select email from invitation where accepted_at is null and revoked_at is null")
    assert [row["email"] for row in invitations] == ["mallorys@acme.test"]
    noted = await fetch("select actor_id from audit_entry where kind = 'PASSWORD_CHANGED'")
    assert [row["actor_id"] for row in noted] == [caller.membership_id] * 2


async def test_a_token_that_is_made_while_its_password_ends_ends_too(provider: Provider) -> None:
    stage = await member("ann@acme.test", Role.ADMIN)
    await fetch("update person set password_hash = 'x', has_invited_password = true")
    false_ann = await tokens.find((await stage.token()).secret, now=later())
    async with browser(provider) as client:
        back = await agreed(await start(client))
        async with transaction():  # as `create_token` does it
            await under_lock(false_ann, None, now=NOW)
            coming = asyncio.create_task(client.get(back), context=Context())
            await until_somebody_waits()
            await stage.token(name="made meanwhile")
        assert (await coming).status_code == 303
    rows = await fetch("select kind from access_token where revoked_at is null")
    assert [row["kind"] for row in rows] == ["session"]


async def test_the_first_owner_keeps_the_password_that_the_operator_gave(provider: Provider) -> None:
    settings = from_environment({"SNAGLIST_OWNER_EMAIL": "ann@acme.test", "SNAGLIST_OWNER_PASSWORD": WORD})
    first = await first_start(settings, now=NOW)
    assert first.token
    async with browser(provider) as client:
        assert (await signed_in(client)).status_code == 303
    assert await signs_in("ann@acme.test", WORD)
    assert (await tokens.find(first.token, now=NOW)).role is Role.OWNER


async def test_who_is_invited_comes_in_once_with_the_role_of_the_invitation(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = int(NOW.timestamp())
    monkeypatch.setattr("app.oidc_door.time", NOW.timestamp)
    provider.forge = lambda claims: signed(
        provider, claims | {"exp": then + 60, "iat": then, "auth_time": then}
    )
    stage = await member("bea@acme.test")
    await invite(stage.organization_id, "Ann@acme.test", Role.ADMIN)
    async with browser(provider) as client:
        for _ in range(2):
            assert (await signed_in(client)).status_code == 303
            caller = await tokens.find(client.cookies[SESSION], now=NOW)
            assert (caller.organization_id, caller.role) == (stage.organization_id, Role.ADMIN)
    [row] = await fetch("select email, name, password_hash from person where id = $1", caller.person_id)
    assert tuple(row) == ("ann@acme.test", "Ann", None)
    assert [row[0] for row in await fetch("select accepted_at from invitation")] == [NOW]
    [noted] = await fetch("select kind, actor_id, subject_name from audit_entry")
    assert tuple(noted) == ("MEMBER_JOINED", caller.membership_id, "Ann")


async def test_old_and_revoked_invitations_let_nobody_in(provider: Provider) -> None:
    stage, other = await member("bea@acme.test"), await member("cat@acme.test")
    await invite(stage.organization_id, "ann@acme.test", Role.ADMIN, days=-800)
    await invite(other.organization_id, "Ann@acme.test", Role.ADMIN, days=800)
    await fetch(
        "update invitation set revoked_at = $1 where organization_id = $2", NOW, other.organization_id
    )
    async with browser(provider) as client:
        refused(await signed_in(client), "OIDC_UNKNOWN")
    assert [row[0] for row in await fetch("select accepted_at from invitation")] == [None, None]


@pytest.mark.parametrize(
    ("email", "is_in"),
    [
        ("ann@ACME.test", True),
        ("ann@sub.acme.test", False),
        ("ann@notacme.test", False),
        ("ann@acme.test@evil.test", False),
    ],
)
async def test_who_has_an_address_of_the_domain_becomes_a_viewer(
    email: str, is_in: bool, provider: Provider
) -> None:
    stage = await member("bea@acme.test")
    await member("later@acme.test")
    await fetch(
        "update organization set created_at = $2 where id <> $1", stage.organization_id, later(days=1)
    )
    provider.user["email"] = email
    async with browser(provider, SNAGLIST_OIDC_DOMAINS="other.test, @Acme.Test") as client:
        if not is_in:
            refused(await signed_in(client), "OIDC_UNKNOWN")
            return
        for _ in range(2):
            assert (await signed_in(client)).status_code == 303
        caller = await tokens.find(client.cookies[SESSION], now=NOW)
    assert (caller.organization_id, caller.role) == (stage.organization_id, Role.VIEWER)
    assert len(await fetch("select from membership")) == 3


async def test_who_comes_in_by_two_browsers_at_once_is_one_person(provider: Provider) -> None:
    await member("bea@acme.test")
    async with (
        browser(provider, SNAGLIST_OIDC_DOMAINS="acme.test") as one,
        browser(provider, SNAGLIST_OIDC_DOMAINS="acme.test") as other,
    ):
        backs = [await agreed(await start(client)) for client in (one, other)]
        answers = await asyncio.gather(one.get(backs[0]), other.get(backs[1]))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(await fetch("select from person where email = 'ann@acme.test'")) == 1
    assert len(await fetch("select from membership")) == 2
    assert len(await fetch("select from identity")) == 1
    assert len(await fetch("select from access_token")) == 2
