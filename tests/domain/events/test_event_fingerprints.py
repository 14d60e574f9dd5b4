"""What makes two events of an app the same error, and what keeps them apart."""

from dataclasses import replace
from hashlib import sha256
from itertools import chain
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import messages, similarity
from app.domain.events import event_fingerprints
from app.domain.events.event import Event, EventFrame, Level
from app.domain.events.event_fingerprints import fingerprint, kind, module, severity, title
from app.domain.events.event_frames import Rules
from app.domain.fingerprints import DIGITS_TO_ZERO
from tests.database import NOW
from tests.domain.events.app_events import event, frame, raised, reason

NONE = Rules()
LIBRARY = "/venv/lib/python3.12/site-packages/"
TOTAL = (
    frame(LIBRARY + "flask/app.py", "dispatch"),
    frame("shop/views.py", "checkout", "shop.views", line=10),
    frame("shop/cart.py", "total", "shop.cart", line=20),
    frame(LIBRARY + "money/parse.py", "parse"),
)


def test_the_reason_is_written_for_people_and_hashed_as_it_is() -> None:
    told = event(raised(TOTAL[2], kind="KeyError"), raised(*TOTAL, kind="NoRate"))
    made = fingerprint(told, NONE, ())
    assert made.reason == (
        "v1 event traceback\n"
        "type KeyError\n"
        "frame shop.cart total\n"
        "type NoRate\n"
        "frame shop.views checkout\n"
        "frame shop.cart total"
    )
    assert made.digest == sha256(made.reason.encode()).hexdigest()
    assert made.version == 1


def test_an_event_without_frames_is_its_type_its_module_and_its_message() -> None:
    told = event(message="User 123 not found in 'orders'", logger="shop.users", transaction="/users/123")
    assert reason(told) == ["v1 event message", "logger shop.users", "message user * not found in *"]
    raised_only = event(raised(kind="LookupError", message="User 123 not found"), logger="shop.users")
    assert reason(raised_only) == [
        "v1 event message",
        "type LookupError",
        "logger shop.users",
        "message user * not found",
    ]


@pytest.mark.parametrize(
    "frames",
    [
        tuple(replace(one, line=999) for one in TOTAL),
        tuple(replace(one, line=None, source=None, before=(), after=()) for one in TOTAL),
        TOTAL[1:],
        TOTAL[1:3],
        (*TOTAL[:2], *[TOTAL[2]] * 40, TOTAL[3]),
        tuple(replace(one, path="/other/server/" + (one.path or "")) for one in TOTAL),
    ],
    ids=["lines", "no lines or source", "fewer callers", "own frames only", "recursion", "another folder"],
)
def test_what_does_not_matter_to_a_traceback(frames: tuple[EventFrame, ...]) -> None:
    assert reason(event(raised(*frames, message="other"))) == reason(event(raised(*TOTAL)))


def test_circles_are_the_same_wherever_they_were_cut() -> None:
    a, b = frame("a.py", "a", "a"), frame("b.py", "b", "b")
    assert reason(event(raised(*[a, b] * 50))) == reason(event(raised(b, *[a, b] * 50)))
    assert reason(event(raised(*[a, b] * 50))) == reason(event(raised(*[b, a] * 50)))
    assert reason(event(raised(a, b))) != reason(event(raised(b, a)))


def test_other_types_other_causes_and_other_frames_are_other_errors() -> None:
    events = [
        event(raised(*TOTAL)),
        event(raised(*TOTAL, kind="KeyError")),
        event(raised(*TOTAL[:2])),
        event(raised(*TOTAL), raised(*TOTAL)),
        event(raised(), raised(*TOTAL)),
        event(message="12 is too much"),
        event(raised()),
    ]
    assert len({fingerprint(one, NONE, ()).digest for one in events}) == len(events)


def test_without_a_frame_of_the_app_the_innermost_five_count() -> None:
    frames = [frame(f"{LIBRARY}lib/{name}.py", "run") for name in "abcdefgh"]
    told = reason(event(raised(*frames)))
    assert told == [
        "v1 event traceback",
        "type ValueError",
        *(f"frame lib/{name}.py run" for name in "defgh"),
    ]
    assert reason(event(raised(*frames[3:7], *[frames[7]] * 60))) == told


def test_frames_that_name_no_function_have_the_message_beside_them() -> None:
    bundle = frame("https://acme.com/static/js/main.4f3a2b1c.js", "?", in_app=True)
    one, other = (
        event(raised(bundle, kind="TypeError", message=text), platform="javascript")
        for text in ("cannot read the cart", "cannot write the order")
    )
    assert reason(one) == [
        "v1 event traceback",
        "type TypeError",
        "frame main.js ?",
        "message cannot read the cart",
    ]
    assert reason(one) != reason(other)


def test_frames_that_say_nothing_at_all_do_not_count() -> None:
    told = event(raised(frame(function="<redacted>"), kind="SIGSEGV", message="bad access"), platform="cocoa")
    assert reason(told) == ["v1 event message", "type SIGSEGV", "logger ", "message bad access"]
    assert (kind(told), severity(told)) == ("traceback", "critical")


def test_messages_sent_with_frames_are_told_apart_by_what_they_say() -> None:
    one, other = (
        event(raised(*TOTAL, kind=None, message=""), message=text) for text in ("out of stock", "no rate")
    )
    assert reason(one)[-1] == "message out of stock"
    assert reason(one) != reason(other)


def test_errors_of_go_that_are_only_a_text_are_told_apart_by_it() -> None:
    handler = frame("/app/server.go", "(*Server).handle", "github.com/acme/shop", in_app=True)
    one, two, typed = (
        reason(event(raised(handler, kind=kind, message=text), platform="go"))
        for kind, text in (
            ("*errors.errorString", "no rate for 17"),
            ("*errors.errorString", "out of stock"),
            ("*shop.NoRate", "no rate for 17"),
        )
    )
    assert one[-1] == "message no rate for *"
    assert two[-1] == "message out of stock"
    assert typed[-1] == "frame github.com/acme/shop (*Server).handle"


# What a well-known tracker split into several errors, or put into one.
SAME_MESSAGES = [
    ("Can't load the view 'x' of 'y'", "Can't load the view 'abc' of 'd'"),
    ("Took 10ms to answer", "Took 2500ms to answer"),
    ("No handle 0x7f3a2c1d", "No handle 0xdeadbeef"),
    ("Late since 2026-11-22T09:00:00.123Z", "Late since 2025-01-02T23:59:59Z"),
    ("GET https://acme.com/users/17 failed", "GET https://acme.com/users/abc12345678900 failed"),
]


@pytest.mark.parametrize(("one", "other"), SAME_MESSAGES)
def test_messages_that_differ_by_values_are_one_error(one: str, other: str) -> None:
    assert reason(event(message=one)) == reason(event(message=other))


def test_a_template_stands_for_its_message() -> None:
    events = [
        event(message=f"Shop {name} is closed", template="Shop %s is closed") for name in ("Ada", "Bob")
    ]
    assert reason(events[0]) == reason(events[1])
    assert reason(events[0]) != reason(event(message="Shop %s is open", template="Shop %s is open"))


@pytest.mark.parametrize(
    "told",
    ["shop/cart.js:12:7", "shop/cart.js:99", "shop/cart.js", "https://acme.com/shop/cart.1f2e3d4c.js:5"],
)
def test_a_source_module_counts_without_its_line(told: str) -> None:
    assert reason(event(message="no rate", module=told))[1] == "logger shop/cart.js"
    assert module(event(message="no rate", module=told), NONE) == "shop/cart.js"


def test_the_module_is_where_the_app_was_when_it_failed() -> None:
    cause = raised(TOTAL[1])
    assert module(event(cause, raised(*TOTAL)), NONE) == "shop.views"
    assert module(event(raised(*TOTAL)), NONE) == "shop.cart"
    assert module(event(raised(*TOTAL)), Rules((), ("shop.cart",))) == "shop.views"
    assert module(event(raised(TOTAL[0]), transaction="/checkout", logger="root"), NONE) == "/checkout"
    assert module(event(message="x", logger="root"), NONE) == "root"
    assert module(event(message="x"), NONE) is None


def test_the_app_settings_decide_which_frames_count() -> None:
    told = event(raised(*TOTAL))
    assert reason(told, Rules((), ("shop.cart",)))[2:] == ["frame shop.views checkout"]
    assert reason(told, Rules(("money",)))[2:] == [
        "frame shop.views checkout",
        "frame shop.cart total",
        "frame money/parse.py parse",
    ]


def test_kind_severity_and_title() -> None:
    broken, fatal, told = (
        event(raised(*TOTAL, kind="shop.NoRate", message="no rate\nfor USD")),
        event(message="down", level=Level.FATAL),
        event(message="\nslow\nvery"),
    )
    assert [(kind(one), severity(one), title(one)) for one in (broken, fatal, told)] == [
        ("traceback", "critical", "NoRate: no rate"),
        ("message", "critical", "down"),
        ("message", "medium", "slow"),
    ]
    assert title(event(raised(kind=r"App\Errors\NoRate", message=""))) == "NoRate"
    assert title(event(raised(kind="ValueError", message=""), message="ValueError")) == "ValueError"
    assert title(event(raised(kind=None, message=""))) == "message"
    assert len(title(event(message="x" * 1000))) == event_fingerprints.TITLE_LIMIT


# What is called similar, as `similarity` reads the reasons.


def _sketch(told: Event) -> similarity.Sketch:
    return similarity.sketch("\n".join(reason(told)), event_fingerprints.message(told))


def test_similarity_understands_the_reasons() -> None:
    broken = _sketch(event(raised(*TOTAL, kind="shop.NoRate", message="no rate for USD")))
    assert broken == similarity.Sketch(
        "event traceback",
        "NoRate",
        ("shop.cart total", "shop.views checkout"),
        "",
        "no rate for USD",
    )
    more = _sketch(event(raised(frame("shop/x.py", "x", "shop.x"), *TOTAL, kind="shop.NoRate", message="no")))
    assert (found := similarity.likeness(broken, more)) is not None
    assert found.ground is similarity.Ground.FRAMES
    one, other = (
        _sketch(event(message=f"cannot send the order {what} to the warehouse today", logger="shop"))
        for what in ("again", "now")
    )
    assert (told := similarity.likeness(one, other)) is not None
    assert told.ground is similarity.Ground.MESSAGE


_FRAGMENTS = [
    *("17", "123456", "0", "999.", "de ad be ef", "12 34 56 78 9a", "12:30", "2020-01-01 ", "10.0.0.1", "1e", "utf", "utf "),
    *("C:\\Program Files\\", "'", '"', "=", ":", "::", "://", "/", "..", "@", "(", ")", "row contains (", ")=(", "msg='"),
    *("ms", " ms", " b", "mb", " pm", " utc", "jan ", "user ", "port ", "failed for ", "com.", "www.a.com", "e5", "0x", "é"),
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(_FRAGMENTS) | st.uuids().map(str) | st.integers(0, 10**12).map(str),
            st.sampled_from(["", " ", " ", ": ", ", ", ") "]),
        ),
        max_size=12,
    )
)
def test_one_number_and_one_uuid_stand_for_all_that_stand_alone(parts: list[tuple[str, str]]) -> None:
    text = "".join(chain(*parts)).translate(DIGITS_TO_ZERO)
    assert messages.group_key(event_fingerprints._alike(text)) == messages.group_key(text)


def test_messages_with_other_numbers_and_uuids_are_remembered_as_one() -> None:
    told = [f"cannot load order {n} of {uuid4()}: timeout after {n} ms" for n in (123, 45678, 910)]
    alike = {event_fingerprints._alike(text.translate(DIGITS_TO_ZERO)) for text in told}
    assert alike == {
        "cannot load order 000 of 00000000-0000-0000-0000-000000000000: timeout after 000 ms",
    }


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("aß0139٣２５\ud800 €:😀\\"), max_size=40))
def test_digits_are_alike_whatever_other_characters_stand_beside_them(text: str) -> None:
    told = event_fingerprints._key(Event(Level.ERROR, text, NOW))
    assert told == messages.group_key(event_fingerprints._alike(text.translate(DIGITS_TO_ZERO)))
