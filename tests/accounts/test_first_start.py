"""The first start: once, whoever else starts; and what the operator's settings do later."""

import asyncio
import logging
from typing import Any

import pytest

from app.accounts import first_start as starting
from app.accounts import tokens
from app.accounts.first_start import FirstStart, first_start
from app.accounts.passwords import is_password
from app.accounts.roles import ALL_SCOPES, Role, TokenKind
from app.config import from_environment
from app.errors import ConfigurationError, Unauthenticated
from app.tables.database import fetch
from tests.accounts.stage import everything, later, set_up
from tests.database import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

OURS = "an operator's own token"
OTHER = "some other token, as long"
HORSE, STAPLE = "correct horse", "battery staple"


async def start(*, at: Any = NOW, **settings: str) -> FirstStart:
    """A start with these settings of the environment, without their prefix."""
    environment = {f"SNAGLIST_OWNER_{name.upper()}": value for name, value in settings.items()}
    return await first_start(from_environment(environment), now=at)


async def is_valid(secret: str) -> bool:
    """Whether the secret lets somebody in, as the owner if at all."""
    try:
        caller = await tokens.find(secret, now=later(hours=1))
    except Unauthenticated:
        return False
    assert (caller.role, caller.scopes, caller.kind) == (Role.OWNER, ALL_SCOPES, TokenKind.PERSONAL)
    assert caller.membership_id is not None
    return True


def numbers(stored: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    return {table: len(rows) for table, rows in stored.items()}


ONE_OF_EACH = {"organization": 1, "person": 1, "membership": 1, "access_token": 1}


async def test_it_makes_an_owner_with_a_token() -> None:
    started = await start(email="Ann@Acme.test")
    stored = await everything()
    assert numbers(stored) == ONE_OF_EACH
    assert started.made
    assert started.owner_email == stored["person"][0]["email"] == "Ann@Acme.test"
    assert started.organization_id == stored["organization"][0]["id"]
    assert stored["person"][0]["password_hash"] is None
    assert started.token is not None
    assert started.token.startswith("snag_")
    assert await is_valid(started.token)


async def test_again_it_changes_nothing_and_gives_no_token_out() -> None:
    first = await start()
    before = await everything()
    again = await start(at=later(days=1), email="another@acme.test")
    assert again == FirstStart(
        made=False,
        organization_id=first.organization_id,
        owner_email="owner@localhost",
        token=None,
    )
    assert await everything() == before


@pytest.mark.parametrize("settings", [{}, {"token": OURS, "password": "s3cret"}])
async def test_of_many_at_once_one_wins_and_all_agree(settings: dict[str, str]) -> None:
    starts = await asyncio.gather(*(start(**settings) for _ in range(8)))
    assert [started.made for started in starts].count(True) == 1
    assert len({(started.organization_id, started.owner_email) for started in starts}) == 1
    printed = [started.token for started in starts if started.token is not None]
    assert len(printed) == (0 if settings else 1)
    assert numbers(await everything()) == ONE_OF_EACH
    assert await is_valid(printed[0] if printed else OURS)


async def test_an_operators_own_token_is_valid_and_not_printed() -> None:
    assert (await start(token=OURS)).token is None
    assert await is_valid(OURS)
    assert numbers(await everything()) == ONE_OF_EACH


async def test_the_same_token_again_changes_nothing() -> None:
    await start(token=OURS)
    before = await everything()
    await start(at=later(days=1), token=OURS)
    assert await everything() == before


async def test_another_token_takes_the_place_of_the_last_and_back_again() -> None:
    for valid, not_valid in ((OURS, OTHER), (OTHER, OURS), (OURS, OTHER)):
        await start(token=valid)
        assert await is_valid(valid)
        assert not await is_valid(not_valid)
        assert numbers(await everything()) == ONE_OF_EACH


async def test_many_starts_with_another_token_agree() -> None:
    await start(token=OURS)
    await asyncio.gather(*(start(token=OTHER) for _ in range(6)))
    assert await is_valid(OTHER)
    assert not await is_valid(OURS)


async def test_a_token_that_is_not_set_any_more_stays_valid() -> None:
    await start(token=OURS)
    assert (await start()).token is None
    assert await is_valid(OURS)


async def test_a_token_that_was_revoked_stays_so_until_another_is_set() -> None:
    started = await start(token=OURS)
    [token] = (await everything())["access_token"]
    await tokens.revoke(token["id"], started.organization_id, now=NOW)
    await start(token=OURS)
    assert not await is_valid(OURS)
    await start(token=OTHER)
    assert await is_valid(OTHER)


async def test_a_printed_token_stays_beside_an_operators_own() -> None:
    printed = (await start()).token
    await start(token=OURS)
    await start(token=OTHER)
    assert printed is not None
    assert [await is_valid(secret) for secret in (printed, OURS, OTHER)] == [True, False, True]


async def test_a_printed_token_may_become_the_operators_own() -> None:
    printed = (await start()).token
    assert printed is not None
    before = await everything()
    await start(token=printed)
    assert await everything() == before
    await start(token=OURS)
    await start(token=printed)
    assert [await is_valid(secret) for secret in (printed, OURS)] == [True, False]
    await start(token=OURS)
    assert [await is_valid(secret) for secret in (printed, OURS)] == [True, True]


async def test_the_operators_token_goes_to_the_oldest_owner_that_is_left() -> None:
    started = await start(token=OURS)
    stage = await set_up()
    await fetch(
        "update membership set organization_id = $1 where id = $2",
        started.organization_id,
        stage.membership_id,
    )
    await fetch("update person set disabled_at = $2 where id <> $1", stage.person_id, NOW)
    await fetch("delete from organization where id = $1", stage.organization_id)
    assert not await is_valid(OURS)
    await start(token=OTHER)
    assert (await tokens.find(OTHER, now=NOW)).person_id == stage.person_id


async def test_without_an_owner_a_token_is_refused_and_nothing_changes() -> None:
    await start()
    await fetch("update membership set role = 'admin'")
    before = await everything()
    with pytest.raises(ConfigurationError, match="no owner is left"):
        await start(token=OURS)
    assert await everything() == before
    assert (await start()).owner_email is None


@pytest.mark.parametrize(
    "email", ["nobody", "@", "a@", "@b", "a b@c", "a@b@c", "a\0@b", "\udcff@b", "a" * 320 + "@b"]
)
async def test_an_address_that_is_none_is_refused_and_nothing_is_made(email: str) -> None:
    with pytest.raises(ConfigurationError, match="SNAGLIST_OWNER_EMAIL"):
        await start(email=email)
    assert numbers(await everything()) == dict.fromkeys(ONE_OF_EACH, 0)


async def test_the_longest_address_is_taken() -> None:
    email = "a" * 300 + "@" + "b" * 19
    assert (await start(email=email)).owner_email == email


async def test_a_short_token_is_refused_and_nothing_is_made() -> None:
    with pytest.raises(ConfigurationError, match="20 characters"):
        await start(token="x" * 19)
    assert numbers(await everything()) == dict.fromkeys(ONE_OF_EACH, 0)


async def test_a_person_left_over_becomes_the_owner() -> None:
    stage = await set_up()
    await fetch("delete from organization")
    await fetch("update person set email = 'Ann@acme.test', disabled_at = $1", NOW)
    printed = (await start(email="ann@ACME.test")).token
    assert printed is not None
    assert (await tokens.find(printed, now=NOW)).person_id == stage.person_id


async def _stored_password() -> str | None:
    [row] = await fetch("select password_hash from person")
    stored: str | None = row["password_hash"]
    return stored


async def test_a_password_is_stored_as_its_argon2id_hash() -> None:
    await start(password=HORSE)
    stored = await _stored_password()
    assert stored is not None
    assert stored.startswith("$argon2id$")
    assert is_password(HORSE, stored)
    assert not is_password(HORSE + " ", stored)


async def test_a_password_may_be_given_later_but_never_replaces_one() -> None:
    await start(email="ann@acme.test")
    await start(email="somebody@acme.test", password=STAPLE)
    assert await _stored_password() is None
    await start(email="ANN@acme.test", password=HORSE)
    before = await _stored_password()
    await start(email="ann@acme.test", password=STAPLE)
    assert before is not None
    assert is_password(HORSE, before)
    assert await _stored_password() == before


async def test_a_password_is_not_given_to_one_who_is_no_owner() -> None:
    await start()
    await fetch("update membership set role = 'admin'")
    await start(password=HORSE)
    assert await _stored_password() is None


async def test_a_death_on_the_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(password: str) -> str:
        raise RuntimeError(f"out of memory at {len(password)}")

    with monkeypatch.context() as patched:
        patched.setattr(starting, "password_hash", die)
        with pytest.raises(RuntimeError, match="out of memory"):
            await start(password=HORSE, token=OURS)
    assert numbers(await everything()) == dict.fromkeys(ONE_OF_EACH, 0)
    assert (await start(password=HORSE, token=OURS)).made


async def test_no_secret_is_in_what_is_shown_logged_or_stored(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    started = await start(password=HORSE)
    await start(token=OURS)
    assert started.token is not None
    for secret in (started.token, OURS, HORSE):
        for shown in (repr(started), str(started), caplog.text, repr(await everything())):
            assert secret not in shown
