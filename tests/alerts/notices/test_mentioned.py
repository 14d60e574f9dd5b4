"""Whom a comment names hears of it: once for each comment, whatever dies in between, and never of his own."""

import asyncio

import pytest

from app.accounts import keys_in_force
from app.accounts.actors import Actor
from app.alerts.deliveries import outbox
from app.alerts.notices import mentioned
from app.alerts.notices.mentioned import tell_mentioned
from app.errors import ConfigurationError
from app.links import error_page
from app.tables.database import fetch
from app.triage.add_comment import add_comment
from app.triage.delete_comment import delete_comment
from app.triage.edit_comment import edit_comment
from tests.alerts.deliveries.stage import KEY
from tests.alerts.notices.stage import member, notices, person
from tests.database import NOW
from tests.reading.stage import merge, seen
from tests.recording.stage import later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_whom_a_comment_names_hears_who_said_what_about_which_error() -> None:
    stage = await set_up()
    ours = stage.organization_id
    ann = await member(ours, "Ann Smith", "ann@acme.test")
    await member(ours, "Bea", "bea@acme.test")
    group_id = await seen(stage.shop, "KeyError <x>")
    other = await set_up()
    await member(other.organization_id, "Bea", "bea@other.test")
    body = "@bea: see <script>, password=hunter2hunter\r\n" + "long " * 1000
    await add_comment(ours, person(ann), group_id, body, now=NOW)
    assert await asyncio.gather(*(tell_mentioned(now=later(seconds=1)) for _ in range(3)))
    [told] = await notices()
    assert (told.kind, told.address, told.due_at) == ("mentioned", "bea@acme.test", later(seconds=1))
    assert told.message.title == "Ann Smith mentioned you: KeyError ‹x›: 'partner_id'"
    assert told.message.text.startswith(
        "Ann Smith mentioned you in a comment.\n\n> @bea: see <script>, password="
    )
    assert error_page(group_id) in told.message.text
    assert len(told.message.text) < 1500
    assert told.message.html
    assert "&lt;script&gt;" in told.message.html
    assert "hunter2hunter" not in told.message.text + told.message.html


async def test_an_edit_tells_only_those_who_are_new() -> None:
    stage = await set_up()
    ours = stage.organization_id
    ann = await member(ours, "Ann", "ann@acme.test")
    for name in ("Bea", "Cem"):
        await member(ours, name, f"{name.lower()}@acme.test")
    group_id = await seen(stage.shop, "KeyError")
    comment_id = await add_comment(ours, person(ann), group_id, "@bea and @ann", now=NOW)
    await tell_mentioned(now=NOW)
    assert [told.address for told in await notices()] == ["bea@acme.test"], "nobody hears of his own"
    for body in ("@cem and @bea", "nobody", "@bea, @CEM", "@cem@acme.test"):
        await edit_comment(ours, person(ann), comment_id, body, now=NOW)
        await tell_mentioned(now=NOW)
    assert [told.address for told in await notices()] == ["bea@acme.test", "cem@acme.test"]
    await add_comment(ours, person(ann), group_id, "again, @bea", now=NOW)
    await tell_mentioned(now=NOW)
    assert len(await notices()) == 3, "another comment is another thing"
    assert await tell_mentioned(now=NOW) == 0


async def test_whatever_dies_after_the_comment_it_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    ours = stage.organization_id
    await member(ours, "Bea", "bea@acme.test")
    group_id = await seen(stage.shop, "KeyError")
    statements: list[str] = []
    with noted_statements(monkeypatch, statements):
        await add_comment(ours, Actor("agent"), group_id, "@bea", now=NOW)
    assert len(statements) == 1, "the comment says itself that somebody is to be told"
    keys_in_force.use_keys()
    with pytest.raises(ConfigurationError):
        await tell_mentioned(now=NOW)
    keys_in_force.use_keys(KEY)

    async def added_and_dead(*given: object) -> None:
        await outbox.add(*given)  # type: ignore[arg-type]
        raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(mentioned, "add", added_and_dead)
        with pytest.raises(OSError, match="killed"):
            await tell_mentioned(now=NOW)
    assert await notices() == []
    await tell_mentioned(now=NOW)
    [told] = await notices()
    assert told.message.title.startswith("Somebody mentioned you")


async def test_many_comments_take_four_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    await member(stage.organization_id, "Bea", "bea@acme.test")
    group_id = await seen(stage.shop, "KeyError")
    for number in range(12):
        await add_comment(stage.organization_id, Actor("agent"), group_id, f"{number} @bea", now=NOW)
    statements: list[str] = []
    with noted_statements(monkeypatch, statements):
        assert await tell_mentioned(now=NOW) == 12
    assert len(statements) == 5, "the last one finds no more"
    assert len(await notices()) == 12


async def test_nobody_hears_of_what_is_deleted_or_after_he_is_gone_and_a_merged_one_leads_to_where_it_went() -> (
    None
):
    stage = await set_up()
    ours = stage.organization_id
    await member(ours, "Bea", "bea@acme.test")
    await member(ours, "Cem", "cem@acme.test")
    gone, merged, survivor = [await seen(stage.shop, f"error {n}") for n in range(3)]
    agent = Actor("agent")
    await add_comment(ours, agent, gone, "@bea", now=NOW)
    deleted = await add_comment(ours, agent, survivor, "@bea", now=NOW)
    await delete_comment(ours, agent, deleted, moderates=True, now=NOW)
    await fetch("update error_group set deleted_at = $1 where id = $2", NOW, gone)
    await add_comment(ours, agent, merged, "@bea @cem", now=NOW)
    await merge(survivor, merged)
    await fetch("update person set disabled_at = $1 where name = 'Cem'", NOW)
    assert await tell_mentioned(now=NOW) == 3
    [told] = await notices()
    assert told.address == "bea@acme.test"
    assert error_page(survivor) in told.message.text
