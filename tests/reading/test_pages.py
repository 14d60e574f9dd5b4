"""Windows and cursors: whatever is sent, either a place in the list comes of it or BadInput that names the field."""

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.reading.conditions import Conditions
from app.reading.pages import Listing, Name, Number, Small, Time, Window, cut, page

ID = UUID("018f0000-0000-7000-8000-000000000001")
BY_TIME = Listing("by time", ("t.at", "t.id"), msgspec.json.Decoder(tuple[str, Time, UUID]), descending=True)
BY_NUMBER = Listing("by number", ("t.number", "t.id"), msgspec.json.Decoder(tuple[str, Number, UUID]))
BY_SMALL = Listing("by small", ("t.small", "t.id"), msgspec.json.Decoder(tuple[str, Small, UUID]))
BY_NAME = Listing("by name", ("t.name", "t.id"), msgspec.json.Decoder(tuple[str, Name, UUID]))
LISTINGS = (BY_TIME, BY_NUMBER, BY_SMALL, BY_NAME)


def packed(*parts: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).rstrip(b"=").decode()


def refused(window: Window, listing: Listing = BY_TIME) -> str | None:
    """The field that a window is refused for, and nothing of it became a condition."""
    conditions = Conditions(ID)
    with pytest.raises(BadInput) as refusal:
        cut(listing, window, conditions)
    assert not str(conditions)
    return refusal.value.field


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (Window(first=0), "first"),
        (Window(first=-1), "first"),
        (Window(first=101), "first"),
        (Window(first=2**70), "first"),
        (Window(last=0), "last"),
        (Window(last=-5), "last"),
        (Window(last=101), "last"),
        (Window(first=1, last=1), "last"),
        (Window(after=""), "after"),
        (Window(before=""), "before"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(window: Window, field: str) -> None:
    assert refused(window) == field


@pytest.mark.parametrize(
    ("window", "end"),
    [
        (Window(), "order by t.at desc, t.id desc limit 51"),
        (Window(first=1), "order by t.at desc, t.id desc limit 2"),
        (Window(first=100), "order by t.at desc, t.id desc limit 101"),
        (Window(last=7), "order by t.at asc, t.id asc limit 8"),
        (
            Window(before=BY_TIME.cursor((datetime(2026, 1, 1, tzinfo=UTC), ID))),
            "order by t.at asc, t.id asc limit 51",
        ),
    ],
)
def test_a_window_asks_for_one_row_more_than_it_shows(window: Window, end: str) -> None:
    assert cut(BY_TIME, window, Conditions(ID)) == end


@given(at=st.datetimes(timezones=st.just(UTC)), made=st.uuids())
def test_a_cursor_leads_back_to_its_time(at: datetime, made: UUID) -> None:
    assert BY_TIME.key(BY_TIME.cursor((at, made)), "after") == (at, made)


@given(
    name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200),
    made=st.uuids(),
)
def test_a_cursor_leads_back_to_its_name(name: str, made: UUID) -> None:
    assert BY_NAME.key(BY_NAME.cursor((name, made)), "after") == (name, made)


@given(number=st.integers(0, 2**63 - 1), made=st.uuids())
def test_a_cursor_leads_back_to_its_number(number: int, made: UUID) -> None:
    assert BY_NUMBER.key(BY_NUMBER.cursor((number, made)), "after") == (number, made)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "not a cursor",
        "ünïcode",
        "\0",
        "\ud800",
        "=" * 40,
        "A" * 5000,
        "A" * 10_000_000,
        packed(),
        packed("by time"),
        packed("by time", "2026-01-01T00:00:00Z"),
        packed("by time", "2026-01-01T00:00:00Z", str(ID), 1),
        packed("by time", "2026-01-01T00:00:00", str(ID)),
        packed("by time", "0001-01-01T00:00:00+14:00", str(ID)),
        packed("by time", "9999-12-31T23:59:59-14:00", str(ID)),
        packed("by time", 7, str(ID)),
        packed("by time", None, str(ID)),
        packed("by time", "2026-01-01T00:00:00Z", "no id"),
        packed("by time", "2026-01-01T00:00:00Z", 7),
        packed("another list", "2026-01-01T00:00:00Z", str(ID)),
        packed(7, "2026-01-01T00:00:00Z", str(ID)),
        packed("by number", -1, str(ID)),
        packed("by number", 2**63, str(ID)),
        packed("by number", 10**30, str(ID)),
        packed("by number", 1.5, str(ID)),
        packed("by number", True, str(ID)),
        packed("by small", 32768, str(ID)),
        packed("by name", "a\0b", str(ID)),
        packed("by name", "a" * 201, str(ID)),
        packed("by name", ["a"], str(ID)),
        base64.urlsafe_b64encode(b'["by name","\\ud800","%s"]' % str(ID).encode()).decode(),
        base64.urlsafe_b64encode(b"[" * 1000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
    ids=lambda cursor: repr(cursor[:30]),
)
def test_what_is_no_cursor_of_the_list_is_refused(cursor: str) -> None:
    for listing in LISTINGS:
        assert refused(Window(after=cursor), listing) == "after"
        assert refused(Window(before=cursor), listing) == "before"


@given(
    text=st.text(st.characters(exclude_categories=()))
    | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())
)
def test_no_text_is_a_cursor_by_chance(text: str) -> None:
    assert refused(Window(after=text)) == "after"


@given(place=st.integers(0, 200), put=st.characters(exclude_categories=()))
def test_a_cursor_with_another_character_is_refused_or_names_a_place(place: int, put: str) -> None:
    cursor = BY_TIME.cursor((datetime(2026, 1, 1, tzinfo=UTC), ID))
    spoilt = cursor[: place % len(cursor)] + put + cursor[place % len(cursor) + 1 :]
    try:
        at, made = BY_TIME.key(spoilt, "after")
    except BadInput:
        return
    assert isinstance(at, datetime)
    assert at.tzinfo is UTC
    assert isinstance(made, UUID)


def test_a_cursor_of_another_list_or_order_is_refused() -> None:
    for listing in LISTINGS:
        key = {BY_TIME: datetime(2026, 1, 1, tzinfo=UTC), BY_NAME: "a"}.get(listing, 1)
        for other in LISTINGS:
            if other is not listing:
                assert refused(Window(after=listing.cursor((key, ID))), other) == "after"


def test_the_name_of_the_longest_row_fits_in_a_cursor() -> None:
    longest = "\x01" * 200
    assert BY_NAME.key(BY_NAME.cursor((longest, ID)), "after") == (longest, ID)


def test_a_page_says_whether_there_is_more() -> None:
    rows = [(number, uuid4()) for number in range(3)]
    whole = page(BY_NUMBER, Window(first=3), rows, lambda row: row)
    assert (whole.nodes, whole.has_next, whole.has_previous) == (rows, False, False)
    some = page(BY_NUMBER, Window(first=2), rows, lambda row: row)
    assert (some.nodes, some.has_next, some.has_previous) == (rows[:2], True, False)
    end = page(BY_NUMBER, Window(last=2), rows[::-1], lambda row: row)
    assert (end.nodes, end.has_next, end.has_previous) == (rows[1:], False, True)
    assert end.cursors == [BY_NUMBER.cursor(row) for row in rows[1:]]
