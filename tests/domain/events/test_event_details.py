"""What an occurrence of an event shows besides the event itself."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from app.domain.events import own_events, sentry_events
from app.domain.events.event import Level
from app.domain.events.event_details import (
    BREADCRUMBS_LIMIT,
    CHARACTERS_LIMIT,
    CUT,
    ENTRIES_LIMIT,
    VALUE_LIMIT,
    Breadcrumb,
    EventDetails,
    Request,
    details,
    plain,
)
from tests.domain.json_trees import nested, trees

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def of(tree: Any) -> EventDetails:
    return details(sentry_events.read(tree, NOW), tree)


def test_all_that_sentry_tells_is_shown() -> None:
    found = of({
        "user": {"id": 5, "email": "a@b", "geo": {"city": "Ulm"}}, "server_name": "web-1", "dist": 7, "modules": {"pip": "1"},
        "sdk": {"name": "sentry.python", "version": "2.75"}, "contexts": {"os": {"name": "Linux"}}, "extra": {"argv": ["a"]},
        "request": {"method": "POST", "url": "https://a/b", "query_string": [["a", "1"], ["b", "2"]], "headers": [["Accept", "*/*"]],
                    "cookies": "a=1; b=2", "data": {"c": [1, None]}, "env": {"X": "y"}},
        "breadcrumbs": {"values": [{"timestamp": 1795338000.0, "type": "http", "category": "xhr", "level": "warning", "message": "GET", "data": {"s": 200}}, 5]},
        "exception": {"values": [{"type": "A"}, {"type": "B", "stacktrace": {"frames": [{"function": "f", "vars": {"x": "1"}}, None, {"function": "g"}]}}]},
    })  # fmt: skip
    assert found == EventDetails(
        user={"id": 5, "email": "a@b", "geo": {"city": "Ulm"}},
        request=Request(
            "POST", "https://a/b", "a=1&b=2", (("Accept", "*/*"),), (("a", "1"), ("b", "2")), {"c": [1, None]}, {"X": "y"}
        ),
        breadcrumbs=(
            Breadcrumb(datetime(2026, 11, 22, 9, tzinfo=UTC), "http", "xhr", Level.WARNING, "GET", {"s": 200}),
        ),
        contexts={"os": {"name": "Linux"}},
        attributes={"argv": ["a"]},
        variables=((), ({"x": "1"}, {})),
        packages=(("pip", "1"),),
        sdk="sentry.python 2.75",
        server_name="web-1",
        distribution="7",
    )  # fmt: skip


def test_an_event_of_our_own_api_shows_its_attributes_and_variables() -> None:
    frame = {"function": "f", "variables": {"cart": "5"}}
    tree = {
        "message": "m",
        "attributes": {"a": 1},
        "exception": {"type": "E", "cause": {"type": "C"}, "stacktrace": {"frames": [frame]}},
    }
    found = details(own_events.read(tree, NOW), tree)
    assert (found.attributes, found.variables) == ({"a": 1}, ((), ({"cart": "5"},)))
    assert (found.request, found.breadcrumbs, found.sdk) == (None, (), None)


def test_only_so_much_is_shown() -> None:
    assert plain("x" * 10**6) == "x" * (VALUE_LIMIT - 1) + CUT
    assert plain(list(range(10**5))) == [*range(ENTRIES_LIMIT), CUT]
    assert len(plain({str(n): n for n in range(10**5)})) == ENTRIES_LIMIT + 1
    assert len(str(plain([["x" * 10**5] * 100] * 100))) < 3 * CHARACTERS_LIMIT
    assert str(plain(nested(10_000))).count("[") < 20
    assert plain(["\0", "\ud800", 2**60, float("inf"), float("nan"), 10**400, 1.5]) == [
        "\ufffd", "\ufffd", str(2**60), "inf", "nan", CUT, 1.5,
    ]  # fmt: skip
    crumbs = of(
        {"breadcrumbs": [{"message": str(n), "data": {"a": "x" * 10**4}} for n in range(1000)]}
    ).breadcrumbs
    assert (len(crumbs), crumbs[-1].message) == (BREADCRUMBS_LIMIT, "999")
    assert len(str(crumbs)) < 3 * CHARACTERS_LIMIT


def test_the_variables_of_the_innermost_frames_are_shown_first() -> None:
    frames = [{"function": f"f{n}", "vars": {"a": "x" * 3000}} for n in range(150)]
    (variables,) = of({"exception": {"type": "E", "stacktrace": {"frames": frames}}}).variables
    assert len(variables) == 150
    assert variables[-1] == {"a": "x" * 3000}
    assert len(str(variables[0])) < 100


@settings(max_examples=50, deadline=None)
@given(trees)
def test_nothing_stops_the_reader(tree: Any) -> None:
    for reader in (sentry_events.read, own_events.read):
        event = reader(tree, NOW)
        found = details(event, tree)
        f"{found}".encode()
        assert [len(exception.frames) for exception in event.exceptions] == [
            len(frames) for frames in found.variables
        ]


@pytest.mark.parametrize("name", ["extra", "contexts", "user", "request", "breadcrumbs", "modules", "sdk"])
def test_nothing_nested_deeply_stops_the_reader(name: str) -> None:
    assert len(str(of({name: nested(5000, name)}))) < 2000
