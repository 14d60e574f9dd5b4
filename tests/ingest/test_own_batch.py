"""Batches of our own API: an entry that is broken harms none of the others."""

import json
from time import process_time

import pytest

from app.ingest.answers import Refused
from app.ingest.own_batch import LARGEST_EVENT, MOST, entries, event

GOOD = b'{"message": "a, [b] {c} \\" d"}'


@pytest.mark.parametrize(
    "wrap", [b'{"events": [%s]}', b"[%s]", b' \n{"sent_at": "now", "events" : [ %s ] , "sdk": {"a": [1]}} ']
)
def test_entries_are_kept_byte_for_byte(wrap: bytes) -> None:
    odd = b'{"b" : 1.50,\n "a":"\\u00e4"}'
    assert [entry.strip() for entry in entries(wrap % (GOOD + b"," + odd))] == [GOOD, odd]
    assert event(odd) == ({"b": 1.5, "a": "\u00e4"}, odd)


@pytest.mark.parametrize("body", [b"[]", b'{"events":[]}', b" [ ] ", b'{"events": [ \n ]}'])
def test_a_batch_may_be_empty(body: bytes) -> None:
    assert entries(body) == []


def test_a_mark_of_the_order_of_bytes_says_nothing() -> None:
    assert entries(b"\xef\xbb\xbf[" + GOOD + b"]") == [GOOD]


@pytest.mark.parametrize(
    "broken",
    [
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff\xfe"}',
        b'{"a": 1e999}',
        b'{"a": "line\nfeed"}',
        b'{"a" 1}',
        b"nonsense",
        b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b"",
    ],
)
@pytest.mark.parametrize("wrap", [b'{"x": "events", "events": [%s]}', b"[%s]"])
def test_one_that_is_no_json_is_told_apart_from_the_others(broken: bytes, wrap: bytes) -> None:
    found = entries(wrap % b",".join([GOOD, broken, GOOD]))
    assert found == [GOOD, broken, GOOD]


@pytest.mark.parametrize(
    ("entry", "tree"),
    [
        (b'{"a": NaN, "b": [Infinity, -Infinity, 1e999, 1.5]}', {"a": None, "b": [None, None, None, 1.5]}),
        (b'{"a": ' + b"9" * 5000 + b', "b": 7}', {"a": None, "b": 7}),
        (b'{"a": "\\ud800x", "\\udfff": 1}', {"a": "\ufffdx", "\ufffd": 1}),
        (b'{"a": "\xff\xfe"}', {"a": "\ufffd\ufffd"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a": 123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
    ],
)
def test_what_json_has_not_is_made_good_where_it_can_be(entry: bytes, tree: object) -> None:
    found, payload = event(entry)
    assert found == tree
    assert json.loads(payload.decode("utf-8")) == tree


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"{",
        b'{"a" 1}',
        b"nonsense",
        b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    ],
)
def test_what_cannot_be_read_says_so(entry: bytes) -> None:
    with pytest.raises(ValueError, match="event"):
        event(entry)


def test_an_event_has_its_limit() -> None:
    fitting = b'"' + b"a" * (LARGEST_EVENT - 2) + b'"'
    assert event(fitting)[1] == fitting
    with pytest.raises(ValueError, match="1048576 bytes"):
        event(fitting + b" ")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no", 400),
        (b"5", 400),
        (b'"events"', 400),
        (b"{}", 400),
        (b'{"events": {}}', 400),
        (b'{"events": null}', 400),
        (b'{"Events": []}', 400),
        (b'[{"a": 1}', 400),
        (b'{"events": [{"a": 1}]', 400),
        (b'[{"a": 1}] and more', 400),
        (b'{"events": [{"a": NaN}] and more', 400),
        (b"[" * 100_000, 400),
        (b'{"events": "' + b"\\" * 99_999, 400),
        (b"[" + b"1," * MOST + b"1]", 413),
        (b'{"events": [' + b"NaN," * MOST + b"1]}", 413),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(body: bytes, status: int) -> None:
    with pytest.raises(Refused) as refused:
        entries(body)
    assert refused.value.status == status


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"1," * 4_000_000 + b"1]",
        b'{"events": [' + b'"' * 1_000_001,
        b"[" * 4_000_000,
        b"[" + b'""' * 490_000,
        b'"\\' * 1_000_000,
    ],
)
def test_a_body_made_to_cost_costs_little(body: bytes) -> None:
    began = process_time()
    with pytest.raises(Refused):
        entries(body)
    assert process_time() - began < 5  # and not minutes
