"""Who is looking: a member with a name, or an agent with its token's."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.accounts import tokens
from app.accounts.roles import Role, TokenKind
from app.errors import Unauthenticated
from app.reading.people import Viewer, viewer
from app.tables.database import fetch
from tests.accounts.stage import set_up
from tests.database import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_a_member_has_a_name_and_a_role() -> None:
    stage = await set_up(Role.ADMIN)
    made = await stage.token(role=Role.DEVELOPER)
    caller = await tokens.find(made.secret, now=NOW)
    assert await viewer(caller) == Viewer(
        organization_id=stage.organization_id,
        organization_name="Acme",
        organization_slug=f"acme-{stage.organization_id.hex}",
        person_id=stage.person_id,
        email=f"{stage.person_id}@acme.test",
        name="Ann",
        membership_id=stage.membership_id,
        role=Role.DEVELOPER,
    )


async def test_an_agent_has_its_tokens_name_and_no_person() -> None:
    stage = await set_up()
    made = await stage.token(TokenKind.AGENT, Role.DEVELOPER, name="nightly agent")
    shown = await viewer(await tokens.find(made.secret, now=NOW))
    assert (shown.name, shown.role) == ("nightly agent", Role.DEVELOPER)
    assert (shown.person_id, shown.email, shown.membership_id) == (None, None, None)
    assert shown.organization_id == stage.organization_id


async def test_who_is_gone_since_is_nobody() -> None:
    stage, other = await set_up(), await set_up()
    caller = await tokens.find((await stage.token()).secret, now=NOW)
    theirs, membership_id = await other.token(), uuid4()
    await fetch(
        "insert into membership values ($1, $2, $3, 'owner', $4)",
        membership_id,
        other.organization_id,
        stage.person_id,
        NOW,
    )
    for wrong in (
        replace(caller, token_id=theirs.token_id),
        replace(caller, membership_id=membership_id),
        replace(caller, organization_id=uuid4()),
        replace(caller, organization_id=other.organization_id),
        replace(caller, token_id=uuid4()),
        replace(caller, membership_id=other.membership_id),
        replace(caller, person_id=other.person_id),
    ):
        with pytest.raises(Unauthenticated):
            await viewer(wrong)
    await fetch("delete from membership where id = $1", stage.membership_id)
    with pytest.raises(Unauthenticated):
        await viewer(caller)
