"""Whatever a server does, one failure comes of it that says what is to be done; and no word of ours that is secret."""

import gzip
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import time
from typing import Any

import pytest

from app.github.api.client import Github
from app.github.api.failures import (
    BadCredentials,
    GithubFailure,
    Gone,
    Limited,
    Missing,
    Moved,
    NotAllowed,
    Refused,
    Unknown,
)
from tests.github.asking import NAME, TOKEN, assert_secret, failing
from tests.github.scripted import Answer, cut, cut_after, endless, hang, told
from tests.github.what_github_says import a_comment, a_label, a_repository, an_issue

pytestmark = pytest.mark.anyio

HTML = b"<!DOCTYPE html><html><body>Unicorn!</body></html>"
SECONDARY = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
)
ABUSE = "https://docs.github.com/rest/overview/resources-in-the-rest-api#abuse-rate-limits"


def said(message: str, status: int, **headers: str) -> bytes:
    return told({"message": message, "documentation_url": "https://docs.github.com/rest"}, status, **headers)


def html(status: int, **headers: str) -> bytes:
    return told(HTML, status, "text/html", **headers)


ONE = an_issue()
CASES: list[tuple[str, Answer, type[GithubFailure], str]] = [
    ("bad credentials", said("Bad credentials", 401), BadCredentials, "accept the credentials: Bad credentials"),
    ("401 of a proxy", html(401), BadCredentials, "credentials"),
    ("no permission", said("Resource not accessible by integration", 403), NotAllowed, "accessible by integ"),
    ("archived", said("Repository was archived so is read-only.", 403), NotAllowed, "archived"),
    ("403 in HTML", html(403), NotAllowed, "does not allow"),
    ("blocked by law", said("Repository access blocked", 451), NotAllowed, "blocked"),
    ("not found", said("Not Found", 404), Missing, "find this: Not Found"),
    ("404 of a proxy", html(404), Unknown, "base URL"),
    ("404 of a router", told(b"404 page not found", 404, "text/plain"), Unknown, "base URL"),
    ("404 of nobody", told(b"", 404), Unknown, "base URL"),
    ("gone", said("Issues are disabled for this repo", 410), Gone, "disabled"),
    ("410 of a proxy", html(410), Unknown, "base URL"),
    ("renamed", said("Moved Permanently", 301, location="/repositories/77"), Moved, "another address"),
    ("found elsewhere", told(b"", 302, location="https://evil.example/"), Moved, "another address"),
    ("moved for now", told(b"", 307, location="/repositories/77"), Moved, "another address"),
    ("moved for good", told(b"", 308, location="/repositories/77"), Moved, "another address"),
    ("other 3xx", told(b"", 300), Unknown, "300"),
    ("not modified", b"HTTP/1.1 304 Not Modified\r\n\r\n", Unknown, "304"),
    ("invalid", told({"message": "Validation Failed", "errors": [{"field": "title", "code": "missing"}]}, 422), Refused, "422.: Validation Failed .title missing."),
    ("invalid in words", told({"message": "Validation Failed", "errors": ["body is too long"]}, 422), Refused, "too long"),
    ("invalid, all in one", told({"message": "Validation Failed", "errors": "spam"}, 422), Refused, "spam"),
    ("invalid, strangely", told({"message": 3, "errors": [None, 3, {"code": []}, {"message": "x"}]}, 422), Refused, "422"),
    ("invalid in HTML", html(422), Refused, "422"),
    ("bad JSON", said("Problems parsing JSON", 400), Refused, "400"),
    ("a conflict", said("Conflict", 409), Refused, "409"),
    ("too large", html(413), Refused, "413"),
    ("asked too slowly", html(408), Unknown, "408"),
    ("broken", said("Server Error", 500), Unknown, "500"),
    ("bad gateway", html(502), Unknown, "502"),
    ("away", html(503, retry_after="5"), Unknown, "503"),
    ("a status that Python has no name for", html(522), Unknown, "522"),
    ("a status that is none", told(b"", 999), Unknown, "999"),
    ("a page for people", html(200), Unknown, "no JSON"),
    ("nothing", told(b"", 201), Unknown, "answer"),
    ("nothing, openly", b"HTTP/1.1 204 No Content\r\n\r\n", Unknown, "204"),
    ("not yet", told(ONE, 202), Unknown, "202"),
    ("half of it", told(json.dumps(ONE).encode()[:-40], 201), Unknown, "answer"),
    ("no UTF-8", told(b'{"number": "\xff\xfe"}', 201), Unknown, "answer"),
    ("deep", told(b"[" * 200_000, 201), Unknown, "answer"),
    ("a number without an end", told(b"9" * 10_000, 201), Unknown, "answer"),
    ("a list", told([ONE], 201), Unknown, "answer"),
    ("null", told(None, 201), Unknown, "answer"),
    ("no number", told({**ONE, "number": True}, 201), Unknown, "answer"),
    ("a number below all", told({**ONE, "number": -7}, 201), Unknown, "answer"),
    ("a number above all", told({**ONE, "number": 2**31}, 201), Unknown, "answer"),
    ("no state", told({**ONE, "state": "shut"}, 201), Unknown, "answer"),
    ("no time", told({**ONE, "updated_at": "yesterday"}, 201), Unknown, "answer"),
    ("a time of nowhere", told({**ONE, "updated_at": "2026-11-22T10:00:00"}, 201), Unknown, "answer"),
    ("a link that runs", told({**ONE, "html_url": "javascript:alert(1)"}, 201), Unknown, "answer"),
    ("a link with NUL", told({**ONE, "html_url": "https://x/\x00"}, 201), Unknown, "answer"),
    ("a body that is none", told({**ONE, "body": 3}, 201), Unknown, "answer"),
    ("packed", told(gzip.compress(b"{}"), 201, content_encoding="gzip"), Unknown, "packed"),
    ("cut before an answer", cut, Unknown, "broke"),
    ("cut in the head", cut_after(b"HTTP/1.1 201 Crea"), Unknown, "broke"),
    ("cut in the body", cut_after(b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"), Unknown, "broke"),
    ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n", Unknown, "answer"),
    ("a head without an end", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000, Unknown, "answer"),
    ("silence", hang, Unknown, "in time"),
    ("endless", endless, Unknown, "larger"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "kind", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
async def test_an_answer_to_a_write_says_what_is_to_be_done(
    answer: Answer, kind: type[GithubFailure], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    failure = await failing(answer)
    assert type(failure) is kind, failure.message
    with pytest.raises(kind, match=words):
        raise failure
    assert failure.message.isprintable()
    assert len(failure.message) < 300
    assert_secret(failure, TOKEN)
    assert TOKEN not in caplog.text


LIMITS: list[tuple[str, bytes, tuple[float, float] | None]] = [
    ("secondary, with a time", said(SECONDARY, 403, retry_after="60"), (58, 60)),
    ("secondary of 429", said(SECONDARY, 429, retry_after="120"), (118, 120)),
    ("secondary, no word of it", html(403, retry_after="60"), (58, 60)),
    ("secondary by its name", said(SECONDARY, 403, x_ratelimit_remaining="4000"), None),
    ("abuse", said("You have triggered an Abuse detection mechanism.", 403), None),
    ("abuse by its page", told({"message": "Wait", "documentation_url": ABUSE}, 403), None),
    ("429 without a word", html(429), None),
    ("until a date", said(SECONDARY, 403, retry_after="{date+90}"), (88, 90)),
    ("no time at all", said(SECONDARY, 403, retry_after="0"), None),
    ("before now", said(SECONDARY, 403, retry_after="-5"), None),
    ("a time that is none", said(SECONDARY, 403, retry_after="soon"), None),
    ("a time without an end", said(SECONDARY, 403, retry_after="1e300"), None),
    ("not a number", said(SECONDARY, 403, retry_after="nan"), None),
    ("too long a time", said(SECONDARY, 403, retry_after="99999999"), (86_390, 86_400)),
    ("primary", said("API rate limit exceeded", 403, x_ratelimit_remaining="0", x_ratelimit_reset="{now+600}"), (597, 601)),
    ("primary of 429", said("API rate", 429, x_ratelimit_remaining="0", x_ratelimit_reset="{now+600}"), (597, 601)),
    ("primary, by a clock that is wrong", said("API", 403, x_ratelimit_remaining="0", x_ratelimit_reset="{now-3000}", date="{date-3600}"), (597, 601)),
    ("primary, before now", said("API", 403, x_ratelimit_remaining="0", x_ratelimit_reset="{now-600}"), None),
    ("primary, no time", said("API", 403, x_ratelimit_remaining="0"), None),
    ("primary, a time that is none", said("API", 403, x_ratelimit_remaining="0", x_ratelimit_reset="1e40"), None),
    ("primary, at the end of time", said("API", 403, x_ratelimit_remaining="0", x_ratelimit_reset="253402300799", date="Mon, 01 Jan 0001 00:00:00 +2359"), None),
    ("primary, in a thousand years", said("API", 403, x_ratelimit_remaining="0", x_ratelimit_reset="33323328000"), (86_390, 86_400)),
]  # fmt: skip


def dated(answer: bytes) -> bytes:
    """The answer with `{now+600}` and `{date+90}` filled in."""
    now = datetime.fromtimestamp(int(time()), UTC)
    for seconds in (600, -600, -3000):
        answer = answer.replace(b"{now%+d}" % seconds, b"%d" % (now.timestamp() + seconds))
    for seconds in (90, -3600):
        moment = format_datetime(now + timedelta(seconds=seconds), usegmt=True)
        answer = answer.replace(b"{date%+d}" % seconds, moment.encode())
    return answer


@pytest.mark.parametrize(("answer", "wait"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS])
async def test_a_limit_tells_until_when(answer: bytes, wait: tuple[float, float] | None) -> None:
    failure = await failing(dated(answer))
    assert isinstance(failure, Limited)
    assert (failure.until is None) == (wait is None)
    if wait and failure.until:
        seconds = (failure.until - datetime.fromtimestamp(time(), UTC)).total_seconds()
        assert wait[0] <= seconds <= wait[1]


READS: list[tuple[Callable[[Github], Awaitable[Any]], Any]] = [
    (lambda g: g.repository(NAME), {**a_repository(), "full_name": "../../x"}),
    (lambda g: g.repository(NAME), {**a_repository(), "id": 2**63}),
    (lambda g: g.login(), {"login": "a\x00b"}),
    (lambda g: g.login(), {"login": ""}),
    (lambda g: g.login(), {"login": "\ud800"}),
    (lambda g: g.issue(NAME, 7), {"message": "ok"}),
    (lambda g: g.add_comment(NAME, 7, "x"), {**a_comment(), "id": "5"}),
    (lambda g: g.add_labels(NAME, 7, ["x"]), {"labels": []}),
    (lambda g: g.add_labels(NAME, 7, ["x"]), [a_label(), "x"]),
    (lambda g: g.set_state(NAME, 7, "open", "reopened"), []),
    (lambda g: anext(g.issues_since(NAME, datetime(2026, 1, 1, tzinfo=UTC))), {"items": []}),
    (lambda g: anext(g.issues_since(NAME, datetime(2026, 1, 1, tzinfo=UTC))), ["x"]),
    (lambda g: anext(g.comments_since(NAME, 7, datetime(2026, 1, 1, tzinfo=UTC))), [{}]),
]


@pytest.mark.parametrize(("call", "answer"), READS)
async def test_what_is_not_an_answer_of_github_is_not_taken_for_one(
    call: Callable[[Github], Awaitable[Any]], answer: Any
) -> None:
    assert type(await failing(told(answer), call)) is Unknown
