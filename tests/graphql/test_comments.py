"""Comments in the graph: said and read as a front end does."""

from typing import Any

import pytest

from app.accounts.roles import Role, TokenKind
from app.graphql import ids
from app.tables.database import fetch
from tests.graphql.stage import ask, joined, refusal
from tests.reading.stage import seen
from tests.recording.stage import later, noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ADD = """mutation ($input: CommentAddInput!) {
    commentAdd(input: $input) { comment { id body } userErrors { field message code } } }"""
EDIT = """mutation ($input: CommentEditInput!) {
    commentEdit(input: $input) { comment { body bodyHtml editedAt } userErrors { field code } } }"""
DELETE = """mutation ($input: CommentDeleteInput!) {
    commentDelete(input: $input) { deletedCommentId userErrors { field code } } }"""
SHOWN = """... on Comment {
    id errorId authorKind authorName body bodyHtml createdAt editedAt canEdit canDelete }"""


async def test_a_comment_lives_from_its_first_word_to_its_end() -> None:
    stage = await set_up()
    group_id = await seen(stage.shop, "KeyError")
    error_id = ids.encode("ErrorGroup", group_id)
    ann = await joined(stage.organization_id, Role.DEVELOPER)
    robot = await joined(stage.organization_id, Role.DEVELOPER, kind=TokenKind.AGENT)
    admin = await joined(stage.organization_id, Role.ADMIN)
    viewer = await joined(stage.organization_id, Role.VIEWER)
    made = [
        (await ask(ADD, author, now=later(seconds=n), input={"errorId": error_id, "body": f"**{n}** <b>"}))[
            "commentAdd"
        ]
        for n, author in enumerate((ann, robot))
    ]
    assert all(one["userErrors"] == [] for one in made)
    first_id = made[0]["comment"]["id"]
    shown = (await ask(f"query ($id: ID!) {{ node(id: $id) {{ {SHOWN} }} }}", ann, id=first_id))["node"]
    assert shown == {
        "id": first_id,
        "errorId": error_id,
        "authorKind": "PERSON",
        "authorName": "Ann",
        "body": "**0** <b>",
        "bodyHtml": "<p><strong>0</strong> &lt;b&gt;</p>\n",
        "createdAt": "2026-11-22T10:00:00Z",
        "editedAt": None,
        "canEdit": True,
        "canDelete": True,
    }
    listing = """query ($id: ID!) { error(id: $id) { comments(first: 1) {
        totalCount pageInfo { hasNextPage } edges { node { authorKind canEdit canDelete } cursor } } } }"""
    for caller, edits, deletes in (
        (ann, True, True),
        (robot, False, False),
        (admin, False, True),
        (viewer, False, False),
    ):
        found = (await ask(listing, caller, id=error_id))["error"]["comments"]
        assert (found["totalCount"], found["pageInfo"]["hasNextPage"]) == (2, True)
        assert found["edges"][0]["node"] == {"authorKind": "PERSON", "canEdit": edits, "canDelete": deletes}
    for caller in (robot, admin):
        assert await refusal(EDIT, caller, input={"id": first_id, "body": "x"}) == "FORBIDDEN"
    assert await refusal(DELETE, robot, input={"id": first_id}) == "FORBIDDEN"
    edited = await ask(EDIT, ann, now=later(minutes=1), input={"id": first_id, "body": "_so_"})
    assert edited["commentEdit"] == {
        "comment": {"body": "_so_", "bodyHtml": "<p><em>so</em></p>\n", "editedAt": "2026-11-22T10:01:00Z"},
        "userErrors": [],
    }
    gone = await ask(DELETE, admin, input={"id": first_id})
    assert gone["commentDelete"] == {"deletedCommentId": first_id, "userErrors": []}
    again = (await ask(DELETE, admin, input={"id": first_id}))["commentDelete"]
    assert again == {"deletedCommentId": None, "userErrors": [{"field": ["id"], "code": "NOT_FOUND"}]}
    assert (await ask(f"query ($id: ID!) {{ node(id: $id) {{ {SHOWN} }} }}", ann, id=first_id))[
        "node"
    ] is None


@pytest.mark.parametrize("body", ["", "x" * 2**20, "a\0", "\ud800"], ids=["empty", "1 MiB", "NUL", "half"])
async def test_what_is_no_comment_is_a_user_error(body: str) -> None:
    stage = await set_up()
    error_id = ids.encode("ErrorGroup", await seen(stage.shop, "KeyError"))
    ann = await joined(stage.organization_id)
    [told] = (await ask(ADD, ann, input={"errorId": error_id, "body": body}))["commentAdd"]["userErrors"]
    assert (told["field"], told["code"]) == (["body"], "BAD_INPUT")
    assert len(told["message"]) < 100
    assert await fetch("select from comment") == []


@pytest.mark.parametrize("given", ["", "x", ids.encode("Project", 1), "\0", "\ud800"])
async def test_what_is_no_id_is_not_found(given: str) -> None:
    stage = await set_up()
    ann = await joined(stage.organization_id)
    for document, field, input_ in (
        (ADD, "commentAdd", {"errorId": given, "body": "x"}),
        (EDIT, "commentEdit", {"id": given, "body": "x"}),
        (DELETE, "commentDelete", {"id": given}),
    ):
        [told] = (await ask(document, ann, input=input_))[field]["userErrors"]
        assert told["code"] == "NOT_FOUND"


async def test_the_comments_of_a_page_of_errors_are_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_up()
    ann = await joined(stage.organization_id)
    for n in range(5):
        error_id = ids.encode("ErrorGroup", await seen(stage.shop, f"Error{n}"))
        await ask(ADD, ann, input={"errorId": error_id, "body": f"{n}"})
    told: list[str] = []
    with noted_statements(monkeypatch, told):
        found = await ask("{ errors { nodes { comments(first: 3) { totalCount nodes { body } } } } }", ann)
    pages: list[Any] = [node["comments"] for node in found["errors"]["nodes"]]
    assert sorted(page["nodes"][0]["body"] for page in pages) == list("01234")
    assert {page["totalCount"] for page in pages} == {1}
    assert len(told) == 3


async def test_what_older_rules_rendered_is_rendered_anew() -> None:
    stage = await set_up()
    error_id = ids.encode("ErrorGroup", await seen(stage.shop, "KeyError"))
    ann = await joined(stage.organization_id)
    await ask(ADD, ann, input={"errorId": error_id, "body": "x"})
    document = "query ($id: ID!) { error(id: $id) { comments { nodes { bodyHtml } } } }"
    for body_html, rendering, expected in (
        ("<p>kept</p>", 1, "<p>kept</p>"),
        ("<script>old</script>", 0, "<p>x</p>\n"),
        (None, None, "<p>x</p>\n"),
    ):
        await fetch("update comment set body_html = $1, rendering = $2", body_html, rendering)
        found = (await ask(document, ann, id=error_id))["error"]["comments"]["nodes"]
        assert found == [{"bodyHtml": expected}]
