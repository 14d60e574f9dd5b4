"""Payloads opened together: what comes of each is what comes of it alone, decoded as a whole."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.events import sentry_events
from app.domain.events.event import EventFrame, Format
from app.domain.secrets.scrubbing import Scrubbing, scrub
from app.scanning.events import opening
from app.scanning.events.opening import Opened, opened, together
from app.scanning.events.taking import Taken
from app.tables import payloads
from tests.database import NOW

RULES = Scrubbing(sensitive=("customer_no",))
PADDING = "x" * 2048
"""What is shorter is never cut."""

_texts = st.sampled_from(
    [
        "a",
        "shop/cart.py",
        "password=hunter22!",
        "4111111111111111",
        "\ud83d",
        "\0",
        "--password",
        "né",
        "s3cr3t-Value99",
    ]
)
_names = st.sampled_from(["a", "password", "customer_no", "session", "value", "name", "key", "\ud83d"])
_values = st.recursive(
    _texts | st.none() | st.integers() | st.just(4111111111111111),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=6,
)
_frames = st.fixed_dictionaries(
    {"function": _texts, "lineno": st.integers(-1, 9) | _texts},
    optional={
        "filename": st.sampled_from(["shop/cart.py", "", 7]),
        "module": _texts | st.none(),
        "in_app": st.booleans() | st.just("true"),
        "vars": _values,
        "context_line": _texts,
        "pre_context": st.lists(_texts, max_size=2),
    },
)
_exceptions = st.fixed_dictionaries(
    {"type": _texts | st.just(1), "value": _texts},
    optional={
        "stacktrace": st.none() | st.fixed_dictionaries({"frames": st.lists(_frames | _values, max_size=4)}),
        "mechanism": _values,
        "cause": _values,
    },
)
_events = st.fixed_dictionaries(
    {"exception": st.fixed_dictionaries({"values": st.lists(_exceptions, max_size=3)}) | _values},
    optional={
        "modules": _values | st.dictionaries(_names, _texts),
        "sdk": _values,
        "extra": _values,
        "tags": _values,
        "threads": _values,
        "of_no_protocol": _values,
    },
)


def _taken(payload: bytes, format_: Format = Format.SENTRY) -> Taken:
    return Taken(uuid4(), NOW, uuid4(), uuid4(), format_, payloads.pack(payload))


def _open(*told: bytes) -> list[Opened | Exception]:
    return opened([(_taken(payload), RULES) for payload in told])


@settings(max_examples=150, deadline=None)
@given(st.lists(_events, min_size=1, max_size=4))
def test_each_is_scrubbed_and_read_as_it_is_alone(events: list[Any]) -> None:
    told = [json.dumps({**event, "server_name": PADDING}).encode() for event in events]
    for _ in range(3):  # the later times much of it is known
        for payload, one in zip(told, _open(*told), strict=True):
            assert isinstance(one, Opened)
            whole = payloads.tree(payload)
            scrubbed, is_changed = scrub(whole, RULES)
            assert one.scrubbed()[1] is is_changed
            if is_changed:
                assert one.scrubbed()[0] == scrubbed
            read = sentry_events.read(one.tree, NOW, with_source=False)
            assert read == sentry_events.read(whole, NOW, with_source=False)


def _event(**frame: Any) -> bytes:
    frames = [{"filename": "shop/cart.py", "function": "add", "lineno": 3, "in_app": True, **frame}]
    tree = {"exception": {"values": [{"type": "E", "stacktrace": {"frames": frames}}]}, "modules": {"a": "1"}}
    return json.dumps({**tree, "extra": {"padding": PADDING}}).encode()


def _is_cut(one: Opened | Exception) -> bool:
    """Whether the frame was known, and the modules were."""
    assert isinstance(one, Opened)
    [frame] = one.tree["exception"]["values"][0]["stacktrace"]["frames"]
    assert isinstance(frame, EventFrame) is ("modules" not in one.tree)
    return isinstance(frame, EventFrame)


def test_a_frame_is_known_once_it_held_nothing_and_only_by_these_rules() -> None:
    payload = _event(vars={"order": str(uuid4())})

    assert [_is_cut(_open(payload)[0]) for _ in range(2)] == [False, True]
    [other] = opened([(_taken(payload), Scrubbing(sensitive=("order",)))])
    assert not _is_cut(other)
    assert isinstance(other, Opened)
    assert other.scrubbed()[1]


def test_a_frame_with_a_secret_is_never_known() -> None:
    payload = _event(vars={"password": "hunter22!", "order": str(uuid4())})
    for _ in range(3):
        [one] = _open(payload)
        assert isinstance(one, Opened)
        [frame] = one.scrubbed()[0]["exception"]["values"][0]["stacktrace"]["frames"]
        assert "hunter22!" not in str(frame)


def test_a_scrub_that_is_off_teaches_nothing() -> None:
    payload = _event(vars={"password": "hunter22!", "order": str(uuid4())})
    opened([(_taken(payload), Scrubbing(enabled=False, sensitive=RULES.sensitive))])

    [one] = _open(payload)

    assert isinstance(one, Opened)
    assert one.scrubbed()[1]


def test_one_that_cannot_be_read_costs_no_other() -> None:
    good = _event()
    broken, listed, torn = b'{"a": ', b"[1]", Taken(uuid4(), NOW, uuid4(), uuid4(), Format.SENTRY, b"no zstd")

    found = opened(
        [(one, RULES) for one in (_taken(good), _taken(broken), _taken(listed), torn, _taken(good))]
    )

    assert [isinstance(one, ValueError) for one in found] == [False, True, True, True, False]


def test_what_is_opened_together_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "TOGETHER", 10)
    monkeypatch.setattr(opening, "MOST_TOGETHER", 3)
    parts = [(part.start, part.stop) for part in together([4, 6, 1, 99, 0, 0, 0, 0, 9, 2])]
    assert parts == [(0, 2), (2, 3), (3, 4), (4, 7), (7, 9), (9, 10)]
    assert list(together([])) == []
