"""The scanner on streams that several writers share, and its short cuts against what they stand for."""

import io
import itertools
import re
import sys
from importlib import import_module
from time import process_time
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.log_lines import PERHAPS_HEADER, header, unwrap
from app.scanning import blocks as with_vectors
from app.scanning.lines import constant_prefix
from app.scanning.needles import HAS_VECTORS, NEWLINE, OPENING, OUTLINE
from tests.scanning.reference import Found, scan
from tests.scanning.test_blocks import HEADERS, PATIENT, PREFIXES, TEXTS

TINY = with_vectors.Limits(before=40, after=30, head=300, tail=90, span=700, reach=200, window=50, room=64)
SHARED = st.builds(
    lambda prefixes, texts, picks: b"".join(
        prefixes[p % len(prefixes)] + texts[t % len(texts)] + NEWLINE for p, t in picks
    ),
    st.lists(st.sampled_from([prefix for prefix in PREFIXES if prefix]), min_size=1, max_size=4),
    st.lists(st.sampled_from(HEADERS + TEXTS), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7)), max_size=120),
)
"""Streams of few writers and few different lines, so that records are long, interleaved and cut at their limits."""


def found(module: ModuleType, data: bytes, limits: with_vectors.Limits, size: int = 0) -> list[Found]:
    scanner = module.BlockScanner(limits=limits)
    pieces = [data[at : at + size] for at in range(0, len(data), size)] if size else [data]
    given_out = itertools.chain(*map(scanner.feed, pieces), scanner.finish())
    names = Found.__dataclass_fields__
    return [Found(**{name: getattr(block, name) for name in names}) for block in given_out]


@pytest.fixture(scope="module")
def without_vectors() -> ModuleType:
    """The scanner as it is where StringZilla cannot be imported."""
    saved = {name: module for name, module in sys.modules.items() if name.startswith("app.scanning.")}
    vectors = sys.modules.get("stringzilla")
    for name in saved:
        del sys.modules[name]
    sys.modules["stringzilla"] = None  # type: ignore[assignment]
    try:
        module = import_module("app.scanning.blocks")
        assert not import_module("app.scanning.needles").HAS_VECTORS
    finally:
        del sys.modules["stringzilla"]
        if vectors:
            sys.modules["stringzilla"] = vectors
        sys.modules.update(saved)
    return module


@PATIENT
@given(SHARED, st.sampled_from([TINY, with_vectors.Limits()]), st.integers(0, 200))
def test_interleaved_records_are_those_that_the_rules_find(
    data: bytes, limits: with_vectors.Limits, size: int
) -> None:
    assert found(with_vectors, data, limits, size) == scan(data, limits)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SHARED, st.integers(0, 200))
def test_the_scanner_finds_the_same_without_vectors(
    without_vectors: ModuleType, data: bytes, size: int
) -> None:
    assert found(without_vectors, data, TINY, size) == found(with_vectors, data, TINY)


def test_vectors_are_used_where_they_are() -> None:
    assert HAS_VECTORS


def many_writers(lines: int, text: bytes) -> bytes:
    return b"".join(b"w%d | %b\n" % (number, text) for number in range(lines))


@pytest.mark.parametrize("text", [HEADERS[1], TEXTS[2]], ids=["records", "tracebacks"])
def test_a_line_is_read_once_however_many_records_are_open(text: bytes) -> None:
    def seconds(lines: int) -> float:
        data = HEADERS[0] + NEWLINE + many_writers(lines, text)
        start = process_time()
        assert sum(1 for _ in with_vectors.scan_stream(io.BytesIO(data))) == lines
        return process_time() - start

    seconds(100)
    many = min(
        seconds(8_000) for _ in range(3)
    )  # one may have to pay for all the garbage of the tests before
    assert many < 16 * seconds(1_000) + 0.1  # 60 times, if each record read the others' lines


def test_each_of_many_writers_has_its_record() -> None:
    data = many_writers(300, HEADERS[1]) + many_writers(300, b"KeyError: 1") + many_writers(300, HEADERS[0])
    blocks = found(with_vectors, data, with_vectors.Limits())
    assert len(blocks) == 300
    assert {block.text for block in blocks} == {HEADERS[1] + b"\nKeyError: 1"}
    assert blocks == scan(data)


@given(
    st.sampled_from(PREFIXES),
    st.sampled_from(PREFIXES),
    st.one_of(st.sampled_from(HEADERS), st.from_regex(rb"\A[\[]?2026[ -~]{0,80}", fullmatch=True)),
)
def test_what_is_no_header_at_first_sight_is_none(outer: bytes, inner: bytes, text: bytes) -> None:
    line = outer + inner + text
    if b"\x1b" not in line and header(unwrap(line)[1]):
        assert re.match(PERHAPS_HEADER, line)
        assert (NEWLINE + line).translate(OUTLINE).startswith(OPENING)


@given(st.sampled_from(PREFIXES), st.sampled_from(HEADERS + TEXTS), st.binary(max_size=40))
def test_an_indented_line_behind_a_constant_prefix_is_the_writers_and_no_header(
    prefix: bytes, text: bytes, rest: bytes
) -> None:
    line = prefix + text
    writer, head_text = unwrap(line)
    indented = constant_prefix(line, head_text)
    if indented and b"\x1b" not in rest and b"\n" not in rest and not rest.endswith(b"\r"):
        assert writer
        assert unwrap(indented + rest) == (writer, b"  " + rest)
        assert header(b"  " + rest) is None


def test_the_common_prefixes_are_constant() -> None:
    constant = [prefix for prefix in PREFIXES if constant_prefix(prefix + HEADERS[0], HEADERS[0])]
    assert {b"odoo-1  | ", b"[pod/odoo-5d/odoo] ", b"Mar 01 08:00:00 host odoo[7]: "} <= set(constant)
    assert b"2026-03-01T08:00:00.123456789Z " not in constant
