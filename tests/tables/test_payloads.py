"""Payloads: packed and unpacked, and read however little they are to the letter."""

import json

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.tables import payloads
from app.tables.references import Reference


@given(st.binary(max_size=2000))
def test_what_is_packed_comes_out_again(payload: bytes) -> None:
    assert payloads.unpack(payloads.pack(payload)) == payload


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"{}",
        b"\x28\xb5\x2f\xfd",
        payloads.pack(b"x" * 100)[:-3],
        zstandard.ZstdCompressor().compress(b"x" * (payloads.LARGEST + 1)),
        zstandard.ZstdCompressor(write_content_size=False).compress(b"x"),
    ],
)
def test_what_is_no_payload_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="this is no payload"):
        payloads.unpack(packed)


@given(
    st.lists(
        st.tuples(
            st.binary(min_size=1, max_size=40) | st.just(b"x" * 5000), st.integers(0, 2), st.booleans()
        ),
        max_size=8,
    )
)
def test_many_come_out_as_each_does_alone(told: list[tuple[bytes, int, bool]]) -> None:
    references = [None, Reference(1, b"ab" * 2000), Reference(2, b"cd" * 2000)]
    packed = [
        (payloads.pack(payload, references[number])[: -1 if is_torn else None], references[number])
        for payload, number, is_torn in told
    ]

    found = payloads.unpack_all(packed)

    for (payload, _, is_torn), (each, _), one in zip(told, packed, found, strict=True):
        assert isinstance(one, ValueError) if is_torn else one == payload
        assert is_torn or payloads.size(each) == len(payload)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (b'{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        (b'{"a": "\\ud800"}', {"a": "\ud800"}),
        (b'{"a": "\xff"}', {"a": "\ufffd"}),
        (b'{"a": ' + b"9" * 5000 + b"}", {"a": None}),
        (b'{"a": ' + b"9" * 30 + b"}", {"a": int("9" * 30)}),
    ],
)
def test_what_is_not_to_the_letter_is_read_all_the_same(text: bytes, meant: object) -> None:
    assert payloads.tree(text) == meant


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b"hello", b"\xff\xfe"])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="it is"):
        payloads.tree(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
    )
)
def test_json_comes_out_as_python_reads_it(tree: object) -> None:
    text = json.dumps(tree)
    assert payloads.tree(text.encode()) == json.loads(text)
