"""An entry of our own API: what is read of it, what is refused by name, and that nothing stops the reader."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from app.domain.events.event import EventException, EventFrame, Level
from app.domain.events.event_exceptions import FRAMES_LIMIT, MESSAGE_LIMIT
from app.domain.events.own_events import Head, check, head, read
from tests.domain.json_trees import nested, trees, values

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FULL: dict[str, Any] = {
    "id": "a1",
    "level": "fatal",
    "message": "could not charge",
    "source_module": "billing",
    "session_id": "no uuid at all",
    "user_id": 17,
    "app_version": "shop@1.2.3",
    "environment": "web",
    "is_dev": True,
    "timestamp": "2026-11-22T08:00:00+01:00",
    "attributes": {"cart": 5},
    "tags": {"queue": "low", "retries": 3, "paid": False},
    "platform": "Python",
    "logger": "shop.pay",
    "fingerprint": ["{{ default }}", 7],
    "exception": {
        "type": "PaymentError",
        "value": "declined",
        "module": "shop.errors",
        "stacktrace": {
            "frames": [
                {"filename": "shop/web.py", "function": "view", "lineno": 3},
                {
                    "path": "shop/pay.py", "function": "charge", "module": "shop.pay", "line": "12", "in_app": 1,
                    "pre_context": ["a"], "context_line": "  b", "post_context": ["", "c\0"],
                },
            ]
        },
        "cause": {"type": "TimeoutError", "value": "5 s"},
    },
}  # fmt: skip


def event(**fields: Any) -> Any:
    return {"message": "x", **fields}


def test_every_field_is_read() -> None:
    assert check(FULL) == []
    assert head(FULL) == Head("a1", Level.FATAL, "no uuid at all")
    found = read(FULL, NOW)
    assert (found.level, found.message, found.module) == (Level.FATAL, "could not charge", "billing")
    assert (found.session_id, found.user_id, found.version) == ("no uuid at all", "17", "shop@1.2.3")
    assert (found.environment, found.is_dev, found.platform, found.logger) == (
        "web",
        True,
        "python",
        "shop.pay",
    )
    assert (found.occurred_at, found.is_clamped) == (NOW - timedelta(hours=2), False)
    assert found.tags == (("queue", "low"), ("retries", "3"), ("paid", "false"))
    assert found.fingerprint == ("{{ default }}", "7")
    assert found.exceptions == (
        EventException("TimeoutError", "5 s"),
        EventException(
            "PaymentError",
            "declined",
            "shop.errors",
            (
                EventFrame("shop/web.py", "view", None, 3),
                EventFrame("shop/pay.py", "charge", "shop.pay", 12, True, "  b", ("a",), ("", "c\ufffd")),
            ),
        ),
    )


# Failures of others: what made a whole batch fail elsewhere is kept here, or refused alone and by name.
@pytest.mark.parametrize("fields", [
    {"session_id": "not-a-uuid"}, {"session_id": 12}, {"app_version": "1" * 300}, {"message": "a\0b"}, {"message": "x" * 10**6},
    {"message": 404}, {"timestamp": "1970-01-01T00:00:00Z"}, {"timestamp": "soon"}, {"timestamp": 1e300}, {"timestamp": "2026-11-22"},
    {"id": "x" * 200}, {"id": ""}, {"id": 5}, {"level": "WARN"}, {"level": 40}, {"level": None}, {"level": "critical"}, {"is_dev": "true"},
    {"is_dev": 0}, {"tags": [["a", "b"]]}, {"tags": {"a": None}}, {"tags": {"a" * 300: "b" * 300}}, {"attributes": {}}, {"unknown": {"a": 1}},
    {"fingerprint": "one"}, {"exception": None}, {"exception": {"value": "x", "stacktrace": None}}, {"message": "\ud800"},
    {"message": None, "exception": {"type": "E"}}, {"message": None, "exception": {"values": [{"type": "E"}]}},
    {"exception": [{"type": "E"}]}, {"exception": {"type": "E", "chain": [{"type": "F"}]}}, {"exception": {"stacktrace": [{"function": "f"}]}},
])  # fmt: skip
def test_what_can_be_meant_is_taken(fields: dict[str, Any]) -> None:
    tree = event(**fields)
    assert check(tree) == []
    head(tree)
    found = read(tree, NOW)
    assert found.message
    f"{found}".encode()
    assert len(found.version or "") <= 200
    assert NOW - timedelta(days=30) <= found.occurred_at <= NOW + timedelta(minutes=5)


@pytest.mark.parametrize(("fields", "field"), [
    ({"message": None}, "message"), ({"message": ""}, "message"), ({"message": " \n"}, "message"), ({"message": ["a"]}, "message"),
    ({"message": True}, "message"), ({"message": "", "exception": {}}, "message"), ({"level": "loud"}, "level"), ({"level": []}, "level"),
    ({"id": "x" * 201}, "id"), ({"id": {}}, "id"), ({"id": False}, "id"), ({"session_id": "x" * 201}, "session_id"),
    ({"session_id": []}, "session_id"), ({"user_id": {}}, "user_id"), ({"app_version": []}, "app_version"), ({"is_dev": "perhaps"}, "is_dev"),
    ({"is_dev": 2}, "is_dev"), ({"timestamp": {}}, "timestamp"), ({"timestamp": True}, "timestamp"), ({"attributes": []}, "attributes"),
    ({"attributes": "a"}, "attributes"), ({"tags": "a"}, "tags"), ({"tags": ["a"]}, "tags"), ({"tags": {str(n): "v" for n in range(51)}}, "tags"),
    ({"tags": {"a": {}}}, "tags.a"), ({"fingerprint": {}}, "fingerprint"), ({"fingerprint": ["a"] * 51}, "fingerprint"),
    ({"exception": "E: x"}, "exception"), ({"exception": [1]}, "exception"), ({"exception": {"a": 1}}, "exception"),
    ({"exception": {"type": []}}, "exception.type"), ({"exception": {"value": {}}}, "exception.value"),
    ({"exception": {"type": "E", "cause": "F"}}, "exception.cause"), ({"exception": {"type": "E", "stacktrace": "at f"}}, "exception.stacktrace"),
    ({"exception": {"type": "E", "stacktrace": {"frames": {}}}}, "exception.stacktrace"),
    ({"exception": {"type": "E", "stacktrace": {"frames": ["f"]}}}, "exception.stacktrace.frames"),
    ({"exception": {"type": "E", "stacktrace": {"frames": [{}]}}}, "exception.stacktrace.frames"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_name(fields: dict[str, Any], field: str) -> None:
    assert [problem[0] for problem in check(event(**fields))] == [field]


def test_every_problem_of_an_entry_is_named_at_once() -> None:
    tree = {"id": [], "level": "loud", "timestamp": [], "tags": 3}
    assert [problem[0] for problem in check(tree)] == ["id", "level", "message", "timestamp", "tags"]
    assert check("x") == check(None) == [("", "must be an object")]


@pytest.mark.parametrize(("told", "expected", "is_clamped"), [
    ("2026-11-22T08:59:00Z", NOW - timedelta(minutes=1), False), ("2026-11-22 08:59:00", NOW - timedelta(minutes=1), False),
    ("2026-11-22T09:59:00.123456789+01:00", datetime(2026, 11, 22, 8, 59, 0, 123456, UTC), False), ("20261122T085900Z", NOW - timedelta(minutes=1), False),
    (NOW.timestamp() - 60, NOW - timedelta(minutes=1), False), (int(NOW.timestamp() * 1000) - 60_000, NOW - timedelta(minutes=1), False),
    (int(NOW.timestamp()) * 10**9, NOW, False), (str(NOW.timestamp()), NOW, False), ("2026-11-22 09:00:00 UTC", NOW, False),
    (None, NOW, False), ("", NOW, False), ("soon", NOW, True), (float("nan"), NOW, True), (float("inf"), NOW, True), (10**400, NOW, True),
    ({}, NOW, True), (True, NOW, True), ("0001-01-01T00:00:00+14:00", NOW, True), ("1" * 5000, NOW, True),
    ("2026-11-22T09:05:00Z", NOW + timedelta(minutes=5), False), ("2026-11-22T09:05:01Z", NOW + timedelta(minutes=5), True),
    ("2099-01-01", NOW + timedelta(minutes=5), True), (0, NOW - timedelta(days=30), True), (-5, NOW - timedelta(days=30), True),
])  # fmt: skip
def test_times_are_read_or_come_near(told: Any, expected: datetime, is_clamped: bool) -> None:
    found = read(event(timestamp=told), NOW)
    assert (found.occurred_at, found.is_clamped) == (expected, is_clamped)
    assert found.occurred_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(("told", "level"), [
    ("debug", Level.DEBUG), ("TRACE", Level.DEBUG), ("Info", Level.INFO), ("log", Level.INFO), ("warn", Level.WARNING), ("WARNING", Level.WARNING),
    ("error", Level.ERROR), (40, Level.ERROR), (50.0, Level.FATAL), ("critical", Level.FATAL), (None, Level.ERROR), ("loud", Level.ERROR),
])  # fmt: skip
def test_levels_are_known_by_many_words(told: Any, level: Level) -> None:
    assert read(event(level=told), NOW).level is level


def test_what_is_too_long_is_cut_where_it_matters_least() -> None:
    frames = [{"function": f"f{n}", "pre_context": [str(line) for line in range(50)]} for n in range(1000)]
    found = read(event(message="x" * 10**6, exception={"type": "E", "stacktrace": {"frames": frames}}), NOW)
    names = [frame.function for frame in found.exceptions[0].frames]
    assert len(found.message) == MESSAGE_LIMIT
    assert (len(names), names[0], names[49], names[50], names[-1]) == (
        FRAMES_LIMIT,
        "f0",
        "f49",
        "f850",
        "f999",
    )
    assert found.exceptions[0].frames[0].before == tuple(str(line) for line in range(30, 50))


def test_a_chain_of_causes_is_told_earliest_first_and_does_not_go_on_for_ever() -> None:
    chained = {"type": "C", "chain": [{"type": "A"}, {"type": "B"}]}
    assert [found.type for found in read(event(exception=chained), NOW).exceptions] == ["A", "B", "C"]
    endless = {"type": "last", "cause": nested(5000, "cause")}
    assert read(event(exception=endless), NOW).exceptions[-1].type == "last"


@settings(max_examples=50, deadline=None)
@given(trees)
def test_nothing_stops_the_reader(tree: Any) -> None:
    problems = check(tree)
    assert all(type(field) is str and message for field, message in problems)
    head(tree)
    found = read(tree, NOW)
    f"{found}".encode()
    assert problems or found.message
    assert NOW - timedelta(days=30) <= found.occurred_at <= NOW + timedelta(minutes=5)


@settings(max_examples=100, deadline=None)
@given(values)
def test_nothing_stops_the_check(value: Any) -> None:
    assert type(check(value)) is list
    assert type(check({"message": "x", "exception": value, "tags": value, "timestamp": value})) is list
