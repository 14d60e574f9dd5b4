"""Sentry's envelopes, to the letter and not quite."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ingest.envelopes import MOST_ITEMS, Unreadable, read

ID = "9ec79c33ec9942ab8353589fcb2e04dc"


def items(body: bytes) -> list[tuple[str, bytes]]:
    return [(item.type, item.payload) for item in read(body).items]


def test_the_headers_name_the_event_and_the_dsn() -> None:
    sent = {
        "event_id": ID,
        "dsn": "https://key@host/1",
        "sent_at": "2026-11-22T10:00:00Z",
        "trace": {"a": [1]},
    }
    envelope = read(json.dumps(sent).encode())
    assert (envelope.event_id, envelope.dsn, envelope.items) == (ID, "https://key@host/1", ())


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{}\n{"type":"event","length":2}\n{}\n', [("event", b"{}")]),
        (b'{}\n{"type":"event","length":2}\n{}', [("event", b"{}")]),
        (b'{}\n{"type":"event"}\n{"a":1}\n', [("event", b'{"a":1}')]),
        (b'{}\n{"type":"event"}\n{"a":1}', [("event", b'{"a":1}')]),
        (b'{}\n{"type":"event","length":null}\n{"a":1}', [("event", b'{"a":1}')]),
        (b'{}\n\n\n{"type":"event"}\n{}\n\n\n', [("event", b"{}")]),
        (b'\n \n{}\n{"type":"event"}\n{}', [("event", b"{}")]),
        (b'{}\r\n{"type":"event","length":2}\r\n{}\r\n', [("event", b"{}")]),
        (
            b'{}\n{"type":"attachment","length":5}\na\nb\nc\n{"type":"event"}\n{}',
            [("attachment", b"a\nb\nc"), ("event", b"{}")],
        ),
        (
            b'{}\n{"type":"attachment","length":0}\n\n{"type":"event"}\n{}',
            [("attachment", b""), ("event", b"{}")],
        ),
        (b'{}\n{"type":"session"}', [("session", b"")]),
        (b'{}\n{"type":"span","item_count":2,"length":2}\n[]\n', [("span", b"[]")]),
    ],
)
def test_items_are_read(body: bytes, found: list[tuple[str, bytes]]) -> None:
    assert items(body) == found


@pytest.mark.parametrize("length", [1, 5, 16, 18, 10_000, -1, True, "17", 17.0, [17], 10**30])
def test_a_length_that_is_wrong_is_not_believed_of_text(length: object) -> None:
    """Some SDKs count characters where bytes are meant."""
    payload = '{"message": "\u00e4\u00f6\u00fc"}'.encode()
    head = json.dumps({"type": "event", "length": length}).encode()
    body = b"\n".join([b"{}", head, payload, b'{"type":"session"}', b"{}"])
    assert items(body) == [("event", payload), ("session", b"{}")]


def test_an_item_that_is_cut_off_takes_nothing_with_it() -> None:
    body = b'{}\n{"type":"event"}\n{"a":1}\n{"type":"attachment","length":1000}\nabc'
    assert items(body) == [("event", b'{"a":1}'), ("attachment", b"abc")]
    assert items(b'{}\n{"type":"event"}\n{"a":1}\nno header\nmore') == [("event", b'{"a":1}')]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"[]",
        b"no",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{}\nno",
        b"{}\n{}\n{}",
        b'{}\n{"type":5}\n{}',
        b'{}\n["event"]\n{}',
        b"{}\n" + b'{"type":"session"}\n{}\n' * (MOST_ITEMS + 1),
    ],
)
def test_what_is_no_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@pytest.mark.parametrize("line", [b"\n", b" \r\n"])
def test_empty_lines_by_the_million_cost_nothing(line: bytes) -> None:
    blank = line * (20_000_000 // len(line))
    start = time.process_time()
    assert items(b'{}\n{"type":"event"}\n{}\n' + blank) == [("event", b"{}")]
    assert items(b"{}\n" + blank + b'{"type":"event"}\n{}') == [("event", b"{}")]
    assert time.process_time() - start < 3


def test_headers_of_another_kind_are_as_good_as_none() -> None:
    envelope = read(b'{"event_id": 7, "dsn": ["x"]}')
    assert (envelope.event_id, envelope.dsn) == (None, None)


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from([b"{}", b"\n", b'{"type":"event","length":', b"2", b"}", b"\0", b"\xff", b"a\r\n"]),
        max_size=12,
    )
)
def test_nothing_else_is_raised(parts: list[bytes]) -> None:
    try:
        envelope = read(b"".join(parts))
    except Unreadable:
        return
    assert all(isinstance(item.payload, bytes) for item in envelope.items)
