"""Comments: said, said otherwise, taken back, and after a week gone for good."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.accounts.actors import Actor
from app.errors import BadInput, Forbidden, NotFound, SnaglistError
from app.reading.comments import comment, comments_of, count_comments
from app.reading.pages import Window
from app.tables.database import fetch
from app.triage import markdown
from app.triage import purge_comments as purging
from app.triage.add_comment import add_comment
from app.triage.comment_body import LIMIT
from app.triage.delete_comment import delete_comment
from app.triage.edit_comment import edit_comment
from app.triage.purge_comments import purge_comments
from tests.database import NOW
from tests.reading.stage import change, delete, merge, walked
from tests.recording.stage import Stage, later, noted_statements, set_up
from tests.triage.stage import errors, join

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def ann(stage: Stage) -> Actor:
    return Actor("person", await join(stage.organization_id, "Ann"))


async def robot(stage: Stage) -> Actor:
    token_id = uuid4()
    await fetch(
        """
        insert into access_token (id, organization_id, kind, name, digest, scopes, role, created_at)
        values ($1, $2, 'agent', 'robot', $3, '{}', 'developer', $4)
        """,
        token_id,
        stage.organization_id,
        token_id.bytes * 2,
        NOW,
    )
    return Actor("agent", token_id)


async def rows() -> list[dict[str, Any]]:
    return [dict(row) for row in await fetch("select * from comment order by created_at, id")]


async def said(stage: Stage, group_id: UUID) -> list[str]:
    """What is listed with a group."""
    page = (await comments_of(stage.organization_id, Window(), [group_id]))[group_id]
    assert (await count_comments(stage.organization_id, [group_id]))[group_id] == len(page.nodes)
    return [shown.body for shown in page.nodes]


async def test_people_and_agents_comment_under_the_names_they_have_then() -> None:
    stage, [group_id] = await errors(1)
    person, agent = await ann(stage), await robot(stage)
    for n, author in enumerate((person, agent)):
        await add_comment(stage.organization_id, author, group_id, f"**{n}**\r\nmore", now=later(seconds=n))
    await fetch("update person set name = 'Bob'")
    first, second = (await comments_of(stage.organization_id, Window(), [group_id]))[group_id].nodes
    assert (first.author_kind, first.author_id, first.author_name) == ("person", person.id, "Ann")
    assert (second.author_kind, second.author_id, second.author_name) == ("agent", agent.id, "robot")
    assert (first.body, first.created_at, first.edited_at) == ("**0**\nmore", NOW, None)
    assert (first.body_html, first.rendering) == ("<p><strong>0</strong><br>\nmore</p>\n", markdown.EDITION)
    assert await comment(stage.organization_id, first.id) == first


@pytest.mark.parametrize(
    "body",
    ["", " \n\t", "x" * (LIMIT + 1), "é" * (LIMIT // 2 + 1), "x" * 2**20, "a\0b", "\ud800", "\udfff" * 2**20],
    ids=repr,
)
async def test_what_is_no_comment_is_refused_and_changes_nothing(body: str) -> None:
    stage, [group_id] = await errors(1)
    author = await ann(stage)
    comment_id = await add_comment(stage.organization_id, author, group_id, "é" * (LIMIT // 2), now=NOW)
    before = await rows()
    with pytest.raises(BadInput) as refused:
        await add_comment(stage.organization_id, author, group_id, body, now=NOW)
    assert refused.value.field == "body"
    with pytest.raises(BadInput):
        await edit_comment(stage.organization_id, author, comment_id, body, now=NOW)
    assert await rows() == before


async def test_what_is_not_there_is_not_commented_on() -> None:
    (stage, [group_id, deleted]), others = await errors(2), await set_up()
    author = await ann(stage)
    await delete(deleted)
    for organization_id, wanted in (
        (others.organization_id, group_id),
        (stage.organization_id, deleted),
        (stage.organization_id, uuid4()),
    ):
        with pytest.raises(NotFound):
            await add_comment(organization_id, author, wanted, "hello", now=NOW)
    assert await rows() == []


async def test_only_the_author_edits() -> None:
    stage, [group_id] = await errors(1)
    author, other, others = await ann(stage), await ann(stage), await set_up()
    comment_id = await add_comment(stage.organization_id, author, group_id, "first", now=NOW)
    before = await rows()
    refusals: list[tuple[UUID, Actor, UUID, type[SnaglistError]]] = [
        (stage.organization_id, other, comment_id, Forbidden),
        (stage.organization_id, Actor("agent", author.id), comment_id, Forbidden),
        (others.organization_id, author, comment_id, NotFound),
        (stage.organization_id, author, uuid4(), NotFound),
    ]
    for organization_id, editor, wanted, kind in refusals:
        with pytest.raises(kind):
            await edit_comment(organization_id, editor, wanted, "other", now=NOW)
        with pytest.raises(kind):
            await delete_comment(organization_id, editor, wanted, moderates=False, now=NOW)
    await edit_comment(stage.organization_id, author, comment_id, "first", now=later(minutes=1))
    assert await rows() == before, "the same text is no edit"
    await edit_comment(stage.organization_id, author, comment_id, "_second_", now=later(minutes=2))
    [row] = await rows()
    assert (row["body"], row["body_html"], row["edited_at"], row["created_at"]) == (
        "_second_",
        "<p><em>second</em></p>\n",
        later(minutes=2),
        NOW,
    )


async def test_the_author_deletes_and_so_does_who_keeps_order() -> None:
    stage, [group_id] = await errors(1)
    author, other = await ann(stage), await ann(stage)
    ids = [
        await add_comment(stage.organization_id, author, group_id, f"{n}", now=later(seconds=n))
        for n in range(3)
    ]
    await delete_comment(stage.organization_id, author, ids[0], moderates=False, now=NOW)
    await delete_comment(stage.organization_id, other, ids[1], moderates=True, now=NOW)
    noted = await fetch("select kind, actor_id, subject_id from audit_entry")
    assert [tuple(row) for row in noted] == [("COMMENT_DELETED", other.id, ids[1])], "not of one's own"
    assert await said(stage, group_id) == ["2"]
    assert await comment(stage.organization_id, ids[0]) is None
    for attempt in (
        delete_comment(stage.organization_id, author, ids[0], moderates=True, now=NOW),
        edit_comment(stage.organization_id, author, ids[0], "again", now=NOW),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert [row["deleted_at"] for row in await rows()] == [NOW, NOW, None]


async def test_of_two_who_delete_at_once_one_is_told_that_it_is_gone() -> None:
    stage, [group_id] = await errors(1)
    author = await ann(stage)
    comment_id = await add_comment(stage.organization_id, author, group_id, "hello", now=NOW)
    done = await asyncio.gather(
        *(
            delete_comment(stage.organization_id, author, comment_id, moderates=False, now=NOW)
            for _ in range(2)
        ),
        edit_comment(stage.organization_id, author, comment_id, "edited", now=NOW),
        return_exceptions=True,
    )
    assert done[:2].count(None) == 1
    assert all(result is None or isinstance(result, NotFound) for result in done)
    assert await said(stage, group_id) == []


async def test_a_week_later_it_is_gone_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    stage, [group_id] = await errors(1)
    author = await ann(stage)
    for n in range(6):
        made = await add_comment(stage.organization_id, author, group_id, f"{n}", now=later(seconds=n))
        if n < 5:
            await delete_comment(stage.organization_id, author, made, moderates=False, now=later(days=n // 4))
    assert await purge_comments(now=later(days=7, microseconds=-1)) == 0
    done = await asyncio.gather(*(purge_comments(now=later(days=7)) for _ in range(2)))
    assert sum(done) <= 4
    await purge_comments(now=later(days=7))
    assert [row["body"] for row in await rows()] == ["4", "5"], "deleted a day later, and not deleted"
    assert await purge_comments(now=later(days=8)) == 1
    assert await purge_comments(now=later(days=800)) == 0
    assert await said(stage, group_id) == ["5"]


async def test_what_was_merged_lists_its_comments_with_the_survivor_and_takes_them_along() -> None:
    stage, [survivor, merged, other] = await errors(3)
    author = await ann(stage)
    for n, group_id in enumerate((survivor, merged, survivor, other, merged)):
        await add_comment(stage.organization_id, author, group_id, f"{n}", now=later(seconds=n))
    await merge(survivor, merged)
    assert await said(stage, survivor) == ["0", "1", "2", "4"]
    late = await add_comment(stage.organization_id, author, merged, "5", now=later(seconds=5))
    shown = await comment(stage.organization_id, late)
    assert shown
    assert shown.group_id == survivor
    assert await said(stage, survivor) == ["0", "1", "2", "4", "5"]
    await change(merged, merged_into_id=None)
    assert (await said(stage, survivor), await said(stage, merged)) == (["0", "2"], ["1", "4", "5"])
    await delete(survivor)
    assert await said(stage, survivor) == []


async def test_pages_of_many_groups_are_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, groups = await errors(4)
    others = await set_up()
    author = await ann(stage)
    await merge(groups[0], groups[1])
    for n in range(9):
        await add_comment(stage.organization_id, author, groups[n % 3], f"{n}", now=later(seconds=n // 3))
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        found = await comments_of(stage.organization_id, Window(first=2), [groups[0], groups[2], groups[3]])
    assert len(told) == 1
    assert [len(found[group_id].nodes) for group_id in (groups[0], groups[2], groups[3])] == [2, 2, 0]
    assert [found[group_id].has_next for group_id in (groups[0], groups[2], groups[3])] == [True, True, False]

    async def read(window: Window) -> Any:
        return (await comments_of(stage.organization_id, window, groups[:1]))[groups[0]]

    everything = (await read(Window())).nodes
    assert [shown.created_at for shown in everything] == sorted(shown.created_at for shown in everything)
    assert len(everything) == 6
    assert await walked(read, [1, 2]) == everything
    assert await walked(read, [2, 1], backward=True) == everything
    theirs = await comments_of(others.organization_id, Window(), groups)
    assert not any(page.nodes for page in theirs.values())
    assert set((await count_comments(others.organization_id, groups)).values()) == {0}
    with pytest.raises(BadInput):
        await comments_of(stage.organization_id, Window(after="nonsense"), groups)
