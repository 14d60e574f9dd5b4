"""Every call is sent as GitHub documents it, and its answer is read; lists are read to their end, on one server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from app.domain.github.labels import Label
from app.github.api.answers import Comment, Installation, Issue, Repository
from app.github.api.client import PAGES, AppCredentials, Credentials, Github, github
from app.github.api.failures import Refused, Unknown
from tests.github.asking import AS_USER, NAME, TOKEN
from tests.github.scripted import Answer, Asked, scripted, told
from tests.github.stand_in.keys import key_pair
from tests.github.what_github_says import a_comment, a_label, a_repository, an_installation, an_issue

pytestmark = pytest.mark.anyio

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
SINCE = datetime(2026, 11, 22, 12, 30, 15, 999, timezone(timedelta(hours=2)))
BUG = Label("bug", "d73a4a", "Something isn't working")

REPOSITORY = Repository(77, NAME, True, False, {"admin": False, "push": True}, "https://github.com/acme/odoo")
ISSUE_URL = "https://github.com/acme/odoo/issues/7"
ISSUE = Issue(
    7,
    ISSUE_URL,
    "open",
    None,
    TEN + timedelta(minutes=45),
    TEN + timedelta(hours=1),
    "It broke.",
    is_locked=False,
)
CLOSED = replace(ISSUE, state="closed", state_reason="completed", body="")
COMMENT = Comment(5, f"{ISSUE_URL}#issuecomment-5", "Resolved.")
SHUT = an_issue(state="closed", state_reason="completed", body=None)

Call = Callable[[Github], Awaitable[Any]]
CASES: list[tuple[Call, str, str, Any, bytes, Any]] = [
    (lambda g: g.repository(NAME), "GET", "/repos/acme/odoo", None, told(a_repository()), REPOSITORY),
    (lambda g: g.repository_by_id(77), "GET", "/repositories/77", None, told(a_repository()), REPOSITORY),
    (lambda g: g.login(), "GET", "/user", None, told({"login": "ada", "id": 1}), "ada"),
    (
        lambda g: g.create_issue(NAME, "Títle", "line\n\u2028 \x00", ["bug", "a/b"]),
        "POST",
        "/repos/acme/odoo/issues",
        {"title": "Títle", "body": "line\n\u2028 \x00", "labels": ["bug", "a/b"]},
        told(an_issue(), 201),
        ISSUE,
    ),
    (lambda g: g.issue(NAME, 7), "GET", "/repos/acme/odoo/issues/7", None, told(an_issue()), ISSUE),
    (
        lambda g: g.set_state(NAME, 7, "closed", "completed"),
        "PATCH",
        "/repos/acme/odoo/issues/7",
        {"state": "closed", "state_reason": "completed"},
        told(SHUT),
        CLOSED,
    ),
    (
        lambda g: g.add_comment(NAME, 7, "Resolved."),
        "POST",
        "/repos/acme/odoo/issues/7/comments",
        {"body": "Resolved."},
        told(a_comment(), 201),
        COMMENT,
    ),
    (
        lambda g: g.ensure_label(NAME, BUG),
        "POST",
        "/repos/acme/odoo/labels",
        {"name": "bug", "color": "d73a4a", "description": "Something isn't working"},
        told(a_label(), 201),
        None,
    ),
    (
        lambda g: g.add_labels(NAME, 7, ["regression"]),
        "POST",
        "/repos/acme/odoo/issues/7/labels",
        {"labels": ["regression"]},
        told([a_label(), a_label("regression")]),
        None,
    ),
]


@pytest.mark.parametrize("prefix", ["", "/api/v3", "/api/v3/"])
@pytest.mark.parametrize(("call", "method", "path", "body", "answer", "expected"), CASES)
async def test_a_call_is_sent_as_documented(
    prefix: str, call: Call, method: str, path: str, body: Any, answer: bytes, expected: Any
) -> None:
    async with scripted(answer) as server, github(server.url + prefix, AS_USER) as there:
        assert await call(there) == expected
    [asked] = server.asked
    assert (asked.method, asked.target, asked.json) == (method, prefix.rstrip("/") + path, body)
    assert asked.headers["authorization"] == f"token {TOKEN}"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.headers["user-agent"] == "snaglist"
    assert asked.headers["accept"] == "application/vnd.github.v3+json"
    assert asked.headers["accept-encoding"] == "identity"
    assert ("content-type" in asked.headers) == (body is not None)


async def test_an_app_tells_who_it_is_by_its_own_token_alone() -> None:
    app = AppCredentials(9, None, key_pair().private)
    answers = told({"slug": "snaglist", "id": 9}), told(an_installation())
    async with scripted(*answers) as server, github(server.url, app) as there:
        assert await there.login() == "snaglist[bot]"
        found = await there.app_installation(NAME)
    assert found == Installation(42, {"issues": "write", "metadata": "read"}, False, "snaglist")
    assert [asked.target for asked in server.asked] == ["/app", "/repos/acme/odoo/installation"]
    assert all(asked.headers["authorization"].startswith("bearer ey") for asked in server.asked)


async def test_a_suspended_installation_is_told_as_such() -> None:
    app = AppCredentials(9, None, key_pair().private)
    suspended = told(an_installation(suspended_at="2026-11-01T00:00:00Z", permissions=None))
    async with scripted(suspended) as server, github(server.url, app) as there:
        found = await there.app_installation(NAME)
    assert found.suspended
    assert found.permissions == {}


@pytest.mark.parametrize(
    ("call", "who"),
    [
        (lambda g: g.app_installation(NAME), AS_USER),
        (lambda g: g.repository(NAME), AppCredentials(9, None, "unused")),
        (lambda g: g.repository("../odoo"), AS_USER),
        (lambda g: g.create_issue("acme/odoo/../x", "", "", []), AS_USER),
    ],
)
async def test_what_a_caller_should_have_checked_is_never_sent(call: Call, who: Credentials) -> None:
    async with scripted() as server, github(server.url, who) as there:
        with pytest.raises(ValueError):
            await call(there)
    assert not server.asked


def linked(values: list[Any], url: str) -> bytes:
    """A page with a next one, in a header as long as GitHub's."""
    return told(values, link=f'<{url}&x=1>; rel="last", <{url}>; rel="next", <{url}>; rel="first"')


async def drained(found: AsyncIterator[Any]) -> list[Any]:
    return [one async for one in found]


async def test_issues_are_listed_over_all_pages_without_pull_requests() -> None:
    mixed = [an_issue(9), an_issue(8, pull_request={"url": "https://api.github.com/x"}), an_issue(7)]
    async with scripted() as server, github(server.url, AS_USER) as there:
        more = f"{server.url}/repositories/77/issues?state=all&page=2"
        server.script.extend([linked(mixed, more), told([an_issue(6)], link=f'<{more}>; rel="prev"')])
        found = [issue.number async for issue in there.issues_since(NAME, SINCE)]
    assert found == [9, 7, 6]
    first, second = server.asked
    assert first.path == "/repos/acme/odoo/issues"
    assert first.query == {
        "state": "all",
        "sort": "created",
        "direction": "desc",
        "since": "2026-11-22T10:30:15Z",
        "per_page": "30",
    }
    assert (second.path, second.query) == (
        "/repositories/77/issues",
        {"state": "all", "page": "2"},
    )
    assert second.headers["authorization"] == f"token {TOKEN}"


async def test_comments_are_listed_over_all_pages() -> None:
    async with scripted() as server, github(server.url + "/api/v3", AS_USER) as there:
        more = f"{server.url}/api/v3/repositories/77/issues/7/comments?page=2"
        server.script.extend([linked([a_comment(1)], more), told([a_comment(2, body=None)])])
        found = [(one.id, one.body) async for one in there.comments_since(NAME, 7, SINCE)]
    assert found == [(1, "Resolved."), (2, "")]
    assert server.asked[0].path == "/api/v3/repos/acme/odoo/issues/7/comments"
    assert server.asked[0].query == {"since": "2026-11-22T10:30:15Z", "per_page": "30"}


async def test_older_issues_that_changed_since_are_not_read() -> None:
    old = an_issue(6, created_at="2026-11-22T10:30:14Z", pull_request={"url": "https://api.github.com/x"})
    async with scripted() as server, github(server.url, AS_USER) as there:
        server.script.append(linked([an_issue(9), old, an_issue(5)], f"{server.url}/next"))
        assert [one.number for one in await drained(there.issues_since(NAME, SINCE))] == [9]
    assert len(server.asked) == 1


async def test_who_has_found_an_issue_asks_for_no_further_page() -> None:
    async with scripted() as server, github(server.url, AS_USER) as there:
        server.script.append(linked([an_issue(9)], f"{server.url}/next"))
        async for issue in there.issues_since(NAME, SINCE):
            assert issue.number == 9
            break
    assert len(server.asked) == 1


async def test_a_list_without_an_end_is_left() -> None:
    def again(asked: Asked) -> Answer:
        return linked([an_issue()], f"http://{asked.headers['host']}/again?page=2")

    async with scripted(otherwise=again) as server, github(server.url, AS_USER) as there:
        with pytest.raises(Unknown, match="more than"):
            await drained(there.issues_since(NAME, SINCE))
    assert len(server.asked) == PAGES


@pytest.mark.parametrize(
    "link",
    [
        "http://localhost:{port}/stolen",  # another name, even of the same server
        "http://127.0.0.1:{other}/stolen",
        "https://127.0.0.1:{port}/stolen",
        "http://127.0.0.1:{port}@127.0.0.1:{other}/stolen",
        "http://me:secret@127.0.0.1:{port}/stolen",
        r"http://127.0.0.1:{other}\@127.0.0.1:{port}/stolen",
        "http://127.0.0.1:99999/stolen",
        "file:///etc/passwd",
        "mailto:ada",
    ],
)
async def test_a_next_page_elsewhere_never_gets_our_token(link: str) -> None:
    async with scripted() as thief, scripted() as server, github(server.url, AS_USER) as there:
        ports = {"port": server.url.rpartition(":")[2], "other": thief.url.rpartition(":")[2]}
        server.script.append(linked([an_issue()], link.format(**ports)))
        with pytest.raises(Unknown):
            await drained(there.issues_since(NAME, SINCE))
    assert len(server.asked) == 1
    assert not thief.asked


@pytest.mark.parametrize("link", ["//{other}/stolen?", "/stolen?", "stolen?", "http://"])
async def test_a_next_page_that_names_no_server_is_on_ours(link: str) -> None:
    async with scripted() as thief, scripted() as server, github(server.url, AS_USER) as there:
        server.script.extend(
            [linked([an_issue()], link.format(other=thief.url.partition("//")[2])), told([])]
        )
        assert len(await drained(there.issues_since(NAME, SINCE))) == 1
    assert not thief.asked


def refused(*errors: Any) -> bytes:
    return told({"message": "Validation Failed", "errors": list(errors), "documentation_url": "x"}, 422)


async def test_a_label_that_is_there_is_fine_and_another_fault_is_not() -> None:
    exists = refused({"resource": "Label", "code": "already_exists", "field": "name"})
    invalid = refused({"resource": "Label", "code": "invalid", "field": "color"})
    async with scripted(exists, invalid) as server, github(server.url, AS_USER) as there:
        await there.ensure_label(NAME, BUG)
        with pytest.raises(Refused, match=r"422.: Validation Failed \(color invalid\)") as refusal:
            await there.ensure_label(NAME, BUG)
    assert (refusal.value.status, refusal.value.codes) == (422, ("invalid",))


async def test_a_state_that_is_refused_is_not_sent_again() -> None:
    async with (
        scripted(refused(), told({"message": "x"}, 400)) as server,
        github(server.url, AS_USER) as there,
    ):
        with pytest.raises(Refused):
            await there.set_state(NAME, 7, "closed", "completed")
        with pytest.raises(Refused):
            await there.set_state(NAME, 7, "closed", "duplicate")
    assert len(server.asked) == 2


def test_nobody_reads_a_secret_off_who_we_are() -> None:
    shown = repr([AS_USER, AppCredentials(9, 42, key_pair().private)])
    assert TOKEN not in shown
    assert "PRIVATE" not in shown
