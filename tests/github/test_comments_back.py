"""What people say about an issue on GitHub is said about its error here."""

from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts.actors import SYSTEM, Actor
from app.domain.github import markers
from app.errors import Forbidden
from app.github.hearing import deliveries
from app.reading.comments import comments_of
from app.reading.pages import Window
from app.tables.database import fetch
from app.triage import markdown
from app.triage.delete_comment import delete_comment
from app.triage.edit_comment import edit_comment
from app.triage.purge_comments import purge_comments
from tests.database import NOW
from tests.github.stage import issue
from tests.github.webhooks import BOT, at, followed, issue_comment, listening
from tests.reading.stage import merge, seen
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def an_error(**connection: Any) -> tuple[Stage, UUID]:
    """An error whose issue it is, in a project that wants comments back."""
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    await listening(stage, **connection)
    await issue(group_id)
    return stage, group_id


async def said(stage: Stage, group_id: UUID) -> list[Any]:
    """What is listed with a group."""
    pages = await comments_of(stage.organization_id, Window(), [group_id])
    return list(pages[group_id].nodes) if group_id in pages else []


async def test_a_comment_lives_here_as_it_does_there(monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[UUID] = []

    async def announce_comment(_organization_id: UUID, group_id: UUID) -> None:
        announced.append(group_id)

    monkeypatch.setattr(deliveries, "announce_comment", announce_comment)
    stage, group_id = await an_error()
    await followed("issue_comment", issue_comment("created", "**me** <b>too</b>\r\n\0"), now=later(seconds=3))
    [shown] = await said(stage, group_id)
    assert (shown.author_kind, shown.author_id, shown.author_name) == ("github", None, "octocat")
    assert (shown.body, shown.created_at, shown.edited_at) == ("**me** <b>too</b>\n\ufffd", NOW, None)
    assert shown.body_html == "<p><strong>me</strong> &lt;b&gt;too&lt;/b&gt;<br>\n\ufffd</p>\n"
    assert shown.rendering == markdown.EDITION
    await followed(
        "issue_comment", issue_comment("edited", "not me", updated_at=at(60)), now=later(seconds=61)
    )
    [edited] = await said(stage, group_id)
    assert (edited.id, edited.body, edited.body_html) == (shown.id, "not me", "<p>not me</p>\n")
    assert edited.edited_at == later(seconds=60)
    await followed(
        "issue_comment", issue_comment("deleted", "not me", updated_at=at(60)), now=later(seconds=90)
    )
    assert await said(stage, group_id) == []
    assert announced == [group_id] * 3


async def test_in_whatever_order_they_are_told_comments_end_as_they_are_there() -> None:
    stage, group_id = await an_error()
    told = [("created", "first", 0), ("edited", "second", 0), ("edited", "third", 5), ("edited", "first", 9)]
    for turn, order in enumerate(permutations(told)):
        for action, body, second in order:
            await followed(
                "issue_comment",
                issue_comment(action, body, comment_id=1 + turn, updated_at=at(second)),
                now=later(hours=1),
            )
    listed = await said(stage, group_id)
    assert {(each.body, each.edited_at) for each in listed} == {("first", later(seconds=9))}
    rows = await fetch("select external_id from comment")
    assert {row["external_id"] for row in rows} == {f"{stage.project_id}:{1 + turn}" for turn in range(24)}


async def test_what_is_deleted_stays_so() -> None:
    stage, group_id = await an_error()
    for turn, order in enumerate(permutations(("created", "edited", "deleted"))):
        for action in order:
            await followed("issue_comment", issue_comment(action, comment_id=1 + turn), now=later(hours=1))
    assert await said(stage, group_id) == []


async def test_what_was_taken_away_here_does_not_come_back_from_there() -> None:
    stage, group_id = await an_error()
    await followed("issue_comment", issue_comment("created"))
    [shown] = await said(stage, group_id)
    for stranger in (Actor("person", uuid4()), Actor("agent", uuid4())):
        with pytest.raises(Forbidden):
            await edit_comment(stage.organization_id, stranger, shown.id, "other", now=NOW)
        with pytest.raises(Forbidden):
            await delete_comment(stage.organization_id, stranger, shown.id, moderates=False, now=NOW)
    assert await said(stage, group_id) == [shown]
    await delete_comment(stage.organization_id, SYSTEM, shown.id, moderates=True, now=later(seconds=5))
    edited = issue_comment("edited", "again", updated_at=at(3600))
    await followed("issue_comment", edited, now=later(hours=1))
    assert [row["body"] for row in await fetch("select body from comment")] == ["me too"]
    assert await said(stage, group_id) == []
    assert await purge_comments(now=later(days=7, seconds=5)) == 1
    for action in ("created", "edited", "deleted"):
        again = issue_comment(action, updated_at=at(7 * 86_400))
        await followed("issue_comment", again, now=later(days=7, seconds=6))
    assert await fetch("select from comment") == []


async def test_what_we_said_there_ourselves_is_not_said_again() -> None:
    stage, group_id = await an_error()
    marked = f"Resolved.\n\n{markers.line(uuid4())}"
    await followed("issue_comment", issue_comment("created", marked, author="octocat", comment_id=1))
    await followed("issue_comment", issue_comment("created", "by hand", author=BOT, comment_id=2))
    unmarked = issue_comment("edited", "the marker is gone", comment_id=3) | {
        "changes": {"body": {"from": marked}}
    }
    await followed("issue_comment", unmarked)
    assert await said(stage, group_id) == []
    await fetch(
        "update github_connection set kind = 'token', app_id = null, installation_id = null, login = 'octocat'"
    )
    await followed("issue_comment", issue_comment("created", marked, comment_id=4))
    await followed("issue_comment", issue_comment("created", "he says so himself", comment_id=5))
    assert [each.body for each in await said(stage, group_id)] == ["he says so himself"]


async def test_a_comment_on_what_was_merged_away_is_shown_with_its_survivor() -> None:
    stage, group_id = await an_error()
    survivor = await seen(stage.shop, "ValueError")
    await merge(survivor, group_id)
    await followed("issue_comment", issue_comment("created"))
    assert [each.body for each in await said(stage, survivor)] == ["me too"]
    [row] = await fetch("select group_id from comment")
    assert row["group_id"] == group_id


async def test_where_comments_are_not_wanted_any_more_none_come() -> None:
    stage, group_id = await an_error()
    for body in ("", " \n\t"):
        await followed("issue_comment", issue_comment("created", body))
    ghost = issue_comment("created", "boo")
    ghost["comment"]["user"] = None
    await followed("issue_comment", ghost | {"comment": ghost["comment"] | {"id": 7}})
    assert [each.author_name for each in await said(stage, group_id)] == ["ghost"]
    await fetch("update github_connection set comments_back = false")
    await followed("issue_comment", issue_comment("created"))
    assert len(await said(stage, group_id)) == 1
