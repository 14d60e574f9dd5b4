"""The stand-in of GitHub refuses what GitHub refuses; it pages, tags, and tells what moved.

Asked with a bare HTTP client, so that nothing of ours stands between.
"""

import json
from time import time
from typing import Any

import jwt
import pytest

from tests.github.stand_in.bare_client import ISSUES, BareClient, app_client, claims
from tests.github.stand_in.keys import key_pair
from tests.github.stand_in.shop import Shop
from tests.github.stand_in.stand_in import GithubStandIn

pytestmark = pytest.mark.anyio

MARKER = "0199c0de-0000-7000-8000-000000000001"
MARKED = f"text <!-- snaglist:{MARKER} -->"


REFUSED: list[tuple[str, str, Any, int, str]] = [
    ("POST", ISSUES, b"{", 400, "Problems parsing JSON"),
    ("POST", ISSUES, b"\xff", 400, "Problems parsing JSON"),
    ("POST", ISSUES, b'{"title": "\\ud800"}', 400, "Problems parsing JSON"),
    ("POST", ISSUES, [], 400, "Body should be a JSON object"),
    ("POST", ISSUES, {}, 422, "missing_field"),
    ("POST", ISSUES, {"title": " "}, 422, "missing_field"),
    ("POST", ISSUES, {"title": 3}, 422, "is not a string"),
    ("POST", ISSUES, {"title": "x" * 257}, 422, "title is too long (maximum is 256 characters)"),
    ("POST", ISSUES, {"title": "x", "body": "x" * 65_537}, 422, "body is too long (maximum is 65536"),
    ("POST", ISSUES, {"title": "x", "body": "\0"}, 422, "invalid"),
    ("POST", ISSUES, {"title": "x", "text": "x"}, 422, "not a permitted key"),
    ("POST", ISSUES, {"title": "x", "labels": ["x" * 51]}, 422, "name is too long (maximum is 50"),
    ("POST", ISSUES, {"title": "x", "labels": "bug"}, 422, "is not an array"),
    ("POST", ISSUES, {"title": "x", "state": "closed"}, 422, "not a permitted key"),
    ("PATCH", f"{ISSUES}/1", {"state": "shut"}, 422, "not a member"),
    ("PATCH", f"{ISSUES}/1", {"state": "closed", "state_reason": "done"}, 422, "not a member"),
    ("PATCH", f"{ISSUES}/1", {"state": "open", "state_reason": "completed"}, 422, "state_reason"),
    ("PATCH", f"{ISSUES}/9", {"state": "open"}, 404, "Not Found"),
    ("POST", f"{ISSUES}/1/comments", {"body": "\n"}, 422, "Body cannot be blank"),
    ("POST", f"{ISSUES}/1/comments", {"body": "x" * 65_537}, 422, "too long"),
    ("POST", f"{ISSUES}/1/labels", {"labels": [""]}, 422, "missing_field"),
    ("POST", "/repos/acme/shop/labels", {"name": "a", "color": "#ff0000"}, 422, "color"),
    ("POST", "/repos/acme/shop/labels", {"name": "x" * 51, "color": "ff0000"}, 422, "too long"),
    ("POST", "/repos/acme/shop/labels", {"name": "a", "description": "x" * 101}, 422, "too long"),
    ("POST", "/repos/acme/shop/labels", {"name": "BUG", "color": "ff0000"}, 422, "already_exists"),
    ("GET", f"{ISSUES}?state=shut", None, 422, "state"),
    ("GET", f"{ISSUES}?since=yesterday", None, 422, "since"),
    ("GET", f"{ISSUES}?author=x", None, 422, "author"),
    ("GET", "/repos/acme/barn", None, 404, "Not Found"),
    ("GET", "/nothing", None, 404, "Not Found"),
    ("GET", "/app", None, 401, "A JSON web token could not be decoded"),
]  # fmt: skip


async def test_it_refuses_what_github_refuses(
    bare_client: BareClient, github_stand_in: GithubStandIn
) -> None:
    number = await bare_client.made(labels=["bug"])
    for method, path, body, status, words in REFUSED:
        answered, told = await bare_client.ask(method, path, body)
        assert (answered, words in json.dumps(told)) == (status, True), (path, body, told)
        assert told["documentation_url"].startswith("https://docs.github.com/")
    issue = github_stand_in.issue(number)
    assert (issue.state, issue.comments, issue.labels) == ("open", [], ["bug"])
    assert len(github_stand_in.issues()) == 1
    assert github_stand_in.labels_made_by_default == [("acme/shop", "bug")]


async def test_headers_are_looked_at(bare_client: BareClient) -> None:
    assert (await bare_client.ask("GET", "/user", **{"User-Agent": ""}))[0] == 403
    assert (await bare_client.ask("GET", "/user", **{"X-GitHub-Api-Version": "2020-01-01"}))[0] == 400
    assert (await bare_client.ask("GET", "/user", Accept="text/html"))[0] == 415
    assert (await bare_client.ask("POST", ISSUES, b"{}", **{"Content-Type": "text/plain"}))[0] == 415
    assert (await bare_client.ask("GET", "/user", Authorization="Bearer x"))[1][
        "message"
    ] == "Bad credentials"
    status, user = await bare_client.ask("GET", "/user", **{"X-GitHub-Api-Version": "2022-11-28"})
    assert (status, user["login"], user["type"]) == (200, "snag-bot", "User")


async def test_an_issue_from_beginning_to_end(
    bare_client: BareClient, github_stand_in: GithubStandIn
) -> None:
    bare_client.url = github_stand_in.enterprise_url
    await bare_client.ask(
        "POST", "/repos/acme/shop/labels", {"name": "Bug", "color": "d73a4a", "description": "d"}
    )
    number = await bare_client.made(body=MARKED, labels=["bug", "new"])
    _, issue = await bare_client.ask("GET", f"{ISSUES}/{number}")
    assert issue["url"] == f"{bare_client.url}{ISSUES}/{number}"
    assert [(label["name"], label["color"]) for label in issue["labels"]] == [
        ("Bug", "d73a4a"),
        ("new", "ededed"),
    ]
    _, closed = await bare_client.ask(
        "PATCH", f"{ISSUES}/{number}", {"state": "closed", "state_reason": "duplicate"}
    )
    assert (closed["state"], closed["state_reason"], closed["closed_by"]["login"]) == (
        "closed",
        "duplicate",
        "snag-bot",
    )
    _, opened = await bare_client.ask("PATCH", f"{ISSUES}/{number}", {"state": "open"})
    assert (opened["state"], opened["state_reason"], opened["closed_at"]) == ("open", "reopened", None)
    status, comment = await bare_client.ask("POST", f"{ISSUES}/{number}/comments", {"body": MARKED})
    assert (status, comment["user"]["login"]) == (201, "snag-bot")
    assert github_stand_in.duplicates() == {MARKER: ["acme/shop#1", f"acme/shop#1/{comment['id']}"]}
    github_stand_in.settings.knows_duplicate = False
    sent = {"state": "closed", "state_reason": "duplicate"}
    assert (await bare_client.ask("PATCH", f"{ISSUES}/{number}", sent))[0] == 422
    assert github_stand_in.issue(number).state == "open"


async def test_lists_have_pages_and_tags(bare_client: BareClient, github_stand_in: GithubStandIn) -> None:
    for n in range(5):
        github_stand_in.person_opens(f"issue {n}")
    github_stand_in.person_opens_pull_request("pull")
    github_stand_in.person_closes(2)
    _, first = await bare_client.ask("GET", f"{ISSUES}?state=all&per_page=4")
    assert [issue["number"] for issue in first] == [6, 5, 4, 3]
    assert "pull_request" in first[0]
    following = str(bare_client.last.links["next"]["url"])
    assert following.startswith(bare_client.url)
    _, second = await bare_client.ask("GET", following.removeprefix(bare_client.url))
    assert [issue["number"] for issue in second] == [2, 1]
    assert "next" not in bare_client.last.links
    tag = bare_client.last.headers["ETag"]
    used = int(bare_client.last.headers["X-RateLimit-Used"])
    path = following.removeprefix(bare_client.url)
    assert (await bare_client.ask("GET", path, **{"If-None-Match": tag}))[0] == 304
    github_stand_in.person_comments(1, "hello")
    assert (await bare_client.ask("GET", path, **{"If-None-Match": tag}))[0] == 200
    assert int(bare_client.last.headers["X-RateLimit-Used"]) == used + 1
    _, by_ann = await bare_client.ask("GET", f"{ISSUES}?creator=ann&since=2020-01-01T00:00:00Z")
    assert len(by_ann) == 5
    assert (await bare_client.ask("GET", f"{ISSUES}?state=all&since=2100-01-01T00:00:00Z")) == (200, [])


async def test_search_lags_behind(bare_client: BareClient, github_stand_in: GithubStandIn) -> None:
    await bare_client.made(body=MARKED)
    path = f"/search/issues?q={MARKER}+repo:acme/shop"
    assert (await bare_client.ask("GET", path))[1]["total_count"] == 0
    github_stand_in.clock.advance(6)
    assert (await bare_client.ask("GET", path))[1]["items"][0]["number"] == 1


async def test_an_app_shows_who_it_is(
    bare_client: BareClient, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    now = int(time())
    for wrong, words in (
        (claims(github_shop, exp=now + 1000), "too far in the future"),
        (claims(github_shop, iat=now - 900), "too far in the future"),
        (claims(github_shop, exp=now - 1), "must be a numeric value"),
        (claims(github_shop, iat=now + 100), "'Issued at'"),
        (claims(github_shop, iss="x"), "'Issuer'"),
        (claims(github_shop, iss="99"), "Integration not found"),
        (jwt.encode({"iss": str(github_shop.app_id)}, key_pair(1).private, "RS256"), "could not be decoded"),
        (jwt.encode({"iss": str(github_shop.app_id)}, "x" * 40, "HS256"), "could not be decoded"),
    ):
        status, told = await BareClient(bare_client.session, bare_client.url, wrong).ask("GET", "/app")
        assert status in (401, 404), told
        assert words in told["message"]
    asking = BareClient(bare_client.session, bare_client.url, claims(github_shop))
    _, app = await asking.ask("GET", "/app")
    assert app["slug"] == "snaglist-test"
    _, installation = await asking.ask("GET", "/repos/acme/shop/installation")
    assert (installation["id"], installation["permissions"]["issues"]) == (
        github_shop.installation_id,
        "write",
    )
    writing = await app_client(bare_client, github_shop)
    assert await writing.made() == 1
    assert github_stand_in.issue(1).user.login == github_shop.bot
    assert (await writing.ask("GET", "/user"))[0] == 403
    github_stand_in.clock.advance(3600)
    assert (await writing.ask("GET", ISSUES))[0] == 401


async def test_tokens_may_do_what_they_were_given(
    bare_client: BareClient, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    number = await bare_client.made()
    writing = await app_client(bare_client, github_shop)
    github_stand_in.set_permissions(github_shop.installation_id, {"issues": "read", "metadata": "read"})
    assert (await writing.ask("GET", ISSUES))[0] == 200
    told = await writing.ask("POST", ISSUES, {"title": "t"})
    assert (told[0], told[1]["message"]) == (403, "Resource not accessible by integration")
    github_stand_in.set_permissions(github_shop.installation_id, {"metadata": "read"})
    assert (await writing.ask("GET", ISSUES))[0] == 403
    github_stand_in.suspend(github_shop.installation_id)
    assert (await writing.ask("GET", ISSUES))[1]["message"] == "This installation has been suspended"
    for token, status in (
        (github_stand_in.add_token("reader", role="read"), 403),
        (github_stand_in.add_token("other", role=None), 404),
        (github_stand_in.add_token("fine", permissions={"issues": "read"}), 403),
        (github_stand_in.add_token("scoped", scopes=[]), 404),
        (None, 404),
    ):
        other = BareClient(bare_client.session, bare_client.url, token)
        answered = await other.ask("PATCH", f"{ISSUES}/{number}", {"state": "closed"})
        assert answered[0] == status, (token, answered)
    github_stand_in.revoke_token(github_shop.token)
    assert (await bare_client.ask("GET", ISSUES))[0] == 401
    assert github_stand_in.issue(number).state == "open"


async def test_what_moved_or_went_is_told(
    bare_client: BareClient, github_stand_in: GithubStandIn, github_shop: Shop
) -> None:
    github = github_stand_in
    github.add_repository("acme/barn", roles={"snag-bot": "write"})
    number, other = await bare_client.made(), await bare_client.made()
    github.person_deletes(number)
    assert (await bare_client.ask("GET", f"{ISSUES}/{number}"))[0] == 410
    github.transfer(other, "acme/barn")
    barn = github.repository("acme/barn").id
    assert (await bare_client.ask("GET", f"{ISSUES}/{other}"))[0] == 301
    assert bare_client.last.headers["Location"] == f"{bare_client.url}/repositories/{barn}/issues/1"
    github.rename_repository("acme/shop", "acme/store")
    status, told = await bare_client.ask("POST", ISSUES, {"title": "t"})
    address = f"{bare_client.url}/repositories/{github_shop.repository_id}/issues"
    assert (status, told["message"], told["url"]) == (307, "Moved Permanently", address)
    assert (await bare_client.ask("POST", address.removeprefix(bare_client.url), {"title": "t"}))[0] == 201
    assert (await bare_client.ask("GET", "/repos/acme/shop"))[0] == 301
    store = github.repository("acme/store")
    store.archived = True
    assert (await bare_client.ask("POST", "/repos/acme/store/issues", {"title": "t"}))[0] == 403
    store.archived, store.has_issues = False, False
    assert (await bare_client.ask("POST", "/repos/acme/store/issues", {"title": "t"}))[0] == 410
    github.delete_repository("acme/store")
    assert (await bare_client.ask("GET", f"/repositories/{store.id}"))[0] == 404
