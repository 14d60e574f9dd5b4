"""An error of an app, as the graph shows it: what its event says, its tags, what users wrote."""

from uuid import uuid4

import pytest

from app.reading.printed_tracebacks import traceback_text
from app.recording.sightings import ShownException, ShownFrame
from app.tables.database import fetch
from tests.database import NOW
from tests.graphql.sent_events import sent, stage_with
from tests.graphql.stage import ask, member
from tests.reading.stage import seen
from tests.recording.stage import noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


EVERYTHING = """
{
  errors(first: 5, filter: {source: EVENT}) {
    nodes {
      sessionCount userCount
      tags { key values { value count } }
      plan: tags(key: "plan") { key values { value count } }
      latestOccurrence {
        app { name } appVersion release environment sessionId userId level transaction isClamped sdk serverName
        tags { key value } user { id username email ipAddress data } contexts extra
        request { method url query headers { key value } cookies { key value } data environment }
        breadcrumbs { at category level message data type }
        traceback frames { path line column function inApp contextLine contextBefore contextAfter variables }
        exceptions { type message frames { path } }
        contextBefore contextAfter feedback { name email message createdAt }
      }
    }
  }
}
"""


async def test_all_that_an_event_says_is_shown_without_secrets() -> None:
    stage, app, _ = await stage_with(sent())
    await fetch(
        "insert into user_feedback values ($1, $2, $3, $4, 'Ann', null, 'It broke', $5)",
        *(uuid4(), stage.organization_id, app.id, f"{1:032x}", NOW),
    )
    found = await ask(EVERYTHING, member(stage.organization_id))

    [group] = found["errors"]["nodes"]
    assert (group["sessionCount"], group["userCount"]) == (1, 1)
    assert {tag["key"] for tag in group["tags"]} == {"plan", "release", "environment", "session_id"}
    assert group["plan"] == [{"key": "plan", "values": [{"value": "pro", "count": 1}]}]
    shown = group["latestOccurrence"]
    assert "abcdef123456789" not in repr(shown)
    assert "abc123def456ghi789" not in repr(shown)
    plain = {
        name: shown[name] for name in ("release", "environment", "level", "transaction", "isClamped", "sdk")
    }
    assert plain == {
        "release": "shop@1.2.3",
        "environment": "production",
        "level": "ERROR",
        "transaction": "POST /cart",
        "isClamped": False,
        "sdk": "sentry.javascript.node 9.1.0",
    }
    assert (shown["app"], shown["serverName"], shown["sessionId"]) == ({"name": "Shop app"}, "web-1", "s-1")
    assert {"key": "plan", "value": "pro"} in shown["tags"]
    assert (shown["user"]["id"], shown["user"]["email"]) == ("7", "ann@acme.test")
    assert shown["user"]["data"]["name"] == "Ann"
    assert shown["contexts"] == {"os": {"name": "Linux"}}
    assert shown["extra"]["cart"] == [1, 2]
    assert (shown["request"]["method"], shown["request"]["query"]) == ("POST", "a=1")
    assert shown["request"]["headers"][0] == {"key": "Host", "value": "shop.test"}
    assert shown["request"]["data"] == {"item": 5}
    assert shown["breadcrumbs"] == [
        {
            "at": "2026-11-22T10:00:00Z",
            "category": "ui.click",
            "level": "INFO",
            "message": "buy",
            "data": None,
            "type": None,
        }
    ]
    assert shown["frames"][1] == {
        "path": "src/cart.js",
        "line": 12,
        "column": 5,
        "function": "pay",
        "inApp": True,
        "contextLine": "  x.y()",
        "contextBefore": ["function pay() {"],
        "contextAfter": ["}"],
        "variables": {"x": None},
    }
    assert shown["traceback"] == (
        "TypeError: x is undefined\n    at pay (src/cart.js:12:5)\n    at run (node:internal/run:1)"
    )
    assert shown["exceptions"][0]["type"] == "TypeError"
    assert (shown["contextBefore"], shown["contextAfter"]) == ([], [])
    assert shown["feedback"] == [
        {"name": "Ann", "email": None, "message": "It broke", "createdAt": "2026-11-22T10:00:00Z"}
    ]


@pytest.mark.parametrize("payload", [None, b"no zstd"])
async def test_an_event_that_is_gone_or_damaged_shows_what_its_row_has(payload: bytes | None) -> None:
    stage, _, _ = await stage_with(sent())
    if payload is None:
        await fetch("delete from event")
    else:
        await fetch("update event set payload = $1", payload)
    found = await ask(EVERYTHING, member(stage.organization_id))
    shown = found["errors"]["nodes"][0]["latestOccurrence"]
    assert (shown["release"], shown["sessionId"], shown["userId"]) == ("shop@1.2.3", "s-1", "7")
    assert (shown["level"], shown["tags"], shown["user"], shown["breadcrumbs"], shown["feedback"]) == (
        *(None, [], None, []),
        [],
    )


async def test_a_page_of_occurrences_takes_as_many_statements_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trees = [sent(number, tags={"session_id": f"s-{number}"}) for number in range(1, 6)]
    stage, _, _ = await stage_with(*trees)
    document = """query Q($first: Int) { errors { nodes { occurrences(first: $first) { nodes {
        tags { key } frames { path } user { id } feedback { message } app { name } } } } } }"""
    taken = []
    for first in (1, 5):
        noted: list[str] = []
        with noted_statements(monkeypatch, noted):
            found = await ask(document, member(stage.organization_id), first=first)
        assert len(found["errors"]["nodes"][0]["occurrences"]["nodes"]) == first
        taken.append(len(noted))
    assert taken[0] == taken[1]


async def test_an_occurrence_in_a_log_has_nothing_that_only_events_have() -> None:
    stage = await set_up()
    await seen(stage.shop, "KeyError")
    found = await ask(
        """{ errors(first: 1) { nodes { sessionCount tags { key } latestOccurrence {
        app { id } level isClamped tags { key } user { id } request { url } contexts breadcrumbs { at } feedback { name }
        sessionEvents { totalCount nodes { id } } traceback
        frames { line column contextBefore contextAfter variables } } } } }""",
        member(stage.organization_id),
    )
    [group] = found["errors"]["nodes"]
    shown = group["latestOccurrence"]
    assert (group["sessionCount"], group["tags"]) == (0, [])
    assert [shown[name] for name in ("app", "level", "user", "request", "contexts")] == [None] * 5
    assert [shown[name] for name in ("tags", "breadcrumbs", "feedback")] == [[]] * 3
    assert shown["sessionEvents"] == {"totalCount": 0, "nodes": []}
    assert shown["isClamped"] is False
    assert shown["traceback"].startswith("Traceback (most recent call last):\n  File")
    assert shown["frames"] == [
        {"line": 7, "column": None, "contextBefore": [], "contextAfter": [], "variables": None}
    ]


async def test_errors_are_found_by_release_environment_and_tag() -> None:
    stage, _, _ = await stage_with(
        sent(1),
        sent(2, release="shop@2.0.0", environment="staging", tags={"plan": "free"}, fingerprint=["other"]),
    )
    for wanted, title in (
        ('release: "shop@1.2.3"', "x is undefined"),
        ('release: "shop@2.0.0", environment: "staging"', "x is undefined"),
        ('environment: "production"', "x is undefined"),
        ('tag: {key: "plan", value: "free"}', "x is undefined"),
    ):
        found = await ask(
            f"{{ errors(filter: {{{wanted}}}) {{ totalCount nodes {{ message latestOccurrence {{ release }} }} }} }}",
            member(stage.organization_id),
        )
        assert found["errors"]["totalCount"] == 1, wanted
        [node] = found["errors"]["nodes"]
        assert node["message"] == title
        expected = "shop@1.2.3" if "1.2.3" in wanted or "production" in wanted else "shop@2.0.0"
        assert node["latestOccurrence"]["release"] == expected
    for wanted in ('release: "shop@9"', 'tag: {key: "plan", value: "none"}', 'environment: "qa"'):
        found = await ask(
            f"{{ errors(filter: {{{wanted}}}) {{ totalCount }} }}", member(stage.organization_id)
        )
        assert found["errors"]["totalCount"] == 0, wanted


async def test_a_traceback_is_printed_as_its_language_does() -> None:
    chain = (
        ShownException("A", "first", (ShownFrame("a.py", 1, "f", None, True, "  x = y"),)),
        ShownException("B", "last", (ShownFrame("B.java", 2, "run", "com.acme.B", True, None),)),
    )
    assert traceback_text(chain) == (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x = y\nA: first\n\n'
        'Traceback (most recent call last):\n  File "B.java", line 2, in run\nB: last'
    )
    assert traceback_text(chain, "java") == (
        "B: last\n    at com.acme.B.run(B.java:2)\nCaused by: A: first\n    at f(a.py:1)"
    )
    bare = (ShownException(None, "", (ShownFrame("", 0, None, None, True, None),)),)
    assert traceback_text(bare, "go") == "Error\n    at <unknown>"
    assert traceback_text((), "go") is None
