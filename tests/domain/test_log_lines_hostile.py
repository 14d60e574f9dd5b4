"""Any bytes are a line, and none takes long."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.log_lines import HEADER_LIMIT, header, uncoloured, unwrap
from tests.domain.printed_lines import DOCKER, ODOO, PYTHON_HEADERS, WRAPPED, T

PIECES = st.lists(
    st.sampled_from(
        [
            *[prefix for prefix, _ in WRAPPED.values()],
            *[line for line, *_ in PYTHON_HEADERS.values()],
            ODOO,
            T,
            b" ",
            b"-",
            b"[",
            b"ERROR",
            b"LOG: ",
            b"\x1b[0m",
            b"\r",
            b"a",
            b"1",
            b"\xff",
            b"\x00",
        ]
    ),
    max_size=8,
).map(b"".join)


@given(st.one_of(st.binary(max_size=1500), PIECES))
def test_any_bytes_are_a_line(line: bytes) -> None:
    writer, text = unwrap(line)
    assert uncoloured(line).endswith(text)
    if writer:
        assert len(text) < len(uncoloured(line))
    found = header(text)
    assert found is None or 0 < found.message_at <= min(len(text), HEADER_LIMIT)


@given(st.one_of(st.binary(max_size=100), PIECES), st.binary(max_size=50))
def test_lines_below_a_header_do_not_change_it(line: bytes, below: bytes) -> None:
    line = line.replace(b"\n", b" ")
    assert header(line) == header(line + b"\n" + below)


@given(PIECES, st.binary(min_size=1, max_size=50))
def test_what_is_past_the_limit_does_not_change_a_header(line: bytes, more: bytes) -> None:
    padded = line.ljust(HEADER_LIMIT, b"x")[:HEADER_LIMIT]
    assert header(padded) == header(padded + more)


@pytest.mark.parametrize(
    "filling",
    [b"-", b" ", b"a-", b"- a", b"a ", b"a.", b"[", b"1 ", b"ERROR", b": ", b"a/", b"@-", b"\x1b[", b"\r"],
)
@pytest.mark.parametrize(
    "start", [b"", T + b" ", b"[" + T, DOCKER, b"a", b"ERROR:", b"[pod/", b"Mar 05 21:10:00 "]
)
def test_no_line_takes_long_to_read(start: bytes, filling: bytes) -> None:
    line = start + filling * (HEADER_LIMIT // len(filling))
    began = perf_counter()
    header(unwrap(line)[1])
    header(line)
    assert perf_counter() - began < 0.5


@pytest.mark.parametrize("filling", [b"\x1b[", b"\x1b[0m", b"0", b"\r", b" "])
def test_a_line_of_a_million_bytes_is_unwrapped_in_one_pass(filling: bytes) -> None:
    line = b"odoo-1  | \x1b[" + filling * (1_000_000 // len(filling))
    began = perf_counter()
    unwrap(line)
    assert perf_counter() - began < 2
