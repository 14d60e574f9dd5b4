"""Tokens: made once, found by their secret, refused alike, revoked at once."""

import asyncio
import base64
import contextvars
import hashlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import tokens
from app.accounts.roles import AGENT_SCOPES, ALL_SCOPES, Caller, Role, Scope, TokenKind
from app.errors import BadInput, NotFound, Unauthenticated
from app.tables.database import fetch, transaction
from tests.accounts.stage import Stage, everything, later, set_up
from tests.database import NOW
from tests.recording.stage import noted_statements

pytestmark = pytest.mark.anyio
stored = pytest.mark.usefixtures("database")

ANY_TEXT = st.text(st.characters(exclude_categories=()))


def test_a_secret_says_what_it_is_and_is_long() -> None:
    secret = tokens.make_secret()
    assert secret.startswith("snag_")
    assert len(base64.urlsafe_b64decode(secret.removeprefix("snag_") + "=")) == 32
    assert len({tokens.make_secret() for _ in range(100)}) == 100


@given(secret=ANY_TEXT, other=ANY_TEXT)
def test_any_text_has_a_digest_of_its_own(secret: str, other: str) -> None:
    assert len(tokens.digest(secret)) == 32
    assert (tokens.digest(secret) == tokens.digest(other)) is (secret == other)


@stored
async def test_only_the_digest_is_stored() -> None:
    made = await (await set_up()).token()
    [row] = await fetch("select digest, access_token::text as text from access_token")
    assert row["digest"] == hashlib.sha256(made.secret.encode()).digest()
    assert made.secret not in row["text"]
    assert made.secret.removeprefix("snag_") not in row["text"]


@stored
async def test_a_persons_token_gives_its_caller() -> None:
    stage = await set_up(Role.ADMIN)
    made = await stage.token(role=Role.DEVELOPER, scopes={Scope.ISSUES_READ})
    assert await tokens.find(made.secret, now=NOW) == Caller(
        stage.organization_id,
        stage.person_id,
        stage.membership_id,
        made.token_id,
        TokenKind.PERSONAL,
        Role.DEVELOPER,
        frozenset({Scope.ISSUES_READ}),
    )


@stored
async def test_an_agents_token_gives_a_caller_without_a_person() -> None:
    stage = await set_up()
    made = await stage.token(TokenKind.AGENT, Role.DEVELOPER)
    caller = await tokens.find(made.secret, now=NOW)
    assert (caller.person_id, caller.membership_id) == (None, None)
    assert (caller.kind, caller.role, caller.scopes) == (TokenKind.AGENT, Role.DEVELOPER, AGENT_SCOPES)


@stored
@pytest.mark.parametrize("kind", [TokenKind.SESSION, TokenKind.PERSONAL])
async def test_a_persons_token_has_all_scopes_unless_said_otherwise(kind: TokenKind) -> None:
    made = await (await set_up()).token(kind)
    assert (await tokens.find(made.secret, now=NOW)).scopes == ALL_SCOPES


@stored
async def test_no_scopes_are_no_scopes() -> None:
    made = await (await set_up()).token(scopes=set())
    assert (await tokens.find(made.secret, now=NOW)).scopes == frozenset()


@stored
async def test_a_scope_of_a_newer_snaglist_means_nothing() -> None:
    made = await (await set_up()).token(scopes={Scope.INGEST})
    await fetch("update access_token set scopes = scopes || array['future:power']")
    assert (await tokens.find(made.secret, now=NOW)).scopes == {Scope.INGEST}


@stored
@pytest.mark.parametrize("member", Role)
@pytest.mark.parametrize("token", Role)
async def test_the_lesser_role_counts(member: Role, token: Role) -> None:
    stage = await set_up(member)
    made = await stage.token(role=token)
    ranked = list(Role)
    assert (await tokens.find(made.secret, now=NOW)).role is max(member, token, key=ranked.index)


@stored
async def test_a_changed_membership_counts_at_once() -> None:
    made = await (await set_up()).token()
    await fetch("update membership set role = 'viewer'")
    assert (await tokens.find(made.secret, now=NOW)).role is Role.VIEWER


async def _revoke(stage: Stage, token_id: Any) -> None:
    await tokens.revoke(token_id, stage.organization_id, now=NOW)


ENDINGS: dict[str, Callable[[Stage, Any], Awaitable[object]]] = {
    "revoked": _revoke,
    "expired": lambda stage, token_id: fetch(
        "update access_token set expires_at = $2 where id = $1", token_id, NOW
    ),
    "disabled": lambda stage, token_id: fetch(
        "update person set disabled_at = $2 where id = $1", stage.person_id, NOW
    ),
    "no member": lambda stage, token_id: fetch("delete from membership where id = $1", stage.membership_id),
    "no person": lambda stage, token_id: fetch("delete from person where id = $1", stage.person_id),
    "no organization": lambda stage, token_id: fetch(
        "delete from organization where id = $1", stage.organization_id
    ),
    "another secret": lambda stage, token_id: fetch(
        "update access_token set digest = sha256('other') where id = $1", token_id
    ),
}


@stored
@pytest.mark.parametrize("kind", [TokenKind.PERSONAL, TokenKind.AGENT])
@pytest.mark.parametrize("ending", ENDINGS)
async def test_what_has_ended_is_refused_and_nothing_changes(ending: str, kind: TokenKind) -> None:
    """An agent's token ends with who made it."""
    stage, other = await set_up(), await set_up()
    made, others = await stage.token(kind), await other.token(kind)
    assert (await tokens.find(made.secret, now=NOW)).token_id == made.token_id
    await ENDINGS[ending](stage, made.token_id)
    before = await everything()

    with pytest.raises(Unauthenticated) as refusal:
        await tokens.find(made.secret, now=later(hours=1))

    assert str(refusal.value) == tokens.REFUSAL
    assert made.secret not in repr(refusal.value)
    assert await everything() == before
    assert (await tokens.find(others.secret, now=NOW)).organization_id == other.organization_id


@stored
async def test_a_membership_elsewhere_does_not_count() -> None:
    stage, other = await set_up(), await set_up()
    made = await stage.token()
    await fetch(
        "update membership set organization_id = $2 where id = $1",
        stage.membership_id,
        other.organization_id,
    )
    with pytest.raises(Unauthenticated, match=tokens.REFUSAL):
        await tokens.find(made.secret, now=NOW)


@stored
@pytest.mark.parametrize("hostile", ["", "snag_", "a\0b", "\ud83d", "' or true --", "x" * 1_000_000])
async def test_any_other_text_is_refused_with_the_same_words(hostile: str) -> None:
    await (await set_up()).token()
    before = await everything()
    with pytest.raises(Unauthenticated, match=f"^{tokens.REFUSAL}$"):
        await tokens.find(hostile, now=NOW)
    assert await everything() == before


@stored
async def test_the_secret_counts_to_the_last_character() -> None:
    made = await (await set_up()).token()
    for near in (made.secret[:-1], made.secret + " ", made.secret.upper(), made.secret.removeprefix("snag_")):
        with pytest.raises(Unauthenticated):
            await tokens.find(near, now=NOW)


@stored
async def test_a_token_lives_until_the_moment_it_expires() -> None:
    made = await (await set_up()).token(expires_at=later(hours=1))
    assert await tokens.find(made.secret, now=later(minutes=59, seconds=59))
    with pytest.raises(Unauthenticated):
        await tokens.find(made.secret, now=later(hours=1))


async def _last_used_at() -> datetime | None:
    [row] = await fetch("select last_used_at from access_token")
    used: datetime | None = row["last_used_at"]
    return used


@stored
async def test_the_last_use_is_written_once_a_minute_at_most() -> None:
    made = await (await set_up()).token()
    assert await _last_used_at() is None
    seen = []
    for seconds in (0, 1, 59.9, 60, 61, 3600, 0):
        await tokens.find(made.secret, now=later(seconds=seconds))
        seen.append(await _last_used_at())
    assert seen == [later(seconds=seconds) for seconds in (0, 0, 0, 60, 60, 3600, 3600)]


@stored
async def test_finding_is_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    made = await (await set_up()).token()
    await tokens.find(made.secret, now=NOW)
    statements: list[str] = []
    with noted_statements(monkeypatch, statements):
        await tokens.find(made.secret, now=NOW)
    assert len(statements) == 1


@stored
async def test_many_at_once_write_the_use_once() -> None:
    made = await (await set_up()).token()
    await fetch("create table noted (at timestamptz)")
    await fetch(
        """
        create function note() returns trigger language plpgsql as
        $$ begin insert into noted values (new.last_used_at); return new; end $$
        """
    )
    await fetch("create trigger note after update on access_token for each row execute function note()")
    try:
        await asyncio.gather(*(tokens.find(made.secret, now=later(seconds=n)) for n in range(30)))
        assert len(await fetch("select from noted")) == 1
    finally:
        await fetch("drop trigger note on access_token")
        await fetch("drop function note()")
        await fetch("drop table noted")


@stored
async def test_nobody_waits_to_note_a_use() -> None:
    made = await (await set_up()).token()
    async with transaction():
        await fetch("select from access_token for update")
        elsewhere = contextvars.Context()  # not in our transaction
        finding = asyncio.create_task(tokens.find(made.secret, now=NOW), context=elsewhere)
        caller = await asyncio.wait_for(finding, timeout=5)
    assert caller.token_id == made.token_id


@stored
async def test_a_revocation_stands_from_the_first_time_on() -> None:
    stage = await set_up()
    made = await stage.token()
    await tokens.revoke(made.token_id, stage.organization_id, now=NOW)
    await tokens.revoke(made.token_id, stage.organization_id, now=later(hours=1))
    [row] = await fetch("select revoked_at from access_token")
    assert row["revoked_at"] == NOW


@stored
async def test_no_one_revokes_another_organizations_token() -> None:
    stage, other = await set_up(), await set_up()
    made = await stage.token()
    before = await everything()
    for token_id, organization_id in (
        (made.token_id, other.organization_id),
        (uuid4(), stage.organization_id),
    ):
        with pytest.raises(NotFound, match=r"^there is no such token$"):
            await tokens.revoke(token_id, organization_id, now=NOW)
    assert await everything() == before
    assert await tokens.find(made.secret, now=NOW)


@stored
@pytest.mark.parametrize("name", ["", "   ", "a\0b", "two\nlines", "\ud83d", "x" * 201])
async def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    stage = await set_up()
    with pytest.raises(BadInput) as refusal:
        await stage.token(name=name)
    assert refusal.value.field == "name"
    assert (await everything())["access_token"] == []


@stored
async def test_a_name_is_stored_without_space_around() -> None:
    await (await set_up()).token(name="  my laptop é漢 ")
    assert [row["name"] for row in await fetch("select name from access_token")] == ["my laptop é漢"]


@stored
async def test_a_token_cannot_expire_before_it_is_made() -> None:
    stage = await set_up()
    with pytest.raises(BadInput) as refusal:
        await stage.token(expires_at=NOW)
    assert refusal.value.field == "expiresAt"
    assert (await everything())["access_token"] == []


@stored
async def test_only_members_get_tokens() -> None:
    stage, other = await set_up(), await set_up()
    for organization_id, person_id in (
        (stage.organization_id, other.person_id),
        (uuid4(), stage.person_id),
        (uuid4(), None),
    ):
        with pytest.raises(NotFound, match=r"^there is no such member$"):
            await tokens.make(
                organization_id, person_id, kind=TokenKind.AGENT, name="x", role=Role.VIEWER, now=NOW
            )
        if person_id:
            with pytest.raises(NotFound, match=r"^there is no such member$"):
                await tokens.make(
                    organization_id,
                    None,
                    kind=TokenKind.AGENT,
                    name="x",
                    role=Role.VIEWER,
                    now=NOW,
                    maker_id=person_id,
                )
    assert (await everything())["access_token"] == []


@stored
@pytest.mark.parametrize("kind", [TokenKind.SESSION, TokenKind.PERSONAL])
async def test_a_persons_token_needs_a_person(kind: TokenKind) -> None:
    stage = await set_up()
    with pytest.raises(ValueError, match="without a person"):
        await tokens.make(stage.organization_id, None, kind=kind, name="x", role=Role.VIEWER, now=NOW)
    with pytest.raises(ValueError, match="made by that person"):
        await tokens.make(
            stage.organization_id,
            stage.person_id,
            kind=kind,
            name="x",
            role=Role.VIEWER,
            now=NOW,
            maker_id=stage.person_id,
        )
    assert (await everything())["access_token"] == []


@stored
async def test_a_secret_is_in_no_repr_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = await (await set_up()).token()
    caller = await tokens.find(made.secret, now=NOW)
    with pytest.raises(Unauthenticated):
        await tokens.find(made.secret + "x", now=NOW)
    for shown in (repr(made), str(made), repr(caller), caplog.text):
        assert made.secret not in shown
