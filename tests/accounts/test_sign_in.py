"""Signing in with a password, and changing it: whatever is wrong, it looks the same."""

import asyncio
from datetime import datetime
from typing import Final
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from app.accounts import passwords, sign_in, tokens
from app.accounts.attempts import MOST_OF_BOTH
from app.accounts.passwords import is_outdated, is_password, password_hash
from app.accounts.roles import ALL_SCOPES, Caller, Role, Scope, TokenKind
from app.accounts.sessions import IDLE, make_session
from app.accounts.sign_in import REFUSAL, change_password
from app.accounts.tokens import Made
from app.errors import (
    BadInput,
    Forbidden,
    RateLimited,
    SnaglistError,
    Unauthenticated,
    Unavailable,
    WrongCredentials,
)
from app.tables.database import fetch
from tests.accounts.stage import Stage, everything, later, set_up
from tests.database import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

HERE: Final = "203.0.113.9"
PASSWORD: Final = "correct horse"  # noqa: S105  of nobody
NEW: Final = "battery staple"
HASH: Final = password_hash(PASSWORD)


async def with_password(role: Role = Role.DEVELOPER) -> Stage:
    """An organization with a member who has one."""
    stage = await set_up(role)
    await fetch("update person set password_hash = $2 where id = $1", stage.person_id, HASH)
    return stage


def email(stage: Stage) -> str:
    return f"{stage.person_id}@acme.test"


async def signed_in(
    stage: Stage, password: str = PASSWORD, slug: str | None = None, now: datetime = NOW
) -> Made:
    return await sign_in.sign_in(email(stage), password, organization_slug=slug, address=HERE, now=now)


async def member_of(stage: Stage, other: Stage) -> None:
    """The one's person is a member of the other's organization, too, since a day."""
    await fetch(
        "insert into membership values (gen_random_uuid(), $1, $2, 'owner', $3)",
        other.organization_id,
        stage.person_id,
        later(days=1),
    )


async def is_valid(made: Made) -> bool:
    try:
        return bool(await tokens.find(made.secret, now=NOW))
    except Unauthenticated:
        return False


async def test_a_member_signs_in() -> None:
    stage = await with_password()
    made = await sign_in.sign_in(f" {email(stage).upper()} ", PASSWORD, address=HERE, now=NOW)
    caller = await tokens.find(made.secret, now=NOW)
    assert (caller.person_id, caller.organization_id) == (stage.person_id, stage.organization_id)
    assert (caller.kind, caller.role, caller.scopes) == (TokenKind.SESSION, Role.DEVELOPER, ALL_SCOPES)
    [row] = await fetch("select expires_at, digest from access_token")
    assert row["expires_at"] == NOW + IDLE
    assert row["digest"] == tokens.digest(made.secret)
    assert await fetch("select from sign_in_attempt") == []


async def test_of_several_organizations_it_is_the_oldest_or_the_one_that_is_named() -> None:
    stage, other = await with_password(), await set_up()
    await member_of(stage, other)
    slug = f"acme-{other.organization_id.hex}"
    for made, organization_id in (
        (await signed_in(stage), stage.organization_id),
        (await signed_in(stage, slug=slug), other.organization_id),
    ):
        assert (await tokens.find(made.secret, now=NOW)).organization_id == organization_id


@pytest.mark.parametrize(
    "wrong",
    [
        "password",
        "empty",
        "nobody",
        "no password",
        "disabled",
        "no member",
        "elsewhere",
        "no such place",
        "nul",
        "lone",
    ],
)
async def test_whatever_is_wrong_looks_the_same(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, other = await with_password(), await set_up()
    address, password, slug = email(stage), PASSWORD, None
    match wrong:
        case "password" | "empty":
            password = "" if wrong == "empty" else PASSWORD.upper()
        case "nobody" | "nul" | "lone":
            address = {"nobody": "nobody@acme.test", "nul": f"{address}\0", "lone": "\ud83d@acme.test"}[wrong]
        case "no password":
            await fetch("update person set password_hash = null where id = $1", stage.person_id)
        case "disabled":
            await fetch("update person set disabled_at = $2 where id = $1", stage.person_id, NOW)
        case "no member":
            await fetch("delete from membership where person_id = $1", stage.person_id)
        case "elsewhere" | "no such place":
            slug = f"acme-{other.organization_id.hex}" if wrong == "elsewhere" else "no\0such"
    looked_at: list[bool] = []

    def noted(given: str, stored: str) -> bool:
        looked_at.append(is_outdated(stored))
        return is_password(given, stored)

    monkeypatch.setattr(passwords, "is_password", noted)
    before = await everything()
    with pytest.raises(WrongCredentials) as refused:
        await sign_in.sign_in(address, password, organization_slug=slug, address=HERE, now=NOW)
    assert (refused.value.message, refused.value.field) == (REFUSAL, None)
    assert looked_at == [False]  # one hash, with what that takes now
    assert await everything() == before
    assert [row[0] for row in await fetch("select failures from sign_in_attempt")] == [1, 1]


async def test_after_too_many_failures_the_right_password_has_to_wait_too() -> None:
    stage = await with_password()
    for _ in range(MOST_OF_BOTH):
        with pytest.raises(WrongCredentials):
            await signed_in(stage, "wrong")
    with pytest.raises(RateLimited):
        await signed_in(stage)
    assert await fetch("select from access_token") == []
    assert await is_valid(await signed_in(stage, now=later(minutes=15)))


async def test_an_old_hash_is_replaced_when_somebody_signs_in() -> None:
    stage = await with_password()
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await fetch("update person set password_hash = $1", weak)
    with pytest.raises(WrongCredentials):
        await signed_in(stage, "wrong")
    assert (await fetch("select password_hash from person"))[0][0] == weak
    await signed_in(stage)
    [row] = await fetch("select password_hash from person")
    assert not is_outdated(row[0])
    await signed_in(stage)


async def caller_of(made: Made) -> Caller:
    return await tokens.find(made.secret, now=NOW)


async def test_a_new_password_ends_all_other_sessions_everywhere() -> None:
    stage, other = await with_password(), await set_up()
    await member_of(stage, other)
    here, there = await signed_in(stage), await signed_in(stage)
    elsewhere = await make_session(stage.person_id, other.organization_id, now=NOW)
    strangers = await make_session(other.person_id, other.organization_id, now=NOW)
    personal = await stage.token()
    await change_password(await caller_of(here), PASSWORD, NEW, address=HERE, now=NOW)
    valid = [await is_valid(made) for made in (here, there, elsewhere, strangers, personal)]
    assert valid == [True, False, False, True, True]
    with pytest.raises(WrongCredentials):
        await signed_in(stage)
    assert await is_valid(await signed_in(stage, NEW))
    [noted] = await fetch("select kind, actor_kind, actor_id, subject_name, detail from audit_entry")
    assert tuple(noted) == ("PASSWORD_CHANGED", "person", stage.membership_id, "Ann", "{}")


@pytest.mark.parametrize(
    ("current", "new", "failure"),
    [
        ("wrong", NEW, WrongCredentials),
        (PASSWORD, "short", BadInput),
        (PASSWORD, "x" * 1001, BadInput),
        ("", NEW, WrongCredentials),
    ],
)
async def test_a_password_is_not_changed(current: str, new: str, failure: type[SnaglistError]) -> None:
    stage = await with_password()
    here, there = await signed_in(stage), await signed_in(stage)
    caller = await caller_of(here)
    before = await everything()
    with pytest.raises(failure):
        await change_password(caller, current, new, address=HERE, now=NOW)
    assert await everything() == before
    assert await is_valid(there)


async def test_who_has_no_password_cannot_change_it_and_nobody_guesses_for_long() -> None:
    stage = await with_password()
    caller = await caller_of(await signed_in(stage))
    for _ in range(MOST_OF_BOTH):
        with pytest.raises(WrongCredentials):
            await change_password(caller, "wrong", NEW, address=HERE, now=NOW)
    with pytest.raises(RateLimited):
        await change_password(caller, PASSWORD, NEW, address=HERE, now=NOW)
    await fetch("update person set password_hash = null")
    with pytest.raises(BadInput):
        await change_password(caller, "", NEW, address=HERE, now=NOW)
    assert [row[0] for row in await fetch("select password_hash from person")] == [None]


@pytest.mark.parametrize("who", ["agent", "narrowed"])
async def test_agents_and_narrowed_tokens_change_no_password(who: str) -> None:
    stage = await with_password()
    kind = TokenKind.AGENT if who == "agent" else TokenKind.PERSONAL
    made = await stage.token(kind, scopes=ALL_SCOPES if who == "agent" else {Scope.ISSUES_READ})
    with pytest.raises(Forbidden):
        await change_password(await caller_of(made), PASSWORD, NEW, address=HERE, now=NOW)
    assert [row[0] for row in await fetch("select password_hash from person")] == [HASH]


async def test_who_signs_in_with_the_old_password_while_it_changes_is_out_afterwards() -> None:
    """Whatever comes first: a session of the old password does not outlive it."""
    stage = await with_password()
    caller = await caller_of(await signed_in(stage))

    async def attempted() -> UUID | None:
        try:
            return (await signed_in(stage)).token_id
        except WrongCredentials:
            return None

    asked = [asyncio.create_task(attempted()) for _ in range(4)]
    await change_password(caller, PASSWORD, NEW, address="198.51.100.1", now=NOW)
    await asyncio.gather(*asked)
    left = await fetch("select id from access_token where revoked_at is null")
    assert [row[0] for row in left] == [caller.token_id]


async def test_of_two_who_change_it_at_once_one_is_told() -> None:
    stage = await with_password()
    callers = [await caller_of(await signed_in(stage)) for _ in range(2)]
    found = await asyncio.gather(
        *(
            change_password(caller, PASSWORD, f"{NEW} {n}", address=HERE, now=NOW)
            for n, caller in enumerate(callers)
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in found) == ["NoneType", "WrongCredentials"]


async def test_who_cannot_be_looked_at_for_the_crowd_has_not_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await with_password()
    caller = await caller_of(await signed_in(stage))
    with pytest.raises(WrongCredentials):
        await signed_in(stage, "wrong")
    with monkeypatch.context() as patched:
        patched.setattr(passwords._Line, "length", 10_000)
        with pytest.raises(Unavailable):
            await signed_in(stage)
        with pytest.raises(Unavailable):
            await change_password(caller, PASSWORD, NEW, address=HERE, now=NOW)
    assert [row[0] for row in await fetch("select failures from sign_in_attempt")] == [1, 1]
    assert await is_valid(await signed_in(stage))
