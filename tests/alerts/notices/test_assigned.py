"""Who is given an error hears of it, once, from whoever gave it to him."""

import asyncio
from uuid import UUID

import pytest

from app import reactions
from app.accounts import keys_in_force
from app.accounts.actors import SYSTEM, Actor
from app.links import error_page
from app.reactions import react
from app.tables.database import fetch
from app.triage.assign import assign
from tests.alerts.deliveries.stage import KEY
from tests.alerts.notices.stage import member, notices, person
from tests.database import NOW
from tests.reading.stage import change, seen
from tests.recording.stage import Stage, later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def given(stage: Stage, actor: Actor, membership_id: UUID | None, *group_ids: UUID) -> None:
    await assign(stage.organization_id, group_ids, actor, membership_id=membership_id, now=NOW)


async def test_the_assignee_hears_who_gave_him_which_error() -> None:
    stage = await set_up()
    ann, bea = [
        await member(stage.organization_id, name, f"{name.lower()}@acme.test") for name in ("Ann", "Bea")
    ]
    group_id = await seen(stage.shop, "<b>KeyError</b> password=hunter2hunter\n")
    await assign(
        stage.organization_id,
        [group_id],
        person(ann),
        membership_id=bea,
        reason="you know <i>it</i>",
        now=NOW,
    )
    await asyncio.gather(react(now=later(seconds=1)), react(now=later(seconds=1)))
    [told] = await notices()
    assert (told.kind, told.address, told.due_at) == ("assigned", "bea@acme.test", later(seconds=1))
    message = told.message
    assert message.title.startswith("Assigned to you: ‹b›KeyError‹/b› password=")
    assert message.text.startswith("Ann assigned this error to you.\n\n> you know <i>it</i>\n\n‹b›KeyError")
    assert error_page(group_id) in message.text
    assert message.html
    assert f'<a href="{error_page(group_id)}">&lt;b&gt;KeyError' in message.html
    assert "<i>" not in message.html
    assert "hunter2hunter" not in f"{message.title}{message.text}{message.html}"
    assert "\n" not in message.title
    assert "Odoo · sale · critical" in message.text


async def test_many_at_a_time_are_one_mail_and_two_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    ann, bea = [
        await member(stage.organization_id, name, f"{name.lower()}@acme.test") for name in ("Ann", "Bea")
    ]
    group_ids = [await seen(stage.shop, f"error {n}") for n in range(25)]
    await react(now=NOW)
    await given(stage, person(ann), bea, *group_ids)
    statements: list[str] = []
    with noted_statements(monkeypatch, statements):
        await react(now=NOW)
    ours = [sql for sql in statements if "from group_change" in sql or "into delivery" in sql]
    assert len(ours) == 2
    [told] = await notices()
    assert told.message.title == "Assigned to you: 25 errors"
    assert told.message.text.endswith("and 5 more\n")
    assert told.message.text.count("/errors/") == 20


async def test_nobody_hears_of_what_is_muted_deleted_his_own_doing_or_not_his_any_more() -> None:
    stage = await set_up()
    ann, bea, cem = [
        await member(stage.organization_id, name, f"{name.lower()}@acme.test")
        for name in ("Ann", "Bea", "Cem")
    ]
    own, muted, over, deleted, moved, taken_away, gone = [
        await seen(stage.shop, f"error {n}") for n in range(7)
    ]
    await given(stage, person(bea), bea, own)
    for group_id in (muted, over, deleted, moved, taken_away):
        await given(stage, person(ann), bea, group_id)
    await given(stage, SYSTEM, cem, gone)
    await change(muted, muted_at=NOW)
    await change(over, muted_at=NOW, mute_until=later(seconds=1))
    await change(deleted, deleted_at=NOW)
    await given(stage, person(ann), ann, moved)
    await given(stage, person(ann), None, taken_away)
    await fetch("update person set disabled_at = $1 where name = 'Cem'", NOW)
    await react(now=later(seconds=1))
    [told] = await notices()
    assert told.address == "bea@acme.test"
    assert "error 2" in told.message.title
    assert await fetch("select from outbox") == []


async def test_without_a_key_the_change_waits_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    bea = await member(stage.organization_id, "Bea", "bea@acme.test")
    group_id = await seen(stage.shop, "error")
    await react(now=NOW)
    keys_in_force.use_keys()
    await given(stage, Actor("agent"), bea, group_id)
    await react(now=NOW)
    assert await notices() == []
    [waiting] = await fetch("select attempts from outbox")
    assert waiting["attempts"] == 1
    keys_in_force.use_keys(KEY)
    monkeypatch.setattr(reactions, "LATE", later() - NOW)
    await react(now=later(minutes=1))
    [told] = await notices()
    assert told.message.text.startswith("Somebody assigned this error to you.")
