"""An event by a Sentry SDK, to the letter of the protocol and not: what is read of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from app.domain.events.event import EventException, EventFrame, Level
from app.domain.events.sentry_events import Feedback, client_event_id, feedback, read
from tests.domain.json_trees import nested, trees

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FRAMES = [{"filename": "a.py", "function": "f", "lineno": 1}]
READ_FRAMES = (EventFrame("a.py", "f", None, 1),)
ID = "0123456789abcdef" * 2


def of(**fields: Any) -> Any:
    return read(fields, NOW)


def test_an_event_as_the_sdk_for_python_sends_it() -> None:
    found = of(
        level="error", event_id=ID, timestamp="2026-11-22T08:58:13.519403Z", platform="python", release="shop@1.2.3",
        environment="Development", transaction="/pay", logger="shop", server_name="web-1", user={"id": 5, "email": "a@example.org"},
        tags={"queue": "low", "session_id": "s-1"}, modules={"pip": "1"}, fingerprint=["{{ default }}", "eu"],
        contexts={"trace": {"trace_id": "1"}}, exception={"values": [
            {"type": "KeyError", "value": "'a'", "module": None, "mechanism": {"handled": True}},
            {"type": "ShopError", "value": "no cart", "module": "shop.errors", "stacktrace": {"frames": [
                {"filename": "shop/pay.py", "abs_path": "/srv/shop/pay.py", "function": "pay", "module": "shop.pay", "lineno": 10,
                 "pre_context": ["", "def pay():"], "context_line": "    raise", "post_context": [""], "in_app": True, "vars": {"a": "1"}}]}},
        ]},
    )  # fmt: skip
    assert (found.level, found.message, found.platform) == (Level.ERROR, "no cart", "python")
    assert found.occurred_at == datetime(2026, 11, 22, 8, 58, 13, 519403, UTC)
    assert (found.version, found.environment, found.is_dev) == ("shop@1.2.3", "Development", True)
    assert (found.session_id, found.user_id, found.transaction, found.logger) == ("s-1", "5", "/pay", "shop")
    assert found.tags == (("queue", "low"), ("session_id", "s-1"))
    assert found.fingerprint == ("{{ default }}", "eu")
    assert found.exceptions == (
        EventException("KeyError", "'a'"),
        EventException(
            "ShopError",
            "no cart",
            "shop.errors",
            (EventFrame("shop/pay.py", "pay", "shop.pay", 10, True, "    raise", ("", "def pay():"), ("",)),),
        ),
    )


@pytest.mark.parametrize("told", [
    {"values": [{"type": "E", "value": "x"}]}, [{"type": "E", "value": "x"}], {"type": "E", "value": "x"}, {"values": {"type": "E", "value": "x"}},
    {"values": [None, 3, {"type": "E", "value": "x"}, {}, {"mechanism": {}}]},
])  # fmt: skip
def test_exceptions_come_in_many_shapes(told: Any) -> None:
    assert of(exception=told).exceptions == (EventException("E", "x"),)


@pytest.mark.parametrize(("fields", "expected"), [
    ({"exception": [{"type": "E", "stacktrace": {"frames": FRAMES}}]}, "E"),
    ({"exception": [{"type": "E", "raw_stacktrace": {"frames": FRAMES}}]}, "E"),
    ({"exception": [{"type": "E"}], "stacktrace": {"frames": FRAMES}}, "E"),
    ({"exception": [{"type": "E", "thread_id": 2}], "threads": {"values": [{"id": 1, "crashed": True, "stacktrace": {"frames": [{"function": "g"}]}}, {"id": 2, "stacktrace": {"frames": FRAMES}}]}}, "E"),
    ({"message": "m", "threads": {"values": [{"id": 1, "stacktrace": {"frames": [{"function": "g"}]}}, {"id": 2, "crashed": True, "stacktrace": {"frames": FRAMES}}]}}, None),
    ({"message": "m", "threads": [{"current": True, "stacktrace": {"frames": FRAMES}}, {"stacktrace": {"frames": [{"function": "g"}]}}]}, None),
    ({"message": "m", "threads": [{"stacktrace": {"frames": FRAMES}}]}, None),
    ({"message": "m", "stacktrace": {"frames": FRAMES}}, None),
])  # fmt: skip
def test_frames_are_found_wherever_they_stand(fields: Any, expected: str | None) -> None:
    assert of(**fields).exceptions == (EventException(expected, "", None, READ_FRAMES),)


def test_of_many_threads_of_which_none_failed_none_is_taken() -> None:
    thread = {"stacktrace": {"frames": FRAMES}}
    assert of(message="m", threads=[thread, thread]).exceptions == ()


@pytest.mark.parametrize(("fields", "message", "template"), [
    ({"message": "plain"}, "plain", None), ({"logentry": {"message": "plain"}}, "plain", None),
    ({"logentry": {"message": "user %s of %d", "params": ["Ann", 3]}}, "user Ann of 3", "user %s of %d"),
    ({"logentry": {"message": "user %s", "params": ["Ann"], "formatted": "user Ann!"}}, "user Ann!", "user %s"),
    ({"logentry": {"message": "user %(name)s 5%%", "params": {"name": "Ann"}}}, "user Ann 5%", "user %(name)s 5%%"),
    ({"logentry": {"message": "user {} {b}", "params": ["Ann"]}}, "user Ann {b}", "user {} {b}"),
    ({"logentry": {"message": "user {0}", "params": {"0": "Ann"}}}, "user Ann", "user {0}"),
    ({"logentry": {"message": "%1000000000d", "params": [1]}}, "1", "%1000000000d"), ({"message": {"formatted": "a 1", "message": "a %s"}}, "a 1", "a %s"),
    ({"logentry": {"message": "same", "formatted": "same"}}, "same", None), ({"logentry": {}, "message": "m"}, "m", None),
    ({"logentry": "text"}, "text", None), ({"message": 5}, "5", None), ({"message": []}, "", None), ({}, "", None),
    ({"logentry": {"message": "%s %s", "params": "no list"}}, "%s %s", "%s %s"), ({"exception": {"type": "E"}}, "E", None),
])  # fmt: skip
def test_messages_come_in_many_shapes(fields: Any, message: str, template: str | None) -> None:
    found = of(**fields)
    assert (found.message, found.template) == (message, template)


@pytest.mark.parametrize(("fields", "session", "user"), [
    ({"tags": {"session.id": "a"}}, "a", None), ({"tags": [["sessionId", "a"], ["b", "c"], ["d"], 5, None]}, "a", None),
    ({"tags": [{"key": "session_id", "value": 7}]}, "7", None), ({"contexts": {"session": {"sid": "a"}}}, "a", None),
    ({"contexts": {"session": []}, "tags": "x"}, None, None), ({"user": {"username": "ann", "email": "a@b"}}, None, "ann"),
    ({"user": {"id": "", "email": "a@b"}}, None, "a@b"), ({"user": {"ip_address": "192.0.2.1"}}, None, "192.0.2.1"),
    ({"user": {"ip_address": "{{auto}}"}}, None, None), ({"user": {"id": {"a": 1}}}, None, None), ({"user": "ann"}, None, None),
])  # fmt: skip
def test_sessions_and_users_are_found(fields: Any, session: str | None, user: str | None) -> None:
    found = of(**fields)
    assert (found.session_id, found.user_id) == (session, user)


def test_odd_values_are_taken_as_far_as_they_can_be_read() -> None:
    found = of(
        level="log", timestamp=NOW.timestamp() - 90, release=12, environment=None, tags={"environment": "LOCAL", "a": {}, "b": True},
        fingerprint="one", platform=None, culprit="view", exception={"values": [{"type": 5, "value": ["x"], "stacktrace": {"frames": [
            {"filename": "", "abs_path": "/a/b.js", "function": None, "lineno": "7", "in_app": "no"}, {"package": "/lib/libc.so", "lineno": -1},
            None, "f", {"lineno": 1.5, "pre_context": [1, None, "\ud800"], "context_line": ""}]}}]},
    )  # fmt: skip
    assert (found.level, found.version, found.is_dev, found.platform) == (Level.INFO, "12", True, "other")
    assert found.occurred_at == NOW - timedelta(seconds=90)
    assert (found.transaction, found.fingerprint) == ("view", ("one",))
    assert found.tags == (("environment", "LOCAL"), ("b", "true"))
    assert found.exceptions == (
        EventException("5", "", None, (
            EventFrame("/a/b.js", None, None, 7, False),
            EventFrame("/lib/libc.so", None, None, None),
            EventFrame(None, None, None, None, None, "", ("1", "", "\ufffd")),
        )),
    )  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), [
    (ID, ID), (ID.upper(), ID), ("01234567-89ab-cdef-0123-456789abcdef", ID), ("0123", None), (None, None), (5, None), ("z" * 32, None),
])  # fmt: skip
def test_ids_of_events_are_of_one_form(told: Any, expected: str | None) -> None:
    assert client_event_id(told) == expected


@pytest.mark.parametrize(("tree", "expected"), [
    ({"event_id": ID, "name": "Ann", "email": "a@b", "comments": "it broke"}, Feedback("Ann", "a@b", "it broke", ID)),
    ({"event_id": "f" * 32, "contexts": {"feedback": {"message": "it broke\0", "contact_email": "a@b", "name": "Ann", "associated_event_id": ID}}}, Feedback("Ann", "a@b", "it broke\ufffd", ID)),
    ({"event_id": "f" * 32, "contexts": {"feedback": {"message": "alone"}}, "user": {"email": "u@b", "username": "u"}}, Feedback("u", "u@b", "alone", None)),
    ({"logentry": {"message": "x"}, "contexts": 5}, Feedback(None, None, "x", None)), ({}, Feedback(None, None, "", None)),
])  # fmt: skip
def test_what_a_user_wrote_is_read(tree: Any, expected: Feedback) -> None:
    assert feedback(tree) == expected


def test_without_source_the_same_is_read_of_a_frame_but_for_its_lines() -> None:
    odd: list[dict[str, Any]] = [
        {}, {"lineno": True}, {"lineno": 0, "line": 5}, {"lineno": 2**31, "line": 6}, {"lineno": "7"}, {"lineno": 1.0}, {"in_app": 1},
        {"in_app": True}, {"in_app": False}, {"in_app": "no"}, {"module": "m"}, {"module": 7}, {"module": "\0"}, {"filename": ""},
        {"filename": "", "path": "b.py"}, {"filename": "\0"}, {"filename": 3}, {"filename": []}, {"filename": "x" * 5000},
        {"function": "", "method": "g"}, {"function": "f" * 2000}, {"function": None},
    ]  # fmt: skip
    frames = [
        {**FRAMES[0], "context_line": "raise", "pre_context": ["a"], "post_context": [""], **one}
        for one in odd
    ]
    tree = {"exception": {"type": "E", "stacktrace": {"frames": frames}}}
    for _ in range(2):  # the second time some are known
        whole, alone = (read(tree, NOW, with_source=is_whole) for is_whole in (True, False))
        (exception,) = whole.exceptions
        bare = tuple(replace(frame, source=None, before=(), after=()) for frame in exception.frames)
        assert alone == replace(whole, exceptions=(replace(exception, frames=bare),))
        assert exception.frames[2].line == 5


@settings(max_examples=50, deadline=None)
@given(trees)
def test_nothing_stops_the_reader(tree: Any) -> None:
    found = read(tree, NOW)
    f"{found}{feedback(tree)}".encode()
    assert NOW - timedelta(days=30) <= found.occurred_at <= NOW + timedelta(minutes=5)
    assert replace(read(tree, NOW, with_source=False), exceptions=()) == replace(found, exceptions=())


@pytest.mark.parametrize("name", ["exception", "contexts", "cause", "values", "frames", "tags", "message"])
def test_nothing_nested_deeply_stops_the_reader(name: str) -> None:
    tree = {name: nested(5000, name), "exception": nested(5000, name)}
    read(tree, NOW)
    feedback(tree)
