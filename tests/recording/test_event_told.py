"""What an event says is shown whatever an app sent: every shape, every size, both formats."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.events.event import Format
from app.domain.events.event_frames import Rules
from app.recording.details import pack, unpack
from app.recording.event_told import told
from app.recording.sightings import Detail
from app.tables import payloads
from tests.database import NOW

NASTY = "a\0b\ud800c\U0001f600" + "x" * 500
NAMES = [
    "exception",
    "values",
    "stacktrace",
    "frames",
    "vars",
    "user",
    "tags",
    "contexts",
    "extra",
    "attributes",
    "request",
    "headers",
    "data",
    "breadcrumbs",
    "message",
    "level",
    "timestamp",
    "platform",
    "sdk",
    "event_id",
    "id",
    "colno",
    "lineno",
    "in_app",
    "filename",
    "modules",
    "query_string",
    "cookies",
]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from((NASTY, "", "1")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)


def shown(tree: dict[str, Any], form: Format) -> Detail:
    """What is shown of a payload that came over the wire; it can be stored, answered, and read again."""
    found = told(payloads.tree(json.dumps(tree).encode()), form, NOW, Rules())
    msgspec.json.encode(found)
    json.dumps(msgspec.to_builtins(found)).encode()
    assert unpack(pack(found)) == unpack(pack(unpack(pack(found))))
    return found


@given(
    st.dictionaries(st.sampled_from(NAMES), anything, max_size=8),
    st.sampled_from((Format.OWN, Format.SENTRY)),
)
@settings(max_examples=60, deadline=None)
def test_whatever_was_sent_can_be_shown_and_stored(tree: dict[str, Any], form: Format) -> None:
    found = shown(tree, form)
    assert found.event
    assert len(found.exceptions) <= 50


@pytest.mark.parametrize("form", [Format.OWN, Format.SENTRY])
def test_a_payload_of_the_largest_size_is_shown_bounded(form: Format) -> None:
    deep: Any = "end"
    for _ in range(200):
        deep = {"deeper": deep}
    frame = {
        "filename": "a.py",
        "function": "f",
        "lineno": 2**70,
        "colno": -1,
        "vars": {f"name {number}": NASTY * 20 for number in range(30)},
    }
    tree = {
        "exception": {"values": [{"type": "A", "value": NASTY * 20, "stacktrace": {"frames": [frame] * 40}}]},
        "extra": {"deep": deep, "many": list(range(100_000)), "huge": 10**400, "nan": float("nan")},
        "breadcrumbs": [{"message": NASTY, "data": {"a": NASTY}, "timestamp": 1e300}] * 300,
        "tags": {f"tag {number}": NASTY for number in range(300)},
        "user": "nobody",
        "request": {"headers": [["A"], "B", ["C", NASTY]], "data": NASTY * 50},
    }
    found = shown(tree, form)
    assert len(msgspec.json.encode(found)) < 2 * 1024 * 1024
    assert found.event
    assert len(found.event.details.breadcrumbs) == 100
    if found.exceptions:
        assert {frame.line for frame in found.exceptions[0].frames} == {0}
