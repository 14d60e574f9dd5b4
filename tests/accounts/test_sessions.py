"""Sessions: they end when nobody uses them, and some day in any case."""

from datetime import timedelta

import pytest

from app.accounts import sessions, tokens
from app.accounts.roles import ALL_SCOPES, Role, TokenKind
from app.accounts.sessions import IDLE, LONGEST, make_session, prolong, sign_out
from app.errors import BadInput, NotFound, Unauthenticated
from app.tables.database import fetch
from tests.accounts.stage import everything, later, set_up
from tests.database import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    sessions._prolonged.clear()


async def used(secret: str, **time: float) -> None:
    """As a request does."""
    await prolong(await tokens.find(secret, now=later(**time)), now=later(**time))


async def test_a_session_is_what_its_person_is_at_that_moment() -> None:
    stage = await set_up(Role.VIEWER)
    made = await make_session(stage.person_id, stage.organization_id, now=NOW)
    caller = await tokens.find(made.secret, now=NOW)
    assert (caller.kind, caller.role, caller.scopes) == (TokenKind.SESSION, Role.VIEWER, ALL_SCOPES)
    await fetch("update membership set role = 'admin'")
    assert (await tokens.find(made.secret, now=NOW)).role is Role.ADMIN


async def test_strangers_get_none() -> None:
    stage, other = await set_up(), await set_up()
    before = await everything()
    with pytest.raises(NotFound):
        await make_session(stage.person_id, other.organization_id, now=NOW)
    assert await everything() == before


async def test_it_ends_two_weeks_after_its_last_use() -> None:
    stage = await set_up()
    made = await make_session(stage.person_id, stage.organization_id, now=NOW)
    await used(made.secret, days=13)
    await used(made.secret, days=26)
    with pytest.raises(Unauthenticated):
        await tokens.find(made.secret, now=later(days=30))

    idle = await make_session(stage.person_id, stage.organization_id, now=NOW)
    with pytest.raises(Unauthenticated):
        await used(idle.secret, days=14)


async def test_it_never_lasts_longer_than_a_month() -> None:
    stage = await set_up()
    made = await make_session(stage.person_id, stage.organization_id, now=NOW)
    for day in range(1, 30):
        await used(made.secret, days=day)
    [row] = await fetch("select expires_at, created_at from access_token")
    assert row["expires_at"] - row["created_at"] == LONGEST


async def test_it_is_prolonged_once_an_hour_and_no_other_token_ever_is() -> None:
    stage = await set_up()
    made = await make_session(stage.person_id, stage.organization_id, now=NOW)
    await used(made.secret, minutes=1)
    await used(made.secret, minutes=59)
    [row] = await fetch("select expires_at from access_token")
    assert row[0] == later(minutes=1) + IDLE
    await used(made.secret, minutes=61)
    [row] = await fetch("select expires_at from access_token")
    assert row[0] == later(minutes=61) + IDLE

    personal = await stage.token(expires_at=later(days=15))
    await used(personal.secret, days=14)
    [row] = await fetch("select expires_at from access_token where id = $1", personal.token_id)
    assert row[0] == later(days=15)


async def test_what_is_remembered_of_sessions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_REMEMBERED", 2)
    stage = await set_up()
    for _ in range(4):
        made = await make_session(stage.person_id, stage.organization_id, now=NOW)
        await used(made.secret)
    assert len(sessions._prolonged) == 2


async def test_signing_out_ends_it_twice_is_once_and_a_token_is_no_session() -> None:
    stage = await set_up()
    made = await make_session(stage.person_id, stage.organization_id, now=NOW)
    caller = await tokens.find(made.secret, now=NOW)
    await sign_out(caller, now=NOW)
    await sign_out(caller, now=later(minutes=1))
    await sign_out(None, now=NOW)
    with pytest.raises(Unauthenticated):
        await tokens.find(made.secret, now=NOW)
    [row] = await fetch("select revoked_at from access_token")
    assert row[0] == NOW

    personal = await stage.token()
    before = await everything()
    with pytest.raises(BadInput):
        await sign_out(await tokens.find(personal.secret, now=NOW), now=NOW)
    assert {**await everything(), "access_token": None} == {**before, "access_token": None}
    await tokens.find(personal.secret, now=NOW)


async def test_a_signed_out_session_is_not_prolonged() -> None:
    stage = await set_up()
    made = await make_session(stage.person_id, stage.organization_id, now=NOW)
    caller = await tokens.find(made.secret, now=NOW)
    await sign_out(caller, now=NOW)
    await prolong(caller, now=later(days=1))
    [row] = await fetch("select expires_at from access_token")
    assert row[0] == NOW + IDLE


async def test_sessions_that_ended_long_ago_go_with_the_next_one() -> None:
    stage = await set_up()
    old = await make_session(stage.person_id, stage.organization_id, now=NOW)
    personal = await stage.token(expires_at=later(days=1))
    await make_session(stage.person_id, stage.organization_id, now=NOW + IDLE + LONGEST + timedelta(days=1))
    left = {row[0] for row in await fetch("select id from access_token")}
    assert old.token_id not in left
    assert personal.token_id in left
